import { CoderError } from '../../sdk/index.ts';
import { FlatTable, malformed, sizeAt } from './flat-table.ts';

/** What an IPC message is about. */
export type MessageKind = 'schema' | 'dictionary' | 'batch';

/** The measures of an encapsulated IPC message. */
export interface MessageFrame {
  /** Bytes before the body: prefix and metadata. */
  readonly headBytes: number;
  readonly bodyBytes: number;
  readonly kind: MessageKind;
}

const MAX_METADATA_BYTES = 64 * 1024 * 1024;
const MAX_DEPTH = 64;
/** Rows of a batch whose columns take no memory. */
const MAX_ROWS = 0x7fffffff;
/** Values that need no bytes, such as nulls. */
const MAX_WEIGHTLESS = 1 << 20;
/** See MAX_EXPANDED_BYTES of the compression. */
const MAX_CONTENT_BYTES = 2 ** 31;

// Numbers of the fields in Arrow's Message.fbs and Schema.fbs.
const MESSAGE = { headerType: 1, header: 2, bodyLength: 3, metadata: 4 };
const SCHEMA = { fields: 1, metadata: 2 };
const FIELD = { name: 0, typeKind: 2, type: 3, dictionary: 4, children: 5, metadata: 6 };
const BATCH = { length: 0, nodes: 1, buffers: 2, compression: 3, variadicCounts: 4 };
const DICTIONARY = { data: 1 };
const KINDS: Readonly<Record<number, MessageKind | undefined>> = { 1: 'schema', 2: 'dictionary', 3: 'batch' };

/**
 * Looks at the message that starts at `at`, checking all of its metadata. `undefined` when more bytes are needed to
 * tell, `end` where a stream says that it is over.
 *
 * @throws CoderError `ARROW_METADATA`
 */
export function readFrame(bytes: Buffer, at: number, end: number): MessageFrame | 'end' | undefined {
  if (end - at < 4) return undefined;
  let size = bytes.readInt32LE(at);
  let prefix = 4;
  if (size === -1) {
    // Since Arrow 0.15 the length comes behind a marker.
    if (end - at < 8) return undefined;
    size = bytes.readInt32LE(at + 4);
    prefix = 8;
  }
  if (size === 0) return 'end';
  if (size < 0 || size > MAX_METADATA_BYTES) throw malformed(`A message claims ${size} bytes of metadata`);
  if (end - at < prefix + size) return undefined;
  const start = at + prefix;
  const message = FlatTable.root(bytes.subarray(start, start + size));
  const bodyBytes = message.size(MESSAGE.bodyLength);
  const type = message.byte(MESSAGE.headerType);
  const kind = KINDS[type];
  // Tensors, which have a stream to themselves.
  if (kind === undefined) throw malformed(`A message of type ${type}, which holds no record batch`);
  const header = message.table(MESSAGE.header);
  message.tables(MESSAGE.metadata);
  if (header === undefined) throw malformed('A message without a header');
  if (kind === 'schema') checkSchema(header);
  else if (kind === 'batch') checkBatch(header, bodyBytes);
  else if (kind === 'dictionary') {
    const data = header.table(DICTIONARY.data);
    if (data === undefined) throw malformed('A dictionary without values');
    checkBatch(data, bodyBytes);
  }
  return { headBytes: prefix + size, bodyBytes, kind };
}

/**
 * Rows of a batch or dictionary message that `readFrame` has looked at, and the lengths of its columns: each field's,
 * followed by those of its children.
 *
 * @throws CoderError `ARROW_COLUMN` when a column claims more values than its bytes can hold, expanded if they are
 * compressed: apache-arrow makes arrays of that length before anything is looked at
 */
