import { ByteWriter, type PCollection, type PTransform, type Window } from '../../sdk/index.ts';
import { checkOptions } from '../check-options.ts';
import type { SinkFormat } from '../file-format.ts';
import { FILE_SINK_OPTIONS, type FileSinkOptions, writeFiles } from '../file-sink.ts';
import type { WrittenFile } from '../finalize-files.ts';
import { writeFrame } from './frame.ts';

/**
 * Writes byte strings as the records of TFRecord files. Compression as in all sinks: a suffix `.tfrecord.gz`, or
 * `compression: 'gzip'` (GZIP in TensorFlow) or `'deflate'` (ZLIB). The uncompressed content is byte for byte what
 * TensorFlow writes.
 */
export function writeTfRecord<W extends Window = Window>(
  prefix: string,
  options: FileSinkOptions<Uint8Array, W> = {},
): PTransform<PCollection<Uint8Array, W>, PCollection<WrittenFile>> {
  checkOptions(options, FILE_SINK_OPTIONS, 'WriteTfRecord');
  return writeFiles(
    tfRecordSink<Uint8Array>('TfRecord', () => (record, out) => writeFrame(record, out)),
    prefix,
    options,
  );
}

/** TFRecord files of elements that `serialize` makes into the bytes of a record. */
export function serializedTfRecordSink<T>(
  name: string,
  serializer: () => (element: T, out: ByteWriter) => void,
): SinkFormat<T> {
  return tfRecordSink(name, () => {
    const serialize = serializer();
    const record = new ByteWriter();
    return (element, out) => {
      record.clear();
      serialize(element, record);
      writeFrame(record.view(), out);
    };
  });
}

function tfRecordSink<T>(name: string, create: () => (element: T, out: ByteWriter) => void): SinkFormat<T> {
  return { name, extension: '.tfrecord', compressible: true, create: () => ({ encode: create() }) };
}
