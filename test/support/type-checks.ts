/** For tests of types: what is inferred, and what must not compile. */

type Yes<A> = <T>() => T extends A ? 1 : 2;

/** Whether two types are the same, `readonly` and `any` included. */
export type Equal<A, B> = Yes<A> extends Yes<B> ? true : false;

/** Compiles if the type is `true`. */
export function ok<T extends true>(): T | undefined {
  return undefined;
}

/** Statements that must be errors of the compiler; what they do at run time does not matter. */
export function wrong(body: () => void): void {
  try {
    body();
  } catch {
    // Most are refused when the graph is built, too.
  }
}

// @ts-expect-error so that a broken Equal is noticed
ok<Equal<{ readonly a: string }, { readonly a: number }>>();
