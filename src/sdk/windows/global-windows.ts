import { globalWindowCoder } from '../coders/window-coders.ts';
import { DEFAULT_TRIGGER } from '../triggers/triggers.ts';
import { GLOBAL_WINDOW, type GlobalWindow } from './window.ts';
import type { TimeWindowFn } from './window-fn.ts';
import type { WindowingStrategy } from './windowing-strategy.ts';

const all = [GLOBAL_WINDOW];
const empty = new Uint8Array(0);

/** Everything in one window: how a collection starts, and how a windowed one is made whole again. */
export function globalWindows(): TimeWindowFn<GlobalWindow> {
  return GLOBAL_WINDOWS;
}

const GLOBAL_WINDOWS: TimeWindowFn<GlobalWindow> = {
  urn: 'beam:window_fn:global_windows:v1',
  payload: () => empty,
  coder: globalWindowCoder,
  assign: () => all,
  assignOne: () => GLOBAL_WINDOW,
  sideInputWindow: () => GLOBAL_WINDOW,
};

/** Whether there is one window only, which does not end. */
export function isGlobal({ windowFn }: Pick<WindowingStrategy, 'windowFn'>): boolean {
  return windowFn.urn === GLOBAL_WINDOWS.urn;
}

/** The windowing a pipeline starts with. */
export const GLOBAL_WINDOWING: WindowingStrategy = {
  windowFn: GLOBAL_WINDOWS,
  timestampCombiner: 'endOfWindow',
  alreadyMerged: false,
  allowedLateness: 0,
  accumulation: 'discarding',
  trigger: DEFAULT_TRIGGER,
  closing: 'fireIfNonEmpty',
  onTime: 'fireAlways',
};
