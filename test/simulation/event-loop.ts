import { createHash } from 'node:crypto';

interface Event {
  readonly at: number;
  readonly order: number;
  readonly label: string;
  readonly run: () => void;
}

/** More events than any schedule of these pipelines needs: a run that gets there does not end by itself. */
const MAX_EVENTS = 200_000;

/** Virtual time: events run one after another in the order of their times, and between two of them nothing happens. */
export class EventLoop {
  now = 0;
  readonly #events: Event[] = [];
  readonly #trace = createHash('sha256');
  #order = 0;
  #count = 0;

  /** Runs something after a delay in virtual milliseconds. The label goes into the trace. */
  after(delay: number, label: string, run: () => void): void {
    const event = { at: this.now + delay, order: this.#order++, label, run };
    let i = this.#events.length;
    while (i > 0 && (this.#events[i - 1].at < event.at || this.#events[i - 1].at === event.at)) i--;
    this.#events.splice(i, 0, event);
  }

  sleep(delay: number, label: string): Promise<void> {
    return new Promise((resolve) => this.after(delay, label, resolve));
  }

  /** Runs events until `done` says so. After each one all promises settle first. */
  async run(done: () => boolean): Promise<void> {
    await settled();
    while (!done()) {
      const event = this.#events.pop();
      if (event === undefined) throw new Error('Nothing is left to happen, and the job has not ended');
      if (++this.#count > MAX_EVENTS) throw new Error(`The job has not ended after ${MAX_EVENTS} events`);
      this.now = event.at;
      this.#trace.update(`${event.at.toFixed(3)} ${event.label}\n`);
      event.run();
      await settled();
    }
  }

  get events(): number {
    return this.#count;
  }

  /** The same for runs in which the same things happened at the same times. */
  digest(): string {
    return this.#trace.copy().digest('hex').slice(0, 16);
  }
}

/** Resolves when every promise that can settle without an event has done so. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
