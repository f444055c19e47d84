/**
 * The links of all Markdown files: what they name must be there, and so must the heading behind a `#`. In the documents
 * about the source, a file of it that stands in backquotes must be there as well.
 */
import { globSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import type { Problem } from './problem.ts';
import { ROOT } from './source-files.ts';

/** Folders that a path in backquotes may be relative to, as ARCHITECTURE.md writes them. */
const SHORTENED = ['', 'src', 'src/runners'];
/** Documents about the source; elsewhere a path may be the reader's own. */
const ABOUT_SOURCE = /^(ARCHITECTURE|CONTRIBUTING|bench\/README|docs\/decisions\/.*)\.md$|^[A-Z]+\.md$/;
const IGNORED = /(^|\/)(node_modules|dist|\.cache)\/|^test\/golden\//;

/** The repository, as far as the check needs it. */
export interface Documents {
  /** Text of a document by its path from the root. */
  readonly texts: ReadonlyMap<string, string>;
  /** Whether there is a file or a folder of that path. */
  exists(path: string): boolean;
}

/** Links of the repository's documents that lead nowhere. */
export function checkDocsLinks(): Problem[] {
  const paths = globSync('**/*.md', { cwd: ROOT, exclude: (path) => /^(node_modules|dist|\.cache|\.git)$/.test(path) });
  const documents = paths.map((path) => path.replaceAll('\\', '/')).filter((path) => !IGNORED.test(path));
  return linkProblems({
    texts: new Map(documents.sort().map((path) => [path, readFileSync(join(ROOT, path), 'utf8')])),
    exists: (path) => statSync(join(ROOT, path), { throwIfNoEntry: false }) !== undefined,
  });
}

/** The same for any documents. */
export function linkProblems(documents: Documents): Problem[] {
  const problems: Problem[] = [];
  for (const [path, text] of documents.texts) {
    for (const [index, line] of prose(text).entries()) {
      for (const message of wrongIn(line, path, documents)) {
        problems.push({ severity: 'error', place: `${path}:${index + 1}`, message });
      }
    }
  }
  return problems;
}

function* wrongIn(line: string, document: string, { texts, exists }: Documents): Generator<string> {
  for (const target of linksIn(line)) {
    if (/^[a-z][a-z0-9+.-]*:/i.test(target)) continue;
    const [path, anchor] = target.split('#', 2);
    const file = path === '' ? document : posix.join(dirname(document), decodeURIComponent(path)).replace(/\/$/, '');
    if (file.startsWith('..') || target.startsWith('/')) yield `${target} leads out of the repository`;
    else if (!exists(file)) yield `there is no ${file}`;
    else if (anchor !== undefined) {
      const text = texts.get(file);
      if (text !== undefined && !anchorsOf(text).has(anchor)) yield `${file} has no heading #${anchor}`;
    }
  }
  if (!ABOUT_SOURCE.test(document)) return;
  for (const [, path] of line.matchAll(/`(\w[\w.-]*(?:\/[\w.-]+)+\.(?:ts|mjs|md|json))`/g)) {
    if (!SHORTENED.some((folder) => exists(posix.join(folder, path)))) yield `there is no ${path}`;
  }
}

/** Targets of inline links, of images and of link definitions. */
function linksIn(line: string): string[] {
  const bare = withoutCode(line);
  const inline = [...bare.matchAll(/\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)/g)];
  const defined = /^ {0,3}\[[^\]]+\]:\s*<?([^\s>]+)/.exec(bare);
  return [...inline, ...(defined === null ? [] : [defined])].map(([, target]) => target);
}

/** A line with spaces in place of its code. */
export function withoutCode(line: string): string {
  return line.replaceAll(/(`+)[^`].*?\1/g, (code) => ' '.repeat(code.length));
}

/** The lines of a document, with those of code blocks empty. */
export function prose(text: string): string[] {
  let fence: string | undefined;
  return text.split('\n').map((line) => {
    const marks = /^ *(`{3,}|~{3,})/.exec(line)?.[1];
    if (fence === undefined) {
      fence = marks;
      return marks === undefined ? line : '';
    }
    if (marks?.startsWith(fence) && line.trim() === marks) fence = undefined;
    return '';
  });
}

/** What may stand behind the `#` of a link: headings, as GitHub makes anchors of them. */
function anchorsOf(text: string): ReadonlySet<string> {
  const anchors = new Set<string>();
  for (const line of prose(text)) {
    const heading = /^ {0,3}#{1,6}\s+(.*?)\s*#*$/.exec(line)?.[1];
    if (heading === undefined) continue;
    const slug = heading
      .replaceAll(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\p{M} _-]/gu, '')
      .replaceAll(' ', '-');
    let anchor = slug;
    for (let copy = 1; anchors.has(anchor); copy++) anchor = `${slug}-${copy}`;
    anchors.add(anchor);
  }
  return anchors;
}
