/** Sends a sink's batches, one while the next one is gathered. */
export class BatchSender {
  #sending: Promise<unknown> | undefined;

  /** Begins a bundle: what one before that failed had under way ends, whatever becomes of it. */
  async start(): Promise<void> {
    await this.#sending?.catch(() => {});
    this.#sending = undefined;
  }

  /** Has a batch sent when the one before has arrived. @throws what has become of that one */
  async send(batch: () => Promise<unknown>): Promise<void> {
    await this.#sending;
    this.#sending = batch();
    // Its failure is met at the next batch or at the bundle's end.
    this.#sending.catch(() => {});
  }

  /** Everything has arrived. @throws what has become of the last batch */
  async finish(): Promise<void> {
    await this.#sending;
    this.#sending = undefined;
  }
}
