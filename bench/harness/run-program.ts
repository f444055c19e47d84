import { spawn } from 'node:child_process';
import type { Measurement } from './measurement.ts';

/** A program to measure, in a process of its own. */
export interface Program {
  readonly command: string;
  readonly arguments: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly folder?: string;
}

/** One run of a program: what it measured itself, and what was seen from outside. */
export interface ProgramRun extends Measurement {
  /** From the start of the process to its end. */
  readonly processSeconds: number;
}

/** Kept of a program's output, for the message when it fails. */
const ERROR_CHARACTERS = 2000;

/** Runs a program that prints a measurement, and more of `M` with it. @throws when it fails or prints none */
export async function runProgram<M = object>(program: Program): Promise<ProgramRun & M> {
  const { seconds: processSeconds, output, errors } = await runProcess(program);
  const line = output.trimEnd().split('\n').at(-1) ?? '';
  try {
    return { ...(JSON.parse(line) as Measurement & M), processSeconds };
  } catch (cause) {
    throw new Error(`${describe(program)} printed no measurement: ${line}\n${errors}`, { cause });
  }
}

/** Runs a program to its end. @throws when it fails */
export async function runProcess(program: Program): Promise<{ seconds: number; output: string; errors: string }> {
  const start = performance.now();
  const child = spawn(program.command, program.arguments, {
    cwd: program.folder,
    env: { ...process.env, ...program.environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors = (errors + text).slice(-ERROR_CHARACTERS);
  });
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  child.on('error', reject);
  child.on('close', (code, signal) => {
    const seconds = (performance.now() - start) / 1000;
    if (code === 0) resolve(seconds);
    else
      reject(
        new Error(
          `${describe(program)} ended with ${signal ?? `exit code ${code}`}\n${output.slice(-ERROR_CHARACTERS)}${errors}`,
        ),
      );
  });
  return { seconds: await promise, output, errors };
}

function describe(program: Program): string {
  return [program.command, ...program.arguments].join(' ');
}
