import type { RestrictionTracker } from '../sdk/index.ts';

/** Where something without end has come to. Plain data: it is part of checkpoints. */
export interface Positioned<P> {
  readonly at: P;
  /** Nothing is left to do from here on: it has ended, or the rest was given away. */
  readonly over: boolean;
}

/**
 * Tracks a restriction that is a position and goes on from there without end: each claim is the position that is reached
 * with what will be yielded next. What is given away is to go on from the last claim.
 */
export class PositionTracker<P> implements RestrictionTracker<Positioned<P>, Positioned<P>> {
  #position: Positioned<P>;

  constructor(position: Positioned<P>) {
    this.#position = position;
  }

  current(): Positioned<P> {
    return this.#position;
  }

  tryClaim(position: Positioned<P>): boolean {
    if (this.#position.over) return false;
    this.#position = position;
    return true;
  }

  trySplit(fraction: number): { readonly primary: Positioned<P>; readonly residual: Positioned<P> } | undefined {
    // There is one position, which two calls cannot share: only the whole rest can be given away.
    if (fraction !== 0 || this.#position.over) return undefined;
    const residual = this.#position;
    this.#position = { ...residual, over: true };
    return { primary: this.#position, residual };
  }

  progress(): { readonly completed: number; readonly remaining: number } {
    return { completed: 0, remaining: this.#position.over ? 0 : 1 };
  }

  checkDone(): void {
    if (!this.#position.over)
      throw new Error('The DoFn returned without an end and without resume(): its rest would be lost');
  }
}
