import { callerLocation } from './caller-location.ts';

/** What an error is about, as far as it is known where it is thrown. Each part is printed on a line of its own. */
export interface ErrorContext {
  /** Unique name of the transform, e.g. `Parse/ParDo`. */
  readonly transform?: string;
  /** Where the user's program applied the transform, or else where it called the library: `file:line:column`. */
  readonly location?: string;
  /** A shortened rendering of the element at hand. */
  readonly element?: string;
  /** File, state or other resource read or written, with the byte offset where that is known. */
  readonly resource?: string;
  /** Attempt of the bundle, counted from 1. */
  readonly attempt?: number;
  /** Attempts there might have been. */
  readonly attempts?: number;
  /** Whether all attempts failed with this error, for this element. */
  readonly alike?: boolean;
  /** Another attempt would fail again: what is wrong, in the program or in what it reads, does not pass. */
  readonly final?: boolean;
  /** What the reader can do about it. */
  readonly hint?: string;
  readonly cause?: unknown;
}

/** Marks the errors of all copies of the library. */
const OURS = Symbol.for('millrace.error');

/** What `instanceof` asks: an error of the class's namesake in another copy of the library is one of the class too. */
function isInstance(this: { readonly name: string; readonly prototype: object }, value: unknown): boolean {
  if (Function.prototype[Symbol.hasInstance].call(this, value)) return true;
  if (typeof value !== 'object' || value === null || !(OURS in value) || !OWN_NAMES.has(this.name)) return false;
  for (let at = Object.getPrototypeOf(value); at !== null; at = Object.getPrototypeOf(at)) {
    if (at.constructor.name === this.name) return true;
  }
  return false;
}

/** Classes that all copies have under this name; a program may have others that extend them. */
const OWN_NAMES: ReadonlySet<string> = new Set([
  'MillraceError',
  'PipelineError',
  'CoderError',
  'UserCodeError',
  'IoError',
  'RunnerError',
  'OptionError',
]);

/**
 * Base class of every error Millrace throws on purpose. `code` is stable and meant for programs; the message is meant
 * for people. Broken invariants inside the engine are plain `Error`s: they are bugs and carry no code.
 */
export class MillraceError extends Error {
  readonly code: string;
  /** The message without the context lines. */
  declare readonly summary: string;
  declare readonly context: ErrorContext;

  constructor(code: string, summary: string, context: ErrorContext = {}) {
    super(render(code, summary, context), context.cause === undefined ? undefined : { cause: context.cause });
    this.name = new.target.name;
    this.code = code;
    // The message holds both: Node would print them a second time.
    Object.defineProperties(this, { summary: { value: summary }, context: { value: context } });
  }

  /** The same error with more context; what the error already knows wins. */
  with(context: ErrorContext): MillraceError {
    const Type = this.constructor as new (code: string, summary: string, context: ErrorContext) => MillraceError;
    const error = new Type(this.code, this.summary, { ...context, ...this.context });
    if (this.stack !== undefined) error.stack = this.stack.replace(this.message, error.message);
    return error;
  }
}

// Outside of the class: a bundler gives a class that names itself another name.
Object.defineProperty(MillraceError, Symbol.hasInstance, { value: isInstance });
Object.defineProperty(MillraceError.prototype, OURS, { value: true });

/** The program is wrong. Mostly found before anything runs; never tried again, for it would fail again. */
export class PipelineError extends MillraceError {
  /** Whether the error looks for where the program called the library, if its context names no transform and no place. */
  static readonly saysWhere: boolean = true;

  constructor(code: string, summary: string, context: ErrorContext = {}) {
    super(code, summary, new.target.saysWhere ? located(context) : context);
  }
}
/** A value cannot be encoded, or bytes cannot be decoded. */
export class CoderError extends MillraceError {}
/** A user function failed. */
export class UserCodeError extends MillraceError {}
/** A file or other external system failed or holds bad data. */
export class IoError extends MillraceError {}
/** The runner cannot go on: resources, lost workers, cancelled. */
export class RunnerError extends MillraceError {}

/** What was thrown, in its own words. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** The same without the context lines that our errors have. */
export function summaryOf(thrown: unknown): string {
  return thrown instanceof MillraceError ? thrown.summary : messageOf(thrown);
}

function located(context: ErrorContext): ErrorContext {
  if (context.location !== undefined || context.transform !== undefined) return context;
  const location = callerLocation();
  return location === undefined ? context : { ...context, location };
}

function render(code: string, summary: string, context: ErrorContext): string {
  const [first, ...more] = summary.split('\n');
  const lines = [`${first} [${code}]`, ...more];
  if (context.transform !== undefined) lines.push(`  transform: ${context.transform}`);
  if (context.location !== undefined) lines.push(`  at:        ${context.location}`);
  if (context.resource !== undefined) lines.push(`  resource:  ${context.resource}`);
  if (context.element !== undefined) lines.push(`  element:   ${context.element}`);
  if (context.attempt !== undefined) lines.push(`  attempt:   ${attemptText(context.attempt, context)}`);
  if (context.hint !== undefined) lines.push(`  hint:      ${context.hint}`);
  return lines.join('\n');
}

function attemptText(attempt: number, { attempts, alike = false }: ErrorContext): string {
  if (attempts === undefined || attempts === 1) return String(attempt);
  if (attempt < attempts) return `${attempt}; not repeated, for it would fail again`;
  return `${attempt} of ${attempts}${alike ? ', all failed alike' : ''}`;
}
