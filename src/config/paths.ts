import type { Rule, Rules } from './check.ts';
import { RULES } from './rules.ts';

/** The rules of all options by path: parts of a group as `retry.attempts`. A group itself has no path. */
export function rulesByPath(rules: Rules = RULES): Map<string, Rule> {
  const paths = new Map<string, Rule>();
  for (const [name, rule] of Object.entries(rules)) {
    if (rule.parts === undefined) paths.set(name, rule);
    else for (const [part, its] of Object.entries(rule.parts)) paths.set(`${name}.${part}`, its);
  }
  return paths;
}

/** What options that have been checked say, by path; what is undefined is left out. */
export function flat(options: object): Map<string, unknown> {
  const rules: Rules = RULES;
  const said = Object.entries(options).flatMap(([name, value]): (readonly [string, unknown])[] => {
    if (value === undefined || rules[name]?.parts === undefined) return [[name, value]];
    const parts = Object.entries(value as object);
    return parts.map(([part, its]): [string, unknown] => [`${name}.${part}`, its]);
  });
  return new Map(said.filter(([, value]) => value !== undefined));
}

/** What a path of options leads to. */
export function valueAt(options: object, path: string): unknown {
  const [name, part = ''] = path.split('.');
  const whole = (options as Record<string, unknown>)[name];
  return part === '' ? whole : (whole as Record<string, unknown>)[part];
}

/** The options that say this. */
export function nested(values: Iterable<readonly [path: string, value: unknown]>): object {
  const options: Record<string, unknown> = {};
  for (const [path, value] of values) {
    const [name, part = ''] = path.split('.');
    if (part === '') options[name] = value;
    else options[name] = { ...(options[name] as object | undefined), [part]: value };
  }
  return options;
}
