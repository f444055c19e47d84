/**
 * package.json as users get it. In the repository `exports` and `bin` name TypeScript sources, which Node runs as they
 * are; it does not inside node_modules, so the package names the compiled files.
 */

import { compiledName } from './compiled-name.ts';

/** What package.json in the repository says: every entry point is one source file. */
export interface SourceManifest {
  readonly name: string;
  readonly version: string;
  readonly exports: Readonly<Record<string, string>>;
  readonly bin: Readonly<Record<string, string>>;
  readonly files: readonly string[];
  readonly [field: string]: unknown;
}

/** What only work in the repository needs. */
const REPOSITORY_FIELDS = ['scripts', 'devDependencies', 'allowScripts'];

/** The manifest of the package, derived from the repository's. */
export function publishedManifest(source: SourceManifest): Record<string, unknown> {
  const kept = Object.entries(source).filter(([field]) => !REPOSITORY_FIELDS.includes(field));
  return {
    ...Object.fromEntries(kept),
    exports: mapValues(source.exports, (path) =>
      isSource(path) ? { types: declared(path), default: compiled(path) } : path,
    ),
    bin: mapValues(source.bin, (path) => compiled(path)),
  };
}

/** Whether this manifest is the one that users get: a pack that was cut short leaves it in place of the source's. */
export function isPublished(manifest: Readonly<Record<string, unknown>>): boolean {
  return !('devDependencies' in manifest);
}

function isSource(path: string): boolean {
  return path.startsWith('./src/') && path.endsWith('.ts');
}

function compiled(path: string): string {
  return `./dist/${compiledName(path)}`;
}

/** Declarations lie in the folders of their sources, one each. */
function declared(path: string): string {
  return path.replace(/^\.\/src\//, './dist/').replace(/\.ts$/, '.d.ts');
}

function mapValues<T>(record: Readonly<Record<string, string>>, map: (value: string) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}
