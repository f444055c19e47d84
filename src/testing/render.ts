import { inspect } from 'node:util';

const MAX_VALUE = 300;
const MAX_LINES = 20;

/** A value on one line, shortened. */
export function render(value: unknown): string {
  const text = inspect(value, {
    depth: 6,
    maxArrayLength: 20,
    maxStringLength: 200,
    breakLength: Number.POSITIVE_INFINITY,
    compact: true,
    sorted: true,
  });
  return text.length <= MAX_VALUE ? text : `${text.slice(0, MAX_VALUE)}… (${text.length} characters)`;
}

/** Values one below the other behind a sign, the first 20 of them. */
export function renderList(values: readonly unknown[], sign: string): string {
  const lines = values.slice(0, MAX_LINES).map((value) => `    ${sign} ${render(value)}`);
  if (values.length > MAX_LINES) lines.push(`    ${sign} … and ${values.length - MAX_LINES} more`);
  return lines.join('\n');
}
