import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { freePorts } from '../support/free-ports.ts';
import { has, install, PEERS, type Peer } from './peer.ts';
import { startServer } from './server-process.ts';

const BEAM_VERSION = '2.77.0';
const FOLDER = join(PEERS, `python-beam-${BEAM_VERSION}`);
/** Python with Beam's SDK; there when {@link startPythonExpansion} has been called. */
export const PYTHON = join(FOLDER, 'bin/python');

/** Beam's Python SDK in a virtual environment of its own, unless it is there already. */
function installPython(): void {
  if (existsSync(PYTHON)) return;
  console.error(`Installing Beam's Python SDK ${BEAM_VERSION} with pip (2 minutes) ...`);
  mkdirSync(PEERS, { recursive: true });
  const folder = `${FOLDER}-${process.pid}`;
  install('python3', ['-m', 'venv', folder], {});
  install(join(folder, 'bin/python'), ['-m', 'pip', 'install', '-q', `apache-beam==${BEAM_VERSION}`], {});
  renameSync(folder, FOLDER);
}

/** Why {@link startPythonExpansion} cannot work on this machine; `undefined` where it can. */
export function whyNoPython(): string | undefined {
  return existsSync(PYTHON) || has('python3', '-c', 'import ensurepip') ? undefined : 'Python is not installed';
}

/**
 * The Python SDK's expansion service, whose process is the worker of what it expands, too.
 *
 * @param modules folder of modules with transforms
 */
export async function startPythonExpansion(modules: string): Promise<Peer> {
  installPython();
  const [port] = await freePorts(1);
  const main = ['-m', 'apache_beam.runners.portability.expansion_service_main'];
  const flags = [`--port=${port}`, '--fully_qualified_name_glob=*', '--serve_loopback_worker'];
  const env = { ...process.env, PYTHONPATH: modules };
  const server = await startServer(PYTHON, [...main, ...flags], /Listening for expansion requests/, { env });
  return { ...server, endpoint: `localhost:${port}`, version: BEAM_VERSION };
}
