import { type ErrorContext, IoError, type MillraceError, PipelineError } from '../../sdk/index.ts';

/** Protocol errors that are not about the network, by their names in the protocol. */
const CODES: Readonly<Record<string, string>> = {
  UNKNOWN_TOPIC_OR_PARTITION: 'KAFKA_TOPIC',
  UNKNOWN_TOPIC_ID: 'KAFKA_TOPIC',
  INVALID_TOPIC_EXCEPTION: 'KAFKA_TOPIC',
  OFFSET_OUT_OF_RANGE: 'KAFKA_OFFSET_LOST',
  TOPIC_AUTHORIZATION_FAILED: 'KAFKA_ACCESS',
  GROUP_AUTHORIZATION_FAILED: 'KAFKA_ACCESS',
  CLUSTER_AUTHORIZATION_FAILED: 'KAFKA_ACCESS',
  TRANSACTIONAL_ID_AUTHORIZATION_FAILED: 'KAFKA_ACCESS',
  SASL_AUTHENTICATION_FAILED: 'KAFKA_ACCESS',
  UNSUPPORTED_SASL_MECHANISM: 'KAFKA_ACCESS',
  MESSAGE_TOO_LARGE: 'KAFKA_RECORD_TOO_LARGE',
  RECORD_LIST_TOO_LARGE: 'KAFKA_RECORD_TOO_LARGE',
  INVALID_RECORD: 'KAFKA_RECORD_REFUSED',
  CORRUPT_MESSAGE: 'KAFKA_DAMAGED',
  PRODUCER_FENCED: 'KAFKA_FENCED',
  INVALID_PRODUCER_EPOCH: 'KAFKA_FENCED',
  INVALID_PRODUCER_ID_MAPPING: 'KAFKA_FENCED',
  TRANSACTIONAL_ID_NOT_FOUND: 'KAFKA_FENCED',
};

/** Errors that go away by themselves, or by asking for the leader again. */
const PASSING = new Set([
  'LEADER_NOT_AVAILABLE',
  'NOT_LEADER_OR_FOLLOWER',
  'FENCED_LEADER_EPOCH',
  'UNKNOWN_LEADER_EPOCH',
  'UNKNOWN_TOPIC_OR_PARTITION',
  'UNKNOWN_TOPIC_ID',
  'INCONSISTENT_TOPIC_ID',
  'REQUEST_TIMED_OUT',
  'NETWORK_EXCEPTION',
  'KAFKA_STORAGE_ERROR',
  'OFFSET_NOT_AVAILABLE',
  'REPLICA_NOT_AVAILABLE',
]);

/** Names of the protocol's errors within what the client has thrown, and the codes of its own errors. */
export function errorNames(cause: unknown, names: Set<string> = new Set(), depth = 0): Set<string> {
  if (typeof cause !== 'object' || cause === null || depth > 8) return names;
  const {
    apiId,
    code,
    errors,
    cause: inner,
  } = cause as { apiId?: unknown; code?: unknown; errors?: unknown; cause?: unknown };
  if (typeof apiId === 'string') names.add(apiId);
  if (typeof code === 'string') names.add(code);
  if (Array.isArray(errors)) for (const error of errors) errorNames(error, names, depth + 1);
  errorNames(inner, names, depth + 1);
  return names;
}

/** Whether trying again may help: the network, a leader that moved. */
export function isPassing(cause: unknown): boolean {
  const names = errorNames(cause);
  // Comes within an error of the network, and stays as it is.
  if (names.has('PLT_KFK_AUTHENTICATION')) return false;
  for (const name of names) {
    if (PASSING.has(name) || name === 'PLT_KFK_NETWORK' || name === 'PLT_KFK_TIMEOUT' || /^E[A-Z]+$/.test(name))
      return true;
  }
  return false;
}

/** What the client has thrown, as an error with a stable code; errors of ours pass through. */
export function toKafkaError(cause: unknown, action: string, context: ErrorContext): MillraceError {
  if (cause instanceof IoError || cause instanceof PipelineError) return cause;
  const names = errorNames(cause);
  const known = [...names].find((name) => CODES[name] !== undefined);
  const message = deepestMessage(cause);
  const unknownTopic = /^Unknown topic/.test(message);
  const access = names.has('PLT_KFK_AUTHENTICATION');
  const code =
    known !== undefined
      ? CODES[known]
      : unknownTopic
        ? 'KAFKA_TOPIC'
        : access
          ? 'KAFKA_ACCESS'
          : isPassing(cause)
            ? 'KAFKA_CONNECTION'
            : 'KAFKA_ERROR';
  const said = known === undefined ? message : `${message} (${known})`;
  return new IoError(code, `Cannot ${action}: ${said}`, { ...context, cause });
}

/** The client wraps errors in lists of attempts; the last of the innermost says what happened. */
function deepestMessage(cause: unknown, depth = 0): string {
  const { errors, message } = (cause ?? {}) as { errors?: unknown; message?: unknown };
  if (Array.isArray(errors) && errors.length > 0 && depth < 8)
    return deepestMessage(errors[errors.length - 1], depth + 1);
  return typeof message === 'string' ? message : String(cause);
}
