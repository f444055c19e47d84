import { PipelineError } from '../sdk/index.ts';
import { type ByteSource, RawSource } from './byte-source.ts';
import { type Compression, checkCompression, compressionOf } from './compression.ts';
import { DecompressedSource, type ExpansionLimit } from './decompressed-source.ts';
import type { FileInfo } from './filesystem/file-system.ts';
import { fileSystemOf } from './filesystem/registry.ts';

/** How the bytes of a file are got at. */
export interface ContentOptions {
  readonly compression: Compression | 'auto';
  readonly expansion: ExpansionLimit;
}

/** What a source's options say about the content of its files. @throws PipelineError `OPTION_INVALID` */
export function contentOptions(
  options: {
    readonly compression?: Compression | 'auto';
    readonly maxDecompressedBytes?: number;
    readonly maxExpansion?: number;
  },
  name: string,
): ContentOptions {
  const { compression = 'auto', maxDecompressedBytes = 2 ** 40, maxExpansion = 1000 } = options;
  checkCompression(compression, name);
  for (const [option, value] of Object.entries({ maxDecompressedBytes, maxExpansion })) {
    if (value > 0) continue;
    throw new PipelineError('OPTION_INVALID', `${option} must be a positive number, not ${value}`, { transform: name });
  }
  return { compression, expansion: { maxBytes: maxDecompressedBytes, maxRatio: maxExpansion } };
}

/** The compression of a file: as told, or by its name. */
export function compressionIn(options: ContentOptions, path: string): Compression {
  return options.compression === 'auto' ? compressionOf(path) : options.compression;
}

/** Opens the content of a file from a byte on; of a compressed file only from its first. */
export async function openContent(file: FileInfo, options: ContentOptions, start = 0): Promise<ByteSource> {
  const { path } = file;
  const compression = compressionIn(options, path);
  const raw = new RawSource(await fileSystemOf(path).open(path, file), start);
  if (compression === 'none') return raw;
  if (start !== 0) throw new Error(`${path} is compressed and cannot be read from byte ${start}`);
  return new DecompressedSource(raw, compression, path, options.expansion);
}

/** The first bytes of a file's content; fewer than `length` only when there are no more. */
export async function readHead(file: FileInfo, options: ContentOptions, length: number): Promise<Buffer> {
  return readAll(await openContent(file, options), length);
}

/** Bytes of a file as stored; fewer than `length` only at its end. */
export async function readBytes(file: FileInfo, position: number, length: number): Promise<Buffer> {
  return readAll(new RawSource(await fileSystemOf(file.path).open(file.path, file), position), length);
}

async function readAll(source: ByteSource, length: number): Promise<Buffer> {
  try {
    const bytes = Buffer.allocUnsafeSlow(length);
    return bytes.subarray(0, await source.read(bytes));
  } finally {
    await source.close();
  }
}
