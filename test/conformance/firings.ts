import {
  globalWindows,
  type Pipeline,
  sum,
  type Window,
  type WindowFn,
  type WindowOptions,
} from '../../src/sdk/index.ts';
import { assertThat } from '../../src/testing/index.ts';
import type { Feature, TopicCase } from './conformance-case.ts';
import { panesOf, playKeyed, type StreamEvent } from './streams.ts';

/** A stream of numbers under one key, and the panes that its windows must give. */
export interface Firing {
  readonly name: string;
  readonly rule: string;
  readonly source?: string;
  readonly needs?: readonly Feature[];
  /** The global window when absent. */
  readonly windowFn?: WindowFn<Window>;
  readonly options: WindowOptions;
  readonly events: readonly StreamEvent<number>[];
  /** As `panesOf` writes them, of a grouping: `k=1+2 0-10 EARLY 0/-1 first`. */
  readonly panes: readonly string[];
}

/** A case with a grouping, and one with a sum, which may combine before it groups and must give the same panes. */
export function firing({
  name,
  rule,
  source,
  needs,
  windowFn = globalWindows(),
  options,
  events,
  panes,
}: Firing): TopicCase[] {
  const common = { rule, ...(source === undefined ? {} : { source }), ...(needs === undefined ? {} : { needs }) };
  const windowed = (p: Pipeline) => playKeyed<number>(p, ...events).window(windowFn, options);
  return [
    {
      ...common,
      name: `${name}/group`,
      pipeline: (p) => assertThat(panesOf(windowed(p).groupByKey())).containsInAnyOrder(panes),
    },
    {
      ...common,
      name: `${name}/combine`,
      pipeline: (p) => assertThat(panesOf(windowed(p).combinePerKey(sum()))).containsInAnyOrder(panes.map(summed)),
    },
  ];
}

/** The pane of the sum of what the group has. */
function summed(pane: string): string {
  return pane.replace(/=([\d+]*) /, (_, values: string) => {
    const total = values === '' ? 0 : values.split('+').reduce((all, value) => all + Number(value), 0);
    return `=${total} `;
  });
}
