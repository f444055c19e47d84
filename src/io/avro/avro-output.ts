import type { ByteWriter } from '../../sdk/index.ts';

/** Appends a zigzag varint of a safe integer. */
export function writeLong(value: number, out: ByteWriter): void {
  // Below 2^52 the zigzag form is a safe integer as well.
  if (value >= -0x10000000000000 && value < 0x10000000000000) out.varint(value < 0 ? -2 * value - 1 : 2 * value);
  else writeBigLong(BigInt(value), out);
}

/** Appends a zigzag varint of a signed 64-bit integer. */
export function writeBigLong(value: bigint, out: ByteWriter): void {
  out.varint64(BigInt.asIntN(64, (value << 1n) ^ (value >> 63n)));
}

/** Appends bytes behind their length. */
export function writeBytes(bytes: Uint8Array, out: ByteWriter): void {
  writeLong(bytes.length, out);
  out.raw(bytes);
}

/** Appends a string as UTF-8 behind its length. @throws CoderError when a surrogate stands alone */
export function writeString(text: string, out: ByteWriter): void {
  const size = Buffer.byteLength(text);
  writeLong(size, out);
  out.utf8(text);
}
