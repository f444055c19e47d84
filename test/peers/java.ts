import { once } from 'node:events';
import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { freePorts } from '../support/free-ports.ts';
import { has, install, PEERS, type Peer } from './peer.ts';
import { startServer } from './server-process.ts';

const BEAM_VERSION = '2.65.0';
const FOLDER = join(PEERS, `java-beam-${BEAM_VERSION}`);
const LIBRARIES = join(FOLDER, 'lib');

const dependency = (group: string, artifact: string, version: string): string =>
  `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version></dependency>`;

const POM = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>millrace.test</groupId>
  <artifactId>java</artifactId>
  <version>1</version>
  <dependencies>
    ${dependency('org.apache.beam', 'beam-sdks-java-harness', BEAM_VERSION)}
    ${dependency('org.apache.beam', 'beam-sdks-java-expansion-service', BEAM_VERSION)}
    ${dependency('com.github.jbellis', 'jamm', '0.4.0')}
    ${dependency('org.slf4j', 'slf4j-simple', '2.0.13')}
  </dependencies>
</project>
`;

/** Why {@link startJavaExpansion} cannot work on this machine; `undefined` where it can. */
export function whyNoJava(): string | undefined {
  if (!has('java', '-version')) return 'Java is not installed';
  return existsSync(LIBRARIES) || has('mvn', '-version') ? undefined : 'Maven is not installed';
}

/**
 * The Java SDK's expansion service, and the pool of workers that runs what it expands. The pool's process is good for one
 * job: what its workers share ends with the first.
 */
export async function startJavaExpansion(): Promise<Peer> {
  if (!existsSync(LIBRARIES)) {
    console.error(`Fetching Beam's Java SDK ${BEAM_VERSION} by Maven ...`);
    mkdirSync(FOLDER, { recursive: true });
    writeFileSync(join(FOLDER, 'pom.xml'), POM);
    const target = join(FOLDER, `fetched-${process.pid}`);
    const goal = ['dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${target}`];
    install('mvn', ['-q', '-B', ...goal], { cwd: FOLDER });
    renameSync(target, LIBRARIES);
  }
  const java = ['-Xmx512m', '-cp', join(LIBRARIES, '*')];
  const env = { ...process.env, PIPELINE_OPTIONS: '{"options":{}}' };
  const started = /started at address: (localhost:\d+)/;
  const pool = await startServer('java', [...java, 'org.apache.beam.fn.harness.ExternalWorkerService'], started, {
    env,
  });
  const [, workers = ''] = started.exec(pool.log()) ?? [];
  const [port] = await freePorts(1);
  const service = [
    'org.apache.beam.sdk.expansion.service.ExpansionService',
    String(port),
    '--javaClassLookupAllowlistFile=*',
    '--defaultEnvironmentType=EXTERNAL',
    `--defaultEnvironmentConfig=${workers}`,
  ];
  const expansion = await startServer('java', [...java, ...service], /Registered transforms:/, { env });
  await listens(port);
  return {
    ...expansion,
    endpoint: `localhost:${port}`,
    version: BEAM_VERSION,
    async stop() {
      await expansion.stop();
      await pool.stop();
    },
  };
}

/** The service prints what it has before it listens. */
async function listens(port: number): Promise<void> {
  for (let tries = 0; ; tries++) {
    const socket = connect(port, 'localhost');
    try {
      await once(socket, 'connect');
      return;
    } catch (error) {
      if (tries > 100) throw error;
      await setTimeout(100);
    } finally {
      socket.destroy();
    }
  }
}
