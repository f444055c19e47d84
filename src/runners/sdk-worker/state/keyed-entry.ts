import type { Window } from '../../../sdk/windows/window.ts';
import { WindowState } from '../../core/state/keyed-state.ts';
import type { BundleTimer } from './bundle-timers.ts';
import { RemoteCell } from './remote-cell.ts';

/** What an entry takes besides its contents. */
export const ENTRY_BYTES = 400;

/** Everything that is known here of one key and window of a stateful DoFn. */
export class KeyedEntry {
  readonly key: unknown;
  readonly window: Window;
  /** Nested encodings, by which the runner knows them. */
  readonly keyBytes: Uint8Array;
  readonly windowBytes: Uint8Array;
  /** What accessors work on: the contents by the number of the state. */
  readonly contents: WindowState;
  readonly cells: readonly RemoteCell[];
  /** Timers that this bundle has set or cleared, by family and tag. */
  readonly timers = new Map<number | string, BundleTimer>();
  /** Timers of this bundle that have come from the runner and are still to fire. */
  due = 0;
  /** Whether a timer is set by which the window's expiry will be told. */
  expires = false;
  /** Estimate of the memory that it takes. */
  bytes = ENTRY_BYTES;

  constructor(
    key: unknown,
    window: Window,
    keyBytes: Uint8Array,
    windowBytes: Uint8Array,
    states: number,
    mayBeStored: boolean,
  ) {
    this.key = key;
    this.window = window;
    this.keyBytes = keyBytes;
    this.windowBytes = windowBytes;
    this.contents = new WindowState(
      window,
      Array.from({ length: states }, () => undefined),
    );
    this.cells = Array.from({ length: states }, () => new RemoteCell(mayBeStored));
  }
}
