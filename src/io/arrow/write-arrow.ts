import type * as A from 'apache-arrow';
import type { ByteWriter, PCollection, PTransform, Schema, Window } from '../../sdk/index.ts';
import { checkChoiceOption, checkOptions, type OptionNames } from '../check-options.ts';
import type { RecordEncoder, SinkFormat } from '../file-format.ts';
import { FILE_SINK_OPTIONS, type FileSinkOptions, writeFiles } from '../file-sink.ts';
import type { WrittenFile } from '../finalize-files.ts';
import { arrowSchemaOf } from './arrow-schema.ts';
import { ColumnarBatcher, type ColumnarElement } from './columnar-batcher.ts';
import { IpcEncoder, type IpcForm } from './ipc-encoder.ts';
import { arrow } from './load-arrow.ts';

/** Rows of a batch unless told otherwise. */
const BATCH_ROWS = 64 * 1024;

/** The schema of rows to be written: a row coder, which has one, a Beam schema, or an Arrow schema. */
export type RowSchema = { readonly schema: Schema } | Schema | A.Schema;

/** Options of {@link writeArrow}. */
export interface ArrowWriteOptions<T, W extends Window = Window> extends FileSinkOptions<T, W> {
  /**
   * The columns of rows. Default: those of the collection's row coder. Not needed for record batches, which bring their
   * own; all of one file must have the same.
   */
  readonly schema?: RowSchema;
  /** `file` (default) has an index of its batches, so that they can be read in parallel; `stream` has none. */
  readonly form?: IpcForm;
  /** Rows gathered into one batch; default 65,536, or 16 MiB of values if that is less. Record batches stay as they are. */
  readonly batchRows?: number;
}

const OPTIONS: OptionNames<ArrowWriteOptions<unknown>> = {
  ...FILE_SINK_OPTIONS,
  schema: true,
  form: true,
  batchRows: true,
};

/**
 * Writes rows or Arrow record batches to Arrow IPC files. Rows are checked against the schema: a value that does not
 * fit is a CoderError `ARROW_VALUE` naming the column; properties that are no columns are not written.
 */
export function writeArrow<T extends ColumnarElement, W extends Window = Window>(
  prefix: string,
  options: ArrowWriteOptions<T, W> = {},
): PTransform<PCollection<T, W>, PCollection<WrittenFile>> {
  checkOptions(options, OPTIONS, 'WriteArrow');
  return {
    name: 'WriteArrow',
    expand: (input) =>
      writeFiles(arrowSink<T>(options, schemaOfCoder(input.node.coder)), prefix, options).expand(input),
  };
}

/** How Arrow IPC files are written. @throws PipelineError `OPTION_INVALID`, `SCHEMA_UNSUPPORTED` */
export function arrowSink<T>(
  options: Pick<ArrowWriteOptions<T>, 'schema' | 'form' | 'batchRows'>,
  fallback?: Schema,
): SinkFormat<T> {
  const { form = 'file', batchRows = BATCH_ROWS } = options;
  checkChoiceOption('form', form, ['file', 'stream'], 'WriteArrow');
  const schema = toArrowSchema(options.schema ?? fallback);
  return {
    name: 'Arrow',
    extension: form === 'file' ? '.arrow' : '.arrows',
    compressible: true,
    create: () => new ArrowEncoder<T>(form, new ColumnarBatcher(schema, batchRows)),
  };
}

/** The Arrow schema that an option means. @throws PipelineError `SCHEMA_UNSUPPORTED` */
export function toArrowSchema(schema: RowSchema | undefined): A.Schema | undefined {
  if (schema === undefined) return undefined;
  if ('schema' in schema) return arrowSchemaOf(schema.schema);
  return 'metadata' in schema ? schema : arrowSchemaOf(schema);
}

/** The schema of a row coder; `undefined` for other coders. */
export function schemaOfCoder(coder: unknown): Schema | undefined {
  const schema = (coder as { readonly urn?: string; readonly schema?: Schema }).schema;
  return (coder as { readonly urn?: string }).urn === 'beam:coder:row:v1' ? schema : undefined;
}

class ArrowEncoder<T> implements RecordEncoder<T> {
  readonly #form: IpcForm;
  readonly #batcher: ColumnarBatcher;
  #encoder: IpcEncoder | undefined;

  constructor(form: IpcForm, batcher: ColumnarBatcher) {
    this.#form = form;
    this.#batcher = batcher;
  }

  encode(element: T, out: ByteWriter): void {
    const batch = this.#batcher.add(element);
    if (batch !== undefined) this.#write(batch, out);
  }

  footer(out: ByteWriter): void {
    const batch = this.#batcher.rest();
    if (batch !== undefined) this.#write(batch, out);
    this.#start(this.#batcher.schema ?? new (arrow().Schema)([]), out).footer(out);
  }

  #write(batch: A.RecordBatch, out: ByteWriter): void {
    this.#start(batch.schema, out).batch(batch, out);
  }

  /** The header waits for the first batch, which may bring the schema. */
  #start(schema: A.Schema, out: ByteWriter): IpcEncoder {
    if (this.#encoder === undefined) {
      this.#encoder = new IpcEncoder(this.#form, schema);
      this.#encoder.header(out);
    }
    return this.#encoder;
  }
}
