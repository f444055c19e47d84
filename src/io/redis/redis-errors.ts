import { type ErrorContext, IoError, type MillraceError, PipelineError } from '../../sdk/index.ts';

/** What the server says by the first word of its errors. */
const CODES: Readonly<Record<string, string>> = {
  NOAUTH: 'REDIS_ACCESS',
  WRONGPASS: 'REDIS_ACCESS',
  NOPERM: 'REDIS_ACCESS',
  WRONGTYPE: 'REDIS_STREAM',
  NOGROUP: 'REDIS_STREAM',
  OOM: 'REDIS_RESOURCES',
  MISCONF: 'REDIS_RESOURCES',
  MOVED: 'REDIS_CLUSTER',
  ASK: 'REDIS_CLUSTER',
  CROSSSLOT: 'REDIS_CLUSTER',
  FENCED: 'REDIS_FENCED',
};

const HINTS: Readonly<Record<string, string>> = {
  REDIS_CLUSTER: 'One server is spoken to, which has to hold the stream: clusters are not supported.',
  REDIS_FENCED: 'Give each sink a name of its own, and keep its counter for as long as its checkpoints.',
};

/** A server that starts, or takes over from another one. */
const PASSING = new Set(['LOADING', 'MASTERDOWN', 'READONLY', 'TRYAGAIN', 'CLUSTERDOWN', 'BUSY', 'UNBLOCKED']);

/** Errors of the client library when a connection breaks, or does not answer. */
const BROKEN =
  /^(SocketClosedUnexpectedly|ConnectionTimeout|SocketTimeout|ClientClosed|ClientOffline|DisconnectsClient|Timeout)Error$/;

/** Whether trying again may help: the network, a server that starts. */
export function isPassing(cause: unknown): boolean {
  if (!(cause instanceof Error)) return false;
  const { code } = cause as { code?: unknown };
  if (typeof code === 'string' && /^E[A-Z]+$/.test(code)) return true;
  return BROKEN.test(cause.constructor.name) || PASSING.has(firstWord(cause));
}

/** What the client has thrown, as an error with a stable code; errors of ours pass through. */
export function toRedisError(cause: unknown, action: string, context: ErrorContext): MillraceError {
  if (cause instanceof IoError || cause instanceof PipelineError) return cause;
  const known = cause instanceof Error ? CODES[firstWord(cause)] : undefined;
  const code = known ?? (isPassing(cause) ? 'REDIS_CONNECTION' : 'REDIS_ERROR');
  const summary = `Cannot ${action}: ${cause instanceof Error ? cause.message || cause.constructor.name : String(cause)}`;
  const hint = HINTS[code];
  return new IoError(code, summary, { ...context, ...(hint === undefined ? {} : { hint }), cause });
}

function firstWord({ message }: Error): string {
  return message.split(' ', 1)[0];
}
