import type { Cancellation } from '../../harness/stage-runner.ts';
import type { StateBackend } from '../core/state/state-backend.ts';
import type { LateWarnings } from './late-warnings.ts';

/** What the engine reaches outside of the graph. */
export interface EngineEnvironment {
  /** Milliseconds since 1970. */
  now(): number;
  /** Something has come that a step should look at. */
  wake(): void;
  readonly signal: Cancellation;
  /** Slot 0 holds the step at work. */
  readonly currentStep: Int32Array;
  readonly strict: boolean;
  readonly redactErrors: boolean;
  /** The memory budget in bytes: each `collect()` may keep that much, and a share of it is for state. */
  readonly memory: number;
  /** Keeps the state of the last checkpoint, and what no memory is left for. */
  readonly backend: StateBackend;
  /** Told of elements that are dropped. */
  readonly lateWarnings?: LateWarnings;
  /** There are checkpoints that elements can wait for. */
  readonly commits: boolean;
}
