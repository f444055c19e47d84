import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { RunnerError } from '../../sdk/errors.ts';
import { isRunning, processStart } from './process-identity.ts';

const LOCK = 'LOCK';
/** Between two renewals. */
const RENEWAL_MILLIS = 5_000;
/** Without a renewal, the lock of another host counts for nothing after this time. */
const LEASE_MILLIS = 60_000;

/**
 * The right of this process alone to use a folder. On this host it ends with the process, whatever became of that; what
 * another host is doing nobody can see, so there it ends when it has not been renewed for a minute.
 */
export class FolderLease {
  readonly #folder: string;
  readonly #lock: string;
  readonly #own = `${process.pid} ${hostname()} ${processStart(process.pid)}`;
  readonly #renewals: NodeJS.Timeout;

  /** @throws RunnerError `CHECKPOINT_IN_USE` while another process has it, `CHECKPOINT_DIR` when it cannot be written to */
  constructor(folder: string) {
    this.#folder = folder;
    this.#lock = join(folder, LOCK);
    this.#take();
    this.#renewals = setInterval(() => this.#renew(), RENEWAL_MILLIS).unref();
  }

  #take(): void {
    for (let attempt = 0; ; attempt++) {
      try {
        writeFileSync(this.#lock, this.#own, { flag: 'wx', mode: 0o600 });
        return;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw unusable(this.#folder, error);
        if (attempt > 0) throw inUse(this.#folder, 'another process has just taken it');
      }
      this.#refuseIfHeld();
      rmSync(this.#lock, { force: true });
    }
  }

  #refuseIfHeld(): void {
    const holder = this.#holder();
    if (holder === undefined) return;
    const [pid, host, start = ''] = holder.split(' ');
    if (host === hostname()) {
      if (isRunning(Number(pid), start)) throw inUse(this.#folder, `process ${pid} holds it`);
      return;
    }
    const age = this.#age();
    if (host === undefined || age > LEASE_MILLIS) return;
    const [ago, left] = [Math.max(0, age), LEASE_MILLIS - age].map((millis) => Math.ceil(millis / 1000));
    throw inUse(
      this.#folder,
      `process ${pid} on ${host} holds it, and has said so ${ago} s ago`,
      `if that process is gone, try again in ${left} s: the lock of another host counts for nothing when it was not renewed for ${LEASE_MILLIS / 1000} s`,
    );
  }

  /** Milliseconds since the lock was renewed, by the clock of its file system, which may be another machine's. */
  #age(): number {
    const probe = `${this.#lock}.${process.pid}`;
    try {
      writeFileSync(probe, this.#own, { mode: 0o600 });
      const renewed = statSync(this.#lock, { throwIfNoEntry: false })?.mtimeMs ?? Number.NEGATIVE_INFINITY;
      return statSync(probe).mtimeMs - renewed;
    } catch (error) {
      throw unusable(this.#folder, error);
    } finally {
      rmSync(probe, { force: true });
    }
  }

  /** Written again rather than given a time: the file system's clock is what others compare with. */
  #renew(): void {
    try {
      if (this.#holder() === this.#own) writeFileSync(this.#lock, this.#own, { flag: 'r+' });
    } catch {
      // A full disk or a server that is away: whoever takes the folder meanwhile is found before the next checkpoint.
    }
  }

  /** `undefined` when the lock has just been given up. */
  #holder(): string | undefined {
    try {
      return readFileSync(this.#lock, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw unusable(this.#folder, error);
    }
  }

  /**
   * A process that stood still for longer than its lease may find another at work.
   *
   * @throws RunnerError `CHECKPOINT_LOST` when this process no longer has the folder
   */
  check(): void {
    const holder = this.#holder();
    if (holder === this.#own) return;
    const [pid, host] = holder?.split(' ') ?? [];
    const why = host === undefined ? `its file ${LOCK} is gone` : `process ${pid} on ${host} has taken it`;
    throw new RunnerError('CHECKPOINT_LOST', `The checkpoint folder is no longer this process's: ${why}`, {
      resource: this.#folder,
      hint: `a process that stands still for ${LEASE_MILLIS / 1000} s, suspended or in a function that blocks the event loop, loses its folder to other hosts`,
    });
  }

  /** Lets others use the folder. */
  release(): void {
    clearInterval(this.#renewals);
    try {
      if (this.#holder() === this.#own) rmSync(this.#lock, { force: true });
    } catch {
      // What is left of it ends as if the process had been killed.
    }
  }
}

function inUse(
  folder: string,
  why: string,
  hint = `two runs of a pipeline need a checkpointDir each; if nobody uses the folder any more, remove the file ${LOCK}`,
): RunnerError {
  return new RunnerError('CHECKPOINT_IN_USE', `The checkpoint folder is in use: ${why}`, { resource: folder, hint });
}

/** Of a folder that is there and yet no use. */
export function unusable(folder: string, cause: unknown): RunnerError {
  return new RunnerError('CHECKPOINT_DIR', `The checkpoint folder cannot be used: ${(cause as Error).message}`, {
    resource: folder,
    cause,
    hint: 'choose another one with the option checkpointDir',
  });
}
