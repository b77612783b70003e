// What is looked at in the code of documents before it runs.
import ts from 'typescript';

/** What a comment behind a `console.log` says is printed there. */
export interface Expectation {
  /** From 1, within the block. */
  readonly line: number;
  readonly text: string;
}

export interface Program {
  /** As printed, but that each `console.log` with a comment tells its line as well. */
  readonly code: string;
  readonly expected: readonly Expectation[];
}

/** Behind the call itself nothing but what ends its statement. */
const COMMENT = /^[\s)};,]*\/\/ (.*)/;
/** A shape, no text to compare with. */
const EXAMPLE = /^such as /;

const parse = (code: string, language: string): ts.SourceFile =>
  ts.createSourceFile(`block.${language}`, code, ts.ScriptTarget.ESNext, true);

/** `console.log(x); // 1` becomes a call that tells its line, so that each comment is compared with what is printed there. */
export function instrument(code: string, language: string): Program {
  const expected: Expectation[] = [];
  const source = parse(code, language);
  let told = '';
  let end = 0;
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && node.expression.getText() === 'console.log') {
      const [rest = ''] = code.slice(node.end).split('\n');
      const [, text] = COMMENT.exec(rest) ?? [];
      if (text !== undefined && !EXAMPLE.test(text)) {
        const line = source.getLineAndCharacterOfPosition(node.end).line + 1;
        expected.push({ line, text });
        told += `${code.slice(end, node.getStart())}__said(${line}, `;
        end = node.arguments.pos;
      }
    }
    node.forEachChild(visit);
  };
  visit(source);
  return { code: told + code.slice(end), expected };
}

/** Why a fragment is no code, or undefined. */
export function parseProblem(code: string, language: string): string | undefined {
  const { diagnostics = [] } = ts.transpileModule(code, {
    fileName: `block.${language}`,
    reportDiagnostics: true,
    compilerOptions: { target: ts.ScriptTarget.ESNext, module: ts.ModuleKind.ESNext },
  });
  return diagnostics.length === 0 ? undefined : said(diagnostics);
}

/** Declared for what `instrument` puts in, and loaded before the program runs. */
const SAID = 'declare const __said: (line: number, ...args: unknown[]) => void;\n';

/** Checks the types of programs and makes JavaScript of them beside them. Answers what is wrong, by file. */
export function compile(
  paths: readonly string[],
  write: (path: string, text: string) => void,
): Map<string, string> {
  const declarations = `${paths[0] ?? ''}.said.d.ts`;
  write(declarations, SAID);
  const program = ts.createProgram([declarations, ...paths], {
    strict: true,
    exactOptionalPropertyTypes: true,
    module: ts.ModuleKind.Node20,
    target: ts.ScriptTarget.ES2023,
    lib: ['lib.es2023.d.ts', 'lib.esnext.disposable.d.ts'],
    types: ['node'],
    skipLibCheck: true,
  });
  program.emit();
  const problems = new Map<string, string>();
  for (const path of paths) {
    const found = ts.getPreEmitDiagnostics(program, program.getSourceFile(path));
    if (found.length > 0) problems.set(path, said(found));
  }
  return problems;
}

function said(diagnostics: readonly ts.Diagnostic[]): string {
  const lines = diagnostics.map(({ file, start, messageText }) => {
    const place = file === undefined ? 0 : file.getLineAndCharacterOfPosition(start ?? 0).line + 1;
    return `line ${place}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`;
  });
  return lines.join('\n');
}
