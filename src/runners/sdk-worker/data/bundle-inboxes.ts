import { RunnerError } from '../../../sdk/errors.ts';
import { BundleInbox, type InboxStreams } from './bundle-inbox.ts';

/** Bytes that wait for bundles at work, from which on nothing more is taken from the runner. */
const MAX_WAITING = 64 * 1024 * 1024;
/** Bytes that wait for bundles that have not begun, from which on the same holds while those at work need nothing more. */
const MAX_EARLY = 64 * 1024 * 1024;
/** Bundles that are over, of which elements that still come are dropped. */
const MAX_REMEMBERED = 10_000;

/**
 * What has come for the bundles of a worker, from all addresses.
 *
 * All bundles share the streams, so a stream that stands still because of one bundle stands still for all. What waits for
 * bundles that have not begun stops the streams only while the bundles at work have all of their input: those come to
 * their ends, and the streams go on. While one at work lacks input, or none is at work (the runner may send a bundle's
 * elements before its instruction), what waits for others has no bound.
 */
export class BundleInboxes {
  readonly #inboxes = new Map<string, BundleInbox>();
  /** Of bundles at work. */
  readonly #open = new Set<BundleInbox>();
  readonly #over = new Set<string>();
  readonly #onFull: (isFull: boolean) => void;
  #isFull = false;

  /** @param onFull is told when nothing more is to be taken, and when more may be */
  constructor(onFull: (isFull: boolean) => void) {
    this.#onFull = onFull;
  }

  get isFull(): boolean {
    return this.#isFull;
  }

  /** Where elements of a bundle go; nothing when it is over. */
  of(instruction: string): BundleInbox | undefined {
    if (this.#over.has(instruction)) return undefined;
    let inbox = this.#inboxes.get(instruction);
    if (inbox === undefined) this.#inboxes.set(instruction, (inbox = new BundleInbox(() => this.weigh())));
    return inbox;
  }

  /** What comes for a bundle that begins. @throws RunnerError where a bundle had that id before */
  open(instruction: string, streams: InboxStreams): BundleInbox {
    const inbox = this.of(instruction);
    if (inbox === undefined || this.#open.has(inbox)) {
      throw new RunnerError('FN_API_INVALID', `The runner gives two bundles the id ${instruction}`, {
        hint: 'the harness cannot tell the elements of one from those of the other',
      });
    }
    inbox.open(streams);
    this.#open.add(inbox);
    this.weigh();
    return inbox;
  }

  /** The bundle is over; what still comes for it is dropped. */
  close(instruction: string): void {
    const inbox = this.#inboxes.get(instruction);
    this.#inboxes.delete(instruction);
    this.#over.add(instruction);
    if (this.#over.size > MAX_REMEMBERED) for (const first of this.#over.keys().take(1)) this.#over.delete(first);
    if (inbox === undefined) return;
    this.#open.delete(inbox);
    inbox.close();
  }

  /** Drops what comes for a bundle that has failed before it began. */
  drop(instruction: string): void {
    const inbox = this.#inboxes.get(instruction);
    if (inbox === undefined || !this.#open.has(inbox)) this.close(instruction);
  }

  /** A stream is broken: bundles that read from it fail. */
  fail(stream: object, error: RunnerError): void {
    for (const inbox of this.#inboxes.values()) if (inbox.reads(stream)) inbox.fail(error);
  }

  /** Looks whether more may be taken: something has come. */
  weigh(): void {
    // Half of a bound has to be free again, or the streams would stop and go with each chunk.
    const share = this.#isFull ? 0.5 : 1;
    let waiting = 0;
    let isWhole = this.#open.size > 0;
    for (const inbox of this.#open) {
      waiting += inbox.bytes;
      isWhole &&= inbox.isWhole;
    }
    let isFull = waiting > MAX_WAITING * share;
    if (!isFull && isWhole) {
      let early = -waiting;
      for (const inbox of this.#inboxes.values()) early += inbox.bytes;
      isFull = early > MAX_EARLY * share;
    }
    if (isFull === this.#isFull) return;
    this.#isFull = isFull;
    this.#onFull(isFull);
  }
}
