import { sameCoder } from '../../../sdk/coders/same-coder.ts';
import { type CollectionNode, type Graph, MAIN_OUTPUT, type TransformNode } from '../../../sdk/graph/graph.ts';
import type { Window } from '../../../sdk/windows/window.ts';
import type { WindowFn } from '../../../sdk/windows/window-fn.ts';
import { isMerging } from '../shuffle/windowing.ts';

/** The part of a stage that the question is about. */
export interface StepsOfStage {
  readonly root: string;
  readonly steps: readonly { readonly transform: string; readonly input: string }[];
}

/**
 * Whether two groupings put a key and a window into the same partition: they hash the same bytes. A grouping that
 * merges windows hashes keys alone, so it agrees with no other.
 */
export function samePartitions(a: CollectionNode, b: CollectionNode): boolean {
  if (isMerging(a.windowing) || isMerging(b.windowing)) return false;
  return (
    sameCoder(a.coder.components[0], b.coder.components[0]) && sameWindows(a.windowing.windowFn, b.windowing.windowFn)
  );
}

function sameWindows(a: WindowFn<Window>, b: WindowFn<Window>): boolean {
  return a === b || (a.urn === b.urn && Buffer.compare(a.payload(), b.payload()) === 0);
}

/** Whether the elements of a collection have the keys and windows of the elements of the stage's root they come from. */
export function keepsKeys(graph: Graph, { root, steps }: StepsOfStage, collection: string): boolean {
  const seen = new Set<string>();
  const pending = [collection];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const made = next;
    if (made === root || seen.has(made)) continue;
    seen.add(made);
    const makers = steps.filter(({ transform }) => Object.values(nodeOf(graph, transform).outputs).includes(made));
    if (makers.length === 0) return false;
    for (const { transform, input } of makers) {
      if (!isPreserving(nodeOf(graph, transform), made)) return false;
      pending.push(input);
    }
  }
  return true;
}

function nodeOf(graph: Graph, transform: string): TransformNode {
  return graph.transforms.get(transform) as TransformNode;
}

function isPreserving({ spec, outputs }: TransformNode, collection: string): boolean {
  switch (spec?.kind) {
    case 'flatten':
    case 'combineGroupedValues':
      return true;
    case 'parDo':
      switch (spec.fn.kind) {
        case 'mapValues':
        case 'filter':
        case 'withTimestamps':
          // A dead letter is no pair any more.
          return outputs[MAIN_OUTPUT] === collection;
        case 'partition':
          return true;
        default:
          return false;
      }
    default:
      return false;
  }
}
