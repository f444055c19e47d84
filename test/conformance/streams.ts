import {
  type Duration,
  type KV,
  type PCollection,
  type Pipeline,
  parDo,
  timestamp,
  type Window,
} from '../../src/sdk/index.ts';
import { testStream, timestamped } from '../../src/testing/index.ts';
import { windowText } from './elements.ts';

/** One thing that happens in a stream. */
export type StreamEvent<T> =
  | { readonly time: number; readonly values: readonly T[] }
  | { readonly watermark: number }
  | { readonly pass: Duration };

/** Elements that arrive together, at an event time in milliseconds. */
export function add<T>(time: number, ...values: readonly T[]): StreamEvent<T> {
  return { time, values };
}

/** The watermark rises to a time in milliseconds. */
export function watermark(time: number): StreamEvent<never> {
  return { watermark: time };
}

/** Processing time passes. */
export function pass(duration: Duration): StreamEvent<never> {
  return { pass: duration };
}

/** An unbounded collection in which the events happen one after the other, each when the pipeline is done with the last one. */
export function play<T>(p: Pipeline, ...events: readonly StreamEvent<T>[]): PCollection<T> {
  let stream = testStream<T>();
  for (const event of events) {
    if ('watermark' in event) stream = stream.advanceWatermarkTo(timestamp(event.watermark));
    else if ('pass' in event) stream = stream.advanceProcessingTime(event.pass);
    else stream = stream.addElements(...event.values.map((value) => timestamped(value, timestamp(event.time))));
  }
  return p.apply(stream.advanceWatermarkToInfinity());
}

/** As {@link play}, with all elements of the key `k`. */
export function playKeyed<T extends {}>(p: Pipeline, ...events: readonly StreamEvent<T>[]): PCollection<KV<string, T>> {
  return play<T>(p, ...events).keyBy('Key', () => 'k');
}

/**
 * Every pane of a grouping or combine as text, `k=1+2 0-10 EARLY 0/-1 first`: key and values, window, timing, index,
 * non-speculative index, and whether it is the first or the last one.
 */
export function panesOf<W extends Window>(
  collection: PCollection<KV<string, number | string | Iterable<number | string>>, W>,
): PCollection<string, W> {
  return collection.apply(
    parDo<KV<string, number | string | Iterable<number | string>>, string, {}, {}, W>('PanesOf', {
      process([key, value], { window, pane }) {
        const values = typeof value === 'object' ? [...value].sort().join('+') : String(value);
        const { timing, index, nonSpeculativeIndex, first, last } = pane;
        const flags = `${first ? ' first' : ''}${last ? ' last' : ''}`;
        return [`${key}=${values} ${windowText(window)} ${timing} ${index}/${nonSpeculativeIndex}${flags}`];
      },
    }),
  ) as PCollection<string, W>;
}
