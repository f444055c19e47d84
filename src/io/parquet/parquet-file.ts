import type { RecordBatch } from 'apache-arrow';
import type { Table } from 'parquet-wasm';
import { ByteWriter, CoderError, IoError } from '../../sdk/index.ts';
import { decodeIpcStream, guarded, IpcDecoder } from '../arrow/ipc-decoder.ts';
import { IpcEncoder } from '../arrow/ipc-encoder.ts';
import { readFrame } from '../arrow/ipc-message.ts';
import { arrow } from '../arrow/load-arrow.ts';
import { checkColumns } from '../check-columns.ts';
import { type RandomAccessFile, UNKNOWN_SIZE } from '../filesystem/file-system.ts';
import { type DataError, dataError } from '../on-error.ts';
import { checkUnchanged } from '../parted-source.ts';
import { dropIfLarge, parquet, wasTrap } from './load-parquet.ts';
import { checkPages } from './page-check.ts';
import { type ByteSpan, PARQUET_MAGIC, ParquetFooter, TRAILER_BYTES } from './parquet-footer.ts';

/** Room for the footer of an extract; it grows when that is not enough. */
const FOOTER_ROOM = 64 * 1024;
/** Longest footer: as objects it takes many times that. */
const MAX_FOOTER_BYTES = 64 * 1024 * 1024;
/** Rows of a row group are decoded this many at a time, or so many that they take about as many bytes. */
const SLICE_ROWS = 262_144;
const SLICE_BYTES = 64 * 1024 * 1024;

/** How a file is read. */
export interface ParquetFileOptions {
  /** Names of the top-level columns to read; all when absent. */
  readonly columns?: readonly string[] | undefined;
  /** Most stored bytes of the columns in one row group, and most bytes that a page of them may expand to. */
  readonly maxRowGroupBytes: number;
  /** Size of the file when it was found. */
  readonly size: number;
}

/**
 * A Parquet file open for reading. Where things lie in it is found out here, and the bytes are read here; parquet-wasm
 * is given a small file in memory with the one row group and the columns that are wanted. Its own reading of files is
 * asynchronous, and a damaged page there ends in an exception that nothing can catch; its synchronous reading decodes
 * all columns, whichever are asked for.
 */
export class ParquetFile {
  readonly #file: RandomAccessFile;
  readonly #footer: ParquetFooter;
  readonly #maxBytes: number;

  private constructor(file: RandomAccessFile, footer: ParquetFooter, maxBytes: number) {
    this.#file = file;
    this.#footer = footer;
    this.#maxBytes = maxBytes;
  }

  /**
   * @throws DataError `PARQUET_MAGIC` when it is no Parquet file, `PARQUET_FOOTER` when its footer is broken; IoError
   * `COLUMN_NOT_FOUND`, `FILE_CHANGED`, `FILE_SIZE_UNKNOWN`
   */
  static async open(file: RandomAccessFile, options: ParquetFileOptions): Promise<ParquetFile> {
    const { path, size } = file;
    const { columns } = options;
    checkSize(file, options.size);
    const bytes = await readFooter(file);
    return attempt('PARQUET_FOOTER', 'The footer cannot be read', path, size - TRAILER_BYTES - bytes.length, () => {
      const footer = ParquetFooter.parse(bytes);
      checkColumns(columns, footer.columns, path);
      const wanted = columns === undefined ? footer : footer.select(columns, (all) => selectFields(all, columns));
      const empty = new ByteWriter(bytes.length + 16);
      empty.raw(PARQUET_MAGIC);
      wanted.write([], 0n, empty);
      // The wasm library checks the schema, and tells what is wrong with it.
      parquet().readSchema(empty.view()).free();
      return new ParquetFile(file, wanted, options.maxRowGroupBytes);
    });
  }

  get rowGroups(): number {
    return this.#footer.rowGroups.length;
  }

