/** `millrace/io/redis`: streams of Redis as a source and a sink. Needs the package `@redis/client`. */
export type { RedisGroup } from './group-feed.ts';
export { type RedisReadOptions, readRedisStream } from './read-redis-stream.ts';
export type { RedisConnection, RedisOptions, RedisTls } from './redis-connection.ts';
export type { RawRedisEntry, RedisEntry } from './stream-entry.ts';
export type { RedisMessage } from './stream-message.ts';
export type { RedisPosition } from './stream-source.ts';
export { type RedisExactlyOnce, type RedisWriteOptions, writeRedisStream } from './write-redis-stream.ts';
