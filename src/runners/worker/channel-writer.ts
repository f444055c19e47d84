import type { Coder } from '../../sdk/coders/coder.ts';
import type { CollectionNode, Graph, TransformNode } from '../../sdk/graph/graph.ts';
import type { ElementSink } from '../../sdk/transforms/element-sink.ts';
import { type Block, BlockWriter } from '../core/blocks/index.ts';
import type { ChannelOutput } from '../core/coordination/messages.ts';
import type { Channel } from '../core/plan/execution-plan.ts';
import {
  CombiningWriter,
  GroupWriter,
  type Run,
  removeRun,
  residentBytes,
  type ShuffleWriter,
} from '../core/shuffle/index.ts';
import type { SpillDisk } from '../core/spill-disk.ts';
import { type RestrictionCodec, RestrictionSink } from './restriction-parts.ts';

/** Takes what a bundle writes into one channel. */
export interface ChannelWriter {
  readonly sink: ElementSink;
  /** Writes what is buffered and tells what there is now. */
  close(): ChannelOutput;
  /** Removes what there is on disk, after a failure. @throws IoError; then it is the coordinator's to remove. */
  abort(): void;
}

export interface ChannelWriterOptions {
  readonly partitions: number;
  readonly bufferBytes: number;
  readonly inMemoryBytes: number;
  readonly disk: SpillDisk;
  /** Prefix of the names of files. */
  readonly name: string;
  /** For channels of restrictions. */
  readonly codec: RestrictionCodec | undefined;
}

export function openChannelWriter(graph: Graph, channel: Channel, options: ChannelWriterOptions): ChannelWriter {
  const collection = graph.collections.get(channel.collection) as CollectionNode;
  switch (channel.kind) {
    case 'group':
    case 'combine':
      return openShuffle(graph, channel, collection, options);
    case 'keyed':
      throw new Error(`Channel ${channel.id} is written in steps only`);
    case 'blocks':
      return openBlocks(channel, collection, options);
    case 'restrictions':
      return openRestrictions(channel, options.codec as RestrictionCodec);
  }
}

function openShuffle(
  graph: Graph,
  channel: Channel,
  collection: CollectionNode,
  options: ChannelWriterOptions,
): ChannelWriter {
  const runs: Run[] = [];
  const [keyCoder, valueCoder] = collection.coder.components as [Coder<unknown>, Coder<unknown>];
  const common = { ...options, keyCoder, windowing: collection.windowing, sink: (run: Run) => runs.push(run) };
  const { spec } = graph.transforms.get(channel.transform) as TransformNode;
  const sink: ShuffleWriter =
    spec?.kind === 'combinePerKey'
      ? new CombiningWriter({ ...common, fn: spec.fn })
      : new GroupWriter({ ...common, valueCoder });
  return {
    sink,
    close() {
      sink.close();
      const partitionBytes = new Array<number>(options.partitions).fill(0);
      for (const run of runs) {
        for (let i = 0; i < partitionBytes.length; i++) partitionBytes[i] += run.partitionBytes[i];
      }
      return {
        channel: channel.id,
        parts: runs,
        sizes: runs.map((run) => run.partitionBytes.reduce((a, b) => a + b, 0)),
        memoryBytes: runs.reduce((sum, run) => sum + residentBytes(run), 0),
        bytes: partitionBytes.reduce((a, b) => a + b, 0),
        files: runs.flatMap((run) => (run.kind === 'disk' ? [run.file] : [])),
        partitionBytes,
      };
    },
    abort() {
      for (const run of runs) removeRun(run, options.disk);
    },
  };
}

function openBlocks(channel: Channel, collection: CollectionNode, options: ChannelWriterOptions): ChannelWriter {
  const blocks: Block[] = [];
  const sink = new BlockWriter({
    ...options,
    coder: collection.coder,
    windowCoder: collection.windowing.windowFn.coder,
    sink: (block: Block) => blocks.push(block),
  });
  return {
    sink,
    close() {
      sink.close();
      const sizes = blocks.map(({ bytes }) => bytes);
      return {
        channel: channel.id,
        parts: blocks,
        sizes,
        memoryBytes: blocks.reduce((sum, block) => sum + (block.kind === 'memory' ? block.memory.byteLength : 0), 0),
        bytes: sizes.reduce((a, b) => a + b, 0),
        files: [...new Set(blocks.flatMap((block) => (block.kind === 'disk' ? [block.file] : [])))],
      };
    },
    abort: () => sink.abort(),
  };
}

function openRestrictions(channel: Channel, codec: RestrictionCodec): ChannelWriter {
  const sink = new RestrictionSink(codec);
  return {
    sink,
    close: () => ({
      channel: channel.id,
      parts: sink.parts,
      sizes: sink.sizes,
      memoryBytes: 0,
      bytes: sink.parts.reduce((sum, { bytes }) => sum + bytes.length, 0),
      files: [],
    }),
    abort: () => {},
  };
}