export function batchLengths(message: Buffer): { readonly rows: number; readonly columns: readonly number[] } {
  const prefix = message.readInt32LE(0) === -1 ? 8 : 4;
  const size = message.readInt32LE(prefix - 4);
  const root = FlatTable.root(message.subarray(prefix, prefix + size));
  const header = root.table(MESSAGE.header);
  const batch = KINDS[root.byte(MESSAGE.headerType)] === 'dictionary' ? header?.table(DICTIONARY.data) : header;
  if (batch === undefined) throw malformed('A message without a header');
  const most = Math.max(MAX_WEIGHTLESS, 8 * contentBytes(batch, message.subarray(prefix + size)));
  const { start, count } = batch.vector(BATCH.nodes, 16);
  const columns = Array.from({ length: count }, (_, i) => sizeAt(batch.bytes, start + 16 * i));
  const tooLong = columns.find((length) => length > most);
  if (tooLong !== undefined) {
    throw new CoderError('ARROW_COLUMN', `A column claims ${tooLong} values, for which it has no bytes`);
  }
  return { rows: batch.size(BATCH.length), columns };
}

/** Bytes of all buffers, as they say themselves where they are compressed. */
function contentBytes(batch: FlatTable, body: Buffer): number {
  const isCompressed = batch.table(BATCH.compression) !== undefined;
  const buffers = batch.vector(BATCH.buffers, 16);
  let total = 0;
  for (let i = 0; i < buffers.count; i++) {
    const at = buffers.start + 16 * i;
    const offset = sizeAt(batch.bytes, at);
    const length = sizeAt(batch.bytes, at + 8);
    // -1 stands before a buffer that was left as it is.
    const expanded = isCompressed && length >= 8 ? Number(body.readBigInt64LE(offset)) : length;
    total += expanded < 0 ? length : expanded;
  }
  return Math.min(total, MAX_CONTENT_BYTES);
}

/** Checks all of a schema. @throws CoderError `ARROW_METADATA` */
export function checkSchema(schema: FlatTable): void {
  for (const field of schema.tables(SCHEMA.fields)) checkField(field, 0);
  for (const entry of schema.tables(SCHEMA.metadata)) checkKeyValue(entry);
}

function checkField(field: FlatTable, depth: number): void {
  if (depth > MAX_DEPTH) throw malformed(`Types nested deeper than ${MAX_DEPTH}`);
  field.vector(FIELD.name, 1);
  if (field.byte(FIELD.typeKind) === 0 || field.table(FIELD.type) === undefined)
    throw malformed('A field without a type');
  field.table(FIELD.dictionary)?.table(1);
  for (const entry of field.tables(FIELD.metadata)) checkKeyValue(entry);
  for (const child of field.tables(FIELD.children)) checkField(child, depth + 1);
}

function checkKeyValue(entry: FlatTable): void {
  entry.vector(0, 1);
  entry.vector(1, 1);
}

function checkBatch(batch: FlatTable, bodyBytes: number): void {
  const { bytes } = batch;
  if (batch.size(BATCH.length) > MAX_ROWS) throw malformed('A batch of more than 2^31 rows');
  const nodes = batch.vector(BATCH.nodes, 16);
  for (let i = 0; i < nodes.count; i++) {
    const at = nodes.start + 16 * i;
    // A null count of -1 is one that nobody has counted.
    const nulls = Number(bytes.readBigInt64LE(at + 8));
    if (sizeAt(bytes, at) > MAX_ROWS || nulls > MAX_ROWS || nulls < -1)
      throw malformed('A column of more than 2^31 rows');
  }
  const buffers = batch.vector(BATCH.buffers, 16);
  for (let i = 0; i < buffers.count; i++) {
    const at = buffers.start + 16 * i;
    if (sizeAt(bytes, at) + sizeAt(bytes, at + 8) > bodyBytes) throw malformed('A buffer outside of its message');
  }
  const counts = batch.vector(BATCH.variadicCounts, 8);
  let variadic = 0;
  for (let i = 0; i < counts.count; i++) variadic += sizeAt(bytes, counts.start + 8 * i);
  if (variadic > buffers.count) throw malformed('More buffers of views than buffers');
}
