import { PipelineError } from '../../sdk/index.ts';

/** How a client proves who it is. */
export interface KafkaSasl {
  readonly mechanism: 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512' | 'OAUTHBEARER';
  readonly username?: string | (() => string | Promise<string>);
  /** The password, or a function that gets it: it is called in each worker, so that the program need not hold it. */
  readonly password?: string | (() => string | Promise<string>);
  /** For `OAUTHBEARER`. */
  readonly token?: string | (() => string | Promise<string>);
}

/** TLS, as `node:tls` takes it. */
export interface KafkaTls {
  /** Certificates of the authorities that are trusted, in PEM; default those of Node. */
  readonly ca?: string | readonly string[];
  /** The client's certificate and key, in PEM. */
  readonly cert?: string;
  readonly key?: string;
  readonly passphrase?: string;
  readonly servername?: string;
  readonly rejectUnauthorized?: boolean;
}

/** A Kafka cluster and how it is reached. */
export interface KafkaConnection {
  /** Addresses of some brokers, `host:port`; the others are found through them. */
  readonly brokers: string | readonly string[];
  /** Name under which the brokers log this client; default `millrace`. */
  readonly clientId?: string;
  /** `true`: TLS with Node's certificates. Default: no TLS. */
  readonly tls?: boolean | KafkaTls;
  readonly sasl?: KafkaSasl;
  /** Milliseconds to wait for a connection; default 10,000. */
  readonly connectTimeout?: number;
  /** Milliseconds to wait for an answer; default 30,000. */
  readonly requestTimeout?: number;
}

/** @throws PipelineError `OPTION_INVALID` */
export function checkConnection(connection: KafkaConnection, transform: string): KafkaConnection {
  const brokers = brokerList(connection?.brokers);
  if (brokers.length === 0 || !brokers.every((broker) => /^(\[[\da-f:]+\]|[^\s:/]+)(:\d{1,5})?$/i.test(broker))) {
    throw new PipelineError('OPTION_INVALID', `brokers cannot be ${JSON.stringify(connection?.brokers)}`, {
      transform,
      hint: "Give addresses: ['broker-1:9092', 'broker-2:9092'].",
    });
  }
  return connection;
}

/** The addresses, however they are given. */
export function brokerList(brokers: KafkaConnection['brokers'] | undefined): string[] {
  if (brokers === undefined) return [];
  const list = typeof brokers === 'string' ? brokers.split(',') : [...brokers];
  return list.map((broker) => String(broker).trim()).filter((broker) => broker !== '');
}

/** Part of a log: what a reader of a topic is given as its work. */
export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

/** The name of a partition in messages: `orders/3`. */
export function partitionName({ topic, partition }: TopicPartition): string {
  return `${topic}/${partition}`;
}
