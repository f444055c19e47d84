import { coders, type Pipeline, type PTransform } from '../../sdk/index.ts';
import { checkIntegerOption, checkOptions, type OptionNames } from '../check-options.ts';
import { copyBytes } from '../copy-bytes.ts';
import {
  FILE_SOURCE_OPTIONS,
  type FileSourceOptions,
  type Globs,
  readFiles,
  type SourceOutput,
} from '../file-based-source.ts';
import type { SourceFormat } from '../file-format.ts';
import type { OnError } from '../on-error.ts';
import { findFrame } from './find-frame.ts';
import { FOOTER_BYTES, HEADER_BYTES, recordLength } from './frame.ts';
import { TfRecordParser } from './tf-record-parser.ts';

/** Longest record unless told otherwise: 256 MiB. */
const MAX_RECORD_BYTES = 256 * 1024 * 1024;
/** One buffer holds a record. */
const MOST_RECORD_BYTES = 2 * 1024 * 1024 * 1024;

/** Options of the TFRecord sources. */
export interface TfRecordReadOptions<E extends OnError = 'fail'> extends FileSourceOptions<E> {
  /** A longer record is bad data, and with it what follows it in its range; default 256 MiB. */
  readonly maxRecordBytes?: number;
  /** False: each file is read from its start to its end by one worker; see {@link readTfRecord}. Default true. */
  readonly split?: boolean;
}

/** Names of {@link TfRecordReadOptions}. */
export const TF_RECORD_READ_OPTIONS: OptionNames<TfRecordReadOptions> = {
  ...FILE_SOURCE_OPTIONS,
  maxRecordBytes: true,
  split: true,
};

/**
 * Reads the records of TFRecord files as bytes. Both checksums of each record are verified. `.gz` and `.zlib` files (GZIP
 * and ZLIB in TensorFlow) are recognised by name; where the name does not tell, say `compression: 'gzip'` or `'deflate'`.
 *
 * Large uncompressed files are read in parallel ranges although the format has no marks between records: where a range
 * begins is found by the checksums, and checked by the reader of the range before. A file whose records hold TFRecord
 * files themselves can look as if a record began inside of another: that is the error `TFRECORD_SPLIT_AMBIGUOUS`, and
 * never a wrong record (unless `onError` passes over a damaged length right before). `split: false` reads each file in
 * one piece.
 *
 * Bad data is an IoError with file and offset (in the uncompressed content), or goes where `onError` says:
 * `TFRECORD_DATA_CRC` is about one record, and the ones behind it are read; `TFRECORD_LENGTH_CRC`, `TFRECORD_TOO_LARGE`
 * and `TFRECORD_TRUNCATED` end the range, because nothing tells where the next record would begin.
 */
export function readTfRecord<E extends OnError = 'fail'>(
  globs: Globs,
  options: TfRecordReadOptions<E> = {},
): PTransform<Pipeline, SourceOutput<Uint8Array, E>> {
  checkOptions(options, TF_RECORD_READ_OPTIONS, 'ReadTfRecord');
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
  const { maxRecordBytes = MAX_RECORD_BYTES, split = true } = options;
  checkIntegerOption('maxRecordBytes', maxRecordBytes, 1, MOST_RECORD_BYTES, `Read${name}`);
  return {
    name,
    splittable: split,
    maxRecordBytes: HEADER_BYTES + maxRecordBytes + FOOTER_BYTES,
    async open({ file, bad, start, head, readAt }) {
      const find = (position: number) => findFrame(readAt, position, file.size, maxRecordBytes);
      const parser = { path: file.path, maxRecordBytes, bad, decode: decode() };
      if (start === 0) return new TfRecordParser({ ...parser, find });
      // A file that is no TFRecord from its start is not searched for something like it.
      const first = await head(HEADER_BYTES);
      const isTfRecord = first.length === HEADER_BYTES && recordLength(first, 0) >= 0;
      return isTfRecord
        ? new TfRecordParser({ ...parser, find, start: await find(start) })
        : new TfRecordParser({ ...parser, start: file.size });
    },
  };
}
