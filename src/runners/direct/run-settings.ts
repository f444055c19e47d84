import { availableParallelism, totalmem } from 'node:os';
import { parseByteSize } from '../../sdk/options/byte-size.ts';
import { OptionError } from '../../sdk/options/option-error.ts';
import { MIN_MEMORY } from '../../sdk/options/run-options.ts';
import type { RunOptions } from '../../sdk/pipeline/runner.ts';

/** Run options with everything filled in. */
export interface RunSettings {
  readonly threads: number;
  /** Bytes. */
  readonly memory: number;
  readonly tempDir: string | undefined;
  readonly maxAttempts: number;
  readonly strict: boolean;
  readonly redactErrors: boolean;
  /** Partitions of a grouping. */
  readonly partitions: number;
}

/** Most worker threads of one job. */
const MAX_THREADS = 256;
/** Share of the machine's memory that a job may use for data when nothing is said. */
const MEMORY_SHARE = 0.25;

/** @throws OptionError `OPTION_INVALID`, naming the option that is out of its range. */
export function runSettings(options: RunOptions): RunSettings {
  const threads = options.threads ?? availableParallelism();
  if (!Number.isInteger(threads) || threads < 0 || threads > MAX_THREADS) {
    throw invalid('threads', threads, `an integer from 0 to ${MAX_THREADS}; 0 runs in the calling thread`);
  }
  const maxAttempts = options.maxAttempts ?? 4;
  if (!Number.isInteger(maxAttempts) || maxAttempts < 1) throw invalid('maxAttempts', maxAttempts, 'an integer from 1');
  return {
    threads,
    maxAttempts,
    memory: memoryOf(options.memory),
    tempDir: options.tempDir,
    strict: options.strict ?? false,
    redactErrors: options.redactErrors ?? false,
    partitions: Math.max(4, threads * 4),
  };
}

function memoryOf(memory: number | string | undefined): number {
  if (memory === undefined) return Math.floor(totalmem() * MEMORY_SHARE);
  const bytes = typeof memory === 'number' ? memory : parseByteSize(memory);
  if (bytes === undefined || !(bytes >= MIN_MEMORY)) throw invalid('memory', memory, "at least 8 MiB, e.g. '512MiB'");
  return bytes;
}

function invalid(option: string, value: unknown, expected: string): OptionError {
  return new OptionError('OPTION_INVALID', `Option '${option}' is ${String(value)}; it must be ${expected}`);
}
