import { RunnerError } from '../sdk/errors.ts';

/** A DoFn as far as its life is concerned. */
interface Living {
  setup?(): void | Promise<void>;
  teardown?(): void | Promise<void>;
}

/** Adds to an error of a DoFn's which transform it belongs to. */
export type Attribute = (error: unknown) => unknown;

/** The lives of the DoFns of one worker: each is set up once, however many stages it stands in, and torn down at the end. */
export class DoFnLives {
  readonly #attributes = new Map<Living, Attribute>();
  #isOver = false;
  /** Set-ups under way: bundles may begin while others run. */
  readonly #beginning = new Map<Living, Promise<void>>();

  /** @throws what `setup` threw; it is tried again the next time. */
  async setUp(fn: Living, attribute: Attribute): Promise<void> {
    if (this.#attributes.has(fn)) return;
    if (this.#isOver) throw new RunnerError('CANCELLED', 'The worker has ended');
    let beginning = this.#beginning.get(fn);
    if (beginning === undefined) {
      beginning = this.#begin(fn, attribute).finally(() => this.#beginning.delete(fn));
      this.#beginning.set(fn, beginning);
    }
    return beginning;
  }

  async #begin(fn: Living, attribute: Attribute): Promise<void> {
    try {
      await fn.setup?.();
    } catch (error) {
      throw attribute(error);
    }
    this.#attributes.set(fn, attribute);
  }

  /** Ends all lives, also when one of them fails to end. @throws the first failure. */
  async tearDown(): Promise<void> {
    this.#isOver = true;
    await Promise.allSettled(this.#beginning.values());
    const failures: unknown[] = [];
    for (const [fn, attribute] of this.#attributes) {
      try {
        await fn.teardown?.();
      } catch (error) {
        failures.push(attribute(error));
      }
    }
    this.#attributes.clear();
    if (failures.length > 0) throw failures[0];
  }
}
