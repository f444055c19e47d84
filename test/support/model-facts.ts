import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Declarations of the published protos by `package: declaration`, each with its lines. */
export type ModelFacts = ReadonlyMap<string, readonly string[]>;

/** Reads test/golden/beam-model.txt. */
export function publishedModelFacts(): ModelFacts {
  const text = readFileSync(join(import.meta.dirname, '../golden/beam-model.txt'), 'utf8');
  const facts = new Map<string, string[]>();
  let packageName = '';
  let lines: string[] = [];
  for (const line of text.split('\n')) {
    if (line.startsWith('#') || line === '') continue;
    if (line.startsWith('package ')) packageName = line.slice('package '.length);
    else if (line.startsWith(' ')) lines.push(line.trim());
    else {
      lines = [];
      facts.set(`${packageName}: ${line}`, lines);
    }
  }
  return facts;
}
