import { inspect } from 'node:util';
import { MillraceError } from '../sdk/errors.ts';
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
    if (depth === 0 || !lines.some((line) => line.includes(messageOf(current)))) {
      lines.push(depth === 0 ? own : `  caused by: ${own.replaceAll('\n', '\n  ')}`);
    }
    current = current instanceof Error ? current.cause : undefined;
  }
  const hint = syntaxHint(error);
  return [...lines, ...(hint === undefined ? [] : [`  hint:      ${hint}`])].join('\n');
}

function messageOf(error: unknown): string {
  return error instanceof MillraceError ? error.summary : error instanceof Error ? error.message : String(error);
}

/** An error of the user's program: its message and the first place in it. */
function foreign(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const place = error.stack
    ?.split('\n')
    .find((line) => /^\s+at /.test(line) && !line.includes('node:') && !line.includes('node_modules'));
  const at = /\(?((?:file:\/\/)?\/[^()\s]+:\d+:\d+)\)?$/.exec(place ?? '')?.[1];
  const text = `${error.name}: ${error.message}`;
  return at === undefined ? text : `${text}\n  at:        ${at.replace('file://', '')}`;
}

function syntaxHint(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null)?.code;
  return code === 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX' || code === 'ERR_INVALID_TYPESCRIPT_SYNTAX'
    ? 'Node only strips types: no enums, namespaces or parameter properties (erasableSyntaxOnly in tsconfig.json finds them)'
    : undefined;
}
