import type { Coder } from '../coders/coder.ts';
import type { CombineFn } from '../combine/combine-fn.ts';

/** What a state holds and how that is encoded. */
export type StateLayout =
  | { readonly kind: 'value' | 'bag' | 'set' | 'orderedList'; readonly coder: Coder<unknown> }
  | { readonly kind: 'map' | 'multimap'; readonly key: Coder<unknown>; readonly value: Coder<unknown> }
  | {
      readonly kind: 'combining';
      readonly fn: CombineFn<unknown, unknown, unknown>;
      /** Of accumulators. */
      readonly coder: Coder<unknown>;
    };

/**
 * Declares one state of a DoFn; `state` makes them.
 *
 * @typeParam H what the DoFn gets under the state's name
 */
export type StateSpec<H> = StateLayout & {
  /** Type carrier, never set. */
  readonly __handle?: H;
};

/** States by the name under which the DoFn reads and writes them. */
export type StateSpecs = Readonly<Record<string, StateSpec<unknown>>>;

/** What a DoFn gets for its states. */
export type StateHandles<S extends StateSpecs> = {
  readonly [P in keyof S]: S[P] extends StateSpec<infer H> ? H : never;
};
