import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from '../support/free-ports.ts';
import { MavenLibraries } from './maven.ts';
import { PEERS, type PeerKind } from './peer.ts';
import { startServer } from './server-process.ts';

const FLINK_VERSION = '1.19';
const BEAM_VERSION = '2.70.0';

/** Not each artifact of a release is served everywhere: the job service is of an earlier one. */
const JOB_SERVICE = ['org.apache.beam', 'beam-runners-java-job-service', '2.65.0'] as const;
const libraries = new MavenLibraries(
  join(PEERS, `flink-${FLINK_VERSION}-beam-${BEAM_VERSION}`),
  `Flink ${FLINK_VERSION} and its job server (3 minutes)`,
  [
    ['org.apache.beam', `beam-runners-flink-${FLINK_VERSION}`, BEAM_VERSION],
    JOB_SERVICE,
    ['org.slf4j', 'slf4j-simple', '2.0.13'],
  ],
  [JOB_SERVICE],
);

/** Two versions of some classes are on the class path; these come first. */
const FIRST = ['runners-core-java', 'runners-java-fn-execution', `runners-flink-${FLINK_VERSION}`, 'sdks-java-core'];

/** What fails is tried again, as on a cluster that somebody has set up; alone Flink gives up at once. */
const CONFIGURATION = `restart-strategy.type: fixed-delay
restart-strategy.fixed-delay.attempts: 3
restart-strategy.fixed-delay.delay: 10 ms
`;

/** Beam's job server for Flink, with a Flink of its own in the same process. */
export const flink: PeerKind = {
  // The watermark waits for the end of a bundle, which is a second or a thousand elements away.
  options: { parallelism: 1, max_bundle_size: '1', max_bundle_time_mills: '10' },
  optionsFor: {
    // It calls back with a checkpoint; and with checkpoints its sources do not end by themselves.
    finalization: { streaming: true, checkpointing_interval: 500, shutdown_sources_after_idle_ms: 1 },
    // What comes of a batch job has no pane there.
    panes: { streaming: true },
  },
  patience: 60_000,
  whyNot: () => libraries.whyNot(),
  async start() {
    libraries.fetch();
    const [job, artifacts, expansion] = await freePorts(3);
    const folder = mkdtempSync(join(tmpdir(), 'millrace-flink-'));
    writeFileSync(join(folder, 'flink-conf.yaml'), CONFIGURATION);
    const classPath = [
      ...FIRST.map((name) => join(libraries.jars, `beam-${name}-${BEAM_VERSION}.jar`)),
      join(libraries.jars, '*'),
    ];
    const flags = [
      '--flink-master=[local]',
      '--job-host=localhost',
      `--job-port=${job}`,
      `--artifact-port=${artifacts}`,
      `--expansion-port=${expansion}`,
      `--artifacts-dir=${join(folder, 'artifacts')}`,
      `--flink-conf-dir=${folder}`,
    ];
    const log = '-Dorg.slf4j.simpleLogger';
    const levels = [`${log}.defaultLogLevel=error`, `${log}.log.org.apache.beam.runners.jobsubmission=info`];
    const main = [
      '-Xmx2g',
      // Flink 1.19 sends exceptions from thread to thread by Kryo, which reaches into these.
      '--add-opens=java.base/java.util=ALL-UNNAMED',
      '--add-opens=java.base/java.lang=ALL-UNNAMED',
      ...levels,
      '-cp',
      classPath.join(':'),
      'org.apache.beam.runners.flink.FlinkJobServerDriver',
    ];
    const server = await startServer('java', [...main, ...flags], /JobService started on/);
    return { ...server, endpoint: `localhost:${job}`, version: FLINK_VERSION };
  },
};
