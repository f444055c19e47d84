import type { RecordBatch, RecordBatchReader } from 'apache-arrow';
import { ByteWriter, CoderError } from '../../sdk/index.ts';
import type { RandomAccessFile } from '../filesystem/file-system.ts';
import { dataError } from '../on-error.ts';
import { asDataError } from './batch-elements.ts';
import { FlatTable, sizeAt } from './flat-table.ts';
import { guarded, IpcDecoder } from './ipc-decoder.ts';
import { IpcEncoder } from './ipc-encoder.ts';
import { checkSchema, readFrame } from './ipc-message.ts';
import { arrow } from './load-arrow.ts';

/** What an IPC file begins and ends with. */
export const IPC_MAGIC: Buffer = Buffer.from('ARROW1');
/** Bytes before the first message of a file. */
export const IPC_PREAMBLE = 8;
/** The length of the footer and the magic behind it. */
const TRAILER = 4 + 6;
// Numbers of the fields in Arrow's File.fbs.
const FOOTER = { schema: 1, dictionaries: 2, recordBatches: 3 };
const BLOCK_BYTES = 24;

/** Where a message lies in a file. */
interface Block {
  readonly offset: number;
  readonly bytes: number;
}

/** An IPC file, whose batches can be read in any order. */
export class IpcFile {
  readonly #file: RandomAccessFile;
  readonly #dictionaries: readonly Block[];
  readonly #batches: readonly Block[];
  readonly #footer: Buffer;
  #decoder: IpcDecoder | undefined;

  private constructor(
    file: RandomAccessFile,
    footer: Buffer,
    dictionaries: readonly Block[],
    batches: readonly Block[],
  ) {
    this.#file = file;
    this.#footer = footer;
    this.#dictionaries = dictionaries;
    this.#batches = batches;
  }

  /**
   * Reads the footer.
   *
   * @param maxBatchBytes a larger batch is bad data
   * @throws DataError `ARROW_FOOTER`
   */
  static async open(file: RandomAccessFile, maxBatchBytes: number): Promise<IpcFile> {
    const broken = (problem: string, offset: number) => dataError('ARROW_FOOTER', problem, file.path, offset);
    if (file.size < IPC_PREAMBLE + TRAILER) throw broken('The file is too short for an Arrow file', 0);
    const trailer = await readExactly(file, file.size - TRAILER, TRAILER);
    if (!trailer.subarray(4).equals(IPC_MAGIC))
      throw broken('The file does not end like an Arrow file: it was cut off', file.size);
    const size = trailer.readInt32LE(0);
    const start = file.size - TRAILER - size;
    if (size <= 0 || start < IPC_PREAMBLE) throw broken(`The footer claims ${size} bytes`, file.size - TRAILER);
    const bytes = await readExactly(file, start, size);
    try {
      const footer = FlatTable.root(bytes);
      const blocks = (field: number): Block[] => {
        const { start: at, count } = footer.vector(field, BLOCK_BYTES);
        return Array.from({ length: count }, (_, i) => {
          const offset = sizeAt(bytes, at + i * BLOCK_BYTES);
          const length = bytes.readInt32LE(at + i * BLOCK_BYTES + 8) + sizeAt(bytes, at + i * BLOCK_BYTES + 16);
          if (offset < IPC_PREAMBLE || length <= 0 || offset + length > start)
            throw broken('The footer names a batch outside of the file', start);
          if (length > maxBatchBytes)
            throw dataError(
              'ARROW_TOO_LARGE',
              `A batch has ${length} bytes; the limit is ${maxBatchBytes}`,
              file.path,
              offset,
            );
          return { offset, bytes: length };
        });
      };
      const schema = footer.table(FOOTER.schema);
      if (schema === undefined) throw broken('The footer has no schema', start);
      checkSchema(schema);
      return new IpcFile(file, bytes, blocks(FOOTER.dictionaries), blocks(FOOTER.recordBatches));
    } catch (error) {
      throw asDataError(error, file.path, start);
    }
  }

  get batches(): number {
    return this.#batches.length;
  }

  /** Byte at which a batch starts. */
  offsetOf(batch: number): number {
    return this.#batches[batch].offset;
  }

  /** @throws DataError */
  async batch(index: number): Promise<RecordBatch> {
    this.#decoder ??= await this.#prepare();
    const message = await this.#message(this.#batches[index], 'batch');
    return attempt(this.#file.path, this.#batches[index].offset, () => (this.#decoder as IpcDecoder).batch(message));
  }

  /** Reads all dictionaries. The schema is that of the footer: not every writer puts one at the start. */
  async #prepare(): Promise<IpcDecoder> {
    const decoder = new IpcDecoder();
    attempt(this.#file.path, this.#file.size - TRAILER, () => decoder.addSchema(schemaMessage(this.#footer)));
    for (const block of this.#dictionaries) {
      const message = await this.#message(block, 'dictionary');
      attempt(this.#file.path, block.offset, () => decoder.addDictionary(message));
    }
    return decoder;
  }

  async #message(block: Block, kind: string): Promise<Buffer> {
    const { path } = this.#file;
    const message = await readExactly(this.#file, block.offset, Math.max(0, block.bytes));
    return attempt(path, block.offset, () => {
      const frame = readFrame(message, 0, message.length);
      if (
        frame === undefined ||
        frame === 'end' ||
        frame.kind !== kind ||
        frame.headBytes + frame.bodyBytes > message.length
      ) {
        throw new CoderError('ARROW_METADATA', `There is no whole ${kind} message where one belongs`);
      }
      return message;
    });
  }
}

/** The schema of a footer as a message: apache-arrow reads it from a file without batches and writes it again. */
function schemaMessage(original: Buffer): Uint8Array {
  const footer = Buffer.from(original);
  for (const field of [FOOTER.dictionaries, FOOTER.recordBatches]) {
    const { start } = FlatTable.root(original).vector(field, BLOCK_BYTES);
    // The count stands before the blocks.
    if (start > 0) footer.writeUInt32LE(0, start - 4);
  }
  const length = Buffer.alloc(4);
  length.writeInt32LE(footer.length);
  const file = Buffer.concat([IPC_MAGIC, Buffer.alloc(IPC_PREAMBLE - IPC_MAGIC.length), footer, length, IPC_MAGIC]);
  return guarded('The schema', () => {
    const { schema } = arrow().RecordBatchReader.from(file).open() as RecordBatchReader;
    const out = new ByteWriter();
    new IpcEncoder('stream', schema).header(out);
    return out.copy();
  });
}

function attempt<T>(path: string, offset: number, run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw asDataError(error, path, offset);
  }
}

/** @throws DataError `ARROW_TRUNCATED` when the file ends before */
async function readExactly(file: RandomAccessFile, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafeSlow(length);
  const count = await file.read(position, bytes);
  if (count < length)
    throw dataError('ARROW_TRUNCATED', 'The file ends inside of a message', file.path, position + count);
  return bytes;
}
