import { IoError, type Pipeline, PipelineError, type PTransform } from '../../sdk/index.ts';
import { checkColumns } from '../check-columns.ts';
import { checkOptions, type OptionNames } from '../check-options.ts';
import {
  FILE_SOURCE_OPTIONS,
  type FileSourceOptions,
  type Globs,
  readFiles,
  type SourceOutput,
} from '../file-based-source.ts';
import type { SourceFormat } from '../file-format.ts';
import type { OnError } from '../on-error.ts';
import { AvroParser } from './avro-parser.ts';
import { type AvroSchema, type AvroType, parseAvroSchema } from './avro-schema.ts';
import { compileReader } from './compile-reader.ts';
import { readContainerHeader, SYNC_BYTES } from './container-header.ts';

/** Largest block unless told otherwise: 256 MiB. */
const MAX_BLOCK_BYTES = 256 * 1024 * 1024;
/** Two varints before a block and the marker behind it. */
const BLOCK_OVERHEAD = 20 + SYNC_BYTES;

/** Options of {@link readAvro}. */
export interface AvroReadOptions<E extends OnError = 'fail'> extends Omit<FileSourceOptions<E>, 'compression'> {
  /**
   * The schema to read by (the reader's schema); default that of each file. Fields are found by name or alias, missing
   * ones come from their defaults, numbers are promoted.
   */
  readonly schema?: AvroSchema;
  /** Read only these fields of a record; instead of `schema`. */
  readonly columns?: readonly string[];
  /** What a long is read as: `bigint` (default), or `number`, and then one beyond ±(2^53 - 1) is bad data. */
  readonly int64?: 'bigint' | 'number';
  /** Largest block, as stored and expanded; a larger one is bad data. Default 256 MiB. */
  readonly maxBlockBytes?: number;
}

const { compression: _, ...SOURCE_OPTIONS } = FILE_SOURCE_OPTIONS;
const OPTIONS: OptionNames<AvroReadOptions> = {
  ...SOURCE_OPTIONS,
  schema: true,
  columns: true,
  int64: true,
  maxBlockBytes: true,
};

/**
 * Reads Avro object container files: one element per value, records as objects. Files are split between their blocks.
 * Codecs null, deflate, snappy and zstandard.
 *
 * Bad data is an IoError with file and offset, or goes where `onError` says. A block is the smallest unit that can be
 * passed over: what follows a broken row in its block is lost with it, and reading goes on at the next block.
 *
 * @typeParam T row type, as the schema has it: it is not checked
 */
export function readAvro<T = Readonly<Record<string, unknown>>, E extends OnError = 'fail'>(
  globs: Globs,
  options: AvroReadOptions<E> = {},
): PTransform<Pipeline, SourceOutput<T, E>> {
  checkOptions(options, OPTIONS, 'ReadAvro');
  // Blocks are compressed inside of the file: its name says nothing.
  return readFiles(avroFormat<T>(options), globs, { ...options, compression: 'none' });
}

/** How Avro files are read. @throws PipelineError `OPTION_INVALID`, IoError `AVRO_SCHEMA` */
export function avroFormat<T>(options: AvroReadOptions<OnError>): SourceFormat<T> {
  const { schema, columns, int64 = 'bigint', maxBlockBytes = MAX_BLOCK_BYTES } = options;
  if (schema !== undefined && columns !== undefined) {
    throw new PipelineError('OPTION_INVALID', 'ReadAvro takes a schema or columns, not both');
  }
  const wanted = schema === undefined ? undefined : parseAvroSchema(schema);
  return {
    name: 'Avro',
    splittable: true,
    lead: SYNC_BYTES,
    maxRecordBytes: maxBlockBytes + BLOCK_OVERHEAD,
    async open({ file, bad, head }) {
      const header = await readContainerHeader(file.path, head);
      const reader = wanted ?? (columns === undefined ? header.type : project(header.type, columns, file.path));
      const read = compileReader(header.type, reader, { int64 });
      return new AvroParser<T>({ path: file.path, header, read, maxBlockBytes, bad });
    },
  };
}

function project(type: AvroType, columns: readonly string[], path: string): AvroType {
  if (type.kind !== 'record')
    throw new IoError('AVRO_SCHEMA', 'The file holds no records, so it has no columns', {
      final: true,
      resource: path,
    });
  checkColumns(
    columns,
    type.fields.map((field) => field.name),
    path,
  );
  return { ...type, fields: type.fields.filter((field) => columns.includes(field.name)) };
}
