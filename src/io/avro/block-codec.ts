import { constants, crc32, deflateRawSync, inflateRawSync, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { CoderError } from '../../sdk/index.ts';
import { snappyCompress, snappyDecompress } from './snappy.ts';

/** Compression of the blocks of an Avro file. */
export type AvroCodec = 'null' | 'deflate' | 'snappy' | 'zstandard';

/** Compresses and expands one block. */
export interface BlockCodec {
  readonly compress: (content: Uint8Array) => Uint8Array;
  /** @throws CoderError when the block is broken or expands to more than `maxBytes`. */
  readonly expand: (block: Uint8Array, maxBytes: number) => Uint8Array;
}

/** The codec of a name; `undefined` when there is none. */
export function blockCodec(name: string): BlockCodec | undefined {
  return Object.hasOwn(CODECS, name) ? CODECS[name as AvroCodec] : undefined;
}

const CODECS: Readonly<Record<AvroCodec, BlockCodec>> = {
  null: { compress: (content) => content, expand: (block) => block },
  deflate: {
    compress: (content) => deflateRawSync(content),
    expand: (block, maxBytes) =>
      expanded('deflate', maxBytes, () => inflateRawSync(block, { maxOutputLength: maxBytes })),
  },
  zstandard: {
    // The content size in the frame lets other readers allocate once.
    compress: (content) =>
      zstdCompressSync(content, { pledgedSrcSize: content.length, params: { [constants.ZSTD_c_compressionLevel]: 3 } }),
    expand: (block, maxBytes) =>
      expanded('zstandard', maxBytes, () => zstdDecompressSync(block, { maxOutputLength: maxBytes })),
  },
  snappy: {
    // Avro adds the CRC-32 of the content, big endian.
    compress(content) {
      const block = snappyCompress(content);
      const out = Buffer.allocUnsafeSlow(block.length + 4);
      block.copy(out);
      out.writeUInt32BE(crc32(content), block.length);
      return out;
    },
    expand(block, maxBytes) {
      const size = block.length - 4;
      if (size < 0) throw new CoderError('AVRO_BLOCK', 'A snappy block without a checksum');
      const content = snappyDecompress(block.subarray(0, size), maxBytes);
      const checksum = new DataView(block.buffer, block.byteOffset + size, 4).getUint32(0);
      if (crc32(content) !== checksum) throw new CoderError('AVRO_BLOCK', 'The checksum of a snappy block is wrong');
      return content;
    },
  },
};

function expanded(codec: string, maxBytes: number, expand: () => Buffer): Buffer {
  try {
    return expand();
  } catch (cause) {
    const tooLarge = (cause as { code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE';
    const what = tooLarge ? `expands to more than ${maxBytes} bytes` : `is broken: ${(cause as Error).message}`;
    throw new CoderError('AVRO_BLOCK', `A ${codec} block ${what}`, { cause });
  }
}
