import { PipelineError } from '../../sdk/index.ts';
import { brokerList, type KafkaConnection } from './kafka-connection.ts';

/** The module `@platformatic/kafka`. */
export type Kafka = typeof import('@platformatic/kafka');

/** The client library, loaded when it is first needed. @throws PipelineError `PACKAGE_MISSING` */
export async function loadKafka(): Promise<Kafka> {
  try {
    return await import('@platformatic/kafka');
  } catch (cause) {
    if ((cause as { code?: unknown }).code !== 'ERR_MODULE_NOT_FOUND') throw cause;
    throw new PipelineError(
      'PACKAGE_MISSING',
      "Kafka needs the package '@platformatic/kafka', which is not installed",
      {
        hint: 'npm install @platformatic/kafka',
        cause,
      },
    );
  }
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
    ...(sasl === undefined ? {} : { sasl: { ...sasl } }),
  };
}
