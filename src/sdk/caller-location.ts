import { fileURLToPath } from 'node:url';
import { oneForAllCopies } from './one-for-all-copies.ts';

/** Folders of the library's own code, whose stack frames are of no interest to a user. */
const libraries = oneForAllCopies('libraries', () => new Set<string>());
libraries.add(fileURLToPath(new URL('..', import.meta.url)));
const frame = /(?:^|[\s(])((?:file:\/\/)?\/[^()]*?|[A-Za-z]:\\[^()]*?):(\d+):(\d+)\)?$/;

/** Where the user's program called into the library, as `file:line:column`; `undefined` when no frame is the user's. */
export function callerLocation(): string | undefined {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 50;
  const stack = new Error().stack ?? '';
  Error.stackTraceLimit = limit;
  for (const line of stack.split('\n').slice(2)) {
    const match = frame.exec(line.trim());
    if (match === null) continue;
    const file = match[1].startsWith('file:') ? fileURLToPath(match[1]) : match[1];
    if (isOurs(file) && !/\.test\.[cm]?[jt]s$/.test(file)) continue;
    return `${file}:${match[2]}:${match[3]}`;
  }
  return undefined;
}

function isOurs(file: string): boolean {
  for (const library of libraries) if (file.startsWith(library)) return true;
  return false;
}
