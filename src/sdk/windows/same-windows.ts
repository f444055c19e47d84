import { PipelineError } from '../errors.ts';
import { describeWindowing } from '../graph/describe.ts';
import type { CollectionNode } from '../graph/graph.ts';

/**
 * Collections meet per window, so all of them need one window function.
 *
 * @param name of the transform in which they meet, @param collections by what they are called there
 * @throws PipelineError `WINDOWS_DIFFER`
 */
export function checkSameWindows(name: string, collections: readonly (readonly [string, CollectionNode])[]): void {
  const [[firstLabel, first]] = collections;
  for (const [label, node] of collections) {
    if (haveSameWindows(first, node)) continue;
    throw new PipelineError('WINDOWS_DIFFER', `'${name}' cannot join collections with different windows`, {
      hint: `${firstLabel} has ${windowsOf(first)}, ${label} has ${windowsOf(node)}: window them alike before`,
    });
  }
}

function haveSameWindows(a: CollectionNode, b: CollectionNode): boolean {
  const [one, other] = [a.windowing.windowFn, b.windowing.windowFn];
  return one === other || (one.urn === other.urn && Buffer.compare(one.payload(), other.payload()) === 0);
}

function windowsOf({ windowing }: CollectionNode): string {
  return describeWindowing({ ...windowing, timestampCombiner: 'endOfWindow' }) || 'the global window';
}
