import { CombineFailure } from '../sdk/combine/combine-failure.ts';
import { CoderError, type ErrorContext, MillraceError, UserCodeError } from '../sdk/errors.ts';
import type { Graph, TransformNode } from '../sdk/graph/graph.ts';
import { readableError } from '../sdk/readable-error.ts';
import type { FailedElement } from '../sdk/transforms/element-fn.ts';
import type { PaneInfo } from '../sdk/windows/pane-info.ts';
import type { Window } from '../sdk/windows/window.ts';
import { describeElement } from './describe-element.ts';

/** Failures of every element alike, which no dead letter should swallow: the program is wrong. */
const WRONG_USES: ReadonlySet<string> = new Set([
  'NESTED_RUN',
  'OUTPUT_LATE',
  'OUTPUT_UNKNOWN',
  'SIDE_INPUT_CLOSED',
  'SIDE_INPUT_DUPLICATE_KEY',
  'SIDE_INPUT_NOT_KEYED',
  'SIDE_INPUT_READ_ONLY',
  'SIDE_INPUT_SINGLETON',
  'SIDE_INPUT_WINDOW',
]);

/** Errors that already carry what failed; an outer step must not claim them as its own. */
const attributed = new WeakSet<object>();

/** Turns failures inside a fused stage into errors that name transform, source line and element. */
export class StageFailures {
  readonly #nodes: readonly TransformNode[];
  readonly #redacted: boolean;

  /** `redacted` keeps elements out of all messages. */
  constructor(graph: Graph, transforms: readonly string[], redacted: boolean) {
    this.#redacted = redacted;
    this.#nodes = transforms.map((name) => graph.transforms.get(name) as TransformNode);
  }

  fail(step: number, error: unknown, element: unknown): never {
    if (typeof error === 'object' && error !== null && attributed.has(error)) throw error;
    throw this.attribute(step, error, element);
  }

  /** Calls user code of a step outside of the generated program. */
  guard<T>(step: number, element: unknown, call: () => T): T {
    try {
      return call();
    } catch (error) {
      return this.fail(step, error, element);
    }
  }

  /** An error naming the step; `element` is left out for failures outside of one. */
  attribute(step: number, error: unknown, ...element: [unknown?]): MillraceError {
    return this.attributeTo(this.#nodes[step], error, ...element);
  }

  /** The same for a transform that is no step of the stage. An error that names its step already stays as it is. */
  attributeTo(node: TransformNode, thrown: unknown, ...element: [unknown?]): MillraceError {
    const error = readableError(thrown);
    if (error instanceof MillraceError && attributed.has(error)) return error;
    if (error instanceof CombineFailure) {
      const { element } = error;
      const cause = final(readableError(error.cause));
      return this.attributeTo(node, cause, ...element);
    }
    const context = {
      transform: node.name,
      ...(node.location === undefined ? {} : { location: node.location }),
      ...(element.length === 0 ? {} : { element: this.#excerpt(node, element[0]) }),
    };
    const wrapped = error instanceof MillraceError ? error.with(context) : userCodeError(error, context);
    attributed.add(wrapped);
    return wrapped;
  }

  /** An element could not be written for another stage: mostly a coder refuses it, or a CombineFn fails. */
  sinkFailed(node: TransformNode, error: unknown, element: unknown): never {
    if (typeof error === 'object' && error !== null && attributed.has(error)) throw error;
    throw this.attributeTo(node, final(readableError(error)), element);
  }

  /** A state could not be written: mostly its coder refuses what the DoFn has put into it. */
  stateFailed(node: TransformNode, thrown: unknown, state: string, key: unknown): MillraceError {
    const isRedacted = node.spec?.kind === 'parDo' && node.spec.fn.errors?.redact !== undefined;
    // What hides parts of elements does not know keys.
    const of = isRedacted ? '' : ` of the key ${this.show(key)}`;
    const failure = this.attributeTo(node, final(readableError(thrown))).with({
      resource: `the state '${state}'${of}`,
    });
    attributed.add(failure);
    return failure;
  }

  /** What a dead-letter output keeps of a failure. Errors of later steps pass through. */
  deadLetter(
    step: number,
    thrown: unknown,
    element: unknown,
    timestamp: number,
    window: Window,
    pane: PaneInfo,
    emit: (failed: FailedElement<unknown>, timestamp: number, window: Window, pane: PaneInfo) => void,
  ): void {
    if (typeof thrown === 'object' && thrown !== null && attributed.has(thrown)) throw thrown;
    const error = readableError(thrown);
    if (error instanceof MillraceError && WRONG_USES.has(error.code)) throw this.attribute(step, error, element);
    const node = this.#nodes[step];
    const code = error instanceof MillraceError ? error.code : undefined;
    const stack = stackOf(error);
    emit(
      {
        element: this.#kept(step, element),
        transform: node.name,
        error: {
          name: nameOf(error),
          message: error instanceof MillraceError ? error.summary : messageOf(error),
          ...(code === undefined ? {} : { code }),
          ...(stack === undefined ? {} : { stack }),
        },
      },
      timestamp,
      window,
      pane,
    );
  }

  /** An element or a result in words. */
  show(value: unknown): string {
    return this.#redacted ? `<${value === null ? 'null' : typeof value}>` : describeElement(value);
  }

  #excerpt(node: TransformNode, element: unknown): string {
    try {
      return this.show(redacted(node, element));
    } catch {
      return '<redact() failed>';
    }
  }

  /** What is kept of an element. A failure to redact it must not show it. */
  #kept(step: number, element: unknown): unknown {
    try {
      return redacted(this.#nodes[step], element);
    } catch (error) {
      throw this.attribute(step, error);
    }
  }

  /** All outputs of a call at once, so that an element that fails half-way has none of them emitted. */
  collect(result: unknown): unknown {
    if (Array.isArray(result) || result === undefined || result === null || typeof result !== 'object') return result;
    if ('then' in result && typeof result.then === 'function') {
      return (result as unknown as Promise<unknown>).then((value) => this.collect(value));
    }
    if (Symbol.iterator in result) return Array.from(result as Iterable<unknown>);
    if (Symbol.asyncIterator in result) return Array.fromAsync(result as AsyncIterable<unknown>);
    return result;
  }
}

/** What a coder refuses to write it will refuse again. */
function final(error: unknown): unknown {
  return error instanceof CoderError ? error.with({ final: true }) : error;
}

/** An error of a user's function, with the stack trace of that function: where it was caught helps nobody. */
function userCodeError(cause: unknown, context: ErrorContext): UserCodeError {
  const error = new UserCodeError('USER_CODE', `${nameOf(cause)}: ${messageOf(cause)}`, { ...context, cause });
  const stack = stackOf(cause) ?? '';
  const frames = stack.indexOf('\n    at ');
  if (frames >= 0) error.stack = `${error.name}: ${error.message}${stack.slice(frames)}`;
  return error;
}

function redacted({ spec }: TransformNode, element: unknown): unknown {
  const errors = spec?.kind === 'parDo' ? spec.fn.errors : undefined;
  return errors?.redact === undefined ? element : errors.redact(element);
}

function nameOf(error: unknown): string {
  return error instanceof Error ? String(error.name) : 'Thrown value';
}

function messageOf(error: unknown): string {
  return error instanceof Error ? String(error.message) : describeElement(error);
}

function stackOf(error: unknown): string | undefined {
  return error instanceof Error && typeof error.stack === 'string' ? error.stack : undefined;
}