  /**
   * The rows of a row group as record batches. A large row group is decoded slice by slice: the decoder keeps all that
   * it makes in one call.
   *
   * @throws DataError `PARQUET_ROW_GROUP`, `PARQUET_TOO_LARGE`
   */
  async *batches(index: number, batchRows: number): AsyncGenerator<RecordBatch, void> {
    const { path } = this.#file;
    const group = this.#footer.rowGroups[index];
    const offset = group.chunks[0]?.pages.start ?? 0;
    const rows = Number(group.rows);
    const run = <T>(work: () => T): T =>
      attempt('PARQUET_ROW_GROUP', `Row group ${index} cannot be read`, path, offset, work);
    if (!(rows >= 0 && rows <= 0xffffffff)) run(() => claims(rows));
    const bytes = await this.#extract(index);
    const expanded = group.chunks.reduce((sum, chunk) => sum + chunk.expandedBytes, 0);
    // What the rows of a first small slice take tells how many may be decoded at once.
    let limit = rows > SLICE_ROWS || expanded > SLICE_BYTES ? batchRows : rows;
    for (let start = 0; start < rows; ) {
      const options = { batchSize: batchRows, offset: start, limit: Math.min(limit, rows - start) };
      const table = run(() => parquet().readParquet(bytes, options));
      let size = 0;
      let found = 0;
      try {
        for (let i = 0; i < table.numBatches; i++) {
          const stream = run(() => table.recordBatch(i)?.intoIPCStream());
          size += stream?.length ?? 0;
          for (const batch of run(() => (stream === undefined ? [] : decodeIpcStream(stream)))) {
            found += batch.numRows;
            yield batch;
          }
        }
      } finally {
        free(table);
        dropIfLarge();
      }
      start += found;
      if (found !== options.limit) run(() => claims(rows, start));
      limit = Math.max(batchRows, Math.floor(SLICE_BYTES / Math.max(1, size / found)));
    }
  }

  close(): void | Promise<void> {
    return this.#file.close();
  }

