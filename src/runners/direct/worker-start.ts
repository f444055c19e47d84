import type { Rewrite } from '../../sdk/pipeline/runner.ts';
import type { PlainError } from '../core/coordination/messages.ts';
import type { PlainResult } from '../core/job/job-result.ts';
import type { ExecutorSettings } from '../worker/bundle-executor.ts';

/** How a worker finds the pipeline: by importing the program that builds it. */
export interface ProgramReference {
  /** `file:` URL of the module. */
  readonly url: string;
  /** The path under which the program was started, as `process.argv[1]` has it. */
  readonly main: string | undefined;
  /** The program's command line, so that it reads the same options. */
  readonly argv: readonly string[];
  /** Set when the pipeline was built by a definition: the module defines it, the worker builds it. */
  readonly definition?: { readonly name: string; readonly values: Readonly<Record<string, unknown>> };
  /** Else: which of the program's runs it is, counted from 0. */
  readonly run: number;
  /** How the program's earlier runs ended, for what it does with that before it comes to this one. */
  readonly earlier: readonly (EarlierRun | undefined)[];
}

/** How a run of the program ended. */
export type EarlierRun = { readonly result: PlainResult } | { readonly error: PlainError };

/** What a worker thread is started with. */
export interface WorkerStart {
  readonly program: ProgramReference;
  readonly pipeline: string;
  /** The graph as the starting thread has it, line by line; the worker's must be the same. */
  readonly graph: readonly string[];
  readonly disable: readonly Rewrite[];
  readonly settings: ExecutorSettings;
  /** Memory of the BundleControl. */
  readonly control: SharedArrayBuffer;
}

/** A worker thread's first message. */
export type WorkerReady = { readonly type: 'ready' } | { readonly type: 'refused'; readonly error: PlainError };
/** A worker thread's last message, with what went wrong in teardown. */
export interface WorkerGone {
  readonly type: 'gone';
  readonly error?: PlainError;
}
