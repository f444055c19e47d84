import { zstdDecompressSync } from 'node:zlib';
import type { Arrow } from './load-arrow.ts';
import { lz4Decompress } from './lz4-frame.ts';

/** Largest buffer of one column that is expanded. */
const MAX_BUFFER_BYTES = 1 << 30;

/**
 * Gives apache-arrow the codecs it leaves to its user, zstandard and LZ4, for reading. A codec that the program has
 * registered itself stays.
 */
export function registerCompression(arrow: Arrow): void {
  const { compressionRegistry, CompressionType } = arrow;
  if (compressionRegistry.get(CompressionType.ZSTD) === null) {
    compressionRegistry.set(CompressionType.ZSTD, {
      decode: (bytes) => aligned(zstdDecompressSync(bytes, { maxOutputLength: MAX_BUFFER_BYTES })),
    });
  }
  if (compressionRegistry.get(CompressionType.LZ4_FRAME) === null) {
    compressionRegistry.set(CompressionType.LZ4_FRAME, {
      decode: (bytes) => aligned(lz4Decompress(bytes, MAX_BUFFER_BYTES)),
    });
  }
}

/** Columns are views of this memory, and a view of 64-bit numbers must begin at a multiple of 8. */
function aligned(bytes: Uint8Array): Uint8Array {
  return bytes.byteOffset % 8 === 0 ? bytes : new Uint8Array(bytes);
}
