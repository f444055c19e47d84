import { existsSync, mkdirSync, mkdtempSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from '../support/free-ports.ts';
import { has, install, PEERS, type PeerKind } from './peer.ts';
import { startServer } from './server-process.ts';

const FLINK_VERSION = '1.19';
const BEAM_VERSION = '2.70.0';
const FOLDER = join(PEERS, `flink-${FLINK_VERSION}-beam-${BEAM_VERSION}`);
const LIBRARIES = join(FOLDER, 'lib');

/** Not each artifact of a release is served everywhere: the job service is of an earlier one. */
const POM = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>millrace.test</groupId>
  <artifactId>flink</artifactId>
  <version>1</version>
  <dependencyManagement><dependencies>
    <dependency><groupId>org.apache.beam</groupId><artifactId>beam-runners-java-job-service</artifactId><version>2.65.0</version></dependency>
  </dependencies></dependencyManagement>
  <dependencies>
    <dependency><groupId>org.apache.beam</groupId><artifactId>beam-runners-flink-${FLINK_VERSION}</artifactId><version>${BEAM_VERSION}</version></dependency>
    <dependency><groupId>org.apache.beam</groupId><artifactId>beam-runners-java-job-service</artifactId><version>2.65.0</version></dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-simple</artifactId><version>2.0.13</version></dependency>
  </dependencies>
</project>
`;

/** Two versions of some classes are on the class path; these come first. */
const FIRST = ['runners-core-java', 'runners-java-fn-execution', `runners-flink-${FLINK_VERSION}`, 'sdks-java-core'];

/** Beam's job server for Flink, with a Flink of its own in the same process. */
export const flink: PeerKind = {
  // The watermark waits for the end of a bundle, which is a second or a thousand elements away.
  options: { parallelism: 1, max_bundle_size: '1', max_bundle_time_mills: '10' },
  patience: 60_000,
  whyNot() {
    if (!has('java', '-version')) return 'Java is not installed';
    return existsSync(LIBRARIES) || has('mvn', '-version') ? undefined : 'Maven is not installed';
  },
  async start() {
    if (!existsSync(LIBRARIES)) {
      console.error(`Fetching Flink ${FLINK_VERSION} and its job server by Maven (3 minutes) ...`);
      mkdirSync(FOLDER, { recursive: true });
      writeFileSync(join(FOLDER, 'pom.xml'), POM);
      const target = join(FOLDER, `fetched-${process.pid}`);
      const goal = [
        '-q',
        '-B',
        'dependency:copy-dependencies',
        '-DincludeScope=runtime',
        `-DoutputDirectory=${target}`,
      ];
      install('mvn', goal, { cwd: FOLDER });
      renameSync(target, LIBRARIES);
    }
    const [job, artifacts, expansion] = await freePorts(3);
    const classPath = [
      ...FIRST.map((name) => join(LIBRARIES, `beam-${name}-${BEAM_VERSION}.jar`)),
      join(LIBRARIES, '*'),
    ];
    const flags = [
      '--flink-master=[local]',
      '--job-host=localhost',
      `--job-port=${job}`,
      `--artifact-port=${artifacts}`,
      `--expansion-port=${expansion}`,
      `--artifacts-dir=${mkdtempSync(join(tmpdir(), 'millrace-flink-'))}`,
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
