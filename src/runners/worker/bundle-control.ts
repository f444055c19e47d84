import { RunnerError } from '../../sdk/errors.ts';
import type { RunningShare } from '../core/coordination/stage-state.ts';

const STEP = 0;
const CANCELLED = 1;
const SPLIT_BUNDLE = 2;
const SPLIT_ATTEMPT = 3;
/** In thousandths. */
const SPLIT_FRACTION = 4;
const WORDS = 8;
const COMPLETED = 0;
const REMAINING = 1;
/** The bundle that the other numbers are about, counted from 1. */
const BUNDLE = 2;
const NUMBERS = 4;
/** Collections of a stage whose elements are counted here; a larger stage counts in memory of its own. */
const COUNTS = 256;

/**
 * What the runner and a worker tell each other while a bundle runs. A worker in the middle of a bundle takes no
 * messages, so this is memory that both see; it holds hints only, and losing one does no harm.
 */
export class BundleControl {
  readonly memory: SharedArrayBuffer;
  /** Slot 0: the step at work, by its number in the stage; negative in a sink. */
  readonly words: Int32Array;
  /** Elements per collection of the stage at work, the one that enters it first. */
  readonly counts: Float64Array;
  readonly #numbers: Float64Array;
  #bundle = -1;
  #attempt = 0;

  constructor(memory = new SharedArrayBuffer(WORDS * 4 + (NUMBERS + COUNTS) * 8)) {
    this.memory = memory;
    this.words = new Int32Array(memory, 0, WORDS);
    this.#numbers = new Float64Array(memory, WORDS * 4, NUMBERS);
    this.counts = new Float64Array(memory, WORDS * 4 + NUMBERS * 8, COUNTS);
  }

  /** Worker: a bundle begins. */
  begin(bundle: number, attempt: number): void {
    this.#bundle = bundle;
    this.#attempt = attempt;
    this.#numbers.fill(0);
    this.counts.fill(0);
    this.#numbers[BUNDLE] = bundle + 1;
  }

  /** Worker: how much of the bundle's restrictions is done and left, in their unit. */
  report(completed: number, remaining: number): void {
    this.#numbers[COMPLETED] = completed;
    this.#numbers[REMAINING] = remaining;
  }

  /** Runner: how far the worker is with a bundle; nothing when it is at another one. */
  share(bundle: number): RunningShare {
    if (this.#numbers[BUNDLE] !== bundle + 1) return { fraction: 0, elements: 0 };
    const completed = this.#numbers[COMPLETED];
    const total = completed + this.#numbers[REMAINING];
    return { fraction: total > 0 ? completed / total : 0, elements: this.counts[0] };
  }

  /** Runner: asks for a part of a restriction. */
  requestSplit(bundle: number, attempt: number, fraction: number): void {
    Atomics.store(this.words, SPLIT_ATTEMPT, attempt);
    Atomics.store(this.words, SPLIT_FRACTION, Math.round(fraction * 1000));
    Atomics.store(this.words, SPLIT_BUNDLE, bundle + 1);
  }

  /** Worker: the fraction to keep, when the running bundle is asked to give some away; each request is taken once. */
  takeSplitRequest(): number | undefined {
    if (this.words[SPLIT_BUNDLE] === 0) return undefined;
    const bundle = Atomics.exchange(this.words, SPLIT_BUNDLE, 0) - 1;
    if (bundle !== this.#bundle || Atomics.load(this.words, SPLIT_ATTEMPT) !== this.#attempt) return undefined;
    return Atomics.load(this.words, SPLIT_FRACTION) / 1000;
  }

  /** Runner: the worker is to stop at the next block. */
  cancel(): void {
    Atomics.store(this.words, CANCELLED, 1);
  }

  /** Worker. @throws RunnerError `CANCELLED` */
  throwIfAborted(): void {
    if (this.words[CANCELLED] === 1) throw new RunnerError('CANCELLED', 'The job was cancelled');
  }

  get currentStep(): number {
    return this.words[STEP];
  }
}
