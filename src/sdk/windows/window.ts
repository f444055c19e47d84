import { oneForAllCopies } from '../one-for-all-copies.ts';
import * as own from './window-classes.ts';

export type { Window } from './window-classes.ts';

/** The window of all time: what every collection starts in. There is one instance, {@link GLOBAL_WINDOW}. */
export const GlobalWindow: typeof own.GlobalWindow = oneForAllCopies('GlobalWindow', () => own.GlobalWindow);
export type GlobalWindow = own.GlobalWindow;

/** The one window of all time. */
export const GLOBAL_WINDOW: GlobalWindow = oneForAllCopies('GLOBAL_WINDOW', () => Object.freeze(new GlobalWindow()));

/** The half-open span of time `[start, end)`. */
export const IntervalWindow: typeof own.IntervalWindow = oneForAllCopies('IntervalWindow', () => own.IntervalWindow);
export type IntervalWindow = own.IntervalWindow;
