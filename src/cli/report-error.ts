import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import { MillraceError, summaryOf } from '../sdk/errors.ts';
import { styler, type Terminal } from './terminal.ts';

/** Longest chain of causes that is printed. */
const MAX_CAUSES = 8;

/** Prints an error: what it is about and what to do, with stack traces only when asked for. */
export function reportError(
  error: unknown,
  terminal: Terminal,
  how: { readonly verbose: boolean; readonly json: boolean },
): void {
  if (how.json) terminal.stdout.write(`${JSON.stringify(errorEvent(error))}\n`);
  const style = styler(terminal, terminal.stderr);
  const text = how.verbose ? inspect(error, { depth: 4 }) : describe(error);
  terminal.stderr.write(`${style(['red', 'bold'], 'error:')} ${text}\n`);
}

/** An error as one JSON object. */
function errorEvent(error: unknown): object {
  if (!(error instanceof MillraceError)) return { event: 'error', message: String(error) };
  const { transform, location, element, resource, attempt, hint } = error.context;
  return {
    event: 'error',
    code: error.code,
    message: error.summary,
    transform,
    location,
    element,
    resource,
    attempt,
    hint,
    cause: error.cause === undefined ? undefined : String(error.cause),
  };
}

function describe(error: unknown): string {
  const lines: string[] = [];
  let current = error;
  for (let depth = 0; current !== undefined && depth < MAX_CAUSES; depth++) {
    const own = current instanceof MillraceError ? current.message : foreign(current);
    // A wrapper often quotes what it wraps.
    if (depth === 0 || !lines.some((line) => line.includes(summaryOf(current)))) {
      lines.push(depth === 0 ? own : `  caused by: ${own.replaceAll('\n', '\n  ')}`);
    }
    current = current instanceof Error ? current.cause : undefined;
  }
  return lines.join('\n');
}

/** An error of the user's program: its message and the first place in it. */
function foreign(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const frames = (error.stack ?? '')
    .split('\n')
    .filter((line) => /^\s+at /.test(line) && !/node:|node_modules/.test(line));
  const at = frames.map((line) => /\(?((?:file:\/\/)?\/[^()\s]+:\d+:\d+)\)?$/.exec(line)?.[1]).find((place) => place);
  const text = `${error.name}: ${error.message}`;
  return at === undefined ? text : `${text}\n  at:        ${at.startsWith('file:') ? fileURLToPath(at) : at}`;
}
