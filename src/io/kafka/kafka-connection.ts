import { PipelineError } from '../../sdk/index.ts';

/** What proves who a client is, or a function that gets it: it is called in each worker, so that the program need not hold it. */
export type KafkaCredential = string | (() => string | Promise<string>);

/** How a client proves who it is: by a password, or by a token. */
export type KafkaSasl =
  | {
      readonly mechanism: 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512';
      readonly username: KafkaCredential;
      readonly password: KafkaCredential;
    }
  | {
      readonly mechanism: 'OAUTHBEARER';
      /** As a function it is called for each connection, and again when the broker asks for a new one because a token ends. */
      readonly token: KafkaCredential;
    };

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
  if (connection.sasl !== undefined) checkSasl(connection.sasl, transform);
  return connection;
}

/** What each mechanism needs. */
const CREDENTIALS: Readonly<Record<string, readonly string[]>> = {
  PLAIN: ['username', 'password'],
  'SCRAM-SHA-256': ['username', 'password'],
  'SCRAM-SHA-512': ['username', 'password'],
  OAUTHBEARER: ['token'],
};

function checkSasl(sasl: KafkaSasl, transform: string): void {
  const needed = Object.hasOwn(CREDENTIALS, sasl.mechanism) ? CREDENTIALS[sasl.mechanism] : undefined;
  if (needed === undefined) {
    throw new PipelineError('OPTION_INVALID', `There is no SASL mechanism '${sasl.mechanism}'`, {
      transform,
      hint: `Choose ${Object.keys(CREDENTIALS).join(', ')}.`,
    });
  }
  for (const name of needed) {
    const kind = typeof (sasl as Partial<Record<string, unknown>>)[name];
    if (kind === 'string' || kind === 'function') continue;
    const message = `SASL/${sasl.mechanism} needs ${needed.join(' and ')}, each a string or a function`;
    throw new PipelineError('OPTION_INVALID', message, { transform });
  }
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
