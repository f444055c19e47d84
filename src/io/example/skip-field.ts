import type { ByteReader } from '../../sdk/index.ts';

const MAX_GROUP_DEPTH = 64;

/**
 * Skips the value of a field that the reader does not know; the reader stands behind its tag.
 *
 * @throws CoderError when the value ends past `end` or its wire type does not exist.
 */
export function skipField(reader: ByteReader, tag: number, end: number, depth = 0): void {
  if (tag < 8) throw reader.malformed(`Field number 0`);
  const wireType = tag % 8;
  if (wireType === 0) reader.varint64();
  else if (wireType === 1) reader.take(8);
  else if (wireType === 2) reader.take(reader.varint());
  else if (wireType === 5) reader.take(4);
  else if (wireType === 3) {
    if (depth === MAX_GROUP_DEPTH) throw reader.malformed(`Groups nested deeper than ${MAX_GROUP_DEPTH}`);
    const endTag = tag + 1;
    for (;;) {
      const inner = reader.varint();
      if (inner === endTag) break;
      skipField(reader, inner, end, depth + 1);
    }
  } else throw reader.malformed(`Wire type ${wireType}`);
  if (reader.position > end) throw reader.malformed('A value longer than its message');
}
