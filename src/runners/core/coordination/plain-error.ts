import {
  CoderError,
  type ErrorContext,
  IoError,
  MillraceError,
  PipelineError,
  RunnerError,
  UserCodeError,
} from '../../../sdk/errors.ts';
import { readableError } from '../../../sdk/readable-error.ts';
import type { PlainError } from './messages.ts';

/** Classes that an error keeps on its way between threads; the last one is the base of all. */
const types = { PipelineError, CoderError, UserCodeError, IoError, RunnerError, MillraceError };

function typeOf(error: Error): keyof typeof types | undefined {
  return (Object.keys(types) as (keyof typeof types)[]).find((type) => error instanceof types[type]);
}

/** Causes kept of a chain of errors. */
const MAX_CAUSES = 5;

/** An error as plain data. Retrying cannot help a wrong program, so those errors are fatal. */
export function plainError(thrown: unknown, depth = 0): PlainError {
  const error = readableError(thrown);
  if (!(error instanceof Error)) {
    return { name: 'Error', type: undefined, code: '', summary: textOf(error), context: {}, fatal: false };
  }
  const millrace = error instanceof MillraceError ? error : undefined;
  const { cause: _cause, ...context } = millrace?.context ?? {};
  return {
    name: textOf(error.name),
    type: typeOf(error),
    code: millrace?.code ?? '',
    summary: millrace?.summary ?? textOf(error.message),
    context,
    // Programs can make something else of stacks that no other thread takes.
    ...(typeof error.stack === 'string' ? { stack: error.stack } : {}),
    ...(error.cause === undefined || depth >= MAX_CAUSES ? {} : { cause: plainError(error.cause, depth + 1) }),
    fatal: error instanceof PipelineError || context.final === true,
  };
}

/** Anything can be thrown, also what has no text. */
function textOf(value: unknown): string {
  try {
    return String(value);
  } catch {
    return `a thrown ${typeof value}`;
  }
}

/** The error again, of its class or the nearest that is known here, under its own name. */
export function reviveError(plain: PlainError, context: ErrorContext = {}): Error {
  const cause = plain.cause === undefined ? {} : { cause: reviveError(plain.cause) };
  if (plain.type === undefined) {
    const error = new Error(plain.summary, cause);
    error.name = plain.name;
    if (plain.stack !== undefined) error.stack = plain.stack;
    return error;
  }
  const error = new types[plain.type](plain.code, plain.summary, { ...context, ...plain.context, ...cause });
  error.name = plain.name;
  // Frames of the place where it failed; the first lines are the message, which the new error has with more context.
  const frames = plain.stack?.indexOf('\n    at ') ?? -1;
  if (frames >= 0) error.stack = `${error.name}: ${error.message}${plain.stack?.slice(frames)}`;
  return error;
}
