import type { Pipeline, PTransform } from '../../sdk/index.ts';
import { checkOptions, type OptionNames } from '../check-options.ts';
import { type Globs, readFiles, type SourceOutput } from '../file-based-source.ts';
import type { OnError } from '../on-error.ts';
import { TF_RECORD_READ_OPTIONS, type TfRecordReadOptions, tfRecordFormat } from '../tfrecord/read-tf-record.ts';
import type { BytesAs, BytesOf, Example, ExampleReadOptions, Int64As, Int64Of, SequenceExample } from './example.ts';
import { type ExampleColumns, type ExampleRow, ExampleRowCodec } from './example-columns.ts';
import { ExampleDecoder } from './example-decoder.ts';

/** Options of {@link readTfExample}. */
export interface TfExampleReadOptions<
  E extends OnError = 'fail',
  I extends Int64As = 'bigint',
  B extends BytesAs = 'bytes',
> extends TfRecordReadOptions<E>,
    ExampleReadOptions<I, B> {}

/** Options of {@link readTfExample} for typed rows. */
export interface TfExampleRowOptions<C extends ExampleColumns, E extends OnError = 'fail'>
  extends TfRecordReadOptions<E> {
  /** The columns of the rows; other features are not decoded. */
  readonly columns: C;
}

const OPTIONS: OptionNames<TfExampleReadOptions> = {
  ...TF_RECORD_READ_OPTIONS,
  int64: true,
  bytes: true,
  features: true,
};
const ROW_OPTIONS: OptionNames<TfExampleRowOptions<ExampleColumns>> = { ...TF_RECORD_READ_OPTIONS, columns: true };

/**
 * Reads TFRecord files of tf.Examples: with `columns` as typed rows, without as {@link Example} objects. A record that
 * is no Example, or does not fit the columns, is bad data like one with a wrong checksum; see {@link readTfRecord}.
 */
export function readTfExample<const C extends ExampleColumns, E extends OnError = 'fail'>(
  globs: Globs,
  options: TfExampleRowOptions<C, E>,
): PTransform<Pipeline, SourceOutput<ExampleRow<C>, E>>;
export function readTfExample<E extends OnError = 'fail', I extends Int64As = 'bigint', B extends BytesAs = 'bytes'>(
  globs: Globs,
  options?: TfExampleReadOptions<E, I, B>,
): PTransform<Pipeline, SourceOutput<Example<Int64Of<I>, BytesOf<B>>, E>>;
export function readTfExample<E extends OnError>(
  globs: Globs,
  options: TfExampleReadOptions<E, Int64As, BytesAs> & { readonly columns?: ExampleColumns } = {},
): PTransform<Pipeline, SourceOutput<unknown, E>> {
  const { columns } = options;
  checkOptions(options, columns === undefined ? { ...OPTIONS, columns: true } : ROW_OPTIONS, 'ReadTfExample');
  const decoder = () => {
    const codec = columns === undefined ? new ExampleDecoder(options) : new ExampleRowCodec(columns);
    return (bytes: Buffer, start: number, end: number): unknown => codec.decode(bytes.subarray(start, end));
  };
  // A column without a known kind is reported where the pipeline is built.
  decoder();
  return readFiles(tfRecordFormat('TfExample', decoder, options), globs, options);
}

/** Reads TFRecord files of tf.SequenceExamples; otherwise like {@link readTfExample}. */
export function readTfSequenceExample<
  E extends OnError = 'fail',
  I extends Int64As = 'bigint',
  B extends BytesAs = 'bytes',
>(
  globs: Globs,
  options: TfExampleReadOptions<E, I, B> = {},
): PTransform<Pipeline, SourceOutput<SequenceExample<Int64Of<I>, BytesOf<B>>, E>> {
  checkOptions(options, OPTIONS, 'ReadTfSequenceExample');
  const decoder = () => {
    const codec = new ExampleDecoder(options);
    return (bytes: Buffer, start: number, end: number) => codec.decodeSequence(bytes.subarray(start, end));
  };
  return readFiles(tfRecordFormat('TfSequenceExample', decoder, options), globs, options);
}
