import { copyFileSync, existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Program, runProcess } from '../harness/run-program.ts';
import { PORTABLE } from '../workload-list.ts';
import { PEER_FOLDER } from './python-environment.ts';

/** Versions that figures refer to; java/pom.xml names them. */
export const FLINK_VERSIONS = ['Beam Java 2.70.0', 'Flink 1.19'];
/** The Nexmark queries that the peer has. */
export const FLINK_QUERIES = ['q0', 'q5', 'q8'] as const;

const SOURCES = join(import.meta.dirname, 'java');
const FOLDER = join(PEER_FOLDER, 'flink');
/** These come before the others: beam-runners-java-job-service 2.65.0 holds older copies of their classes. */
const FIRST_JARS = [
  'beam-runners-core-java',
  'beam-runners-java-fn-execution',
  'beam-runners-flink-1.19',
  'beam-sdks-java-core',
].map((artifact) => join(FOLDER, 'lib', `${artifact}-2.70.0.jar`));
const CLASS_PATH = [FOLDER, ...FIRST_JARS, join(FOLDER, 'lib', '*')].join(delimiter);

/** The same pipeline in Beam's Java SDK on an embedded Flink, which uses every core it finds unless options say otherwise. */
export async function flinkProgram(
  workload: string,
  data: string,
  elements: number,
  options: readonly string[] = [],
): Promise<Program | undefined> {
  if (!PORTABLE.includes(workload)) return undefined;
  await fetchJars();
  await compile('Peer');
  return java('Peer', [workload, data, String(elements)], options);
}

/** A Nexmark query of {@link FLINK_QUERIES} over an unbounded source, with the events of `examples/nexmark`. */
export async function flinkNexmarkProgram(query: string, events: number): Promise<Program> {
  await fetchJars();
  await compile('NexmarkPeer');
  // Beam's Flink runner copies elements between operators unless it is told that nobody changes them.
  return java('NexmarkPeer', [query, String(events)], ['--fasterCopy=true', '--shutdownSourcesAfterIdleMs=0']);
}

function java(main: string, given: readonly string[], options: readonly string[] = []): Program {
  const runner = ['--runner=FlinkRunner', '--flinkMaster=[local]', ...options];
  return { command: 'java', arguments: ['-Xmx4g', '-cp', CLASS_PATH, main, ...given, ...runner] };
}

async function fetchJars(): Promise<void> {
  const complete = join(FOLDER, 'jars-complete');
  if (existsSync(complete)) return;
  console.error('fetching Beam Java and Flink with Maven ...');
  mkdirSync(FOLDER, { recursive: true });
  copyFileSync(join(SOURCES, 'pom.xml'), join(FOLDER, 'pom.xml'));
  const copy = ['-q', '-B', 'dependency:copy-dependencies', '-DincludeScope=runtime', '-DoutputDirectory=lib'];
  await runProcess({ command: 'mvn', arguments: copy, folder: FOLDER });
  writeFileSync(complete, '');
}

async function compile(main: string): Promise<void> {
  const source = join(SOURCES, `${main}.java`);
  const compiled = statSync(join(FOLDER, `${main}.class`), { throwIfNoEntry: false });
  if (compiled !== undefined && compiled.mtimeMs > statSync(source).mtimeMs) return;
  await runProcess({ command: 'javac', arguments: ['-cp', CLASS_PATH, '-d', FOLDER, source] });
}
