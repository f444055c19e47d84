import { MillraceError } from '../../../sdk/errors.ts';

/** An error as a runner shows it to people: what it says, where, and with what; causes below. */
export function errorText(error: unknown): string {
  const lines: string[] = [];
  for (let each = error, depth = 0; each !== undefined && depth < 10; depth++) {
    const prefix = depth === 0 ? '' : 'Caused by: ';
    if (!(each instanceof Error)) {
      lines.push(`${prefix}${String(each)}`);
      break;
    }
    const text = each instanceof MillraceError ? `${each.name}: ${each.message}` : (each.stack ?? String(each));
    lines.push(`${prefix}${text}`);
    each = each.cause;
  }
  return lines.join('\n');
}
