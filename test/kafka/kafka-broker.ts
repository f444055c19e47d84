import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MavenLibraries } from '../peers/maven.ts';
import { type ServerProcess, startServer } from '../peers/server-process.ts';
import { freePorts } from '../support/free-ports.ts';

/** The broker, and a logger that prints. */
const libraries = new MavenLibraries(join(import.meta.dirname, '../../.cache/kafka'), 'Kafka (about 100 MB)', [
  ['org.apache.kafka', 'kafka_2.13', '3.9.1'],
  ['org.slf4j', 'slf4j-simple', '1.7.36'],
]);

/** Why no broker can be started here; `undefined` when one can. */
export function whyNoKafka(): string | undefined {
  if (process.env.MILLRACE_TEST_KAFKA !== '1') return 'needs a broker: npm run test:kafka';
  return libraries.whyNot();
}

/** Fetches the broker by Maven, unless that was done before. */
export function fetchKafka(): void {
  libraries.fetch();
}

/** A broker of its own for one test file: a single node, with its data in a temporary folder. */
export class KafkaBroker {
  readonly address: string;
  /** Where clients come by TLS and say who they are: `reader` with `reader-secret`, or with an unsigned token. */
  readonly secureAddress: string;
  /** The certificate of the broker, which it has signed itself. */
  readonly certificate: string;
  readonly #folder: string;
  readonly #properties: string;
  #process: ServerProcess | undefined;

  private constructor(folder: string, [port, controllerPort, securePort]: readonly number[]) {
    this.#folder = folder;
    this.address = `127.0.0.1:${port}`;
    this.secureAddress = `127.0.0.1:${securePort}`;
    const keys = join(folder, 'keys.p12');
    const store = ['-keystore', keys, '-storetype', 'PKCS12', '-storepass', 'store-secret', '-alias', 'broker'];
    const name = ['-dname', 'CN=127.0.0.1', '-ext', 'san=ip:127.0.0.1', '-keyalg', 'EC', '-validity', '2'];
    run('keytool', ['-genkeypair', ...store, ...name]);
    this.certificate = run('keytool', ['-exportcert', '-rfc', ...store]);
    this.#properties = join(folder, 'server.properties');
    writeFileSync(
      this.#properties,
      `process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:${controllerPort}
listeners=PLAINTEXT://127.0.0.1:${port},SASL_SSL://127.0.0.1:${securePort},CONTROLLER://127.0.0.1:${controllerPort}
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL_SSL:SASL_SSL
ssl.keystore.type=PKCS12
ssl.keystore.location=${keys}
ssl.keystore.password=store-secret
sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER
listener.name.sasl_ssl.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required user_reader="reader-secret";
listener.name.sasl_ssl.scram-sha-256.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
listener.name.sasl_ssl.oauthbearer.sasl.jaas.config=org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required;
listener.name.sasl_ssl.oauthbearer.connections.max.reauth.ms=1000
log.dirs=${join(folder, 'data')}
offsets.topic.num.partitions=4
offsets.topic.replication.factor=1
transaction.state.log.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
auto.create.topics.enable=false
log.segment.delete.delay.ms=0
log.retention.check.interval.ms=1000
`,
    );
  }

  static async start(): Promise<KafkaBroker> {
    fetchKafka();
    const folder = mkdtempSync(join(tmpdir(), 'millrace-kafka-'));
    const broker = new KafkaBroker(folder, await freePorts(3));
    const id = java(['kafka.tools.StorageTool', 'random-uuid']).trim();
    const users = ['SCRAM-SHA-256', 'SCRAM-SHA-512'].flatMap((mechanism) => [
      '--add-scram',
      `${mechanism}=[name=reader,password=reader-secret]`,
    ]);
    java(['kafka.tools.StorageTool', 'format', '-t', id, '-c', broker.#properties, ...users]);
    await broker.up();
    return broker;
  }

  /** Starts the process again, with the data that is there. */
  async up(): Promise<void> {
    const argv = [...JAVA, '-Xmx512m', '-cp', CLASS_PATH, 'kafka.Kafka', this.#properties];
    this.#process = await startServer('java', argv, /Kafka Server started/, { cwd: this.#folder });
  }

  /** Ends the process; its data stay. @param signal `SIGKILL` for a crash */
  async down(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    await this.#process?.stop(signal);
  }

  async stop(): Promise<void> {
    await this.down('SIGKILL');
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** A token as the broker takes them: without signature, valid for some seconds from now. */
export function unsignedToken(seconds: number): string {
  const now = Math.floor(Date.now() / 1000);
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'none' })}.${part({ sub: 'reader', iat: now - 120, exp: now + seconds })}.`;
}

function java(tool: readonly string[]): string {
  return run('java', [...JAVA, '-cp', CLASS_PATH, ...tool]);
}

/** What a command prints. */
function run(command: string, argv: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(command, argv, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${argv.join(' ')} failed: ${stderr}${stdout}`);
  return stdout;
}

const CLASS_PATH = join(libraries.jars, '*');
/** Starts in half the time: what runs for seconds is not worth compiling well. */
const JAVA = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Dorg.slf4j.simpleLogger.defaultLogLevel=info'];
