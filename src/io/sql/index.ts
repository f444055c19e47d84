/** `millrace/io/sql`: tables of Postgres and SQLite as sources and sinks. Postgres needs the package `pg`. */
export type { CursorValue } from './cursor-columns.ts';
export type { TableName } from './identifiers.ts';
export { type PostgresPollOptions, pollPostgres } from './poll-postgres.ts';
export { pollSqlite, type SqlitePollOptions } from './poll-sqlite.ts';
export type { TablePollOptions } from './poll-table.ts';
export type { PostgresConnection, PostgresOptions } from './postgres-client.ts';
export type { PostgresTypeOptions } from './postgres-types.ts';
export { type PostgresReadOptions, readPostgres } from './read-postgres.ts';
export { readSqlite, type SqliteReadOptions } from './read-sqlite.ts';
export type { RowWriteOptions, WriteMode } from './row-sink.ts';
export type { SqliteTypeOptions } from './sqlite-values.ts';
export type { PollStart } from './table-poller.ts';
export { type PostgresWriteOptions, writePostgres } from './write-postgres.ts';
export type { FailedRow, OnRowError, RowSinkOutput, WrittenRows } from './write-rows.ts';
export { type SqliteWriteOptions, writeSqlite } from './write-sqlite.ts';
