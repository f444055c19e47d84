import type { Transform } from 'node:stream';
import { constants, createDeflate, createGzip, createZstdCompress } from 'node:zlib';
import type { Compression } from './compression.ts';

/** Compresses a file front to back as one stream, off the calling thread. */
export class Compressor {
  readonly #stream: Transform;
  #ready: Buffer[] = [];
  #failure: Error | undefined;

  /** @param level the algorithm's own scale; its default when absent */
  constructor(compression: Exclude<Compression, 'none'>, level?: number) {
    const options = { chunkSize: 256 * 1024 };
    const leveled = level === undefined ? options : { ...options, level };
    this.#stream =
      compression === 'gzip'
        ? createGzip(leveled)
        : compression === 'deflate'
          ? createDeflate(leveled)
          : createZstdCompress({
              ...options,
              params: {
                [constants.ZSTD_c_checksumFlag]: 1,
                ...(level === undefined ? {} : { [constants.ZSTD_c_compressionLevel]: level }),
              },
            });
    this.#stream.on('data', (chunk: Buffer) => this.#ready.push(chunk));
    this.#stream.on('error', (error) => {
      this.#failure = error;
    });
  }

  /** Compresses more bytes and gives what is ready to be written, which may be nothing. */
  push(bytes: Uint8Array): Promise<readonly Buffer[]> {
    return new Promise((resolve, reject) => {
      this.#stream.write(bytes, (error) => (error == null ? resolve(this.#take()) : reject(error)));
    });
  }

  /** Ends the stream and gives the rest. */
  end(): Promise<readonly Buffer[]> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) return reject(this.#failure);
      this.#stream.once('error', reject);
      this.#stream.once('end', () => resolve(this.#take()));
      this.#stream.end();
    });
  }

  /** Frees the compressor's memory. */
  destroy(): void {
    this.#stream.destroy();
  }

  #take(): readonly Buffer[] {
    const ready = this.#ready;
    this.#ready = [];
    return ready;
  }
}
