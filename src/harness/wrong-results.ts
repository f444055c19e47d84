import { UserCodeError } from '../sdk/errors.ts';

// `result` is what the function has returned, as a message may show it.

/** The error of a function whose result is no time. */
export function notTimestamp(result: string): UserCodeError {
  return new UserCodeError('TIMESTAMP_INVALID', `A timestamp is a whole number of milliseconds, not ${result}`, {
    final: true,
    hint: 'timestamp(date) makes one from a Date, an ISO string or milliseconds',
  });
}

/** The error of a partition function whose result is no part. */
export function notPartition(result: string): UserCodeError {
  return new UserCodeError('PARTITION_INVALID', `The partition function returned ${result}`, {
    final: true,
    hint: 'it must return an integer from 0 to the number of partitions - 1',
  });
}

/** The error of a function whose result is not a number of outputs. */
export function notIterable(result: string): UserCodeError {
  return new UserCodeError('NOT_ITERABLE', `The function returned ${result} instead of an iterable`, {
    final: true,
    hint: 'return an array (empty for no output), or use map() for one output per element',
  });
}

/** The error of a WindowFn whose result is no windows. */
export function notWindows(result: string): UserCodeError {
  return new UserCodeError('WINDOW_INVALID', `The window function returned ${result}`, {
    final: true,
    hint: 'assign() must return an array of windows (of none, and the element is dropped), assignOne() a window',
  });
}

/** The error of a `finishBundle` that returns something else than outputs. */
export function notOutput(result: string): UserCodeError {
  return new UserCodeError('OUTPUT_INVALID', `finishBundle returned ${result} for an output`, {
    final: true,
    hint: 'no element is at hand there: return [{ value, timestamp, window }]',
  });
}
