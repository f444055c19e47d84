import { ByteWriter } from '../../../sdk/coders/byte-writer.ts';
import { PipelineError } from '../../../sdk/errors.ts';
import type { TransformSpec } from '../../../sdk/graph/graph.ts';
import type { KV } from '../../../sdk/values.ts';
import type { Window } from '../../../sdk/windows/window.ts';
import type { WindowFn } from '../../../sdk/windows/window-fn.ts';
import { step } from './harness-steps.ts';

/** Tells a runner the side-input windows of main-input windows: `[nonce, window]` to `[nonce, window]`. */
export function mapWindows(windowFn: WindowFn<Window>): TransformSpec {
  return step({
    kind: 'map',
    fn: ([nonce, window]: KV<unknown, Window>) => {
      if (windowFn.sideInputWindow === undefined) {
        throw new PipelineError('SIDE_INPUT_WINDOW', 'A side input has merging windows', {
          hint: 'window the collection with fixed, sliding or global windows before it is read as a side input',
        });
      }
      return [nonce, windowFn.sideInputWindow(window)];
    },
  });
}

/** Tells a runner which windows become one: `[nonce, windows]` to `[nonce, [unmerged, [merged, sources][]]]`. */
export function mergeWindows(windowFn: WindowFn<Window>): TransformSpec {
  const scratch = new ByteWriter(64);
  const textOf = (window: Window): string => {
    scratch.clear();
    windowFn.coder.encode(window, scratch, true);
    return scratch.view().latin1Slice();
  };
  return step({
    kind: 'map',
    fn: ([nonce, all]: KV<unknown, Iterable<Window>>) => {
      const windows = [...all];
      const merges = windowFn.merge?.(windows) ?? [];
      const gone = new Set(merges.flatMap(({ sources }) => sources.map(textOf)));
      const unmerged = windows.filter((window) => !gone.has(textOf(window)));
      return [nonce, [unmerged, merges.map(({ merged, sources }) => [merged, sources])]];
    },
  });
}
