import { ON_TIME_AND_ONLY_FIRING, type PaneInfo } from '../../../sdk/windows/pane-info.ts';
import type { WindowGroup } from './group-state.ts';

/**
 * The pane that a window would give now (Beam's PaneInfoTracker). There are any number of early panes, then at most one
 * on time, then late ones.
 *
 * @param last whether no other pane follows
 * @param ending whether the watermark is passing the window's end just now, so that the output watermark has not yet
 */
export function nextPane(group: WindowGroup, last: boolean, ending: boolean): PaneInfo {
  const first = group.paneIndex < 0;
  const index = group.paneIndex + 1;
  // The window's own hold keeps the output watermark before its end; without one it has gone on.
  const tooLate = group.ended && !ending && !group.held;
  if (tooLate || group.lastingIndex >= 0) {
    return { timing: 'LATE', first, last, index, nonSpeculativeIndex: group.lastingIndex + 1 };
  }
  if (!group.ended) return { timing: 'EARLY', first, last, index, nonSpeculativeIndex: -1 };
  if (first && last) return ON_TIME_AND_ONLY_FIRING;
  return { timing: 'ON_TIME', first, last, index, nonSpeculativeIndex: 0 };
}
