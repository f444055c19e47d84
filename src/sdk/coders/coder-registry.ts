import { CoderError } from '../errors.ts';
import { decodeSchema } from '../schema/schema-proto.ts';
import type { Window } from '../windows/window.ts';
import { booleanCoder } from './boolean-coder.ts';
import { bytesCoder } from './bytes-coder.ts';
import type { Coder } from './coder.ts';
import { decimalCoder } from './decimal-coder.ts';
import { defaultCoder, keyCoder, selfContainedCoder } from './default-coder.ts';
import { doubleCoder, floatCoder } from './double-coder.ts';
import { IterableCoder } from './iterable-coder.ts';
import { KvCoder } from './kv-coder.ts';
import { LengthPrefixCoder } from './length-prefix-coder.ts';
import { MapCoder } from './map-coder.ts';
import { NullableCoder } from './nullable-coder.ts';
import { OpaqueCoder } from './opaque-coder.ts';
import { rowCoderOf } from './row.ts';
import { ShardedKeyCoder } from './sharded-key-coder.ts';
import { byteCoder, int16Coder } from './small-int-coders.ts';
import { type ReadContinuation, StateBackedIterableCoder } from './state-backed-iterable-coder.ts';
import { stringCoder } from './string-coder.ts';
import { TimerCoder } from './timer-coder.ts';
import { timestampCoder } from './timestamp-coder.ts';
import { int32Coder, int64Coder } from './varint-coder.ts';
import { CustomWindowCoder, globalWindowCoder, intervalWindowCoder } from './window-coders.ts';
import { ParamWindowedValueCoder, WindowedValueCoder } from './windowed-value-coder.ts';

/** A coder as a pipeline proto holds it. */
export interface CoderSpec {
  readonly urn: string;
  readonly payload?: Uint8Array;
  /** Ids of the component coders, in the order of the coder's `components`. */
  readonly componentIds: readonly string[];
}

/** What the coders of a graph need besides their specs. */
export interface CoderContext {
  /** Reads the part of a state-backed iterable that the runner keeps. */
  readonly readState?: ReadContinuation<unknown>;
  /**
   * What to do about an URN that is not known: `error` (the default), or `opaque`: values are the encoded bytes, which
   * must have a length in front of them wherever they are nested, as runners arrange for coders they do not know.
   */
  readonly unknown?: 'error' | 'opaque';
  /** Knows coders by their id before anything else: those that a program has itself. */
  readonly resolve?: (id: string) => Coder<unknown> | undefined;
}

/** Makes a coder from its parts. */
export type CoderFactory = (
  components: readonly Coder<unknown>[],
  payload: Uint8Array | undefined,
  context: CoderContext,
) => Coder<unknown>;

interface Entry {
  readonly components: number;
  readonly make: CoderFactory;
}

/** Nesting of coders in a graph. */
const MAX_DEPTH = 64;

const entries = new Map<string, Entry>();

/**
 * Makes a coder's URN known to {@link coderFromSpec}.
 *
 * @param components how many component coders it has.
 * @throws CoderError `CODER_CONFLICT` when the URN is taken.
 */
export function registerCoder(urn: string, components: number, make: CoderFactory): void {
  if (entries.has(urn)) throw new CoderError('CODER_CONFLICT', `The coder ${urn} is registered already`);
  entries.set(urn, { components, make });
}

for (const coder of [
  bytesCoder,
  stringCoder,
  booleanCoder,
  int64Coder,
  doubleCoder,
  globalWindowCoder,
  intervalWindowCoder,
  timestampCoder,
  decimalCoder,
  floatCoder,
  int32Coder,
  int16Coder,
  byteCoder,
  defaultCoder,
  selfContainedCoder,
  keyCoder,
]) {
  registerCoder(coder.urn, 0, () => coder);
}
registerCoder('beam:coder:kv:v1', 2, ([key, value]) => new KvCoder(key, value));
registerCoder('beam:coder:iterable:v1', 1, ([element]) => new IterableCoder(element));
registerCoder('beam:coder:nullable:v1', 1, ([value]) => new NullableCoder(value));
registerCoder('beam:coder:length_prefix:v1', 1, ([value]) => new LengthPrefixCoder(value));
registerCoder('beam:coder:sharded_key:v1', 1, ([key]) => new ShardedKeyCoder(key));
registerCoder('beam:coder:row:v1', 0, (_, payload) => rowCoderOf(decodeSchema(payload ?? new Uint8Array()), payload));
registerCoder('beam:coder:custom_window:v1', 1, ([window]) => new CustomWindowCoder(window as Coder<Window>));
registerCoder('beam:coder:timer:v1', 2, ([key, window]) => new TimerCoder(key, window as Coder<Window>));
registerCoder(
  'beam:coder:windowed_value:v1',
  2,
  ([value, window]) => new WindowedValueCoder(value, window as Coder<Window>),
);
registerCoder('beam:coder:param_windowed_value:v1', 2, ([value, window], payload) =>
  ParamWindowedValueCoder.fromPayload(value, window as Coder<Window>, payload ?? new Uint8Array()),
);
registerCoder(
  'beam:coder:state_backed_iterable:v1',
  1,
  ([element], _, { readState }) => new StateBackedIterableCoder(element, readState),
);
registerCoder('millrace:coder:map:v1', 2, ([key, value]) => new MapCoder(key, value));

/**
 * The coder with an id, from the coder specs of a graph.
 *
 * @throws CoderError when an id is missing (`CODER_MISSING`), a URN is not known (`CODER_UNKNOWN`), or components or the
 * payload are not what the URN demands (`CODER_INVALID`).
 */
export function coderFromSpec(
  id: string,
  specs: ReadonlyMap<string, CoderSpec>,
  context: CoderContext = {},
): Coder<unknown> {
  return build(id, specs, context, 0);
}

function build(
  id: string,
  specs: ReadonlyMap<string, CoderSpec>,
  context: CoderContext,
  depth: number,
): Coder<unknown> {
  const spec = specs.get(id);
  if (spec === undefined) throw new CoderError('CODER_MISSING', `The graph has no coder ${JSON.stringify(id)}`);
  if (depth > MAX_DEPTH) throw new CoderError('CODER_INVALID', `Coder ${JSON.stringify(id)} is nested in itself`);
  const resolved = context.resolve?.(id);
  if (resolved !== undefined) return resolved;
  const entry = entries.get(spec.urn);
  if (entry === undefined) {
    if (context.unknown === 'opaque') return new OpaqueCoder(spec);
    throw new CoderError('CODER_UNKNOWN', `The coder ${spec.urn} is not known`, {
      hint: 'Register it with registerCoder, or give the collection a standard coder where it crosses languages.',
    });
  }
  if (spec.componentIds.length !== entry.components) {
    const found = `${spec.componentIds.length} components instead of ${entry.components}`;
    throw new CoderError('CODER_INVALID', `Coder ${JSON.stringify(id)}, a ${spec.urn}, has ${found}`);
  }
  const components = spec.componentIds.map((component) => build(component, specs, context, depth + 1));
  return entry.make(components, spec.payload, context);
}

/** The spec of a coder; `idOf` gives each component the id under which its own spec is kept. */
export function coderToSpec(coder: Coder<unknown>, idOf: (component: Coder<unknown>) => string): CoderSpec {
  const { urn, payload } = coder;
  const componentIds = coder instanceof OpaqueCoder ? coder.spec.componentIds : coder.components.map(idOf);
  return payload === undefined ? { urn, componentIds } : { urn, payload, componentIds };
}
