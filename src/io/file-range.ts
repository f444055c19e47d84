import { type ByteReader, type ByteWriter, type Coder, type OffsetRange, offsetRangeCoder } from '../sdk/index.ts';

/** Part of a file, in bytes as stored; it owns the records that start in it. */
export interface FileRange extends OffsetRange {
  /** False for what can only be read from its start: compressed files, stores without ranges, some formats. */
  readonly splittable: boolean;
}

/** An offset range and one byte. */
export const fileRangeCoder: Coder<FileRange> = {
  urn: 'millrace:coder:file_range:v1',
  components: [],
  nonDeterministic: undefined,
  encode(range: FileRange, out: ByteWriter): void {
    offsetRangeCoder.encode(range, out, true);
    out.byte(range.splittable ? 1 : 0);
  },
  decode(input: ByteReader): FileRange {
    const { start, end } = offsetRangeCoder.decode(input, true);
    return { start, end, splittable: input.byte() === 1 };
  },
};

/** Cuts a range into parts of about `size` bytes; the parts differ by a byte at most. */
export function splitRange(range: FileRange, size: number): FileRange[] {
  const length = range.end - range.start;
  const parts = Math.max(1, Math.ceil(length / Math.max(1, size)));
  if (!range.splittable || parts === 1) return [range];
  const cut = (part: number) => range.start + Math.floor((length * part) / parts);
  return Array.from({ length: parts }, (_, part) => ({ ...range, start: cut(part), end: cut(part + 1) }));
}
