/** Entries of a group that have gone through the pipeline and may not be acknowledged yet. Plain data: it is part of checkpoints. */
export interface TakenEntries {
  /** The group that gave them: its entries are none of another one's business. */
  readonly group: string;
  /** Packed. */
  readonly ids: string;
}

/** What was taken and not acknowledged so far, one after the other: what is durable of it is so from its begin. */
export class TakenLedger {
  /** Packed ids, with a blank behind each take. */
  #text = '';
  /** Length of what was there and is acknowledged. */
  #settled = 0;

  /** Costs nothing that grows with it: joined strings are copied when somebody looks into them, as a checkpoint does. */
  get text(): string {
    return this.#text;
  }

  /** @returns the end of a take, for `until` and `settle` */
  add(packed: string): number {
    this.#text += `${packed} `;
    return this.#settled + this.#text.length;
  }

  /** What is not acknowledged up to the end of a take. */
  until(end: number): string {
    return this.#text.slice(0, Math.max(0, end - this.#settled));
  }

  /** All up to the end of a take is acknowledged. */
  settle(end: number): void {
    if (end <= this.#settled) return;
    this.#text = this.#text.slice(end - this.#settled);
    this.#settled = end;
  }
}
