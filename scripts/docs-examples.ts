/**
 * The code blocks of the documentation as programs, so that `npm run check` can type-check them and `npm test` can run
 * them. What follows the language on a fence says what a block is:
 *
 * - `ts`: a module of its own, type-checked;
 * - `ts run`: also run, in an empty folder, and must end well;
 * - `ts continue`: goes on where the last `ts` block of the document ended;
 * - `... file=NAME` (any language): an input file, there when the examples below it run;
 * - `... output` (any language): what the last example prints.
 */
import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');

export interface DocsExample {
  /** From the root of the repository. */
  readonly document: string;
  /** The line of its first fence. */
  readonly line: number;
  /** Padded with empty lines, so that a line number in it is one in the document. */
  code: string;
  readonly run: boolean;
  /** Input files by name. */
  readonly inputs: ReadonlyMap<string, string>;
  /** What it must print; undefined where the document does not say. */
  output?: string;
}

interface Block {
  readonly info: readonly string[];
  /** The line of the opening fence, from 1. */
  readonly line: number;
  readonly lines: readonly string[];
}

/** The examples of README.md and its neighbours and of everything under docs/. */
export function docsExamples(): DocsExample[] {
  const documents = [...globSync('*.md', { cwd: ROOT }), ...globSync('docs/**/*.md', { cwd: ROOT })];
  return documents.sort().flatMap((path) => examplesOf(path, readFileSync(join(ROOT, path), 'utf8')));
}

/** @throws Error where an `output` or a `continue` has no example before it. */
export function examplesOf(document: string, markdown: string): DocsExample[] {
  const examples: DocsExample[] = [];
  const inputs = new Map<string, string>();
  const last = (block: Block): DocsExample => {
    const example = examples.at(-1);
    if (example === undefined) throw new Error(`${document}:${block.line}: there is no example above this block.`);
    return example;
  };
  for (const block of blocksOf(markdown)) {
    const [language = '', ...attributes] = block.info;
    const text = block.lines.map((line) => `${line}\n`).join('');
    const input = attributes.find((attribute) => attribute.startsWith('file='))?.slice('file='.length);
    if (input !== undefined) inputs.set(input, text);
    else if (attributes.includes('output')) last(block).output = text;
    else if (language !== 'ts' && language !== 'typescript') continue;
    else if (attributes.includes('continue')) last(block).code += padTo(block.line, last(block).code) + text;
    else {
      const code = padTo(block.line, '') + text;
      examples.push({ document, line: block.line, code, run: attributes.includes('run'), inputs: new Map(inputs) });
    }
  }
  return examples;
}

/** Writes the example where `import 'millrace'` means this repository, and returns its path. */
export function writeExample(folder: string, { document, line, code }: DocsExample): string {
  const path = join(folder, `${document.replaceAll(/[/\\]/g, '__')}.${line}.ts`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(path, code);
  return path;
}

/** The fenced blocks, without the indentation of their fence. */
function* blocksOf(markdown: string): Generator<Block> {
  const lines = markdown.split('\n');
  for (let at = 0; at < lines.length; at++) {
    const fence = /^( *)(`{3,}|~{3,})([^`]*)$/.exec(lines[at] as string);
    if (fence === null) continue;
    const [, indent = '', marks = '', info = ''] = fence;
    const line = at + 1;
    const content: string[] = [];
    for (at++; at < lines.length && !closes(lines[at] as string, marks); at++) {
      content.push((lines[at] as string).replace(new RegExp(`^ {0,${indent.length}}`), ''));
    }
    yield { info: info.trim().split(/\s+/), line, lines: content };
  }
}

function closes(line: string, marks: string): boolean {
  const text = line.trim();
  return text.length >= marks.length && text === (marks[0] as string).repeat(text.length);
}

/** Empty lines, so that what is appended to `code` starts on the line after the fence. */
function padTo(fenceLine: number, code: string): string {
  return '\n'.repeat(fenceLine - (code.split('\n').length - 1));
}
