import { coders, type Pipeline, type PTransform } from '../../sdk/index.ts';
import { copyBytes } from '../copy-bytes.ts';
import { type FileSourceOptions, type Globs, readFiles, type SourceOutput } from '../file-based-source.ts';
import type { SourceFormat } from '../file-format.ts';
import type { OnError } from '../on-error.ts';
import { FOOTER_BYTES, HEADER_BYTES } from './frame.ts';
import { TfRecordParser } from './tf-record-parser.ts';

/** Longest record unless told otherwise: 256 MiB. */
const MAX_RECORD_BYTES = 256 * 1024 * 1024;

/** Options of the TFRecord sources. */
export interface TfRecordReadOptions<E extends OnError = 'fail'> extends FileSourceOptions<E> {
  /** A longer record is bad data, and with it the rest of its file; default 256 MiB. */
  readonly maxRecordBytes?: number;
}

/**
 * Reads the records of TFRecord files as bytes. Both checksums of each record are verified. Files are read in parallel,
 * each by one worker: the format has no marks at which one could begin in the middle. `.gz` and `.zlib` files (GZIP and
 * ZLIB in TensorFlow) are recognised by name; where the name does not tell, say `compression: 'gzip'` or `'deflate'`.
 *
 * Bad data is an IoError with file and offset (in the uncompressed content), or goes where `onError` says:
 * `TFRECORD_DATA_CRC` is about one record, and the ones behind it are read; `TFRECORD_LENGTH_CRC`, `TFRECORD_TOO_LARGE`
 * and `TFRECORD_TRUNCATED` end the file, because nothing tells where the next record would begin.
 */
export function readTfRecord<E extends OnError = 'fail'>(
  globs: Globs,
  options: TfRecordReadOptions<E> = {},
): PTransform<Pipeline, SourceOutput<Uint8Array, E>> {
  return readFiles(
    tfRecordFormat('TfRecord', () => copyBytes, options),
    globs,
    options,
    coders.bytes,
  );
}

/**
 * TFRecord files whose records `decode` makes into elements.
 *
 * @param decode called once per file range, so that a decoder may keep what it learns
 */
export function tfRecordFormat<O>(
  name: string,
  decode: () => (bytes: Buffer, start: number, end: number) => O,
  options: TfRecordReadOptions<OnError>,
): SourceFormat<O> {
  const { maxRecordBytes = MAX_RECORD_BYTES } = options;
  return {
    name,
    splittable: false,
    maxRecordBytes: HEADER_BYTES + maxRecordBytes + FOOTER_BYTES,
    open: ({ file, bad }) => new TfRecordParser({ path: file.path, maxRecordBytes, bad, decode: decode() }),
  };
}
