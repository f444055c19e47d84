/** Bits that select a register of the sparse form: 2^25 registers, of which only those that were hit are kept. */
export const SPARSE_BITS = 25;

const EMPTY = -1;
const RUN_BITS = 6;

/** A hash table from register to longest run of zeros; both share one 31-bit entry, with the register above the run. */
export class SparseRegisters {
  #table = new Int32Array(16).fill(EMPTY);
  size = 0;

  static register(entry: number): number {
    return entry >> RUN_BITS;
  }

  static run(entry: number): number {
    return entry & ((1 << RUN_BITS) - 1);
  }

  /** Raises the register to `run`. */
  add(register: number, run: number): void {
    const table = this.#table;
    const mask = table.length - 1;
    const entry = (register << RUN_BITS) | run;
    // The register is part of a hash, so its low bits are as good a place as any.
    for (let at = register & mask; ; at = (at + 1) & mask) {
      const found = table[at];
      if (found === EMPTY) {
        table[at] = entry;
        if (++this.size * 2 > table.length) this.#grow();
        return;
      }
      if (found >> RUN_BITS === register) {
        if (entry > found) table[at] = entry;
        return;
      }
    }
  }

  forEach(visit: (register: number, run: number) => void): void {
    for (const entry of this.#table)
      if (entry !== EMPTY) visit(SparseRegisters.register(entry), SparseRegisters.run(entry));
  }

  /** The entries by ascending register. */
  sorted(): Int32Array {
    return this.#table.filter((entry) => entry !== EMPTY).sort();
  }

  #grow(): void {
    const entries = this.#table;
    this.#table = new Int32Array(entries.length * 2).fill(EMPTY);
    this.size = 0;
    for (const entry of entries)
      if (entry !== EMPTY) this.add(SparseRegisters.register(entry), SparseRegisters.run(entry));
  }
}
