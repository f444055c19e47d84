import assert from 'node:assert/strict';

/**
 * The world outside of a pipeline, which outlives its crashes: a store that takes each delivery by its id. A delivery may be
 * repeated, but must then be the same.
 */
export class Outside {
  readonly #delivered = new Map<string, string>();
  deliveries = 0;

  deliver(id: string, value: unknown): void {
    const text = JSON.stringify(value);
    const before = this.#delivered.get(id);
    assert.ok(before === undefined || before === text, `${id} was delivered as ${before} and again as ${text}`);
    this.#delivered.set(id, text);
    this.deliveries++;
  }

  /** Everything delivered, in an order that says nothing. */
  contents(): readonly (readonly [string, string])[] {
    return [...this.#delivered].sort(([a], [b]) => (a < b ? -1 : 1));
  }
}
