/** `millrace/io`: sources and sinks for files, and the interfaces to write more of them. */

// Arrow
export { arrowSchemaOf, schemaOfArrow } from './arrow/arrow-schema.ts';
export type { BatchReadOptions } from './arrow/batch-elements.ts';
export type { ColumnarElement } from './arrow/columnar-batcher.ts';
export { type ArrowReadOptions, readArrow } from './arrow/read-arrow.ts';
export { recordBatchCoder } from './arrow/record-batch-coder.ts';
export { batchOfRows, rowsOfBatch } from './arrow/row-batches.ts';
export { type ArrowWriteOptions, type RowSchema, writeArrow } from './arrow/write-arrow.ts';
// Avro
export type { AvroDefinition, AvroFieldDefinition, AvroSchema } from './avro/avro-schema.ts';
export type { AvroCodec } from './avro/block-codec.ts';
export type { AvroDuration } from './avro/logical-types.ts';
export { type AvroReadOptions, readAvro } from './avro/read-avro.ts';
export { type AvroWriteOptions, writeAvro } from './avro/write-avro.ts';
export type { Destination, DestinationContext } from './bundle-writer.ts';
export { type Compression, compressionOf } from './compression.ts';
export type { CsvDialectOptions } from './csv/csv-dialect.ts';
export type { RaggedRows } from './csv/csv-parser.ts';
export type { CsvInferredRow, CsvRow, CsvScalar, CsvSchema, CsvType, CsvValue } from './csv/csv-schema.ts';
export { type CsvInferOptions, type CsvReadOptions, type CsvSchemaOptions, readCsv } from './csv/read-csv.ts';
export { type CsvWriteOptions, writeCsv } from './csv/write-csv.ts';
// TFRecord and tf.Example
export type {
  BytesAs,
  Example,
  ExampleInput,
  ExampleReadOptions,
  Feature,
  Int64As,
  SequenceExample,
  SequenceExampleInput,
} from './example/example.ts';
export {
  type ExampleColumn,
  type ExampleColumns,
  type ExampleRow,
  ExampleRowCodec,
  exampleFromRow,
} from './example/example-columns.ts';
export { ExampleDecoder } from './example/example-decoder.ts';
export { ExampleEncoder } from './example/example-encoder.ts';
export {
  readTfExample,
  readTfSequenceExample,
  type TfExampleReadOptions,
  type TfExampleRowOptions,
} from './example/read-tf-example.ts';
export { decodeExample, decodeSequenceExample, encodeExample, encodeSequenceExample } from './example/serialize.ts';
export {
  type TfExampleRowWriteOptions,
  writeTfExample,
  writeTfSequenceExample,
} from './example/write-tf-example.ts';
export { type FileSourceOptions, type Globs, readFiles, type SourceOutput } from './file-based-source.ts';
export type { Block, OpenContext, RecordEncoder, RecordParser, SinkFormat, SourceFormat } from './file-format.ts';
export { type FileRange, fileRangeCoder } from './file-range.ts';
export { type FileSinkOptions, writeFiles } from './file-sink.ts';
export {
  type CreateOptions,
  type FileInfo,
  type FileSystem,
  type FileWriter,
  type FolderEntry,
  type RandomAccessFile,
  UNKNOWN_SIZE,
} from './filesystem/file-system.ts';
export { fileSystemOf, registerFileSystem } from './filesystem/registry.ts';
export type { WrittenFile } from './finalize-files.ts';
// HTTP
export type { HttpRequest } from './http/http-inlet.ts';
export type { HttpListenOptions } from './http/http-listener.ts';
export { type HttpSourceOptions, httpSource } from './http/http-source.ts';
export { type ServerSentEventsOptions, serverSentEvents } from './http/server-sent-events.ts';
export { type WebSocketSinkOptions, webSocketSink } from './http/web-socket-sink.ts';
export { type JsonLinesReadOptions, readJsonLines } from './json-lines/read-json-lines.ts';
export { type JsonLinesWriteOptions, writeJsonLines } from './json-lines/write-json-lines.ts';
export { type MatchedFile, matchFiles } from './match-files.ts';
export { type BadRecord, type BadRecordSink, DataError, type OnError } from './on-error.ts';
// Parquet
export { type ParquetReadOptions, readParquet } from './parquet/read-parquet.ts';
export { type ParquetCompression, type ParquetWriteOptions, writeParquet } from './parquet/write-parquet.ts';
export { type TailOptions, tailText, tailTextRecords } from './tail/tail-text.ts';
export type { LineSourceOptions } from './text/line-format.ts';
export type { TextEncoding } from './text/line-parser.ts';
export { readText, readTextRecords, type TextReadOptions, type TextRecord } from './text/read-text.ts';
export { type TextWriteOptions, writeText } from './text/write-text.ts';
export { readTfRecord, type TfRecordReadOptions } from './tfrecord/read-tf-record.ts';
export { writeTfRecord } from './tfrecord/write-tf-record.ts';
export { type WatchFilesOptions, watchFiles } from './watch-files.ts';
export type { WindowedFile, WindowedFileName } from './windowed-file-name.ts';
