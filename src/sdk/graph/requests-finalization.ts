import type { DoFn } from '../transforms/do-fn.ts';
import type { ElementFn } from '../transforms/element-fn.ts';
import type { SplittableDoFn } from '../transforms/splittable-do-fn.ts';

type AnyDoFn = DoFn<never, unknown> | SplittableDoFn<never, unknown, unknown, unknown>;

/**
 * Whether a function may ask to be told of the commit of its bundle. Runners tell only those of which it is said, and some
 * refuse pipelines with such functions, so it is read off their text. One that hands its context to other functions says it
 * by `requestsFinalization`.
 */
export function requestsFinalization({ kind, fn }: ElementFn): boolean {
  if (kind !== 'doFn' && kind !== 'splittable') return false;
  const { requestsFinalization: said } = fn as AnyDoFn;
  return said ?? textsOf(fn as AnyDoFn).some((text) => text.includes('afterBundleCommit'));
}

function textsOf(fn: AnyDoFn): string[] {
  const values: unknown[] = Object.values(fn).flatMap((value) => [value, ...handlersOf(value)]);
  const made: unknown = fn.constructor;
  if (made !== Object) values.push(made);
  return values.flatMap((value) => (typeof value === 'function' ? [Function.prototype.toString.call(value)] : []));
}

/** Of an object of functions, such as the handlers of timers. */
function handlersOf(value: unknown): unknown[] {
  return typeof value === 'object' && value !== null ? Object.values(value) : [];
}
