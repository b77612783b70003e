import { join } from 'node:path';
import ts from 'typescript';
import { ROOT } from './documents.ts';

/** What the compiler knows of an option. */
export interface OptionType {
  /** Its docstring, each paragraph in one line. */
  readonly description: string;
  /** The words it may be. */
  readonly words: readonly string[];
  /** What else it may be, of what JSON can express. */
  readonly kinds: readonly ('string' | 'number' | 'boolean' | 'array' | 'object')[];
  /** The parts of a group. */
  readonly parts?: ReadonlyMap<string, OptionType>;
}

const SOURCE = join(ROOT, 'src/config/options.ts');

/** The options of ClientOptions by name. It takes the compiler a few seconds. */
export function readOptionTypes(): ReadonlyMap<string, OptionType> {
  const { config } = ts.readConfigFile(join(ROOT, 'tsconfig.json'), (path) =>
    ts.sys.readFile(path),
  ) as { config: { compilerOptions: object } };
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, ROOT);
  const program = ts.createProgram([SOURCE], options);
  const checker = program.getTypeChecker();
  const groups = new Set(wordsOf(declared(program, 'Group')));
  return readProperties(checker, declared(program, 'ClientOptions'), groups);
}

function declared(program: ts.Program, name: string): ts.Type {
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(SOURCE);
  const module = source === undefined ? undefined : checker.getSymbolAtLocation(source);
  const symbol =
    module === undefined ? undefined : checker.tryGetMemberInModuleExports(name, module);
  if (symbol === undefined) throw new Error(`${SOURCE} exports no ${name}`);
  return checker.getDeclaredTypeOfSymbol(symbol);
}

function readProperties(
  checker: ts.TypeChecker,
  type: ts.Type,
  groups: ReadonlySet<string>,
): Map<string, OptionType> {
  const read = checker.getPropertiesOfType(type).map((symbol): [string, OptionType] => {
    const its = checker.getNonNullableType(checker.getTypeOfSymbol(symbol));
    const kinds = alternatives(its).flatMap((each) => kindOf(checker, each) ?? []);
    return [
      symbol.name,
      {
        description: paragraphs(ts.displayPartsToString(symbol.getDocumentationComment(checker))),
        words: wordsOf(its),
        kinds: [...new Set(kinds)].toSorted(),
        ...(groups.has(symbol.name) && { parts: readProperties(checker, its, new Set()) }),
      },
    ];
  });
  return new Map(read);
}

const alternatives = (type: ts.Type): readonly ts.Type[] => (type.isUnion() ? type.types : [type]);

const wordsOf = (type: ts.Type): string[] =>
  alternatives(type)
    .filter((each) => each.isStringLiteral())
    .map(({ value }) => value)
    .toSorted();

/** Undefined for words, functions and bytes. */
function kindOf(checker: ts.TypeChecker, type: ts.Type): OptionType['kinds'][number] | undefined {
  if ((type.flags & ts.TypeFlags.String) !== 0) return 'string';
  if ((type.flags & ts.TypeFlags.NumberLike) !== 0) return 'number';
  if ((type.flags & ts.TypeFlags.BooleanLike) !== 0) return 'boolean';
  if (type.isIntersection()) return 'object';
  if ((type.flags & ts.TypeFlags.Object) === 0) return undefined;
  if (checker.isArrayType(type)) return 'array';
  if (type.getCallSignatures().length > 0 || type.symbol.name === 'Uint8Array') return undefined;
  return 'object';
}

const paragraphs = (text: string): string =>
  text
    .split(/\n\s*\n/)
    .map((paragraph) => paragraph.replaceAll(/\s+/g, ' ').trim())
    .join('\n\n');
