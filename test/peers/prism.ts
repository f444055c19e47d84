import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { freePorts } from '../support/free-ports.ts';
import { has, install, PEERS, type PeerKind } from './peer.ts';
import { startServer } from './server-process.ts';

/** The version that the suite is held against. */
const PRISM_VERSION = '2.77.0';
const FOLDER = join(PEERS, `prism-${PRISM_VERSION}`);
const BINARY = join(FOLDER, 'prism');

/** Beam's own portable runner for one machine, in Go. */
export const prism: PeerKind = {
  patience: 20_000,
  whyNot() {
    return existsSync(BINARY) || has('go', 'version') ? undefined : 'Go is not installed';
  },
  async start() {
    if (!existsSync(BINARY)) {
      console.error(`Installing Prism ${PRISM_VERSION} with Go ...`);
      const folder = `${FOLDER}-${process.pid}`;
      mkdirSync(folder, { recursive: true });
      const module = `github.com/apache/beam/sdks/v2/go/cmd/prism@v${PRISM_VERSION}`;
      install('go', ['install', module], { env: { ...process.env, GOBIN: folder, GOFLAGS: '-modcacherw' } });
      renameSync(folder, FOLDER);
    }
    const [port] = await freePorts(1);
    const flags = [`--job_port=${port}`, '--serve_http=false', '--log_kind=text'];
    const server = await startServer(BINARY, flags, /Serving JobManagement/);
    return { ...server, endpoint: `localhost:${port}`, version: PRISM_VERSION };
  },
};
