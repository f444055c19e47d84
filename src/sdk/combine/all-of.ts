import type { CombineFn } from './combine-fn.ts';

/** Whether all inputs are true; true of none. */
export function allOf(): CombineFn<boolean, boolean, boolean> {
  return ALL_OF;
}

const ALL_OF: CombineFn<boolean, boolean, boolean> = {
  name: 'AllOf',
  create: () => true,
  add: (accumulator, input) => accumulator && input,
  merge(accumulators) {
    let all = true;
    for (const accumulator of accumulators) all &&= accumulator;
    return all;
  },
  extract: (accumulator) => accumulator,
};

/** Whether any input is true; false of none. */
export function anyOf(): CombineFn<boolean, boolean, boolean> {
  return ANY_OF;
}

const ANY_OF: CombineFn<boolean, boolean, boolean> = {
  name: 'AnyOf',
  create: () => false,
  add: (accumulator, input) => accumulator || input,
  merge(accumulators) {
    let any = false;
    for (const accumulator of accumulators) any ||= accumulator;
    return any;
  },
  extract: (accumulator) => accumulator,
};
