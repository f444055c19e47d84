import { RunnerError } from '../../../sdk/errors.ts';

/** Fired timers of one family, as they came. */
export interface TimerChunk {
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

/** What the runner has sent to one bundle and the bundle has not taken yet. It may come before the bundle begins. */
export class BundleInbox {
  #chunks: { readonly transform: string; readonly bytes: Uint8Array }[] = [];
  #bytes = 0;
  readonly #ended = new Set<string>();
  readonly #timers: TimerChunk[] = [];
  #failure: RunnerError | undefined;
  #wake: (() => void) | undefined;
  readonly #taken: (bytes: number) => void;

  /** @param taken is told of bytes that wait no longer */
  constructor(taken: (bytes: number) => void) {
    this.#taken = taken;
  }

  /** Bytes of elements that wait. */
  get bytes(): number {
    return this.#bytes;
  }

  data(transform: string, bytes: Uint8Array, isLast: boolean): void {
    if (bytes.length > 0) {
      this.#chunks.push({ transform, bytes });
      this.#bytes += bytes.length;
    }
    if (isLast) this.#ended.add(transform);
    this.#notify();
  }

  timers(transform: string, family: string, bytes: Uint8Array, isLast: boolean): void {
    if (bytes.length > 0) this.#timers.push({ transform, family, bytes });
    if (isLast) this.#ended.add(timerStream(transform, family));
    this.#notify();
  }

  fail(error: RunnerError): void {
    this.#failure ??= error;
    this.#notify();
  }

  /**
   * The next piece of a transform's elements; nothing at their end.
   *
   * @throws RunnerError when the connection has broken
   */
  async next(transform: string): Promise<Uint8Array | undefined> {
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure;
      const [first] = this.#chunks;
      if (first !== undefined) {
        if (first.transform !== transform) {
          throw new RunnerError('FN_API_INVALID', `The runner sends elements to ${first.transform}, which takes none`);
        }
        this.#chunks.shift();
        this.#take(first.bytes.length);
        return first.bytes;
      }
      if (this.#ended.has(transform)) return undefined;
      await this.#change();
    }
  }

  /** Timers that have fired, when all have come. */
  async allTimers(streams: InboxStreams['timers']): Promise<readonly TimerChunk[]> {
    while (!streams.every(({ transform, family }) => this.#ended.has(timerStream(transform, family)))) {
      if (this.#failure !== undefined) throw this.#failure;
      await this.#change();
    }
    return this.#timers;
  }

  /** Forgets what has come: the bundle is over. */
  close(): void {
    this.#chunks = [];
    this.#take(this.#bytes);
  }

  #take(bytes: number): void {
    this.#bytes -= bytes;
    this.#taken(bytes);
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
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
