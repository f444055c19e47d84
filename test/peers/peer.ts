import { spawnSync } from 'node:child_process';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { ServerProcess } from './server-process.ts';

/** Where what is installed for tests is kept, for all checkouts. */
export const PEERS = process.env.MILLRACE_PEERS ?? join(homedir(), '.cache/millrace/peers');

/** A server of another project, run for tests. */
export interface Peer extends ServerProcess {
  /** `host:port` of its job server. */
  readonly endpoint: string;
  readonly version: string;
}

type RunnerOptions = Readonly<Record<string, number | string | boolean>>;

/** A kind of peer. */
export interface PeerKind {
  /** Why it cannot be had on this machine; `undefined` where it can. */
  whyNot(): string | undefined;
  /** Milliseconds that a small job may take. */
  readonly patience: number;
  /** Pipeline options of the runner's own under which the model's rules can be seen. */
  readonly options?: RunnerOptions;
  /** Further ones for jobs that need what the runner gives only then, by the name of a conformance case's feature. */
  readonly optionsFor?: Readonly<Record<string, RunnerOptions>>;
  /** Installs it, unless that was done before, and starts one on free ports. */
  start(): Promise<Peer>;
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
