import { PipelineError } from '../errors.ts';
import { checkCollection } from '../pipeline/check-collection.ts';
import type { PCollection } from '../pipeline/p-collection.ts';
import { type PTransform, transform } from '../pipeline/p-transform.ts';
import { afterWatermark, defaultTrigger } from '../triggers/triggers.ts';
import { globalWindows, isGlobal } from '../windows/global-windows.ts';
import type { Window } from '../windows/window.ts';
import { windowInto } from '../windows/window-into.ts';
import { filter } from './element-wise.ts';
import { parDo } from './par-do.ts';
import { asIterable, type SideInput } from './side-input.ts';

/** Order between branches of a pipeline (Beam's Wait). */
export const Wait = {
  /**
   * Passes elements on as they are, but not before all signals are complete: until every element of them is computed
   * and what happened on the way (a file written, a table loaded) has happened. Signals may be of any type, and
   * may be empty. A bounded signal may be in any windows; an unbounded one is complete window by window, so it may not be in
   * sessions or other windows that merge: an element waits for the signal's window that its own window lies in.
   *
   * `rows.apply(Wait.on(tableCreated)).apply(insertRows)`
   *
   * @throws PipelineError `WAIT_INVALID` without a signal, `SIDE_INPUT_WINDOW` for an unbounded one whose windows merge
   */
  on: <T, W extends Window>(
    ...signals: readonly PCollection<unknown, Window>[]
  ): PTransform<PCollection<T, W>, PCollection<T, W>> => {
    if (signals.length === 0) throw new PipelineError('WAIT_INVALID', 'Wait.on() needs a collection to wait for');
    for (const [i, signal] of signals.entries()) checkCollection(`Signal ${i + 1} of Wait.on()`, signal);
    return transform('Wait', (input: PCollection<T, W>) => {
      const sides: Record<string, SideInput<unknown>> = {};
      signals.forEach((signal, i) => {
        // A side input is read when it is complete; nothing of it has to be kept for that.
        const nothing = signal.apply(
          `Signal${i + 1}`,
          filter<unknown, Window>('Nothing', () => false),
        );
        sides[`signal${i + 1}`] = asIterable(nothing.apply(completeWindows(signal)));
      });
      return input.apply(
        parDo<T, T, Record<string, SideInput<unknown>>, {}, W>('Pass', {
          sides,
          coder: input.node.coder as never,
          process: (element) => [element],
        }),
      ) as PCollection<T, W>;
    });
  },
} as const;

/** The windows of a signal, each read when it can get no more: a bounded signal has one. */
function completeWindows(
  signal: PCollection<unknown, Window>,
): PTransform<PCollection<unknown, Window>, PCollection<unknown, Window>> {
  const { bounded, windowing } = signal.node;
  if (bounded)
    return windowInto(globalWindows()) as PTransform<PCollection<unknown, Window>, PCollection<unknown, Window>>;
  return windowInto(windowing.windowFn, {
    // A signal in the global window is complete when it ends. Without a trigger a side input of it would be refused.
    trigger: isGlobal(windowing) ? afterWatermark() : defaultTrigger(),
    allowedLateness: '0ms',
    accumulation: 'discarding',
  });
}
