import { mergeOverlapping } from '../../../sdk/windows/session-windows.ts';
import { IntervalWindow, type Window } from '../../../sdk/windows/window.ts';
import type { WindowFn } from '../../../sdk/windows/window-fn.ts';
import { mergeWindows } from '../shuffle/window-merging.ts';
import { sameWindow } from '../shuffle/window-set.ts';
import type { WindowGroup } from './group-state.ts';

/** Open groups that become one, of a new window. */
export interface GroupMerge {
  readonly window: Window;
  readonly sources: readonly WindowGroup[];
}

/** What a new element's window does to the groups of its key. */
export interface Merging {
  /** Of groups that change: two or more become one, or one gets another window. */
  readonly merges: readonly GroupMerge[];
  /** The window in which the element is then. */
  readonly window: Window;
}

const UNCHANGED: readonly GroupMerge[] = [];

/** Merges the window of a new element with those of its key's open groups, no two of which merge with each other. */
export function mergeInto(windowFn: WindowFn<Window>, groups: readonly WindowGroup[], window: Window): Merging {
  if (windowFn.merge === mergeOverlapping && window instanceof IntervalWindow) return mergeSession(groups, window);
  const open = groups.filter((group) => !group.closed);
  const { windows, targets } = mergeWindows(windowFn, [...open.map((group) => group.window), window]);
  const merges: GroupMerge[] = [];
  for (const [number, merged] of windows.entries()) {
    const sources = open.filter((_, i) => targets[i] === number);
    const same = sources.length === 1 && sameWindow(sources[0].window, merged, windowFn.coder);
    if (sources.length > 0 && !same) merges.push({ window: merged, sources });
  }
  return { merges, window: windows[targets[open.length]] };
}

/** The groups' windows do not overlap, so only those that the new one overlaps can change. */
function mergeSession(groups: readonly WindowGroup[], window: IntervalWindow): Merging {
  let merged = window;
  let sources: WindowGroup[] | undefined;
  for (const group of groups) {
    const session = group.window as IntervalWindow;
    if (group.closed || !session.intersects(window)) continue;
    if (session.start <= window.start && window.end <= session.end) return { merges: UNCHANGED, window: session };
    merged = merged.span(session);
    if (sources === undefined) sources = [group];
    else sources.push(group);
  }
  return { merges: sources === undefined ? UNCHANGED : [{ window: merged, sources }], window: merged };
}
