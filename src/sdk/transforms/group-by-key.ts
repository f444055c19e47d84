import type { Coder } from '../coders/coder.ts';
import { defaultCoder, keyCoder } from '../coders/default-coder.ts';
import { iterableCoder } from '../coders/iterable-coder.ts';
import { kvCoder } from '../coders/kv-coder.ts';
import { PipelineError } from '../errors.ts';
import { type CollectionNode, LATE_OUTPUT } from '../graph/graph.ts';
import type { PCollection } from '../pipeline/p-collection.ts';
import type { PTransform } from '../pipeline/p-transform.ts';
import type { Trigger } from '../triggers/trigger.ts';
import { continuationTrigger, isSafe, triggerText } from '../triggers/trigger-rules.ts';
import type { KV } from '../values.ts';
import { waitsForEnd } from '../windows/waits-for-end.ts';
import type { Window } from '../windows/window.ts';
import type { WindowingStrategy } from '../windows/windowing-strategy.ts';
import type { WithLate } from './late-output.ts';

/** All values of each key and window (Beam's GroupByKey). */
export class GroupByKey<K, V, W extends Window>
  implements PTransform<PCollection<KV<K, V>, W>, PCollection<KV<K, Iterable<V>>, W>>
{
  readonly name: string;

  constructor(name = 'GroupByKey') {
    this.name = name;
  }

  expand(input: PCollection<KV<K, V>, W>): PCollection<KV<K, Iterable<V>>, W> {
    return this.#group(input, {}).main as PCollection<KV<K, Iterable<V>>, W>;
  }

  /**
   * The same grouping with an output of the elements that come too late for it: after their window has expired, or its
   * trigger has finished. Otherwise they are dropped, and counted as `droppedDueToLateness`.
   */
  withLateOutput(): PTransform<PCollection<KV<K, V>, W>, WithLate<KV<K, V>, KV<K, Iterable<V>>, W>> {
    return {
      name: this.name,
      expand: (input) => {
        settleKvCoder(input.node, this.name);
        return this.#group(input, { [LATE_OUTPUT]: input.node.coder }) as WithLate<KV<K, V>, KV<K, Iterable<V>>, W>;
      },
    };
  }

  #group(input: PCollection<KV<K, V>, W>, late: Readonly<Record<string, Coder<unknown>>>) {
    checkFires(input.node, this.name);
    const [key, value] = settleKvCoder(input.node, this.name);
    const main = kvCoder(key, iterableCoder(value)) as Coder<unknown>;
    return input.pipeline.primitive(
      input,
      { kind: 'groupByKey' },
      { main, ...late },
      groupedStrategy(input.node.windowing),
    );
  }
}

/**
 * After a grouping, windows of a merging function are final: the next grouping takes them as they are, and fires when
 * this one has fired.
 */
function groupedStrategy(windowing: WindowingStrategy): WindowingStrategy {
  const alreadyMerged = windowing.windowFn.merge !== undefined;
  const trigger = continuationTrigger(windowing.trigger);
  if (alreadyMerged === windowing.alreadyMerged && trigger === windowing.trigger) return windowing;
  return { ...windowing, alreadyMerged, trigger };
}

/** @throws PipelineError `TRIGGER_MISSING` for groups that would never come out, `TRIGGER_UNSAFE` for ones that lose elements */
function checkFires(node: CollectionNode, name: string): void {
  const { id, windowing } = node;
  const { trigger, allowedLateness } = windowing;
  if (waitsForEnd(node)) {
    throw new PipelineError('TRIGGER_MISSING', `'${name}' would wait for the end of an unbounded collection`, {
      transform: name,
      hint:
        `${id} is unbounded and in the global window: window it, .window(fixed('1m')), or say when to fire, ` +
        ".window(globalWindows(), { trigger: repeatedly(afterProcessingTime('10s')), accumulation: 'discarding' })",
    });
  }
  if (!isSafe(trigger, allowedLateness)) {
    throw new PipelineError('TRIGGER_UNSAFE', `'${name}' may lose elements: its trigger can finish before its window`, {
      transform: name,
      hint: `elements that come after the last firing of ${triggerText(trigger)} would be dropped: ${remedy(trigger)}`,
    });
  }
}

function remedy(trigger: Trigger): string {
  return trigger.kind === 'afterWatermark'
    ? 'give it late firings, afterWatermark({ late: afterCount(1) }), or use defaultTrigger()'
    : `make it repeatedly(${triggerText(trigger)})`;
}

/**
 * Makes sure that a grouping's input has a KV coder whose key coder is deterministic, so that every runner sees key
 * bytes. A collection of default-coded pairs gets one.
 */
export function settleKvCoder(node: CollectionNode, name: string): [key: Coder<unknown>, value: Coder<unknown>] {
  if (node.coder === defaultCoder) node.coder = kvCoder(keyCoder, defaultCoder) as Coder<unknown>;
  if (node.coder.urn !== 'beam:coder:kv:v1') {
    throw new PipelineError('KEY_MISSING', `'${name}' needs a collection of [key, value] pairs`, {
      transform: name,
      hint: `the elements of ${node.id} have the coder ${node.coder.urn}; apply keyBy() first`,
    });
  }
  const [key, value] = node.coder.components;
  if (key.nonDeterministic !== undefined) {
    throw new PipelineError('KEY_NOT_DETERMINISTIC', `The key coder of '${name}' is not deterministic`, {
      transform: name,
      hint: `${key.nonDeterministic}; use string, integer, boolean, bytes or tuples of these as keys`,
    });
  }
  return [key, value];
}
