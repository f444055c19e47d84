import { PipelineError } from '../errors.ts';
import type { CombineFn } from './combine-fn.ts';

/** The name of a CombineFn. @throws PipelineError `COMBINE_FN_INVALID` when it is none */
export function checkCombineFn<I, A, O>(fn: CombineFn<I, A, O>): string {
  for (const method of ['create', 'add', 'merge', 'extract'] as const) {
    if (typeof fn?.[method] !== 'function') {
      throw new PipelineError('COMBINE_FN_INVALID', `A CombineFn needs the method '${method}'`, {
        hint: 'call the factory: combine(sum()), not combine(sum)',
      });
    }
    // What it gives would be taken for the accumulator itself.
    if (/^Async|Generator/.test(fn[method].constructor.name)) {
      throw new PipelineError('COMBINE_FN_INVALID', `The method '${method}' of a CombineFn cannot be asynchronous`, {
        hint: 'fetch what it needs in a step before',
      });
    }
  }
  return fn.name ?? 'Combine';
}
