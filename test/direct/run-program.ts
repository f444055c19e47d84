import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';

/** What a program left behind. */
export interface Finished {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** How a program is started. */
export interface StartOptions {
  readonly args?: readonly string[];
  /** Flags of node. */
  readonly node?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Path of one of the programs beside this file. */
export function program(name: string): string {
  return join(import.meta.dirname, 'programs', name);
}

/** Starts a program in a process of its own, as a user would: `node program.ts`. */
export function startProgram(name: string, { args = [], node = [], env = {} }: StartOptions = {}): ChildProcess {
  return spawn(process.execPath, [...node, program(name), ...args], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Waits for the end of a started program. */
export function finish(child: ChildProcess): Promise<Finished> {
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text) => (stdout += text));
  child.stderr?.setEncoding('utf8').on('data', (text) => (stderr += text));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}

/** Runs a program to its end. */
export function runProgram(name: string, options?: StartOptions): Promise<Finished> {
  return finish(startProgram(name, options));
}
