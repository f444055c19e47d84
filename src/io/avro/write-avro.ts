import { randomBytes } from 'node:crypto';
import { ByteWriter, type PCollection, PipelineError, type PTransform, type Window } from '../../sdk/index.ts';
import { checkOptions, type OptionNames } from '../check-options.ts';
import type { RecordEncoder, SinkFormat } from '../file-format.ts';
import { FILE_SINK_OPTIONS, type FileSinkOptions, writeFiles } from '../file-sink.ts';
import type { WrittenFile } from '../finalize-files.ts';
import { writeLong } from './avro-output.ts';
import { type AvroSchema, parseAvroSchema } from './avro-schema.ts';
import { type AvroCodec, type BlockCodec, blockCodec } from './block-codec.ts';
import { type AvroWrite, compileWriter } from './compile-writer.ts';
import { SYNC_BYTES, writeContainerHeader } from './container-header.ts';

/** Content of a block, before compression. */
const BLOCK_BYTES = 64 * 1024;

/** Options of {@link writeAvro}. */
export interface AvroWriteOptions<T, W extends Window = Window>
  extends Omit<FileSinkOptions<T, W>, 'compression' | 'compressionLevel'> {
  /** The schema of the elements. */
  readonly schema: AvroSchema;
  /** Compression of the blocks; default `zstandard`. */
  readonly codec?: AvroCodec;
  /** Bytes of content at which a block is complete; default 64 KiB. */
  readonly blockBytes?: number;
}

const { compression: _, compressionLevel: __, ...SINK_OPTIONS } = FILE_SINK_OPTIONS;
const OPTIONS: OptionNames<AvroWriteOptions<unknown>> = {
  ...SINK_OPTIONS,
  schema: true,
  codec: true,
  blockBytes: true,
};

/**
 * Writes Avro object container files. Values are checked against the schema: one that does not fit is a CoderError
 * `AVRO_VALUE` naming the field. Longs may be bigints or safe integers; in a union the first branch that fits is taken.
 */
export function writeAvro<T, W extends Window = Window>(
  prefix: string,
  options: AvroWriteOptions<T, W>,
): PTransform<PCollection<T, W>, PCollection<WrittenFile>> {
  checkOptions(options, OPTIONS, 'WriteAvro');
  return writeFiles(avroSink<T>(options), prefix, options);
}

/** How Avro files are written. */
export function avroSink<T>(options: Pick<AvroWriteOptions<T>, 'schema' | 'codec' | 'blockBytes'>): SinkFormat<T> {
  const { schema, codec = 'zstandard', blockBytes = BLOCK_BYTES } = options;
  const write = compileWriter(parseAvroSchema(schema));
  const blocks = blockCodec(codec);
  if (blocks === undefined) {
    throw new PipelineError('OPTION_INVALID', `'${codec}' is no codec of Avro files`, {
      hint: "Choose 'null', 'deflate', 'snappy' or 'zstandard'.",
    });
  }
  return {
    name: 'Avro',
    extension: '.avro',
    compressible: false,
    create: () =>
      new AvroEncoder(write, blocks, blockBytes, (sync, out) => writeContainerHeader(schema, codec, sync, out)),
  };
}

class AvroEncoder<T> implements RecordEncoder<T> {
  readonly #write: AvroWrite;
  readonly #codec: BlockCodec;
  readonly #blockBytes: number;
  readonly #writeHeader: (sync: Uint8Array, out: ByteWriter) => void;
  readonly #sync = randomBytes(SYNC_BYTES);
  readonly #content = new ByteWriter(4096);
  #rows = 0;

  constructor(
    write: AvroWrite,
    codec: BlockCodec,
    blockBytes: number,
    writeHeader: (sync: Uint8Array, out: ByteWriter) => void,
  ) {
    this.#write = write;
    this.#codec = codec;
    this.#blockBytes = blockBytes;
    this.#writeHeader = writeHeader;
  }

  header(out: ByteWriter): void {
    this.#writeHeader(this.#sync, out);
  }

  encode(element: T, out: ByteWriter): void {
    const content = this.#content;
    const before = content.length;
    try {
      this.#write(element, content);
    } catch (error) {
      // A caller may go on without this element.
      content.length = before;
      throw error;
    }
    this.#rows++;
    if (content.length >= this.#blockBytes) this.#flush(out);
  }

  footer(out: ByteWriter): void {
    if (this.#rows > 0) this.#flush(out);
  }

  #flush(out: ByteWriter): void {
    const block = this.#codec.compress(this.#content.view());
    writeLong(this.#rows, out);
    writeLong(block.length, out);
    out.raw(block);
    out.raw(this.#sync);
    this.#content.clear();
    this.#rows = 0;
  }
}
