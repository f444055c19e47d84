import { RunnerError } from '../../sdk/errors.ts';

/** Elements that one job may keep for its program. */
const MAX_COLLECTED = 10_000_000;

/** What `collect()` keeps in a program whose workers are its own process. */
export class CollectedElements {
  readonly byTransform: Record<string, unknown[]> = {};
  #count = 0;

  /** @param transforms full names of those that keep elements */
  constructor(transforms: Iterable<string>) {
    for (const transform of transforms) this.byTransform[transform] = [];
  }

  /** @throws RunnerError `COLLECT_TOO_LARGE` */
  add(transform: string, elements: readonly unknown[]): void {
    this.#count += elements.length;
    if (this.#count > MAX_COLLECTED) {
      throw new RunnerError('COLLECT_TOO_LARGE', `More than ${MAX_COLLECTED} elements are collected`, {
        transform,
        hint: 'write large results to files',
      });
    }
    const all = (this.byTransform[transform] ??= []);
    for (const element of elements) all.push(element);
  }
}
