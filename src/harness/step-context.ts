import { PipelineError } from '../sdk/errors.ts';
import type { SideInputNode } from '../sdk/graph/graph.ts';
import type { ProcessContext } from '../sdk/transforms/do-fn.ts';
import { NO_FIRING, type PaneInfo } from '../sdk/windows/pane-info.ts';
import { MIN_TIMESTAMP, type Timestamp } from '../sdk/windows/timestamp.ts';
import { GLOBAL_WINDOW, type Window } from '../sdk/windows/window.ts';
import type { TransformMetrics } from './metrics-container.ts';
import type { SideInputReader } from './side-input-reader.ts';

type Emit = (element: unknown, timestamp: number, window: Window, pane: PaneInfo) => void;

/** What one DoFn's contexts of one bundle share. */
export interface StepEnvironment {
  readonly transform: string;
  readonly metrics: TransformMetrics;
  readonly sides: Readonly<Record<string, SideInputNode>>;
  readonly emitters: Readonly<Record<string, Emit>>;
  /** The reader of the bundle. */
  readonly sideInputs: SideInputReader;
  /** What is to be called when the bundle's outputs are durable. */
  readonly afterCommit: CommitCallback[];
  /** Whether the bundle that the context belongs to has ended. */
  isOver(): boolean;
}

/** Called when a bundle's outputs are durable (Beam's BundleFinalizer). */
export type CommitCallback = () => void | Promise<void>;

/** Callbacks that one bundle may leave behind. */
const MAX_CALLBACKS = 1_000_000;

/** The context handed to `process`; reused from element to element until a call goes on asynchronously with it. */
export class StepContext implements ProcessContext {
  timestamp: Timestamp = MIN_TIMESTAMP;
  window: Window = GLOBAL_WINDOW;
  pane: PaneInfo = NO_FIRING;
  readonly metrics: TransformMetrics;
  readonly sides: Readonly<Record<string, never>>;
  readonly state: Readonly<Record<string, never>> = NOTHING;
  readonly timers: Readonly<Record<string, never>> = NOTHING;
  readonly #environment: StepEnvironment;

  constructor(environment: StepEnvironment) {
    this.#environment = environment;
    this.metrics = environment.metrics;
    this.sides = sidesOf(environment, this);
    // Users destructure the context, so the method must not depend on its receiver.
    this.output = this.output.bind(this);
    this.afterBundleCommit = this.afterBundleCommit.bind(this);
  }

  fresh(): StepContext {
    return new StepContext(this.#environment);
  }

  output(tag: string, value: unknown): void {
    const emit = this.#environment.emitters[tag];
    if (emit === undefined) {
      const known = Object.keys(this.#environment.emitters);
      throw new PipelineError('OUTPUT_UNKNOWN', `'${this.#environment.transform}' has no output '${tag}'`, {
        hint: known.length === 0 ? 'declare it under `outputs` of the DoFn' : `its outputs are ${known.join(', ')}`,
      });
    }
    if (this.#environment.isOver()) {
      throw new PipelineError('OUTPUT_LATE', `'${this.#environment.transform}' emits to '${tag}' after its bundle`, {
        hint: 'process has returned without waiting for what it started: return or await the promise',
      });
    }
    emit(value, this.timestamp, this.window, this.pane);
  }

  afterBundleCommit(callback: CommitCallback): void {
    const { afterCommit, transform } = this.#environment;
    if (typeof callback !== 'function') {
      throw new PipelineError('COMMIT_CALLBACK_INVALID', `'${transform}' gives afterBundleCommit() no function`);
    }
    if (afterCommit.length >= MAX_CALLBACKS) {
      throw new PipelineError(
        'COMMIT_CALLBACKS_TOO_MANY',
        `'${transform}' asks for more than ${MAX_CALLBACKS} callbacks`,
        {
          hint: 'collect what is to be acknowledged, and ask for one callback per bundle',
        },
      );
    }
    afterCommit.push(callback);
  }
}

const NOTHING: Readonly<Record<string, never>> = Object.freeze({});

function sidesOf(environment: StepEnvironment, context: StepContext): Readonly<Record<string, never>> {
  const sides = {};
  for (const [local, side] of Object.entries(environment.sides)) {
    Object.defineProperty(sides, local, {
      enumerable: true,
      get: () => environment.sideInputs.view(environment.transform, local, side, context.window),
    });
  }
  return sides;
}
