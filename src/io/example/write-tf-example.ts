import type { PCollection, PTransform, Window } from '../../sdk/index.ts';
import { checkOptions, type OptionNames } from '../check-options.ts';
import { FILE_SINK_OPTIONS, type FileSinkOptions, writeFiles } from '../file-sink.ts';
import type { WrittenFile } from '../finalize-files.ts';
import { serializedTfRecordSink } from '../tfrecord/write-tf-record.ts';
import type { ExampleInput, SequenceExampleInput } from './example.ts';
import { type ExampleColumns, type ExampleRow, ExampleRowCodec } from './example-columns.ts';
import { ExampleEncoder } from './example-encoder.ts';

/** Options of {@link writeTfExample} for typed rows. */
export interface TfExampleRowWriteOptions<C extends ExampleColumns, W extends Window = Window>
  extends FileSinkOptions<ExampleRow<C>, W> {
  /** The columns of the rows; other properties are not written. */
  readonly columns: C;
}

const OPTIONS: OptionNames<TfExampleRowWriteOptions<ExampleColumns>> = { ...FILE_SINK_OPTIONS, columns: true };

/**
 * Writes TFRecord files of tf.Examples: with `columns` from typed rows, without from {@link ExampleInput} objects. The
 * bytes are the ones of TensorFlow's deterministic mode. A value that does not fit its feature is a CoderError.
 */
export function writeTfExample<const C extends ExampleColumns, W extends Window = Window>(
  prefix: string,
  options: TfExampleRowWriteOptions<C, W>,
): PTransform<PCollection<ExampleRow<C>, W>, PCollection<WrittenFile>>;
export function writeTfExample<W extends Window = Window>(
  prefix: string,
  options?: FileSinkOptions<ExampleInput, W>,
): PTransform<PCollection<ExampleInput, W>, PCollection<WrittenFile>>;
export function writeTfExample<W extends Window>(
  prefix: string,
  options: FileSinkOptions<never, W> & { readonly columns?: ExampleColumns } = {},
): PTransform<PCollection<never, W>, PCollection<WrittenFile>> {
  checkOptions(options, OPTIONS, 'WriteTfExample');
  const rows = options.columns === undefined ? undefined : new ExampleRowCodec(options.columns);
  const format = serializedTfRecordSink<unknown>('TfExample', () => {
    const encoder = new ExampleEncoder();
    if (rows === undefined) return (example, out) => encoder.encode(example as ExampleInput, out);
    return (row, out) => encoder.encode(rows.toExample(row as never), out);
  });
  return writeFiles<unknown, W>(format, prefix, options as FileSinkOptions<unknown, W>);
}

/** Writes TFRecord files of tf.SequenceExamples; otherwise like {@link writeTfExample}. */
export function writeTfSequenceExample<W extends Window = Window>(
  prefix: string,
  options: FileSinkOptions<SequenceExampleInput, W> = {},
): PTransform<PCollection<SequenceExampleInput, W>, PCollection<WrittenFile>> {
  checkOptions(options, FILE_SINK_OPTIONS, 'WriteTfSequenceExample');
  const format = serializedTfRecordSink<SequenceExampleInput>('TfSequenceExample', () => {
    const encoder = new ExampleEncoder();
    return (example, out) => encoder.encodeSequence(example, out);
  });
  return writeFiles(format, prefix, options);
}
