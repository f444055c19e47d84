import { ByteReader, type ByteWriter, CoderError } from '../../sdk/index.ts';
import { readStruct, type ThriftStruct, type ThriftValue, writeStruct } from './thrift-compact.ts';

/** What a Parquet file begins and ends with. */
export const PARQUET_MAGIC: Buffer = Buffer.from('PAR1');
/** The length of the footer and the magic behind it. */
export const TRAILER_BYTES = 8;

// Numbers of the fields in parquet.thrift.
const FILE = { schema: 2, rows: 3, rowGroups: 4, keyValues: 5, columnOrders: 7 };
const ELEMENT = { name: 4, children: 5 };
const KEY_VALUE = { key: 1, value: 2 };
const ROW_GROUP = { columns: 1, rows: 3, sorting: 4, fileOffset: 5, ordinal: 7 };
/** The key under which Arrow libraries keep the Arrow schema of what they wrote. */
const ARROW_SCHEMA = 'ARROW:schema';
const CHUNK = {
  fileOffset: 2,
  metadata: 3,
  offsetIndex: 4,
  offsetIndexLength: 5,
  columnIndex: 6,
  columnIndexLength: 7,
};
const COLUMN = { path: 3, values: 5, size: 6, compressedSize: 7, dataPage: 9, indexPage: 10, dictionaryPage: 11 };

/** Bytes `[start, end)` of a file. */
export interface ByteSpan {
  readonly start: number;
  readonly end: number;
}

/** The metadata of a column chunk. */
export class ColumnChunk {
  readonly #fields: ThriftStruct;
  readonly #metadata: ThriftStruct;

  /** @throws CoderError */
  constructor(value: ThriftValue) {
    this.#fields = fieldsOf(value);
    this.#metadata = fieldsOf(this.#fields.get(CHUNK.metadata));
  }

