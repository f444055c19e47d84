import { PipelineError } from '../errors.ts';
import { describeWindowing } from '../graph/describe.ts';
import type { CollectionNode } from '../graph/graph.ts';
import { triggerText } from '../triggers/trigger-rules.ts';

/**
 * Collections meet per window, so all of them need one window function.
 *
 * @param name of the transform in which they meet, @param collections by what they are called there
 * @throws PipelineError `WINDOWS_DIFFER`, `TRIGGERS_DIFFER`
 */
export function checkSameWindows(name: string, collections: readonly (readonly [string, CollectionNode])[]): void {
  const [[firstLabel, first]] = collections;
  for (const [label, node] of collections) {
    if (haveSameWindows(first, node)) {
      checkSameTriggers(name, [firstLabel, first], [label, node]);
      continue;
    }
    throw new PipelineError('WINDOWS_DIFFER', `'${name}' cannot join collections with different windows`, {
      hint: `${firstLabel} has ${windowsOf(first)}, ${label} has ${windowsOf(node)}: window them alike before`,
    });
  }
}

function haveSameWindows(a: CollectionNode, b: CollectionNode): boolean {
  const [one, other] = [a.windowing.windowFn, b.windowing.windowFn];
  return one === other || (one.urn === other.urn && Buffer.compare(one.payload(), other.payload()) === 0);
}

/** Beam's Flatten asks for it too: one of the triggers would be forgotten. */
function checkSameTriggers(
  name: string,
  [firstLabel, first]: readonly [string, CollectionNode],
  [label, node]: readonly [string, CollectionNode],
): void {
  const [one, other] = [triggerText(first.windowing.trigger), triggerText(node.windowing.trigger)];
  if (one === other) return;
  throw new PipelineError('TRIGGERS_DIFFER', `'${name}' cannot join collections with different triggers`, {
    hint: `${firstLabel} has ${one}, ${label} has ${other}: window them alike before`,
  });
}

function windowsOf({ windowing }: CollectionNode): string {
  return describeWindowing({ ...windowing, timestampCombiner: 'endOfWindow' }) || 'the global window';
}
