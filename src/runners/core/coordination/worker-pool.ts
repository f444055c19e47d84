import type { Bundle } from './bundle.ts';

/** A worker as the coordinator keeps it. */
export interface WorkerState {
  readonly id: string;
  bundle: Bundle | undefined;
  /** Side-input channels whose contents it has. */
  readonly knows: Set<number>;
}

/** A running bundle is asked for a split at most this often. */
const SPLIT_INTERVAL_MILLIS = 50;

/** The workers, what each is at, and the memory that is set aside for it. */
export class WorkerPool {
  readonly #workers = new Map<string, WorkerState>();
  readonly #memory: number;
  readonly #expected: number;
  #reserved = 0;
  #running = 0;
  #assignments = 0;

  /** @param memory bytes for contents and running bundles together @param expected workers that are to come */
  constructor(memory: number, expected: number) {
    this.#memory = memory;
    this.#expected = expected;
  }

  /** Workers there are, or are to be. */
  get size(): number {
    return Math.max(this.#expected, this.#workers.size);
  }

  get all(): Iterable<WorkerState> {
    return this.#workers.values();
  }

  get(worker: string): WorkerState | undefined {
    return this.#workers.get(worker);
  }

  add(worker: string): void {
    if (!this.#workers.has(worker)) this.#workers.set(worker, { id: worker, bundle: undefined, knows: new Set() });
  }

  remove(worker: string): void {
    this.#workers.delete(worker);
  }

  /** Gives a bundle to a worker, with an equal share of the memory that is free for it and all who are idle. */
  assign(worker: WorkerState, bundle: Bundle, memoryInUse: number): void {
    const idle = Math.max(1, this.size - this.#running);
    bundle.allowance = Math.max(0, (this.#memory - memoryInUse - this.#reserved) / idle);
    this.#reserved += bundle.allowance;
    this.#running++;
    bundle.state = 'running';
    bundle.attempt++;
    bundle.sequence = ++this.#assignments;
    bundle.worker = worker.id;
    bundle.splits = 0;
    worker.bundle = bundle;
  }

  /** A bundle runs no more. */
  release(bundle: Bundle, state: 'pending' | 'done'): void {
    bundle.state = state;
    bundle.worker = undefined;
    this.#reserved -= bundle.allowance;
    this.#running--;
  }

  /** The bundle of restrictions that has run longest and may be asked to give something away. */
  splittable(now: number): Bundle | undefined {
    let longest: Bundle | undefined;
    for (const { bundle } of this.#workers.values()) {
      if (bundle?.source?.kind !== 'restrictions' || now - bundle.splitAskedAt < SPLIT_INTERVAL_MILLIS) continue;
      if (longest === undefined || bundle.sentAt < longest.sentAt) longest = bundle;
    }
    return longest;
  }
}
