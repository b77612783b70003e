import type { OptionSchema } from './option-schema.ts';

const BEGIN = '<!-- options -->';
const END = '<!-- /options -->';

/** Where more is told, from the root of the repository. */
const GUIDES: Readonly<Record<string, string>> = {
  discovery: 'src/discovery/README.md',
  profile: 'src/routing/README.md#sharing-a-cache-with-other-programs',
  hash: 'src/routing/README.md#which-server-has-a-key',
  failover: 'src/routing/README.md#failover',
  tls: 'src/connection/README.md#tls-and-authentication',
  auth: 'src/connection/README.md#tls-and-authentication',
  opaque: 'src/connection/README.md#guards',
  'window.adaptive': 'src/server/README.md#overload',
  whenFull: 'src/server/README.md#overload',
  format: 'src/codec/README.md',
  codec: 'src/codec/README.md',
  compressor: 'src/codec/README.md',
};

/** The document with the table of options between its markers; undefined where it has no markers. */
export function withTable(document: string, schema: OptionSchema): string | undefined {
  const [begin, end] = [document.indexOf(BEGIN), document.indexOf(END)];
  if (begin === -1 || end < begin) return undefined;
  const head = document.slice(0, begin + BEGIN.length);
  // Prettier would make all cells as wide as the longest one.
  const table = `<!-- prettier-ignore-start -->\n\n${tableOf(schema)}\n<!-- prettier-ignore-end -->`;
  return `${head}\n\n${table}\n\n${document.slice(end)}`;
}

function tableOf(schema: OptionSchema): string {
  const rows = Object.entries(schema.properties ?? {}).flatMap(([name, its]) =>
    // A group has parts of which all have descriptions; other objects have none.
    its.default === undefined && Object.values(its.properties ?? {}).some(isDescribed)
      ? Object.entries(its.properties ?? {}).map(([part, of]) => rowOf(`${name}.${part}`, of))
      : [rowOf(name, its)],
  );
  return ['| option | default | meaning |', '| --- | --- | --- |', ...rows, ''].join('\n');
}

const isDescribed = ({ description }: OptionSchema): boolean => description !== undefined;

/** The first paragraph of a description is made for the table; what follows is for those who read of one option. */
function rowOf(path: string, { description = '', default: value }: OptionSchema): string {
  const [meaning, ...more] = description.split('\n\n');
  const computed = more.flatMap((each) => /^Default: (.*)\.$/.exec(each)?.[1] ?? []);
  const shown = path === 'servers' ? 'required' : (computed[0] ?? inTable(value));
  const guide = Object.hasOwn(GUIDES, path) ? ` [More](${GUIDES[path]}).` : '';
  return `| \`${path}\` | ${shown} | ${`${meaning}${guide}`.replaceAll('|', String.raw`\|`)} |`;
}

function inTable(value: unknown): string {
  if (value === undefined) return 'none';
  if (typeof value === 'number') return String(value);
  return `\`${typeof value === 'string' ? `'${value}'` : JSON.stringify(value)}\``;
}