  /** A Parquet file of one row group and the wanted columns. */
  async #extract(index: number): Promise<Uint8Array> {
    const group = this.#footer.rowGroups[index];
    const spans = group.chunks.map((chunk) => chunk.pages);
    for (const span of spans) this.#checkSpan(span, index);
    const size = spans.reduce((sum, span) => sum + span.end - span.start, 0);
    if (size > this.#maxBytes) {
      throw dataError(
        'PARQUET_TOO_LARGE',
        `The columns read of row group ${index} have ${size} bytes; the limit is ${this.#maxBytes}`,
        this.#file.path,
        spans[0].start,
        'Read fewer columns, raise maxRowGroupBytes, or write the file with smaller row groups.',
      );
    }
    const out = new ByteWriter(size + FOOTER_ROOM);
    out.raw(PARQUET_MAGIC);
    const shifts: bigint[] = [];
    for (const [i, { start, end }] of spans.entries()) {
      const at = out.reserve(end - start);
      shifts.push(BigInt(at - start));
      await readExactly(this.#file, start, out.bytes.subarray(at, at + end - start));
      out.length = at + end - start;
      attempt('PARQUET_ROW_GROUP', `Row group ${index} cannot be read`, this.#file.path, start, () =>
        checkPages(out.bytes.subarray(at, out.length), group.chunks[i].values, this.#maxBytes),
      );
    }
    this.#footer.write([group.moved(shifts, 0)], group.rows, out);
    return out.view();
  }

  #checkSpan(span: ByteSpan, index: number): void {
    if (span.start >= PARQUET_MAGIC.length && span.end >= span.start && span.end <= this.#file.size - TRAILER_BYTES)
      return;
    throw dataError(
      'PARQUET_ROW_GROUP',
      `A column of row group ${index} lies outside of the file`,
      this.#file.path,
      span.start,
    );
  }
}

/** The Arrow schema of some columns; `undefined` when apache-arrow does not know a type: then Parquet's own must do. */
function selectFields(message: Uint8Array, columns: readonly string[]): Uint8Array | undefined {
  try {
    return guarded('The Arrow schema', () => {
      const { Schema } = arrow();
      const decoder = new IpcDecoder();
      readFrame(Buffer.from(message), 0, message.length);
      decoder.addSchema(message);
      const { fields = [], metadata } = decoder.schema ?? {};
      const kept = fields.filter((field) => columns.includes(field.name));
      const out = new ByteWriter();
      new IpcEncoder('stream', new Schema(kept, metadata)).header(out);
      return out.view();
    });
  } catch (error) {
    if (error instanceof CoderError) return undefined;
    throw error;
  }
}

/** After a trap, freeing may trap again; that instance is done with. */
function free(table: Table): void {
  try {
    table.free();
  } catch (error) {
    if (!wasTrap(error)) throw error;
  }
}

function claims(rows: number, found?: number): never {
  const problem = found === undefined ? `it claims ${rows} rows` : `it claims ${rows} rows and has ${found}`;
  throw new CoderError('PARQUET_ROW_GROUP', problem);
}

/** The index of a Parquet file stands at its end, so that one must know where that is. */
function checkSize(file: RandomAccessFile, found: number): void {
  checkUnchanged(file, found);
  if (file.size !== UNKNOWN_SIZE) return;
  throw new IoError('FILE_SIZE_UNKNOWN', 'A Parquet file cannot be read from a server that does not tell its size', {
    resource: file.path,
    hint: 'Download the file first.',
  });
}

async function readFooter(file: RandomAccessFile): Promise<Buffer> {
  const { path, size } = file;
  const head = Buffer.alloc(PARQUET_MAGIC.length);
  const trailer = Buffer.alloc(TRAILER_BYTES);
  await file.read(0, head);
  if (size < PARQUET_MAGIC.length + TRAILER_BYTES || !head.equals(PARQUET_MAGIC)) {
    const problem =
      head.toString('latin1') === 'PARE'
        ? 'The file is encrypted'
        : 'This is no Parquet file: it does not begin with PAR1';
    throw dataError('PARQUET_MAGIC', problem, path, 0);
  }
  await file.read(size - TRAILER_BYTES, trailer);
  if (!trailer.subarray(4).equals(PARQUET_MAGIC)) {
    throw dataError('PARQUET_MAGIC', 'The file does not end with PAR1: it was cut off', path, size);
  }
  const length = trailer.readUInt32LE(0);
  if (length > size - TRAILER_BYTES - PARQUET_MAGIC.length) {
    throw dataError('PARQUET_FOOTER', `The footer claims ${length} bytes`, path, size - TRAILER_BYTES);
  }
  if (length > MAX_FOOTER_BYTES) {
    throw dataError(
      'PARQUET_FOOTER',
      `The footer has ${length} bytes; at most ${MAX_FOOTER_BYTES} are read`,
      path,
      size,
    );
  }
  const footer = Buffer.allocUnsafeSlow(length);
  await readExactly(file, size - TRAILER_BYTES - length, footer);
  return footer;
}

async function readExactly(file: RandomAccessFile, position: number, target: Uint8Array): Promise<void> {
  const count = await file.read(position, target);
  if (count < target.length)
    throw dataError('PARQUET_TRUNCATED', 'The file is shorter than it was', file.path, position + count);
}

/** Runs code of parquet-wasm, which reports damage by errors and by traps. */
function attempt<T>(code: string, what: string, path: string, offset: number, run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw asBadData(error, code, what, path, offset);
  }
}

function asBadData(error: unknown, code: string, what: string, path: string, offset: number): IoError | DataError {
  if (error instanceof IoError) return error;
  const trap = wasTrap(error) ? 'the Parquet library ran into damage it does not expect' : undefined;
  const reason =
    trap ?? (error instanceof CoderError ? error.summary : error instanceof Error ? error.message : String(error));
  return dataError(code, `${what}: ${reason}`, path, offset);
}
