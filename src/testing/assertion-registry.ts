import { callerLocation } from '../sdk/caller-location.ts';
import type { Pipeline } from '../sdk/index.ts';
import { noteAssertion } from './unrun-assertions.ts';

/** One `assertThat` of a pipeline. */
export interface RegisteredAssertion {
  readonly name: string;
  /** Where `assertThat` was called, `file:line:column`. */
  readonly location: string | undefined;
  /** Counters that its statements raise when they have held; none yet: nothing was stated. */
  readonly counters: string[];
}

const assertions = new WeakMap<Pipeline, RegisteredAssertion[]>();

/** Notes an assertion, so that one which never ran is found. */
export function registerAssertion(pipeline: Pipeline, name: string): RegisteredAssertion {
  const assertion = { name, location: callerLocation(), counters: [] };
  const list = assertionsOf(pipeline);
  list.push(assertion);
  noteAssertion(list);
  return assertion;
}

/** All assertions of a pipeline so far. */
export function assertionsOf(pipeline: Pipeline): RegisteredAssertion[] {
  let list = assertions.get(pipeline);
  if (list === undefined) {
    list = [];
    assertions.set(pipeline, list);
  }
  return list;
}

/** A counter of one more statement, unlike all others of the pipeline. */
export function addStatement(pipeline: Pipeline, assertion: RegisteredAssertion): string {
  const number = assertionsOf(pipeline).reduce((sum, { counters }) => sum + counters.length, 1);
  const counter = `assertion ${number} held`;
  assertion.counters.push(counter);
  return counter;
}
