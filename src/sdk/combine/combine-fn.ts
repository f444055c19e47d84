import type { Coder } from '../coders/coder.ts';

/**
 * Combines any number of inputs into one output (Beam's CombineFn). `add` and `merge` must be associative and
 * commutative, because the runner combines partial results in any order: before the shuffle, after it, and across
 * workers. An accumulator may be changed in place, by `merge` too; the returned one counts.
 *
 * @typeParam I input, @typeParam A accumulator, @typeParam O output
 */
export interface CombineFn<I, A, O> {
  /**
   * Shown in graphs and errors; defaults to the transform's name. What a checkpoint has of one CombineFn is not gone on with
   * by one of another name.
   */
  readonly name?: string;
  /** An empty accumulator; a new one each time, if `add` or `merge` changes it. */
  create(): A;
  /** A property and not a method, so that the compiler refuses inputs of more types than `I`. */
  readonly add: (accumulator: A, input: I) => A;
  merge(accumulators: Iterable<A>): A;
  extract(accumulator: A): O;
  /** Shrinks an accumulator before it is encoded. */
  compact?(accumulator: A): A;
  /** Encodes accumulators in the shuffle and in state; the default coder when absent. */
  readonly coder?: Coder<A>;
  /**
   * Makes the coder of accumulators that hold inputs from that of the inputs (Beam's getAccumulatorCoder); asked instead
   * of `coder` when it is there. Where the inputs have no coder of their own it is given the default coder.
   */
  accumulatorCoder?(input: Coder<I>): Coder<A>;
  /** Makes the coder of results that hold inputs (Beam's getDefaultOutputCoder); the default coder when absent. */
  outputCoder?(input: Coder<I>): Coder<O>;
}

/** The output type of a CombineFn. */
export type CombineOutput<F> = F extends { extract(accumulator: never): infer O } ? O : never;
