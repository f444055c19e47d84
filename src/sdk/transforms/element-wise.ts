import type { Coder } from '../coders/coder.ts';
import { defaultCoder, keyCoder } from '../coders/default-coder.ts';
import { kvCoder } from '../coders/kv-coder.ts';
import { PipelineError, UserCodeError } from '../errors.ts';
import { checkKnownOptions } from '../options/known-options.ts';
import type { PCollection } from '../pipeline/p-collection.ts';
import type { PTransform } from '../pipeline/p-transform.ts';
import type { AnyElement, Key, KV } from '../values.ts';
import type { Timestamp } from '../windows/timestamp.ts';
import type { Window } from '../windows/window.ts';
import type { ElementFn, ErrorOutput, FailedElement } from './element-fn.ts';

/** A transform that works element by element, so that single elements can fail without failing the bundle. */
export interface ElementWise<T, U, W extends Window> extends PTransform<PCollection<T, W>, PCollection<U, W>> {
  /** The same transform with a dead-letter output. `redact` is applied to elements before they are kept. */
  withErrors<R = T>(options?: { redact?(element: T): R }): PTransform<PCollection<T, W>, WithErrors<R, U, W>>;
}

/** Results and failures of an element-wise transform. T is what is kept of an element that fails. */
export type WithErrors<T, U, W extends Window> = {
  readonly main: PCollection<U, W>;
  readonly errors: PCollection<FailedElement<T>, W>;
};

function elementWise<T, U, W extends Window>(
  name: string,
  fn: ElementFn,
  coder: (input: Coder<unknown>) => Coder<unknown>,
): ElementWise<T, U, W> {
  if (typeof fn.fn !== 'function') {
    const summary =
      typeof name === 'string'
        ? `Transform '${name}' needs a function, not ${typeof fn.fn}`
        : `${fn.kind}() needs a name and a function`;
    throw new PipelineError('FUNCTION_MISSING', summary, {
      hint: `the name of the step comes first: ${fn.kind}('what it does', (element) => …)`,
    });
  }
  return {
    name,
    expand: (input) =>
      input.pipeline.primitive(input, { kind: 'parDo', fn, sides: {} }, { main: coder(input.node.coder) })
        .main as PCollection<U, W>,
    withErrors: <R = T>(options?: { redact?(element: T): R }) => ({
      name,
      expand: (input: PCollection<T, W>) =>
        input.pipeline.primitive(
          input,
          { kind: 'parDo', fn: { ...fn, errors: errorOutput(options) }, sides: {} },
          { main: coder(input.node.coder), errors: defaultCoder },
        ) as unknown as WithErrors<R, U, W>,
    }),
  };
}

/** The dead-letter output of a transform. */
export function errorOutput<T>(options: { redact?(element: T): unknown } | undefined): ErrorOutput {
  checkKnownOptions('withErrors()', options ?? {}, { redact: true });
  if (options?.redact !== undefined && typeof options.redact !== 'function') {
    throw new PipelineError('FUNCTION_MISSING', `redact of withErrors() is a function, not ${typeof options.redact}`);
  }
  const redact = options?.redact as ((element: unknown) => unknown) | undefined;
  return redact === undefined ? { tag: 'errors' } : { tag: 'errors', redact };
}

const anyValue = () => defaultCoder;
const same = (input: Coder<unknown>) => input;
const valueCoderOf = (coder: Coder<unknown>) => (coder.urn === 'beam:coder:kv:v1' ? coder.components[1] : defaultCoder);
const keyCoderOf = (coder: Coder<unknown>) => (coder.urn === 'beam:coder:kv:v1' ? coder.components[0] : keyCoder);

/** One output per element (Beam's MapElements). A function that gives arrays of two makes KVs. */
export function map<T, U extends AnyElement, W extends Window = Window>(
  name: string,
  fn: (element: T) => U | Promise<U>,
): ElementWise<T, U, W> {
  return elementWise(name, { kind: 'map', fn }, anyValue);
}

/** Any number of outputs per element: an array, a generator, a promise of either (Beam's FlatMapElements). */
export function flatMap<T, U extends AnyElement, W extends Window = Window>(
  name: string,
  fn: (element: T) => Iterable<U> | AsyncIterable<U> | Promise<Iterable<U>>,
): ElementWise<T, U, W> {
  return elementWise(name, { kind: 'flatMap', fn }, anyValue);
}

/** The elements for which `fn` is true (Beam's Filter). */
export function filter<T, W extends Window = Window>(
  name: string,
  fn: (element: T) => boolean | Promise<boolean>,
): ElementWise<T, T, W> {
  return elementWise(name, { kind: 'filter', fn }, same);
}

/** Pairs each element with a key (Beam's WithKeys). */
export function keyBy<T, K extends Key, W extends Window = Window>(
  name: string,
  fn: (element: T) => K,
): ElementWise<T, KV<K, T>, W> {
  return elementWise(name, { kind: 'keyBy', fn }, (input) => kvCoder(keyCoder, input) as Coder<unknown>);
}

/** Changes the value of each KV and keeps its key. */
export function mapValues<K, V, U extends AnyElement, W extends Window = Window>(
  name: string,
  fn: (value: V) => U | Promise<U>,
): ElementWise<KV<K, V>, KV<K, U>, W> {
  return elementWise(
    name,
    { kind: 'mapValues', fn },
    ofPairs(name, (input) => kvCoder(keyCoderOf(input), defaultCoder) as Coder<unknown>),
  );
}

/** Sets each element's timestamp (Beam's WithTimestamps); windows are assigned anew by the next `window`. */
export function withTimestamps<T, W extends Window = Window>(
  name: string,
  fn: (element: T) => Timestamp,
): ElementWise<T, T, W> {
  return elementWise(name, { kind: 'withTimestamps', fn }, same);
}

/** The keys of KVs (Beam's Keys). */
export function keys<K, V, W extends Window = Window>(name = 'Keys'): ElementWise<KV<K, V>, K, W> {
  return elementWise(name, { kind: 'map', fn: (element: KV<K, V>) => pair(element)[0] }, ofPairs(name, keyCoderOf));
}

/** The values of KVs (Beam's Values). */
export function values<K, V, W extends Window = Window>(name = 'Values'): ElementWise<KV<K, V>, V, W> {
  return elementWise(name, { kind: 'map', fn: (element: KV<K, V>) => pair(element)[1] }, ofPairs(name, valueCoderOf));
}

/** Of what is no pair, a part would be undefined, or a letter of a text. */
function pair<K, V>(element: KV<K, V>): KV<K, V> {
  if (Array.isArray(element) && element.length === 2) return element;
  throw new UserCodeError('NOT_A_PAIR', 'The element is no [key, value] pair', {
    final: true,
    hint: 'apply keyBy() first, or let the step before return arrays of two',
  });
}

/** Refuses, when the pipeline is built, collections whose coder tells that they hold no pairs. */
function ofPairs(name: string, coderOf: (input: Coder<unknown>) => Coder<unknown>) {
  return (input: Coder<unknown>): Coder<unknown> => {
    const kind = input.fieldType?.kind;
    if (kind === undefined || kind === 'array' || kind === 'iterable') return coderOf(input);
    throw new PipelineError('KEY_MISSING', `'${name}' needs a collection of [key, value] pairs`, {
      hint: `the elements have the coder ${input.urn}; apply keyBy() first`,
    });
  };
}
