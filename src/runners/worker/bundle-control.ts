import { RunnerError } from '../../sdk/errors.ts';

const STEP = 0;
const CANCELLED = 1;
const SPLIT_BUNDLE = 2;
const SPLIT_ATTEMPT = 3;
/** In thousandths. */
const SPLIT_FRACTION = 4;
const WORDS = 8;
const COMPLETED = 0;
const REMAINING = 1;
const ELEMENTS = 2;
const NUMBERS = 4;

/**
 * What the runner and a worker tell each other while a bundle runs. A worker in the middle of a bundle takes no
 * messages, so this is memory that both see; it holds hints only, and losing one does no harm.
 */
export class BundleControl {
  readonly memory: SharedArrayBuffer;
  /** Slot 0: the step at work, by its number in the stage; negative in a sink. */
  readonly words: Int32Array;
  readonly #numbers: Float64Array;
  #bundle = -1;
  #attempt = 0;

  constructor(memory = new SharedArrayBuffer(WORDS * 4 + NUMBERS * 8)) {
    this.memory = memory;
    this.words = new Int32Array(memory, 0, WORDS);
    this.#numbers = new Float64Array(memory, WORDS * 4, NUMBERS);
  }

  /** Worker: a bundle begins. */
  begin(bundle: number, attempt: number): void {
    this.#bundle = bundle;
    this.#attempt = attempt;
    this.#numbers.fill(0);
  }

  /** Worker: how far a restriction is. */
  report(completed: number, remaining: number, elements: number): void {
    this.#numbers[COMPLETED] = completed;
    this.#numbers[REMAINING] = remaining;
    this.#numbers[ELEMENTS] = elements;
  }

  /** Runner: share of the running restriction that is done. */
  get share(): number {
    const completed = this.#numbers[COMPLETED];
    const total = completed + this.#numbers[REMAINING];
    return total > 0 ? completed / total : 0;
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
