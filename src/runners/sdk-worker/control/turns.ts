/**
 * Lets those who need the same thing take turns. DoFns that hold something from a bundle's start to its end exist once in a
 * program, while a runner may have several bundles of them under way, and call their stage by several names.
 */
export class Turns {
  readonly #last = new Map<string, Promise<void>>();

  /** Does the work when all of the names are free, and holds them until it is done. */
  async take<T>(names: readonly string[], work: () => Promise<T>): Promise<T> {
    if (names.length === 0) return work();
    const { promise, resolve } = Promise.withResolvers<void>();
    // All at once: whoever asks later waits for all of it, so nobody waits in a circle.
    const before = names.map((name) => this.#last.get(name));
    for (const name of names) this.#last.set(name, promise);
    try {
      await Promise.all(before);
      return await work();
    } finally {
      resolve();
      for (const name of names) if (this.#last.get(name) === promise) this.#last.delete(name);
    }
  }
}
