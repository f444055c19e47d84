import { MillraceError } from '../../../sdk/errors.ts';

/** Characters of an error that are told. */
const MAX_TEXT = 100_000;
/** Causes that are told. */
const MAX_CAUSES = 10;

/** An error as a runner shows it to people: what it says, where, and with what; causes below. Whatever was thrown, never throws. */
export function errorText(error: unknown): string {
  const lines: string[] = [];
  try {
    for (let each = error, depth = 0; each !== undefined && depth < MAX_CAUSES; depth++) {
      const prefix = depth === 0 ? '' : 'Caused by: ';
      if (!(each instanceof Error)) {
        lines.push(`${prefix}${String(each)}`);
        break;
      }
      const text = each instanceof MillraceError ? `${each.name}: ${each.message}` : (each.stack ?? String(each));
      lines.push(`${prefix}${text}`);
      each = each.cause;
    }
  } catch {
    lines.push('A value was thrown that cannot be shown as text');
  }
  // Runners take nothing but Unicode.
  return lines.join('\n').slice(0, MAX_TEXT).toWellFormed();
}
