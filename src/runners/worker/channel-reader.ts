import type { ElementBlock } from '../../harness/bundle-input.ts';
import type { Coder } from '../../sdk/coders/coder.ts';
import type { CollectionNode, Graph, TransformNode } from '../../sdk/graph/graph.ts';
import { type Block, readBlock } from '../core/blocks/index.ts';
import type { Part } from '../core/coordination/messages.ts';
import type { Channel } from '../core/plan/execution-plan.ts';
import { type CombinedGroups, mergeCombined, mergeGroups, type Run, type ValueGroups } from '../core/shuffle/index.ts';
import type { SpillDisk } from '../core/spill-disk.ts';

/** Reads what bundles have written into channels. */
export class ChannelReader {
  readonly #graph: Graph;
  readonly #disk: SpillDisk;
  readonly #fanIn: number | undefined;

  constructor(graph: Graph, disk: SpillDisk, fanIn?: number) {
    this.#graph = graph;
    this.#disk = disk;
    this.#fanIn = fanIn;
  }

  /** The groups of one partition; `name` is a prefix for files of intermediate merges. */
  groups(
    channel: Channel,
    parts: readonly Part[],
    partition: number,
    name: string,
  ):
    | { readonly kind: 'groups'; readonly reader: ValueGroups }
    | { readonly kind: 'combined'; readonly reader: CombinedGroups } {
    const { coder, windowing } = this.#collection(channel);
    const [keyCoder, valueCoder] = coder.components as [Coder<unknown>, Coder<unknown>];
    const slices = (parts as readonly Run[]).map((run) => ({ run, partition }));
    const options = {
      keyCoder,
      windowing,
      disk: this.#disk,
      name,
      ...(this.#fanIn === undefined ? {} : { fanIn: this.#fanIn }),
    };
    const { spec } = this.#graph.transforms.get(channel.transform) as TransformNode;
    return spec?.kind === 'combinePerKey'
      ? { kind: 'combined', reader: mergeCombined(slices, { ...options, fn: spec.fn }) }
      : { kind: 'groups', reader: mergeGroups(slices, { ...options, valueCoder }) };
  }

  /** A function that gives the stored elements block by block. */
  blocks(channel: Channel, parts: readonly Part[]): () => ElementBlock | undefined {
    const { coder, windowing } = this.#collection(channel);
    const options = { coder, windowCoder: windowing.windowFn.coder, disk: this.#disk };
    let next = 0;
    return () => (next < parts.length ? readBlock(parts[next++] as Block, options) : undefined);
  }

  #collection(channel: Channel): CollectionNode {
    return this.#graph.collections.get(channel.collection) as CollectionNode;
  }
}
