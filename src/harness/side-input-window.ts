import { PipelineError } from '../sdk/errors.ts';
import type { Window } from '../sdk/windows/window.ts';
import type { WindowFn } from '../sdk/windows/window-fn.ts';

/**
 * The window of a side input that belongs to a main one.
 *
 * @param local the DoFn's name for the side input
 * @throws PipelineError `SIDE_INPUT_WINDOW` for merging windows, and for one that lies further back than the function says:
 *   in a stream it may be forgotten by then
 */
export function sideInputWindow(windowFn: WindowFn<Window>, local: string, main: Window): Window {
  if (windowFn.sideInputWindow === undefined) {
    throw new PipelineError('SIDE_INPUT_WINDOW', `Side input '${local}' has merging windows`, {
      hint: 'window the collection with fixed, sliding or global windows before it is read as a side input',
    });
  }
  const window = windowFn.sideInputWindow(main);
  const behind = main.maxTimestamp - window.maxTimestamp;
  if (behind <= (windowFn.sideInputLookback ?? 0)) return window;
  throw new PipelineError(
    'SIDE_INPUT_WINDOW',
    `The window ${window} of side input '${local}' ends ${behind} ms before that of the main input, ${main}`,
    { hint: 'the window function says by sideInputLookback how far it looks back: so long windows are kept' },
  );
}
