import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where what is installed for tests is kept, for all checkouts. */
export const PEERS = process.env.MILLRACE_PEERS ?? join(homedir(), '.cache/millrace/peers');

/** A server of another project, run for tests. */
export interface Peer {
  /** `host:port` of its job server. */
  readonly endpoint: string;
  readonly version: string;
  isAlive(): boolean;
  /** What it has printed last. */
  log(): string;
  stop(): Promise<void>;
}

/** A kind of peer. */
export interface PeerKind {
  /** Why it cannot be had on this machine; `undefined` where it can. */
  whyNot(): string | undefined;
  /** Milliseconds that a small job may take. */
  readonly patience: number;
  /** Pipeline options of the runner's own under which the model's rules can be seen. */
  readonly options?: Readonly<Record<string, number | string>>;
  /** Installs it, unless that was done before, and starts one on free ports. */
  start(): Promise<Peer>;
}

const LOG_CHARACTERS = 100_000;

/** Starts a server and waits until it prints that it serves. @param ready what it prints then */
export async function startPeer(
  command: string,
  argv: readonly string[],
  ready: RegExp,
  { endpoint, version }: Pick<Peer, 'endpoint' | 'version'>,
): Promise<Peer> {
  const child = spawn(command, argv, { stdio: ['ignore', 'pipe', 'pipe'] });
  let log = '';
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const read = (chunk: Buffer): void => {
    log = (log + chunk).slice(-LOG_CHARACTERS);
    if (ready.test(log)) resolve();
  };
  child.stdout.on('data', read);
  child.stderr.on('data', read);
  child.on('error', reject);
  child.on('exit', (code) => reject(new Error(`${command} ended with ${code}: ${log}`)));
  const kill = (): void => void child.kill('SIGKILL');
  process.on('exit', kill);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
  await promise;
  return {
    endpoint,
    version,
    isAlive: () => child.exitCode === null && child.signalCode === null,
    log: () => log,
    async stop() {
      process.off('exit', kill);
      await ended(child);
    },
  };
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
}

/** Runs a step of an installation, printing what it prints. @throws Error when it fails */
export function install(
  command: string,
  argv: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv },
): void {
  const { status } = spawnSync(command, argv, { ...options, stdio: ['ignore', 'inherit', 'inherit'] });
  if (status !== 0) throw new Error(`${command} ${argv.join(' ')} has failed: see above`);
}

/** Whether a command is there. */
export function has(command: string, ...argv: readonly string[]): boolean {
  return spawnSync(command, argv, { stdio: 'ignore' }).status === 0;
}

/** Ports that nobody uses just now, one after the other. */
export async function freePorts(count: number): Promise<number[]> {
  const probes = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(probes.map((probe) => once(probe, 'listening')));
  const ports = probes.map((probe) => (probe.address() as { port: number }).port);
  for (const probe of probes) probe.close();
  await Promise.all(probes.map((probe) => once(probe, 'close')));
  return ports;
}
