import type { Schema as ArrowSchema, RecordBatch } from 'apache-arrow';
import type { WriterProperties } from 'parquet-wasm';
import {
  type ByteWriter,
  type PCollection,
  PipelineError,
  type PTransform,
  type Schema,
  type Window,
} from '../../sdk/index.ts';
import { ColumnarBatcher, type ColumnarElement } from '../arrow/columnar-batcher.ts';
import { encodeIpcStream } from '../arrow/ipc-encoder.ts';
import { arrow } from '../arrow/load-arrow.ts';
import { type RowSchema, schemaOfCoder, toArrowSchema } from '../arrow/write-arrow.ts';
import { checkOptions, type OptionNames } from '../check-options.ts';
import type { RecordEncoder, SinkFormat } from '../file-format.ts';
import { FILE_SINK_OPTIONS, type FileSinkOptions, writeFiles } from '../file-sink.ts';
import type { WrittenFile } from '../finalize-files.ts';
import { type Parquet, parquet, wasTrap } from './load-parquet.ts';
import { RowGroupJoiner } from './row-group-joiner.ts';

/** Compression of the pages of a Parquet file. */
export type ParquetCompression = 'none' | 'snappy' | 'gzip' | 'brotli' | 'lz4' | 'zstd';

const CODECS = {
  none: 'UNCOMPRESSED',
  snappy: 'SNAPPY',
  gzip: 'GZIP',
  brotli: 'BROTLI',
  lz4: 'LZ4_RAW',
  zstd: 'ZSTD',
} as const satisfies Record<ParquetCompression, keyof Parquet['Compression']>;

/** Rows of a row group unless told otherwise. */
const ROW_GROUP_ROWS = 256 * 1024;
/** Values of a row group: what is held in memory while it grows. */
const ROW_GROUP_BYTES = 64 * 1024 * 1024;

/** Options of {@link writeParquet}. */
export interface ParquetWriteOptions<T, W extends Window = Window>
  extends Omit<FileSinkOptions<T, W>, 'compression' | 'compressionLevel'> {
  /** The columns of rows; see `ArrowWriteOptions.schema`. */
  readonly schema?: RowSchema;
  /** Compression of the pages; default `snappy`, which every reader knows. `zstd` makes smaller files. */
  readonly compression?: ParquetCompression;
  /** Most rows of a row group; default 262,144, or 64 MiB of values if that is less. */
  readonly rowGroupRows?: number;
}

const { compressionLevel: _, ...SINK_OPTIONS } = FILE_SINK_OPTIONS;
const OPTIONS: OptionNames<ParquetWriteOptions<unknown>> = { ...SINK_OPTIONS, schema: true, rowGroupRows: true };

/**
 * Writes rows or Arrow record batches to Parquet files. Rows are checked against the schema: a value that does not fit
 * is a CoderError `ARROW_VALUE` naming the column; properties that are no columns are not written.
 */
export function writeParquet<T extends ColumnarElement, W extends Window = Window>(
  prefix: string,
  options: ParquetWriteOptions<T, W> = {},
): PTransform<PCollection<T, W>, PCollection<WrittenFile>> {
  checkOptions(options, OPTIONS, 'WriteParquet');
  const { compression: __, ...sink } = options;
  return {
    name: 'WriteParquet',
    expand: (input) => writeFiles(parquetSink<T>(options, schemaOfCoder(input.node.coder)), prefix, sink).expand(input),
  };
}

/** How Parquet files are written. @throws PipelineError `OPTION_INVALID`, `SCHEMA_UNSUPPORTED` */
export function parquetSink<T>(
  options: Pick<ParquetWriteOptions<T>, 'schema' | 'compression' | 'rowGroupRows'>,
  fallback?: Schema,
): SinkFormat<T> {
  const { compression = 'snappy', rowGroupRows = ROW_GROUP_ROWS } = options;
  if (!Object.hasOwn(CODECS, compression)) {
    throw new PipelineError('OPTION_INVALID', `'${compression}' is no compression of Parquet files`, {
      transform: 'WriteParquet',
      hint: `Choose one of ${Object.keys(CODECS).join(', ')}.`,
    });
  }
  if (!(Number.isInteger(rowGroupRows) && rowGroupRows > 0)) {
    throw new PipelineError('OPTION_INVALID', `rowGroupRows must be a positive integer, not ${rowGroupRows}`, {
      transform: 'WriteParquet',
    });
  }
  const schema = toArrowSchema(options.schema ?? fallback);
  return {
    name: 'Parquet',
    extension: '.parquet',
    compressible: false,
    create: () => new ParquetEncoder<T>(schema, compression, rowGroupRows),
  };
}

class ParquetEncoder<T> implements RecordEncoder<T> {
  readonly #batcher: ColumnarBatcher;
  readonly #compression: ParquetCompression;
  readonly #rowGroupRows: number;
  readonly #joiner = new RowGroupJoiner();
  /** Record batches that wait for the rest of their row group. */
  #waiting: RecordBatch[] = [];
  #waitingRows = 0;
  #waitingBytes = 0;
  #started = false;

  constructor(schema: ArrowSchema | undefined, compression: ParquetCompression, rowGroupRows: number) {
    this.#batcher = new ColumnarBatcher(schema, rowGroupRows, ROW_GROUP_BYTES);
    this.#compression = compression;
    this.#rowGroupRows = rowGroupRows;
  }

  encode(element: T, out: ByteWriter): void {
    const batch = this.#batcher.add(element);
    if (batch !== undefined) this.#add(batch, out);
  }

  footer(out: ByteWriter): void {
    const rest = this.#batcher.rest();
    if (rest !== undefined) this.#add(rest, out);
    if (this.#waiting.length > 0 || !this.#started) this.#writeRowGroup(out);
    this.#joiner.finish(out);
  }

  #add(batch: RecordBatch, out: ByteWriter): void {
    this.#waiting.push(batch);
    this.#waitingRows += batch.numRows;
    this.#waitingBytes += batch.data.byteLength;
    if (this.#waitingRows >= this.#rowGroupRows || this.#waitingBytes >= ROW_GROUP_BYTES) this.#writeRowGroup(out);
  }

  #writeRowGroup(out: ByteWriter): void {
    const schema = this.#batcher.schema ?? new (arrow().Schema)([]);
    const stream = encodeIpcStream(schema, this.#waiting);
    this.#waiting = [];
    this.#waitingRows = 0;
    this.#waitingBytes = 0;
    this.#started = true;
    try {
      const { Table, writeParquet: write } = parquet();
      this.#joiner.add(write(Table.fromIPCStream(stream.view()), this.#properties()), out);
    } catch (error) {
      wasTrap(error);
      throw error;
    }
  }

  #properties(): WriterProperties {
    const { Compression, EnabledStatistics, WriterPropertiesBuilder } = parquet();
    return new WriterPropertiesBuilder()
      .setCompression(Compression[CODECS[this.#compression]])
      .setStatisticsEnabled(EnabledStatistics.Chunk)
      .setMaxRowGroupSize(this.#rowGroupRows)
      .build();
  }
}
