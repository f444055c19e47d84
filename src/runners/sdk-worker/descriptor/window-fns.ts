import type { FunctionSpec } from '../../../model/pipeline.ts';
import { RunnerError } from '../../../sdk/errors.ts';
import type { Graph } from '../../../sdk/graph/graph.ts';
import { standardWindowFn } from '../../../sdk/graph/windowing-from-proto.ts';
import type { Window } from '../../../sdk/windows/window.ts';
import type { WindowFn } from '../../../sdk/windows/window-fn.ts';

/** The window functions that a stage may name: Beam's, and those of the program. */
export class WindowFns {
  readonly #known = new Map<string, WindowFn<Window>>();

  constructor(graph: Graph) {
    for (const { windowing } of graph.collections.values()) {
      const { windowFn } = windowing;
      this.#known.set(textOf(windowFn.urn, windowFn.payload()), windowFn);
    }
  }

  /** @throws RunnerError `FN_API_UNSUPPORTED` when nobody here knows it */
  find({ urn, payload }: FunctionSpec): WindowFn<Window> {
    const text = textOf(urn, payload);
    const found = this.#known.get(text) ?? standardWindowFn(urn, payload);
    if (found === undefined) {
      throw new RunnerError('FN_API_UNSUPPORTED', `The window function ${urn} is neither Beam's nor this program's`);
    }
    this.#known.set(text, found);
    return found;
  }
}

function textOf(urn: string, payload: Uint8Array): string {
  return `${urn} ${Buffer.from(payload).toString('base64')}`;
}
