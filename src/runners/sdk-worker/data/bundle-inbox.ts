import { RunnerError } from '../../../sdk/errors.ts';

/** Encoded elements for one transform. */
export interface DataChunk {
  readonly kind: 'data';
  readonly transform: string;
  readonly bytes: Uint8Array;
}

/** Timers of one family that have fired, encoded. */
export interface TimerChunk {
  readonly kind: 'timers';
  readonly transform: string;
  readonly family: string;
  readonly bytes: Uint8Array;
}

/** Which streams of the data plane a bundle reads to their ends. */
export interface InboxStreams {
  /** Transform that takes the elements. */
  readonly source: string;
  /** Transforms and timer families whose timers may come. */
  readonly timers: readonly { readonly transform: string; readonly family: string }[];
}

/**
 * What the runner has sent to one bundle and the bundle has not taken yet, in the order in which it came: a timer that fired
 * before an element was sent comes before it. It may come before the bundle begins.
 */
export class BundleInbox {
  #chunks: (DataChunk | TimerChunk)[] = [];
  #bytes = 0;
  readonly #ended = new Set<string>();
  #failure: RunnerError | undefined;
  #wake: (() => void) | undefined;
  readonly #taken: () => void;
  /** By which its elements and timers come: there may be two. */
  readonly #from = new Set<object>();
  #streams: InboxStreams | undefined;

  /** @param taken is told when something waits no longer */
  constructor(taken: () => void) {
    this.#taken = taken;
  }

  /** Bytes that wait. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Everything that the bundle reads has come. */
  get isWhole(): boolean {
    const streams = this.#streams;
    return (
      streams !== undefined &&
      this.#ended.has(streams.source) &&
      streams.timers.every(({ transform, family }) => this.#ended.has(timerStream(transform, family)))
    );
  }

  /** The bundle begins, and reads these. */
  open(streams: InboxStreams): void {
    this.#streams = streams;
  }

  /** A connection by which something comes. */
  readFrom(connection: object): void {
    this.#from.add(connection);
  }

  reads(connection: object): boolean {
    return this.#from.has(connection);
  }

  data(transform: string, bytes: Uint8Array, isLast: boolean): void {
    if (bytes.length > 0) this.#add({ kind: 'data', transform, bytes });
    if (isLast) this.#ended.add(transform);
    this.#notify();
  }

  timers(transform: string, family: string, bytes: Uint8Array, isLast: boolean): void {
    if (bytes.length > 0) this.#add({ kind: 'timers', transform, family, bytes });
    if (isLast) this.#ended.add(timerStream(transform, family));
    this.#notify();
  }

  fail(error: RunnerError): void {
    this.#failure ??= error;
    this.close();
    this.#notify();
  }

  /**
   * The next piece of what the bundle reads; nothing at the end of all streams.
   *
   * @throws RunnerError when the connection has broken, or the runner sends what the bundle does not read
   */
  async next(): Promise<DataChunk | TimerChunk | undefined> {
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure;
      const first = this.#chunks.shift();
      if (first !== undefined) {
        this.#bytes -= first.bytes.length;
        this.#taken();
        if (first.kind === 'timers' || first.transform === this.#streams?.source) return first;
        throw new RunnerError('FN_API_INVALID', `The runner sends elements to ${first.transform}, which takes none`);
      }
      if (this.isWhole) return undefined;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Forgets what has come: the bundle is over, or fails. */
  close(): void {
    this.#chunks = [];
    this.#bytes = 0;
    this.#taken();
  }

  #add(chunk: DataChunk | TimerChunk): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.bytes.length;
  }

  #notify(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}

function timerStream(transform: string, family: string): string {
  return `${transform}\n${family}`;
}
