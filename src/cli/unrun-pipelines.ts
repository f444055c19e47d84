import type { Pipeline } from '../sdk/pipeline/pipeline.ts';
import { observePipelines } from '../sdk/pipeline/runner.ts';

/** The pipelines that a program builds and does not run, from the time it is watched. */
export class UnrunPipelines {
  readonly #pipelines = new Set<Pipeline>();

  watch(): void {
    observePipelines({
      built: (pipeline) => void this.#pipelines.add(pipeline),
      started: (pipeline) => void this.#pipelines.delete(pipeline),
    });
  }

  unwatch(): void {
    observePipelines(undefined);
  }

  /** Each in words, with the place of its first transform. One without transforms is nothing to be run. */
  describe(): readonly string[] {
    return [...this.#pipelines].flatMap(({ name, graph }) => {
      const [first] = graph.transforms.values();
      if (first === undefined) return [];
      return `the pipeline '${name}'${first.location === undefined ? '' : `, built at ${first.location},`}`;
    });
  }
}
