import type { Rewrite } from '../../sdk/pipeline/runner.ts';
import type { PlainError } from '../core/coordination/messages.ts';
import type { ProgramReference } from '../program/program-reference.ts';
import type { ExecutorSettings } from '../worker/bundle-executor.ts';

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
