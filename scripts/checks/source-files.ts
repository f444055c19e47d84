/** The source files of the repository: every check that reads source takes its list from here. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The root of the repository. */
export const ROOT = join(import.meta.dirname, '..', '..');

const FOLDERS = '{src,test,bench,examples,scripts}';

export interface SourceFile {
  /** From the root of the repository, with `/`. */
  readonly path: string;
  readonly text: string;
}

/** Everything written in TypeScript or JavaScript, without what is generated, recorded (goldens) or built. */
export function sourceFiles(): SourceFile[] {
  return globSync(`${FOLDERS}/**/*.{ts,mts,js,mjs}`, { cwd: ROOT })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => !path.startsWith('test/golden/') && !path.includes('node_modules/'))
    .sort()
    .map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }));
}

/** Generated files lie in a folder `generated`. */
export function isGenerated(path: string): boolean {
  return path.includes('/generated/');
}

export function isTest(path: string): boolean {
  return path.endsWith('.test.ts');
}

/** The line (from 1) of an offset. */
export function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let i = text.indexOf('\n'); i !== -1 && i < offset; i = text.indexOf('\n', i + 1)) line++;
  return line;
}
