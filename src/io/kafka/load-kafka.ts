import { loadPackage } from '../load-package.ts';
import { brokerList, type KafkaConnection, type KafkaSasl } from './kafka-connection.ts';

/** The module `@platformatic/kafka`. */
export type Kafka = typeof import('@platformatic/kafka');

/** The client library, loaded when it is first needed. @throws PipelineError `PACKAGE_MISSING` */
export function loadKafka(): Promise<Kafka> {
  return loadPackage('@platformatic/kafka', 'Kafka', () => import('@platformatic/kafka'));
}

/** The connection as the library takes it. */
export function clientOptions(connection: KafkaConnection) {
  const {
    brokers,
    clientId = 'millrace',
    tls = false,
    sasl,
    connectTimeout = 10_000,
    requestTimeout = 30_000,
  } = connection;
  const { ca, ...rest } = tls === true || tls === false ? ({} as { ca?: never }) : tls;
  return {
    clientId,
    bootstrapBrokers: brokerList(brokers),
    connectTimeout,
    requestTimeout,
    timeout: requestTimeout,
    retries: 4,
    retryDelay: 250,
    ...(tls === false
      ? {}
      : {
          tls: {
            ...rest,
            ...(ca === undefined ? {} : { ca: typeof ca === 'string' ? ca : [...(ca as readonly string[])] }),
          },
        }),
    ...(sasl === undefined ? {} : { sasl: saslOptions(sasl) }),
  };
}

/** A broker that refuses a token says so in an answer, which the library takes for consent unless it is looked at. */
function saslOptions(sasl: KafkaSasl) {
  if (sasl.mechanism !== 'OAUTHBEARER') return { ...sasl };
  return {
    ...sasl,
    authBytesValidator(said: Buffer, done: (error: Error | null, said?: Buffer) => void): void {
      if (said.length === 0) done(null, said);
      else done(new Error(`The broker refuses the token: ${said.toString('utf8', 0, 500)}`));
    },
  };
}
