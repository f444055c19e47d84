/**
 * Stored collections: between stages, for side inputs, for Reshuffle.
 *
 *     const writer = new BlockWriter({ coder, windowCoder, disk, name, inMemoryBytes, sink });
 *     writer.write(element, timestamp, window, pane);   // any number of times
 *     writer.close();                                   // sink has been given all Blocks; or, after a failure, abort()
 *
 *     const { values, timestamps, windows, panes } = readBlock(block, { coder, windowCoder, disk });
 *
 * A Block is plain data: post it to any thread. Blocks on disk of one writer share a file.
 */
export type { Block } from './block.ts';
export { readBlock } from './block-reader.ts';
export { BlockWriter, type BlockWriterOptions } from './block-writer.ts';
