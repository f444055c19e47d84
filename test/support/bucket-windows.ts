import type { Coder } from '../../src/sdk/coders/coder.ts';
import { fromExactMillis } from '../../src/sdk/coders/timestamp-coder.ts';
import type { Timestamp } from '../../src/sdk/windows/timestamp.ts';
import type { Window } from '../../src/sdk/windows/window.ts';
import type { WindowFn } from '../../src/sdk/windows/window-fn.ts';

/** A window that is not an interval: a stretch of event time in one of two colours, which overlap freely. */
export class ColouredWindow implements Window {
  readonly start: Timestamp;
  readonly end: Timestamp;
  readonly colour: number;

  constructor(start: number, end: number, colour: number) {
    this.start = start as Timestamp;
    this.end = end as Timestamp;
    this.colour = colour;
  }

  get maxTimestamp(): Timestamp {
    return (this.end - 1) as Timestamp;
  }

  toString(): string {
    return `${this.colour}:[${this.start}..${this.end})`;
  }
}

const coder: Coder<ColouredWindow> = {
  urn: 'test:coder:coloured_window:v1',
  components: [],
  nonDeterministic: undefined,
  encode(window, out) {
    out.int64(BigInt(window.start));
    out.int64(BigInt(window.end));
    out.byte(window.colour);
  },
  decode(input) {
    return new ColouredWindow(fromExactMillis(input.int64()), fromExactMillis(input.int64()), input.byte());
  },
};

/**
 * A merging WindowFn with a window type of its own. Windows of one colour that overlap merge into one that covers them,
 * and that is at least `least` long: a merge can let a window grow past what its elements need.
 */
export function colouredWindows(size: number, least: number): WindowFn<ColouredWindow> {
  return {
    urn: 'test:window_fn:coloured:v1',
    payload: () => new Uint8Array(0),
    coder,
    assign: (time) => [new ColouredWindow(time, time + size, Math.abs(time) % 2)],
    merge(windows) {
      const merges: { merged: ColouredWindow; sources: ColouredWindow[] }[] = [];
      for (const colour of [0, 1]) {
        const left = windows.filter((window) => window.colour === colour).sort((a, b) => a.start - b.start);
        while (left.length > 0) {
          const sources = [left.shift() as ColouredWindow];
          let { start, end } = sources[0];
          while (left.length > 0 && left[0].start < end) {
            const next = left.shift() as ColouredWindow;
            sources.push(next);
            end = Math.max(end, next.end, start + least) as Timestamp;
          }
          if (sources.length > 1) merges.push({ merged: new ColouredWindow(start, end, colour), sources });
        }
      }
      return merges;
    },
  };
}
