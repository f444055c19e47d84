/** An event as it is sent. */
export interface BufferedEvent<P extends string | Uint8Array> {
  readonly id: string;
  readonly payload: P;
}

/** The latest events, within a number and a size. */
export class EventBuffer<P extends string | Uint8Array> {
  readonly #maxEvents: number;
  readonly #maxBytes: number;
  #events: BufferedEvent<P>[] = [];
  #first = 0;
  #bytes = 0;

  constructor(maxEvents: number, maxBytes: number) {
    this.#maxEvents = maxEvents;
    this.#maxBytes = maxBytes;
  }

  add(event: BufferedEvent<P>): void {
    this.#events.push(event);
    this.#bytes += event.payload.length;
    while (this.#events.length - this.#first > this.#maxEvents || this.#bytes > this.#maxBytes) {
      this.#bytes -= this.#events[this.#first].payload.length;
      this.#first++;
    }
    // Now and then, so that it costs nothing per event.
    if (this.#first > this.#maxEvents) {
      this.#events = this.#events.slice(this.#first);
      this.#first = 0;
    }
  }

  /** What came behind an event; `undefined` when the event is not there any more, or never was. */
  since(id: string): readonly BufferedEvent<P>[] | undefined {
    for (let i = this.#events.length - 1; i >= this.#first; i--) {
      if (this.#events[i].id === id) return this.#events.slice(i + 1);
    }
    return undefined;
  }

  all(): readonly BufferedEvent<P>[] {
    return this.#events.slice(this.#first);
  }
}
