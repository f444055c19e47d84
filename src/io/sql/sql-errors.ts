import { type ErrorContext, IoError, type MillraceError, PipelineError } from '../../sdk/index.ts';

/** Codes of SQLSTATE classes, by their first two or all five characters. */
const STATES: Readonly<Record<string, string>> = {
  '08': 'SQL_CONNECTION',
  '21': 'SQL_VALUE',
  '22': 'SQL_VALUE',
  '23': 'SQL_CONSTRAINT',
  '28': 'SQL_ACCESS',
  '40': 'SQL_CONFLICT',
  '42501': 'SQL_ACCESS',
  '42': 'SQL_STATEMENT',
  '53': 'SQL_RESOURCES',
  '57': 'SQL_CONNECTION',
  '3D': 'SQL_STATEMENT',
};

/** What a database or its client has thrown, as an error with a stable code; errors of ours pass through. */
export function toSqlError(cause: unknown, action: string, context: ErrorContext): MillraceError {
  if (cause instanceof IoError || cause instanceof PipelineError) return cause;
  const state = stateOf(cause);
  const code =
    STATES[state] ?? STATES[state.slice(0, 2)] ?? (/^[A-Z]\w*[A-Z]$/.test(state) ? 'SQL_CONNECTION' : 'SQL_ERROR');
  const detail = cause instanceof Error ? cause.message || state : String(cause);
  const said = (cause as { detail?: unknown } | null)?.detail;
  const summary = `Cannot ${action}: ${detail}${typeof said === 'string' ? ` (${said})` : ''}`;
  // A statement that the database does not understand stays so: no second attempt.
  if (code === 'SQL_STATEMENT') return new PipelineError(code, summary, { ...context, cause });
  return new IoError(code, summary, { ...context, cause });
}

/** The SQLSTATE, or the code of a system error such as `ECONNREFUSED`; empty when there is none. */
function stateOf(cause: unknown): string {
  const code = (cause as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : '';
}

/** Whether an error is about the values of a row, and not about the database. */
export function isAboutRow(cause: unknown): boolean {
  return /^2[123]...$/.test(stateOf(cause));
}
