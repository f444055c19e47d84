import type * as A from 'apache-arrow';
import { ByteWriter } from '../../sdk/index.ts';
import { arrow } from './load-arrow.ts';

/** The two forms of Arrow IPC: a stream is read front to back, a file has an index of its batches at the end. */
export type IpcForm = 'file' | 'stream';

/**
 * Writes record batches in one of the IPC forms, appending to whatever writer each call names. Columns are not
 * compressed: apache-arrow 21 writes the compressed length of a buffer where the plain one belongs, and other
 * libraries then refuse the file.
 */
export class IpcEncoder {
  readonly #writer: A.RecordBatchWriter;
  readonly #sink: { out: ByteWriter };

  /** @param schema that of all batches */
  constructor(form: IpcForm, schema: A.Schema) {
    const { AsyncByteQueue, Message, RecordBatchFileWriter, RecordBatchStreamWriter } = arrow();
    const sink = { out: new ByteWriter(0) };
    // The queue of apache-arrow gathers all bytes until the end; this one passes them on.
    class Sink extends AsyncByteQueue {
      override write(bytes: Uint8Array): void {
        sink.out.raw(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength));
      }
    }
    // A file is a stream between magic bytes, but apache-arrow leaves out the schema at its start; readers that go front
    // to back need it.
    class FileWriter extends RecordBatchFileWriter {
      protected override _writeSchema(written: A.Schema): this {
        return super._writeSchema(written)._writeMessage(Message.from(written));
      }
    }
    const Writer = form === 'file' ? FileWriter : RecordBatchStreamWriter;
    this.#sink = sink;
    this.#writer = new Writer({ autoDestroy: false });
    this.#start = () => this.#writer.reset(new Sink() as never, schema);
  }

  readonly #start: () => void;

  /** Appends what comes before the first batch. */
  header(out: ByteWriter): void {
    this.#sink.out = out;
    this.#start();
  }

  /** Appends a batch, with the dictionaries it is the first to need. */
  batch(batch: A.RecordBatch, out: ByteWriter): void {
    this.#sink.out = out;
    this.#writer.write(batch);
  }

  /** Appends what comes behind the last batch. */
  footer(out: ByteWriter): void {
    this.#sink.out = out;
    this.#writer.close();
  }
}

/** Record batches of one schema as the bytes of an IPC stream. */
export function encodeIpcStream(schema: A.Schema, batches: readonly A.RecordBatch[]): ByteWriter {
  const out = new ByteWriter(4096);
  const encoder = new IpcEncoder('stream', schema);
  encoder.header(out);
  for (const batch of batches) encoder.batch(batch, out);
  encoder.footer(out);
  return out;
}
