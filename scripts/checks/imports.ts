/** The imports of a module, from its syntax tree. */
import { posix } from 'node:path';
import { parseSync, Visitor } from 'oxc-parser';
import { lineAt, type SourceFile } from './source-files.ts';

/**
 * - `runtime`: the module is loaded when this one is;
 * - `type`: gone once types are stripped;
 * - `dynamic`: `import()`, loaded when that line runs.
 */
export type ImportKind = 'runtime' | 'type' | 'dynamic';

export interface Import {
  readonly kind: ImportKind;
  readonly specifier: string;
  readonly line: number;
}

/** Every import, re-export, `import()` of a constant and `import('...')` type. */
export function importsOf({ path, text }: SourceFile): Import[] {
  const imports: Import[] = [];
  const add = (kind: ImportKind, source: { type: string; value?: unknown; start: number } | null): void => {
    if (source?.type !== 'Literal' || typeof source.value !== 'string') return;
    imports.push({ kind, specifier: source.value, line: lineAt(text, source.start) });
  };
  const { program } = parseSync(path, text);
  new Visitor({
    ImportDeclaration: (node) => add(node.importKind === 'type' ? 'type' : 'runtime', node.source),
    ExportAllDeclaration: (node) => add(node.exportKind === 'type' ? 'type' : 'runtime', node.source),
    ExportNamedDeclaration: (node) => add(node.exportKind === 'type' ? 'type' : 'runtime', node.source),
    ImportExpression: (node) => add('dynamic', node.source),
    TSImportType: (node) => add('type', node.source),
  }).visit(program);
  return imports;
}

/** The file that a specifier in `from` names: a path of the repository, or undefined for packages and Node's modules. */
export function resolveImport(
  from: string,
  specifier: string,
  selfExports: Readonly<Record<string, string>>,
): string | undefined {
  if (specifier.startsWith('.')) return posix.join(posix.dirname(from), specifier);
  const self = selfExports[specifier];
  return self === undefined ? undefined : posix.normalize(self);
}
