import { CoderError } from '../../sdk/index.ts';

/** The block format of Snappy, as Avro and Parquet use it (no framing, no checksum of its own). */

const HASH_BITS = 14;
/** Positions are hashed within windows of this size, so that every copy fits a two-byte offset. */
const WINDOW = 1 << 16;

/**
 * The content of a Snappy block.
 *
 * @throws CoderError `SNAPPY_MALFORMED` when the block is truncated, refers to bytes before its start, or does not hold
 * the length it claims; `SNAPPY_TOO_LARGE` when it claims more than `maxBytes`, before anything is allocated.
 */
export function snappyDecompress(block: Uint8Array, maxBytes: number): Buffer {
  let at = 0;
  let length = 0;
  for (let scale = 1; ; scale *= 128) {
    if (at >= block.length || scale > 0x10000000) throw malformed('its length', at);
    const byte = block[at++];
    length += (byte & 0x7f) * scale;
    if (byte < 0x80) break;
  }
  // No element of the format makes more than 64 bytes of two.
  if (length > maxBytes || length > block.length * 32) {
    throw new CoderError('SNAPPY_TOO_LARGE', `A Snappy block of ${block.length} bytes claims to hold ${length}`);
  }
  const out = Buffer.allocUnsafeSlow(length);
  let end = 0;
  while (at < block.length) {
    const tag = block[at++];
    const kind = tag & 3;
    if (kind === 0) {
      let size = tag >>> 2;
      if (size >= 60) {
        const bytes = size - 59;
        if (at + bytes > block.length) throw malformed('a literal', at);
        size = 0;
        for (let i = bytes - 1; i >= 0; i--) size = size * 256 + block[at + i];
        at += bytes;
      }
      size++;
      if (size > block.length - at || size > length - end) throw malformed('a literal', at);
      if (size < 24) for (let i = 0; i < size; i++) out[end + i] = block[at + i];
      else out.set(block.subarray(at, at + size), end);
      at += size;
      end += size;
      continue;
    }
    const extra = kind === 3 ? 4 : kind;
    if (at + extra > block.length) throw malformed('a copy', at);
    const size = kind === 1 ? ((tag >>> 2) & 7) + 4 : (tag >>> 2) + 1;
    let offset = block[at];
    if (kind === 1) offset |= (tag & 0xe0) << 3;
    else {
      offset |= block[at + 1] << 8;
      if (kind === 3) offset += block[at + 2] * 0x10000 + block[at + 3] * 0x1000000;
    }
    at += extra;
    if (offset === 0 || offset > end || size > length - end) throw malformed('a copy', at);
    // Source and target may overlap: that is how runs are written.
    if (offset < size || size < 16) for (let i = 0; i < size; i++) out[end + i] = out[end - offset + i];
    else out.copyWithin(end, end - offset, end - offset + size);
    end += size;
  }
  if (end !== length) throw malformed('its length', at);
  return out;
}

/** The Snappy block of a content of less than 2^32 bytes. */
export function snappyCompress(content: Uint8Array): Buffer {
  const length = content.length;
  // Literals cost a tag of at most 5 bytes each and come between copies, which save at least one byte.
  const out = Buffer.allocUnsafeSlow(32 + length + Math.ceil(length / 6));
  let end = 0;
  for (let rest = length; ; rest = Math.floor(rest / 128)) {
    out[end++] = rest >= 128 ? (rest % 128) | 0x80 : rest;
    if (rest < 128) break;
  }
  const table = new Int32Array(1 << HASH_BITS);
  for (let start = 0; start < length; start += WINDOW) {
    table.fill(-1);
    end = compressWindow(content, start, Math.min(length, start + WINDOW), out, end, table);
  }
  return out.subarray(0, end);
}

function compressWindow(
  content: Uint8Array,
  start: number,
  stop: number,
  out: Buffer,
  outEnd: number,
  table: Int32Array,
): number {
  let end = outEnd;
  let literal = start;
  let at = start;
  let misses = 0;
  while (at + 4 <= stop) {
    const word = content[at] | (content[at + 1] << 8) | (content[at + 2] << 16) | (content[at + 3] << 24);
    const slot = Math.imul(word, 0x1e35a7bd) >>> (32 - HASH_BITS);
    const candidate = table[slot];
    table[slot] = at;
    if (candidate < 0 || !sameFour(content, candidate, at)) {
      // Content that does not compress is passed over in growing steps.
      at += 1 + (misses++ >>> 5);
      continue;
    }
    misses = 0;
    let size = 4;
    while (at + size < stop && content[candidate + size] === content[at + size]) size++;
    if (at > literal) end = writeLiteral(content, literal, at, out, end);
    end = writeCopy(at - candidate, size, out, end);
    at += size;
    literal = at;
  }
  return literal < stop ? writeLiteral(content, literal, stop, out, end) : end;
}

function sameFour(content: Uint8Array, a: number, b: number): boolean {
  return (
    content[a] === content[b] &&
    content[a + 1] === content[b + 1] &&
    content[a + 2] === content[b + 2] &&
    content[a + 3] === content[b + 3]
  );
}

function writeLiteral(content: Uint8Array, start: number, stop: number, out: Buffer, outEnd: number): number {
  let end = outEnd;
  const size = stop - start - 1;
  if (size < 60) out[end++] = size << 2;
  else if (size < 256) {
    out[end++] = 60 << 2;
    out[end++] = size;
  } else {
    out[end++] = 61 << 2;
    out[end++] = size & 0xff;
    out[end++] = size >>> 8;
  }
  out.set(content.subarray(start, stop), end);
  return end + stop - start;
}

function writeCopy(offset: number, length: number, out: Buffer, outEnd: number): number {
  let end = outEnd;
  for (let rest = length; rest > 0; ) {
    const size = Math.min(rest, 64);
    rest -= size;
    out[end++] = ((size - 1) << 2) | 2;
    out[end++] = offset & 0xff;
    out[end++] = offset >>> 8;
  }
  return end;
}

function malformed(what: string, at: number): CoderError {
  return new CoderError('SNAPPY_MALFORMED', `A Snappy block is broken at byte ${at}, in ${what}`);
}
