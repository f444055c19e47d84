import type { ChannelOutput, Part } from './messages.ts';

const NOTHING: readonly ChannelOutput[] = [];

/** What committed bundles have written into the channels, until nobody will read it any more. */
export class ChannelContents {
  readonly #outputs = new Map<number, ChannelOutput[]>();
  readonly #sizes = new Map<number, number>();
  #memoryBytes = 0;

  /** Bytes held in memory. */
  get memoryBytes(): number {
    return this.#memoryBytes;
  }

  add(output: ChannelOutput): void {
    const list = this.#outputs.get(output.channel);
    if (list === undefined) this.#outputs.set(output.channel, [output]);
    else list.push(output);
    this.#memoryBytes += output.memoryBytes;
    this.#sizes.set(
      output.channel,
      output.sizes.reduce((sum, size) => sum + size, this.written(output.channel)),
    );
  }

  /** Work for the channel's reader that has been written so far, whether it is still here or not. */
  written(channel: number): number {
    return this.#sizes.get(channel) ?? 0;
  }

  of(channel: number): readonly ChannelOutput[] {
    return this.#outputs.get(channel) ?? NOTHING;
  }

  parts(channel: number): Part[] {
    return this.of(channel).flatMap((output) => output.parts);
  }

  /** Bytes of each partition of a grouped channel. */
  partitionSizes(channel: number): number[] {
    const sizes: number[] = [];
    for (const { partitionBytes = [] } of this.of(channel)) {
      for (let i = 0; i < partitionBytes.length; i++) sizes[i] = (sizes[i] ?? 0) + partitionBytes[i];
    }
    return sizes;
  }

  /** Parts of the outputs that have something in the partition. */
  partitionParts(channel: number, partition: number): Part[] {
    return this.of(channel).flatMap((output) => (holds(output, partition) ? output.parts : []));
  }

  /** Forgets a channel. @returns the files it had. */
  release(channel: number): string[] {
    const outputs = this.#outputs.get(channel) ?? [];
    this.#outputs.delete(channel);
    return this.#drop(outputs);
  }

  /** Forgets the outputs of a channel that hold something in the partition, when they hold nothing else. */
  releasePartition(channel: number, partition: number): string[] {
    const outputs = this.#outputs.get(channel) ?? [];
    this.#outputs.set(
      channel,
      outputs.filter((output) => !holds(output, partition)),
    );
    return this.#drop(outputs.filter((output) => holds(output, partition)));
  }

  #drop(outputs: readonly ChannelOutput[]): string[] {
    for (const { memoryBytes } of outputs) this.#memoryBytes -= memoryBytes;
    return outputs.flatMap(({ files }) => files);
  }
}

function holds({ partitionBytes }: ChannelOutput, partition: number): boolean {
  return (partitionBytes?.[partition] ?? 0) > 0;
}
