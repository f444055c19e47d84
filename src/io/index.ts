/** `millrace/io`: sources and sinks for files, and the interfaces to write more of them. */
export type { Destination, DestinationContext } from './bundle-writer.ts';
export { type Compression, compressionOf } from './compression.ts';
export type { CsvDialectOptions } from './csv/csv-dialect.ts';
export type { RaggedRows } from './csv/csv-parser.ts';
export type { CsvInferredRow, CsvRow, CsvScalar, CsvSchema, CsvType, CsvValue } from './csv/csv-schema.ts';
export { type CsvInferOptions, type CsvReadOptions, type CsvSchemaOptions, readCsv } from './csv/read-csv.ts';
export { type CsvWriteOptions, writeCsv } from './csv/write-csv.ts';
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
export { type JsonLinesReadOptions, readJsonLines } from './json-lines/read-json-lines.ts';
export { type JsonLinesWriteOptions, writeJsonLines } from './json-lines/write-json-lines.ts';
export { type MatchedFile, matchFiles } from './match-files.ts';
export { type BadRecord, type BadRecordSink, DataError, type OnError } from './on-error.ts';
export type { LineSourceOptions } from './text/line-format.ts';
export type { TextEncoding } from './text/line-parser.ts';
export { readText, readTextRecords, type TextReadOptions, type TextRecord } from './text/read-text.ts';
export { type TextWriteOptions, writeText } from './text/write-text.ts';
