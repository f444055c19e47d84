/**
 * A CombineFn failed while it was given one of several inputs, or while what it has accumulated was encoded. Between the
 * engine's own parts only: users see the cause, with the input named in the error.
 */
export class CombineFailure extends Error {
  override readonly cause: unknown;
  /** The input at hand, if there was one. */
  readonly element: readonly [unknown?];

  constructor(cause: unknown, ...element: [unknown?]) {
    super('A CombineFn failed');
    this.cause = cause;
    this.element = element;
  }

  /** For one value of a key. What is combined without keys has null for one, which is not the user's. */
  static adding(cause: unknown, key: unknown, value: unknown): CombineFailure {
    return new CombineFailure(cause, key === null ? value : [key, value]);
  }
}
