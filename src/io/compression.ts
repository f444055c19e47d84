import { PipelineError } from '../sdk/index.ts';

/** Compression of a whole file. `deflate` is the zlib format (RFC 1950). */
export type Compression = 'none' | 'gzip' | 'zstd' | 'deflate';

const BY_EXTENSION: Readonly<Record<string, Compression>> = {
  gz: 'gzip',
  gzip: 'gzip',
  zst: 'zstd',
  zstd: 'zstd',
  zz: 'deflate',
  zlib: 'deflate',
  deflate: 'deflate',
};

/** The compression that a file's name tells: `.gz`, `.gzip`, `.zst`, `.zstd`, `.zz`, `.zlib`, `.deflate`. */
export function compressionOf(path: string): Compression {
  const name = path.replace(/[?#].*$/, '');
  return BY_EXTENSION[name.slice(name.lastIndexOf('.') + 1).toLowerCase()] ?? 'none';
}

/** The extension that goes with a compression, with its dot. */
export function extensionOf(compression: Compression): string {
  return { none: '', gzip: '.gz', zstd: '.zst', deflate: '.zz' }[compression];
}

/** @throws PipelineError `OPTION_INVALID`. */
export function checkCompression(compression: string, transform: string): void {
  if (compression === 'auto' || ['none', 'gzip', 'zstd', 'deflate'].includes(compression)) return;
  throw new PipelineError('OPTION_INVALID', `'${compression}' is no compression`, {
    transform,
    hint: "Choose 'auto', 'none', 'gzip', 'zstd' or 'deflate'.",
  });
}
