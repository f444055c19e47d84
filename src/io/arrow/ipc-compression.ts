import { zstdDecompressSync } from 'node:zlib';
import { CoderError } from '../../sdk/index.ts';
import type { Arrow } from './load-arrow.ts';
import { lz4Decompress } from './lz4-frame.ts';

/** Bytes that all columns of one message may expand to: each is made at once, and a few KiB can claim a GiB. */
const MAX_EXPANDED_BYTES = 2 ** 31;
/** Largest buffer of one column that is expanded. */
const MAX_BUFFER_BYTES = 2 ** 30;

let left = MAX_EXPANDED_BYTES;

/** To be called before the columns of a message are expanded. */
export function beginExpansion(): void {
  left = MAX_EXPANDED_BYTES;
}

function expand(decode: (maxBytes: number) => Uint8Array): Uint8Array {
  if (left <= 0) {
    throw new CoderError('ARROW_TOO_LARGE', `The columns of a batch expand to more than ${MAX_EXPANDED_BYTES} bytes`);
  }
  const bytes = decode(Math.min(left, MAX_BUFFER_BYTES));
  left -= bytes.length;
  return aligned(bytes);
}

/**
 * Gives apache-arrow the codecs it leaves to its user, zstandard and LZ4, for reading. A codec that the program has
 * registered itself stays.
 */
export function registerCompression(arrow: Arrow): void {
  const { compressionRegistry, CompressionType } = arrow;
  if (compressionRegistry.get(CompressionType.ZSTD) === null) {
    compressionRegistry.set(CompressionType.ZSTD, {
      decode: (bytes) => expand((maxOutputLength) => zstdDecompressSync(bytes, { maxOutputLength })),
    });
  }
  if (compressionRegistry.get(CompressionType.LZ4_FRAME) === null) {
    compressionRegistry.set(CompressionType.LZ4_FRAME, {
      decode: (bytes) => expand((maxBytes) => lz4Decompress(bytes, maxBytes)),
    });
  }
}

/** Columns are views of this memory, and a view of 64-bit numbers must begin at a multiple of 8. */
function aligned(bytes: Uint8Array): Uint8Array {
  return bytes.byteOffset % 8 === 0 ? bytes : new Uint8Array(bytes);
}
