import { randomBytes } from 'node:crypto';
import { ByteWriter } from '../sdk/index.ts';
import type { Compression } from './compression.ts';
import { Compressor } from './compressor.ts';
import type { RecordEncoder, SinkFormat } from './file-format.ts';
import type { FileWriter } from './filesystem/file-system.ts';
import { joinPath } from './filesystem/paths.ts';
import { fileSystemOf } from './filesystem/registry.ts';

/** Encoded bytes that gather before they are written. */
const FLUSH_BYTES = 256 * 1024;

/** How a sink writes each of its files. */
export interface SinkFileOptions<T> {
  readonly format: SinkFormat<T>;
  readonly compression: Compression;
  readonly compressionLevel?: number;
  /** Folder for files that are not complete. */
  readonly temporaryFolder: string;
}

/** A complete temporary file. */
export interface SinkFileResult {
  readonly temporary: string;
  readonly records: number;
  /** Size of the file. */
  readonly bytes: number;
}

/** One temporary file of a sink: encodes, compresses, writes. */
export class SinkFile<T> {
  readonly #options: SinkFileOptions<T>;
  readonly #encoder: RecordEncoder<T>;
  readonly #out = new ByteWriter();
  readonly #temporary: string;
  #compressor: Compressor | undefined;
  #writer: FileWriter | undefined;
  #records = 0;
  #bytes = 0;
  #begun = false;
  /** The writes under way: they happen in order even if the caller does not wait. */
  #tail: Promise<void> = Promise.resolve();

  /** @param name of the temporary file; default one of its own */
  constructor(options: SinkFileOptions<T>, name: string = temporaryName()) {
    this.#options = options;
    this.#temporary = joinPath(options.temporaryFolder, name);
    this.#encoder = options.format.create();
    this.#encoder.header?.(this.#out);
  }

  /** Whether enough has gathered that some of it has been written. */
  get isBegun(): boolean {
    return this.#begun;
  }

  /** Encoded bytes that wait to be written. */
  get waiting(): number {
    return this.#out.length;
  }

  /** Adds a record; a promise when enough has gathered to be written. */
  add(element: T): void | Promise<void> {
    this.#encoder.encode(element, this.#out);
    this.#records++;
    if (this.#out.length >= FLUSH_BYTES) return this.#flush();
  }

  /** Completes the file and makes it durable. */
  async close(): Promise<SinkFileResult> {
    try {
      await this.#encoder.footer?.(this.#out);
      await this.#flush();
      for (const chunk of (await this.#compressor?.end()) ?? []) await this.#append(chunk);
      await this.#writer?.close();
    } catch (error) {
      await this.abort();
      throw error;
    }
    return { temporary: this.#temporary, records: this.#records, bytes: this.#bytes };
  }

  /** Removes what was written. */
  async abort(): Promise<void> {
    // Its failure is why this is called, or of no interest any more.
    await this.#tail.catch(() => {});
    this.#compressor?.destroy();
    await this.#writer?.abort();
  }

  #flush(): Promise<void> {
    this.#begun = true;
    const bytes = this.#out.copy();
    this.#out.clear();
    this.#tail = this.#tail.then(() => this.#write(bytes));
    return this.#tail;
  }

  async #write(bytes: Uint8Array): Promise<void> {
    const { compression, compressionLevel } = this.#options;
    if (this.#writer === undefined) {
      this.#writer = await fileSystemOf(this.#temporary).create(this.#temporary, { atomic: false });
      if (compression !== 'none') this.#compressor = new Compressor(compression, compressionLevel);
    }
    if (this.#compressor === undefined) return this.#append(bytes);
    for (const chunk of await this.#compressor.push(bytes)) await this.#append(chunk);
  }

  async #append(bytes: Uint8Array): Promise<void> {
    await this.#writer?.write(bytes);
    this.#bytes += bytes.length;
  }
}

/** Unique, and in the order of creation when sorted, so that shards keep about the order in which they were written. */
function temporaryName(): string {
  const micros = Math.floor((performance.timeOrigin + performance.now()) * 1000);
  return `${micros.toString(36).padStart(11, '0')}-${randomBytes(8).toString('hex')}`;
}
