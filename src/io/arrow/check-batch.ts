import type * as A from 'apache-arrow';
import { CoderError } from '../../sdk/index.ts';
import { arrow } from './load-arrow.ts';

/** Values of columns that take no memory, such as nulls: nothing else bounds how many a few bytes can claim. */
const MAX_WEIGHTLESS = 1 << 20;

/** Bytes that the views of one column may stand for. */
const MAX_VIEWED_BYTES = 1 << 30;

/**
 * Checks that the columns of a batch lie within their memory, so that reading any row is safe. For batches whose bytes
 * come from outside.
 *
 * @throws CoderError `ARROW_COLUMN` naming the column
 */
export function checkBatch(batch: A.RecordBatch): void {
  const { fields } = batch.schema;
  if (batch.numRows > MAX_WEIGHTLESS && fields.every((field) => isWeightless(field.type))) {
    throw new CoderError('ARROW_COLUMN', `A batch of ${batch.numRows} rows without content`);
  }
  for (const [i, field] of fields.entries()) checkColumn(batch.data.children[i], batch.numRows, field.name, false);
}

/** @param nested whether the column is part of another, and its length none of the batch */
function checkColumn(data: A.Data | undefined, length: number, path: string, nested = true): void {
  const { DataType } = arrow();
  if (data === undefined || data.length < length) throw wrong(path, 'is shorter than its batch');
  const { type } = data;
  const bits = (data.offset + data.length + 7) >>> 3;
  if (
    data.nullCount > 0 &&
    !DataType.isNull(type) &&
    !DataType.isUnion(type) &&
    (data.nullBitmap?.length ?? 0) < bits
  ) {
    throw wrong(path, 'lacks a part of its null bitmap');
  }
  if (length > MAX_WEIGHTLESS && nested && isWeightless(type))
    throw wrong(path, `has ${length} values without content`);
  if (DataType.isNull(type)) return;
  if (DataType.isBool(type)) {
    if (data.values.length < bits) throw wrong(path, 'lacks a part of its values');
  } else if (DataType.isDictionary(type)) {
    checkDictionary(data, path);
  } else if (DataType.isStruct(type)) {
    for (const [i, child] of type.children.entries())
      checkColumn(data.children[i], data.length, `${path}.${child.name}`);
  } else if (DataType.isUnion(type)) {
    checkUnion(data, type, path);
  } else if (DataType.isFixedSizeList(type)) {
    if (type.listSize < 0) throw wrong(path, `has lists of ${type.listSize} values`);
    checkColumn(data.children[0], data.length * type.listSize, `${path}[]`);
  } else if (DataType.isList(type) || DataType.isLargeList(type) || DataType.isMap(type)) {
    const end = checkOffsets(data, Number.POSITIVE_INFINITY, path);
    checkColumn(data.children[0], end, `${path}[]`);
    if (DataType.isMap(type) && data.children[0].children.length !== 2)
      throw wrong(path, 'is a map without keys and values');
  } else if (DataType.isUtf8View(type) || DataType.isBinaryView(type)) {
    checkViews(data, path);
  } else if (type.OffsetArrayType !== undefined && isVariable(type)) {
    checkOffsets(data, data.values?.length ?? 0, path);
  } else if (data.stride < 0 || (data.values?.length ?? 0) < data.length * data.stride) {
    throw wrong(path, 'lacks a part of its values');
  }
}

/** Whether values of a type may take no memory at all. */
function isWeightless(type: A.DataType): boolean {
  const { DataType } = arrow();
  if (DataType.isFixedSizeBinary(type)) return type.byteWidth === 0;
  if (DataType.isFixedSizeList(type)) return type.listSize === 0 || isWeightless(type.children[0].type);
  if (DataType.isStruct(type)) return type.children.every((child) => isWeightless(child.type));
  return DataType.isNull(type);
}

function isVariable(type: A.DataType): boolean {
  const { DataType } = arrow();
  return DataType.isUtf8(type) || DataType.isBinary(type) || DataType.isLargeUtf8(type) || DataType.isLargeBinary(type);
}

/** Returns the offset behind the last value. */
function checkOffsets(data: A.Data, limit: number, path: string): number {
  const offsets = data.valueOffsets as Int32Array | BigInt64Array | undefined;
  // A column of no values may have no offsets at all.
  if (data.length === 0) return 0;
  if (offsets === undefined || offsets.length < data.length + 1) throw wrong(path, 'lacks a part of its offsets');
  let before = Number(offsets[0]);
  if (before < 0) throw wrong(path, 'has a negative offset');
  for (let i = 1; i <= data.length; i++) {
    const offset = Number(offsets[i]);
    if (offset < before) throw wrong(path, 'has offsets that go backwards');
    before = offset;
  }
  if (before > limit) throw wrong(path, 'has offsets beyond its values');
  return before;
}

function checkDictionary(data: A.Data, path: string): void {
  const indices = data.values as Int32Array | BigInt64Array | undefined;
  const dictionary = data.dictionary;
  if (indices === undefined || indices.length < data.length) throw wrong(path, 'lacks a part of its indices');
  if (dictionary === undefined) throw wrong(path, 'has no dictionary');
  for (const chunk of dictionary.data) checkColumn(chunk, chunk.length, `${path}.dictionary`);
  for (let i = 0; i < data.length; i++) {
    const index = Number(indices[i]);
    // What stands for a null is of no meaning.
    if ((index < 0 || index >= dictionary.length) && data.getValid(i))
      throw wrong(path, 'has an index beyond its dictionary');
  }
}

function checkUnion(data: A.Data, type: A.Union, path: string): void {
  if ((data.typeIds?.length ?? 0) < data.length) throw wrong(path, 'lacks a part of its type ids');
  const dense = arrow().DataType.isDenseUnion(type);
  if (dense && (data.valueOffsets?.length ?? 0) < data.length) throw wrong(path, 'lacks a part of its offsets');
  for (const [i, child] of data.children.entries())
    checkColumn(child, dense ? child.length : data.length, `${path}.${i}`);
  for (let i = 0; i < data.length; i++) {
    const child = data.children[type.typeIdToChildIndex[data.typeIds[i]]];
    if (child === undefined) throw wrong(path, 'has a type id beyond its types');
    if (dense && !(data.valueOffsets[i] >= 0 && data.valueOffsets[i] < child.length))
      throw wrong(path, 'has an offset beyond its values');
  }
}

/** A view is a length and 12 bytes of content or, for longer values, a prefix, a buffer and an offset into it. */
function checkViews(data: A.Data, path: string): void {
  const bytes = data.values as Uint8Array | undefined;
  if (bytes === undefined || bytes.length < data.length * 16) throw wrong(path, 'lacks a part of its views');
  const views = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let total = 0;
  for (let i = 0; i < data.length; i++) {
    const size = views.getInt32(i * 16, true);
    if (size < 0) throw wrong(path, 'has a value of negative length');
    if (size <= 12) continue;
    const buffer = data.variadicBuffers[views.getInt32(i * 16 + 8, true)];
    const offset = views.getInt32(i * 16 + 12, true);
    if (buffer === undefined || offset < 0 || offset + size > buffer.length)
      throw wrong(path, 'has a view beyond its buffers');
    // Views may share their bytes, so that a small file can stand for any amount of text.
    total += size;
    if (total > MAX_VIEWED_BYTES) throw wrong(path, `stands for more than ${MAX_VIEWED_BYTES} bytes`);
  }
}

function wrong(path: string, problem: string): CoderError {
  return new CoderError('ARROW_COLUMN', `Column '${path}' ${problem}`);
}