  /** Name of the top-level column it belongs to. */
  get column(): string {
    return textOf(itemsOf(this.#metadata.get(COLUMN.path))[0]);
  }

  /** Where its pages lie. */
  get pages(): ByteSpan {
    const data = Number(integerOf(this.#metadata, COLUMN.dataPage) ?? 0n);
    const dictionary = Number(integerOf(this.#metadata, COLUMN.dictionaryPage) ?? 0n);
    // Some writers leave the offset of a dictionary that does not exist at 0.
    const start = dictionary > 0 ? Math.min(dictionary, data) : data;
    return { start, end: start + Number(integerOf(this.#metadata, COLUMN.compressedSize) ?? 0n) };
  }

  /** How many values it holds, nulls included; of a nested column more than it has rows. */
  get values(): number {
    return Number(integerOf(this.#metadata, COLUMN.values) ?? 0n);
  }

  /** Bytes of its pages when they are expanded; values that are kept once and referred to take more when they are read. */
  get expandedBytes(): number {
    return Number(integerOf(this.#metadata, COLUMN.size) ?? 0n);
  }

  /** Where its page indexes begin, if it has them. */
  get indexStart(): number {
    const offsets = [CHUNK.offsetIndex, CHUNK.columnIndex].map((id) => integerOf(this.#fields, id));
    return Math.min(...offsets.map((offset) => (offset === undefined ? Number.POSITIVE_INFINITY : Number(offset))));
  }

  /** The same chunk some bytes further on, without page indexes: these hold positions in the file themselves. */
  moved(shift: bigint): ThriftValue {
    const metadata = new Map(this.#metadata);
    for (const id of [COLUMN.dataPage, COLUMN.indexPage, COLUMN.dictionaryPage]) move(metadata, id, shift);
    const fields = new Map(this.#fields);
    for (const id of [CHUNK.offsetIndex, CHUNK.offsetIndexLength, CHUNK.columnIndex, CHUNK.columnIndexLength]) {
      fields.delete(id);
    }
    move(fields, CHUNK.fileOffset, shift);
    return structValue(fields.set(CHUNK.metadata, structValue(metadata)));
  }
}

/** The metadata of a row group. */
export class RowGroup {
  readonly #fields: ThriftStruct;
  readonly chunks: readonly ColumnChunk[];

  private constructor(fields: ThriftStruct, chunks: readonly ColumnChunk[]) {
    this.#fields = fields;
    this.chunks = chunks;
  }

  /** @throws CoderError */
  static of(value: ThriftValue): RowGroup {
    const fields = fieldsOf(value);
    return new RowGroup(
      fields,
      itemsOf(fields.get(ROW_GROUP.columns)).map((chunk) => new ColumnChunk(chunk)),
    );
  }

  /** The same row group with only some of its columns. */
  select(columns: readonly string[]): RowGroup {
    const fields = new Map(this.#fields);
    // These name columns by their index.
    fields.delete(ROW_GROUP.sorting);
    return new RowGroup(
      fields,
      this.chunks.filter((chunk) => columns.includes(chunk.column)),
    );
  }

  get rows(): bigint {
    return integerOf(this.#fields, ROW_GROUP.rows) ?? 0n;
  }

  /** The same row group with each column chunk moved by its own distance. */
  moved(shifts: readonly bigint[], ordinal: number): ThriftValue {
    const fields = new Map(this.#fields);
    const columns = fields.get(ROW_GROUP.columns) as ThriftList;
    fields.set(ROW_GROUP.columns, { ...columns, items: this.chunks.map((chunk, i) => chunk.moved(shifts[i])) });
    move(fields, ROW_GROUP.fileOffset, shifts[0] ?? 0n);
    setInteger(fields, ROW_GROUP.ordinal, BigInt(ordinal));
    return structValue(fields);
  }
}

/** The metadata at the end of a Parquet file. */
export class ParquetFooter {
  readonly #fields: ThriftStruct;
  readonly rowGroups: readonly RowGroup[];

  private constructor(fields: ThriftStruct, rowGroups: readonly RowGroup[]) {
    this.#fields = fields;
    this.rowGroups = rowGroups;
  }

  /** @throws CoderError when the bytes are no footer */
  static parse(bytes: Uint8Array): ParquetFooter {
    const fields = readStruct(new ByteReader(bytes));
    if (itemsOf(fields.get(FILE.schema)).length === 0)
      throw new CoderError('PARQUET_FOOTER', 'The footer has no schema');
    const rowGroups = itemsOf(fields.get(FILE.rowGroups)).map(RowGroup.of);
    const rows = integerOf(fields, FILE.rows);
    const sum = rowGroups.reduce((total, group) => total + group.rows, 0n);
    if (rows === undefined || !fields.has(FILE.rowGroups)) {
      throw new CoderError('PARQUET_FOOTER', 'The footer lacks its rows or row groups');
    }
    if (rows !== sum) {
      throw new CoderError('PARQUET_FOOTER', `The footer counts ${rows} rows, its row groups hold ${sum}`);
    }
    return new ParquetFooter(fields, rowGroups);
  }

  /** Names of the top-level columns. @throws CoderError */
  get columns(): string[] {
    return this.#topLevel().map(({ name }) => name);
  }

  /**
   * The footer of the same file with only some of its top-level columns.
   *
   * @param arrowSchema makes the Arrow schema of the rest from that of all, both as bytes; `undefined` to forget it
   * @throws CoderError
   */
  select(columns: readonly string[], arrowSchema: (all: Uint8Array) => Uint8Array | undefined): ParquetFooter {
    const fields = new Map(this.#fields);
    const schema = fields.get(FILE.schema) as ThriftList;
    const kept = this.#topLevel().filter(({ name }) => columns.includes(name));
    const root = new Map(fieldsOf(schema.items[0]));
    setInteger(root, ELEMENT.children, BigInt(kept.length));
    const elements = kept.flatMap(({ start, end }) => schema.items.slice(start, end));
    fields.set(FILE.schema, { ...schema, items: [structValue(root), ...elements] });
    fields.delete(FILE.columnOrders);
    const keyValues = fields.get(FILE.keyValues) as ThriftList | undefined;
    if (keyValues !== undefined) {
      fields.set(FILE.keyValues, {
        ...keyValues,
        items: keyValues.items.flatMap((entry) => selectKeyValue(entry, arrowSchema)),
      });
    }
    return new ParquetFooter(
      fields,
      this.rowGroups.map((group) => group.select(columns)),
    );
  }

  /** The schema is a tree written as a list: each element is followed by all that lies under it. */
  #topLevel(): { readonly name: string; readonly start: number; readonly end: number }[] {
    const elements = itemsOf(this.#fields.get(FILE.schema)).map((element) => fieldsOf(element));
    const top: { name: string; start: number; end: number }[] = [];
    let depthLeft = 0;
    for (let i = 1; i < elements.length; i++) {
      if (depthLeft === 0) {
        top.push({ name: textOf(elements[i].get(ELEMENT.name)), start: i, end: i });
        depthLeft = 1;
      }
      depthLeft += Number(integerOf(elements[i], ELEMENT.children) ?? 0n) - 1;
      top[top.length - 1].end = i + 1;
    }
    return top;
  }

  /** Appends the footer of a file with the same schema and other row groups, with what stands behind it. */
  write(rowGroups: ThriftValue[], rows: bigint, out: ByteWriter): void {
    const fields = new Map(this.#fields);
    setInteger(fields, FILE.rows, rows);
    const list = fields.get(FILE.rowGroups) as ThriftList;
    fields.set(FILE.rowGroups, { ...list, items: rowGroups });
    const start = out.length;
    writeStruct(fields, out);
    const size = out.length - start;
    const at = out.reserve(4);
    out.bytes.writeUInt32LE(size, at);
    out.length = at + 4;
    out.raw(PARQUET_MAGIC);
  }
}

type ThriftList = ThriftValue & { readonly elementType: number; readonly items: ThriftValue[] };

function selectKeyValue(entry: ThriftValue, arrowSchema: (all: Uint8Array) => Uint8Array | undefined): ThriftValue[] {
  const fields = fieldsOf(entry);
  const value = fields.get(KEY_VALUE.value);
  if (textOf(fields.get(KEY_VALUE.key)) !== ARROW_SCHEMA || value === undefined || !('bytes' in value)) return [entry];
  const rest = arrowSchema(Buffer.from(Buffer.from(value.bytes).toString('latin1'), 'base64'));
  if (rest === undefined) return [];
  const bytes = Buffer.from(Buffer.from(rest).toString('base64'), 'latin1');
  return [structValue(new Map(fields).set(KEY_VALUE.value, { ...value, bytes }))];
}

function textOf(value: ThriftValue | undefined): string {
  return value !== undefined && 'bytes' in value ? Buffer.from(value.bytes).toString() : '';
}

const STRUCT = 12;

function structValue(fields: ThriftStruct): ThriftValue {
  return { type: STRUCT, fields };
}

/** Offsets of 0 stand for none. */
function move(fields: ThriftStruct, id: number, shift: bigint): void {
  const offset = integerOf(fields, id);
  if (offset !== undefined && offset > 0n) setInteger(fields, id, offset + shift);
}

function setInteger(fields: ThriftStruct, id: number, integer: bigint): void {
  const value = fields.get(id);
  if (value !== undefined && 'integer' in value) fields.set(id, { ...value, integer });
}

function integerOf(fields: ThriftStruct, id: number): bigint | undefined {
  const value = fields.get(id);
  return value !== undefined && 'integer' in value ? value.integer : undefined;
}

function itemsOf(value: ThriftValue | undefined): readonly ThriftValue[] {
  return value !== undefined && 'items' in value ? value.items : [];
}

function fieldsOf(value: ThriftValue | undefined): ThriftStruct {
  if (value !== undefined && 'fields' in value) return value.fields;
  throw new CoderError('PARQUET_FOOTER', 'The footer lacks the metadata of a column chunk');
}
