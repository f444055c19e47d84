import type { SliceCursor } from './slice-cursor.ts';

/** Finds the least of many cursors; after its cursor has moved, one comparison per level finds the next. */
export class LoserTree {
  /** All cursors; ended ones stay. */
  readonly cursors: readonly SliceCursor[];
  /** By inner node, the cursor that lost there; node 0 holds the winner. */
  readonly #losers: Int32Array;

  constructor(cursors: readonly SliceCursor[]) {
    this.cursors = cursors;
    this.#losers = new Int32Array(Math.max(1, cursors.length));
    if (cursors.length > 1) this.#losers[0] = this.#build(1);
  }

  #build(node: number): number {
    const size = this.cursors.length;
    if (node >= size) return node - size;
    const a = this.#build(node * 2);
    const b = this.#build(node * 2 + 1);
    const aWins = this.#precedes(a, b);
    this.#losers[node] = aWins ? b : a;
    return aWins ? a : b;
  }

  /** Number of the cursor with the least part; −1 when all have ended. */
  get least(): number {
    const winner = this.#losers[0];
    return this.cursors.length === 0 || this.cursors[winner].done ? -1 : winner;
  }

  /** To be called after the least cursor has moved. */
  replay(): void {
    const losers = this.#losers;
    const size = this.cursors.length;
    let winner = losers[0];
    for (let node = (winner + size) >> 1; node > 0; node >>= 1) {
      const other = losers[node];
      if (this.#precedes(other, winner)) {
        losers[node] = winner;
        winner = other;
      }
    }
    losers[0] = winner;
  }

  /** Equal parts come in the order of the cursors, so that the order of values is the same in every run. */
  #precedes(a: number, b: number): boolean {
    const x = this.cursors[a];
    const y = this.cursors[b];
    if (x.done || y.done) return !x.done;
    if (x.hash !== y.hash) return x.hash < y.hash;
    const order = x.compare(y);
    return order < 0 || (order === 0 && a < b);
  }
}
