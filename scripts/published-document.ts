/**
 * Documents as users get them. The guides travel with the package; what only the repository has, such as measurements and
 * examples, does not, and a link there would lead nowhere: its text stays.
 */
import { dirname, posix } from 'node:path';
import { prose, withoutCode } from './checks/docs-links.ts';

const LINK = /\[([^[\]]*)\]\(([^)\s]+)\)/g;

/** Whether the package has a file or folder, by the `files` of its manifest. */
export function isShipped(path: string, files: readonly string[]): boolean {
  const all = [...files, 'README.md', 'LICENSE', 'package.json'];
  return all.some((each) => path === each || path.startsWith(`${each}/`));
}

/** A document of the package, derived from the repository's. */
export function publishedDocument(text: string, path: string, files: readonly string[]): string {
  const shown = prose(text);
  const lines = text.split('\n').map((line, at) => (shown[at] === '' ? line : linksKept(line, path, files)));
  return lines.join('\n');
}

function linksKept(line: string, document: string, files: readonly string[]): string {
  // Code keeps its place, so that what is found beside it is found in the line itself.
  const bare = withoutCode(line);
  let kept = '';
  let at = 0;
  for (const { 0: link, 2: target, index } of bare.matchAll(LINK)) {
    if (/^([a-z][a-z0-9+.-]*:|#)/i.test(target)) continue;
    const [file] = target.split('#', 1);
    if (isShipped(posix.join(dirname(document), decodeURIComponent(file)).replace(/\/$/, ''), files)) continue;
    const textEnd = index + link.length - target.length - ']('.length - 1;
    kept += line.slice(at, index) + line.slice(index + 1, textEnd);
    at = index + link.length;
  }
  return kept + line.slice(at);
}
