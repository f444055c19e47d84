import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { freePorts } from '../support/free-ports.ts';
import { MavenLibraries } from './maven.ts';
import { PEERS, type Peer } from './peer.ts';
import { startServer } from './server-process.ts';

const BEAM_VERSION = '2.65.0';
const libraries = new MavenLibraries(join(PEERS, `java-beam-${BEAM_VERSION}`), `Beam's Java SDK ${BEAM_VERSION}`, [
  ['org.apache.beam', 'beam-sdks-java-harness', BEAM_VERSION],
  ['org.apache.beam', 'beam-sdks-java-expansion-service', BEAM_VERSION],
  ['com.github.jbellis', 'jamm', '0.4.0'],
  ['org.slf4j', 'slf4j-simple', '2.0.13'],
]);

/** Why {@link startJavaExpansion} cannot work on this machine; `undefined` where it can. */
export function whyNoJava(): string | undefined {
  return libraries.whyNot();
}

/**
 * The Java SDK's expansion service, and the pool of workers that runs what it expands. The pool's process is good for one
 * job: what its workers share ends with the first.
 */
export async function startJavaExpansion(): Promise<Peer> {
  libraries.fetch();
  const java = ['-Xmx512m', '-cp', join(libraries.jars, '*')];
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
