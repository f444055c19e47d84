import { type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';

/** A server in a process of its own, which ends with this one. */
export interface ServerProcess {
  isAlive(): boolean;
  /** What it has printed last. */
  log(): string;
  /** Ends it, if it has not ended. @param signal default `SIGKILL` */
  stop(signal?: 'SIGINT' | 'SIGKILL' | 'SIGTERM'): Promise<void>;
}

const LOG_CHARACTERS = 100_000;
const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** Starts a server and waits until it prints that it serves. @param ready what it prints then */
export async function startServer(
  command: string,
  argv: readonly string[],
  ready: RegExp,
  options: Pick<SpawnOptions, 'cwd' | 'env' | 'gid' | 'uid'> = {},
): Promise<ServerProcess> {
  const child = spawn(command, argv, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  let log = '';
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const read = (chunk: Buffer): void => {
    log = (log + chunk).slice(-LOG_CHARACTERS);
    if (ready.test(log)) resolve();
  };
  child.stdout.on('data', read);
  child.stderr.on('data', read);
  const kill = (): void => void child.kill('SIGKILL');
  const exit = (): void => process.exit(1);
  process.on('exit', kill);
  for (const signal of SIGNALS) process.on(signal, exit);
  const letGo = (): void => {
    process.off('exit', kill);
    for (const signal of SIGNALS) process.off(signal, exit);
  };
  child.on('error', (error) => {
    letGo();
    reject(error);
  });
  child.on('exit', (code) => {
    letGo();
    reject(new Error(`${command} ended with ${code}: ${log}`));
  });
  await promise;
  const isAlive = (): boolean => child.exitCode === null && child.signalCode === null;
  return {
    isAlive,
    log: () => log,
    async stop(signal = 'SIGKILL') {
      if (!isAlive()) return;
      const ended = once(child, 'exit');
      child.kill(signal);
      await ended;
    },
  };
}
