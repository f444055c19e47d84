import { CoderError } from '../../sdk/index.ts';

const MAGIC = 0x184d2204;
const BLOCK_SIZES: Readonly<Record<number, number>> = { 4: 1 << 16, 5: 1 << 18, 6: 1 << 20, 7: 1 << 22 };

/**
 * The content of an LZ4 frame, the compression that Feather files have by default. Checksums inside the frame are
 * passed over.
 *
 * @throws CoderError `LZ4_MALFORMED` when the frame is broken, `LZ4_TOO_LARGE` when it holds more than `maxBytes`
 */
export function lz4Decompress(frame: Uint8Array, maxBytes: number): Uint8Array {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  if (frame.length < 7 || view.getUint32(0, true) !== MAGIC) throw malformed(0);
  const flags = frame[4];
  const blockSize = BLOCK_SIZES[(frame[5] >>> 4) & 7];
  if (flags >>> 6 !== 1 || (flags & 1) !== 0 || blockSize === undefined) throw malformed(4);
  let at = 6 + (flags & 0x08 ? 8 : 0) + 1;
  const out = new Output(maxBytes, flags & 0x08 ? Number(view.getBigUint64(6, true)) : frame.length * 4);
  for (;;) {
    if (at + 4 > frame.length) throw malformed(at);
    const head = view.getUint32(at, true);
    at += 4;
    if (head === 0) return out.bytes.subarray(0, out.length);
    const size = head & 0x7fffffff;
    if (size > frame.length - at) throw malformed(at);
    out.reserve(blockSize);
    if (head >>> 31 === 1) {
      if (size > blockSize) throw malformed(at);
      out.bytes.set(frame.subarray(at, at + size), out.length);
      out.length += size;
    } else decompressBlock(frame, at, at + size, out, out.length + blockSize);
    at += size + (flags & 0x10 ? 4 : 0);
  }
}

class Output {
  bytes: Uint8Array;
  length = 0;
  readonly #max: number;

  constructor(max: number, expected: number) {
    this.#max = max;
    this.bytes = new Uint8Array(Math.min(Math.max(0, expected), max, 1 << 24));
  }

  reserve(count: number): void {
    if (this.length > this.#max)
      throw new CoderError('LZ4_TOO_LARGE', `An LZ4 frame holds more than ${this.#max} bytes`);
    if (this.length + count <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(this.length + count, this.bytes.length * 2));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
  }
}

function decompressBlock(block: Uint8Array, start: number, stop: number, out: Output, limit: number): void {
  const target = out.bytes;
  let at = start;
  let end = out.length;
  while (at < stop) {
    const token = block[at++];
    let size = token >>> 4;
    if (size === 15) {
      let byte: number;
      do {
        if (at >= stop) throw malformed(at);
        byte = block[at++];
        size += byte;
      } while (byte === 255);
    }
    if (size > stop - at || size > limit - end) throw malformed(at);
    for (let i = 0; i < size; i++) target[end + i] = block[at + i];
    at += size;
    end += size;
    // The last sequence of a block has no match.
    if (at === stop) break;
    if (at + 2 > stop) throw malformed(at);
    const offset = block[at] | (block[at + 1] << 8);
    at += 2;
    let length = (token & 15) + 4;
    if (length === 19) {
      let byte: number;
      do {
        if (at >= stop) throw malformed(at);
        byte = block[at++];
        length += byte;
      } while (byte === 255);
    }
    if (offset === 0 || offset > end || length > limit - end) throw malformed(at);
    for (let i = 0; i < length; i++) target[end + i] = target[end - offset + i];
    end += length;
  }
  out.length = end;
}

function malformed(at: number): CoderError {
  return new CoderError('LZ4_MALFORMED', `An LZ4 frame is broken at byte ${at}`);
}
