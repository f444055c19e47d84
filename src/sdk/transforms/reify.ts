import type { Coder } from '../coders/coder.ts';
import { timestampedValueCoder } from '../combine/timestamped-value-coder.ts';
import type { PCollection } from '../pipeline/p-collection.ts';
import { type PTransform, transform } from '../pipeline/p-transform.ts';
import type { PaneInfo } from '../windows/pane-info.ts';
import type { Window } from '../windows/window.ts';
import { parDo } from './par-do.ts';
import type { TimestampedValue } from './timestamped-value.ts';

/** A value with all that the pipeline knows of it (Beam's ValueInSingleWindow). */
export interface WindowedValue<T, W extends Window> extends TimestampedValue<T> {
  readonly window: W;
  readonly pane: PaneInfo;
}

/** Makes a part of the value what is otherwise beside it (Beam's Reify). */
export const Reify = {
  /** Each value with its timestamp. */
  timestamps: <T, W extends Window>(
    name = 'ReifyTimestamps',
  ): PTransform<PCollection<T, W>, PCollection<TimestampedValue<T>, W>> =>
    transform(name, (input: PCollection<T, W>) =>
      parDo<T, TimestampedValue<T>, {}, {}, W>(name, {
        coder: timestampedValueCoder(input.node.coder as Coder<T>),
        process: (value, { timestamp }) => [{ value, timestamp }],
      }).expand(input),
    ),
  /** Each value with its timestamp, window and pane; a value in several windows comes once for each. */
  windows: <T, W extends Window>(
    name = 'ReifyWindows',
  ): PTransform<PCollection<T, W>, PCollection<WindowedValue<T, W>, W>> =>
    parDo<T, WindowedValue<T, W>, {}, {}, W>(name, {
      process: (value, { timestamp, window, pane }) => [{ value, timestamp, window, pane }],
    }),
} as const;
