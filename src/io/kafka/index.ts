/** `millrace/io/kafka`: Kafka as a source and a sink. Needs the package `@platformatic/kafka`. */
export type { KafkaConnection, KafkaCredential, KafkaSasl, KafkaTls } from './kafka-connection.ts';
export type { KafkaMessage } from './kafka-message.ts';
export type { KafkaCompression } from './kafka-producer.ts';
export type { BadKafkaRecord, KafkaRecord } from './kafka-record.ts';
export type { KafkaPosition } from './kafka-source.ts';
export { type KafkaOutput, type KafkaReadOptions, type OnBadRecord, readKafka } from './read-kafka.ts';
export { type KafkaExactlyOnce, type KafkaWriteOptions, writeKafka } from './write-kafka.ts';
