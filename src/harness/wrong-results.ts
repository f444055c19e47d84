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

/** The error of a splittable DoFn whose `process` returns nothing that batches come from. */
export function notBatches(result: string): UserCodeError {
  return new UserCodeError('NOT_ITERABLE', `process returned ${result} instead of batches`, {
    final: true,
    hint: 'write process as a generator (*process or async *process), or return an array of batches',
  });
}

/** The error of a splittable DoFn that yields something else than a batch. */
export function notBatch(result: string): UserCodeError {
  return new UserCodeError('BATCH_INVALID', `process yielded ${result}, which is no batch`, {
    final: true,
    hint: 'yield an array of outputs, or { values, timestamps } with as many timestamps as values',
  });
}

/** The error of a splittable DoFn that emits on and on to additional outputs and yields nothing. */
export function tooManyOutputs(transform: string, most: number): UserCodeError {
  return new UserCodeError('OUTPUTS_TOO_MANY', `'${transform}' has more than ${most} outputs before it yields`, {
    final: true,
    hint: 'they wait for the next batch: yield one now and then, it may be empty',
  });
}

/** The error of a splittable DoFn whose pause is no time. */
export function notResume(result: string): UserCodeError {
  return new UserCodeError('RESUME_INVALID', `process wants to go on after ${result} milliseconds`, {
    final: true,
    hint: "return resume('100ms')",
  });
}

/** The error of a restriction that is not split into parts. */
export function notParts(type: string): UserCodeError {
  return new UserCodeError('NOT_ITERABLE', `restriction.split returned a value of type ${type} instead of parts`, {
    final: true,
    hint: 'return an array of restrictions, [restriction] for one part',
  });
}
