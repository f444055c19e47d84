import type { SideInputNode } from '../sdk/graph/graph.ts';
import type { Window } from '../sdk/windows/window.ts';

/** Where the harness gets side inputs from: the runner's store, or a remote runner's state service. */
export interface SideInputReader {
  /**
   * The view of a side input for a main-input window, e.g. a Map for `map`. Called once per step, side input and run of
   * elements in the same window; expected to cache.
   */
  view(transform: string, local: string, side: SideInputNode, window: Window): unknown;
}
