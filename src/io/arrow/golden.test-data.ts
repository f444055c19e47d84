import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Decimal } from '../../sdk/index.ts';

/** A file of test/golden. */
export function goldenPath(name: string): string {
  return fileURLToPath(new URL(`../../../test/golden/${name}`, import.meta.url));
}

/** The rows of the golden files, as this library gives them. */
export const goldenRows: readonly Record<string, unknown>[] = JSON.parse(
  readFileSync(goldenPath('arrow/types.json'), 'utf8'),
).map((row: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(row).map(([name, value]) => [name, read(value)])),
);

function read(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(read);
  if (typeof value !== 'object' || value === null) return value;
  const [tag, content] = Object.entries(value)[0] as [string, never];
  switch (tag) {
    case 'long':
      return BigInt(content);
    case 'double':
      return Number(content);
    case 'date':
      return new Date(content);
    case 'bytes':
      return new Uint8Array(Buffer.from(content, 'base64'));
    case 'decimal':
      return Decimal.parse(content);
    case 'map':
      return new Map((content as [string, unknown][]).map(([key, item]) => [key, read(item)]));
    default:
      return Object.fromEntries(Object.entries(content).map(([name, item]) => [name, read(item)]));
  }
}
