import type { PaneInfo } from '../windows/pane-info.ts';
import type { Window } from '../windows/window.ts';

/**
 * Takes the elements of one collection that leave a fused stage: towards a shuffle, a stored collection, a remote
 * runner. Called once per element and window; must not keep the element itself, which the user may change later.
 */
export interface ElementSink {
  write(element: unknown, timestamp: number, window: Window, pane: PaneInfo): void;
}
