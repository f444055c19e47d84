import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parseAllDocuments } from 'yaml';
import { Decimal } from '../schema/decimal.ts';
import type { FieldType, Schema } from '../schema/schema.ts';
import type { PaneInfo, PaneTiming } from '../windows/pane-info.ts';
import type { Timestamp } from '../windows/timestamp.ts';
import { GLOBAL_WINDOW, IntervalWindow } from '../windows/window.ts';
import { type Coder, decodeFromBytes, encodeToBytes } from './coder.ts';
import { type CoderContext, type CoderSpec, coderFromSpec, coderToSpec } from './coder-registry.ts';
import type { RowCoder } from './row-coder.ts';
import { fromExactMillis } from './timestamp-coder.ts';

/** Beam's own examples: https://github.com/apache/beam, model/fn-execution, standard_coders.yaml. */
const GOLDEN = new URL('../../../test/golden/beam/standard_coders.yaml', import.meta.url);

interface SpecYaml {
  readonly urn: string;
  readonly payload?: string;
  readonly components?: readonly SpecYaml[];
  readonly non_deterministic?: boolean;
  readonly state?: Readonly<Record<string, string>>;
}

interface CaseYaml {
  readonly coder: SpecYaml;
  readonly nested?: boolean;
  readonly examples: ReadonlyMap<string, unknown>;
}

const text = readFileSync(GOLDEN, 'utf8');
const cases = parseAllDocuments(text, { intAsBigInt: true })
  .map((document) => document.toJS({ mapAsMap: true }) as Map<string, unknown>)
  .map(toCase);

test('the golden has all 45 specs and 124 examples', () => {
  assert.equal(cases.length, 45);
  assert.equal(
    cases.reduce((sum, { examples }) => sum + examples.size, 0),
    124,
  );
});

for (const [i, { coder: spec, nested, examples }] of cases.entries()) {
  for (const context of nested === undefined ? [false, true] : [nested]) {
    const name = [spec, ...(spec.components ?? [])].map(({ urn }) => urn.split(':')[2]).join(' ');
    test(`spec ${i + 1}, ${name}, ${context ? 'nested' : 'outer'}`, () => {
      const coder = coderOf(spec);
      for (const [encoded, json] of examples) {
        const bytes = latin1(encoded);
        const value = exampleOf(coder, json);
        const decoded = decodeFromBytes(coder, bytes, context);
        assert.deepEqual(plain(decoded), value);
        if (spec.non_deterministic === true) {
          assert.deepEqual(plain(decodeFromBytes(coder, encodeToBytes(coder, decoded, context), context)), value);
        } else {
          assert.deepEqual(encodeToBytes(coder, value, context), bytes);
          assert.deepEqual(encodeToBytes(coder, decoded, context), bytes);
        }
      }
    });
  }
}

test('specs survive the way to a coder and back', () => {
  for (const { coder: yaml } of cases) {
    const specs = new Map<string, CoderSpec>();
    const id = addSpec(yaml, specs);
    const back = new Map<string, CoderSpec>();
    const addBack = (coder: Coder<unknown>): string => {
      const key = String(back.size);
      back.set(key, { urn: '', componentIds: [] });
      back.set(key, coderToSpec(coder, addBack));
      return key;
    };
    const again = coderFromSpec(addBack(coderFromSpec(id, specs)), back);
    assert.deepEqual(shape(again), shape(coderFromSpec(id, specs)));
  }
});

function shape(coder: Coder<unknown>): unknown {
  return [coder.urn, coder.payload, coder.components.map(shape)];
}

function toCase(document: Map<string, unknown>): CaseYaml {
  const plainCoder = (spec: Map<string, unknown>): SpecYaml => {
    const components = spec.get('components') as Map<string, unknown>[] | undefined;
    const state = spec.get('state') as Map<string, string> | undefined;
    return {
      ...(Object.fromEntries(spec) as unknown as SpecYaml),
      ...(components && { components: components.map(plainCoder) }),
      ...(state && { state: Object.fromEntries(state) }),
    };
  };
  return {
    coder: plainCoder(document.get('coder') as Map<string, unknown>),
    nested: document.get('nested') as boolean | undefined,
    examples: document.get('examples') as Map<string, unknown>,
  };
}

function addSpec(yaml: SpecYaml, specs: Map<string, CoderSpec>): string {
  const componentIds = (yaml.components ?? []).map((component) => addSpec(component, specs));
  const id = `coder${specs.size}`;
  specs.set(id, { urn: yaml.urn, componentIds, ...(yaml.payload !== undefined && { payload: latin1(yaml.payload) }) });
  return id;
}

function coderOf(yaml: SpecYaml): Coder<unknown> {
  const specs = new Map<string, CoderSpec>();
  const id = addSpec(yaml, specs);
  const context: CoderContext = {
    readState: (token, element) => {
      const rest = yaml.state?.[Buffer.from(token).toString('latin1')] ?? '';
      return rest === '' ? [] : [...splitNested(element, latin1(rest))];
    },
  };
  return coderFromSpec(id, specs, context);
}

/** The values of a concatenation of nested encodings. */
function* splitNested(element: Coder<unknown>, bytes: Uint8Array): Iterable<unknown> {
  for (let rest = bytes; rest.length > 0; ) {
    const value = decodeFromBytesPrefix(element, rest);
    yield value;
    rest = rest.subarray(encodeToBytes(element, value, true).length);
  }
}

function decodeFromBytesPrefix(element: Coder<unknown>, bytes: Uint8Array): unknown {
  for (let size = 1; ; size++) {
    try {
      return decodeFromBytes(element, bytes.subarray(0, size), true);
    } catch (error) {
      if (size === bytes.length) throw error;
    }
  }
}

/** State-backed iterables as arrays. */
function plain(value: unknown): unknown {
  const iterable = typeof value === 'object' && value !== null && 'token' in value;
  return iterable ? [...(value as unknown as Iterable<unknown>)] : value;
}

/** The value that the JSON of an example means to a coder. */
function exampleOf(coder: Coder<unknown>, json: unknown): unknown {
  const [first, second] = coder.components;
  switch (coder.urn) {
    case 'beam:coder:bytes:v1':
      return utf8(json as string);
    case 'beam:coder:double:v1':
      return Number(json);
    case 'beam:coder:global_window:v1':
      return GLOBAL_WINDOW;
    case 'beam:coder:interval_window:v1': {
      const { end, span } = object<{ end: bigint; span: bigint }>(json);
      return new IntervalWindow(fromExactMillis(end - span), fromExactMillis(end));
    }
    case 'beam:coder:kv:v1': {
      const { key, value } = object<{ key: unknown; value: unknown }>(json);
      return [exampleOf(first, key), exampleOf(second, value)];
    }
    case 'beam:coder:iterable:v1':
    case 'beam:coder:state_backed_iterable:v1':
      return (json as unknown[]).map((item) => exampleOf(first, item));
    case 'beam:coder:nullable:v1':
      return json === null ? null : exampleOf(first, json);
    case 'beam:coder:custom_window:v1':
      return exampleOf(first, object<{ window: unknown }>(json).window);
    case 'beam:coder:sharded_key:v1': {
      const { key, shardId } = object<{ key: unknown; shardId: string }>(json);
      return { key: exampleOf(first, key), shardId: utf8(shardId) };
    }
    case 'beam:coder:windowed_value:v1':
    case 'beam:coder:param_windowed_value:v1': {
      const { value, timestamp, windows, pane } = object<Record<string, unknown>>(json);
      return {
        value: exampleOf(first, value),
        timestamp: time(timestamp),
        windows: (windows as unknown[]).map((window) => exampleOf(second, window)),
        pane: paneOf(pane),
      };
    }
    case 'beam:coder:timer:v1': {
      const timer = object<Record<string, unknown>>(json);
      const { userKey, dynamicTimerTag, clearBit } = timer;
      const windows = (timer.windows as unknown[]).map((window) => exampleOf(second, window));
      const identity = { userKey: exampleOf(first, userKey), dynamicTimerTag, windows, clearBit };
      if (clearBit === true) return identity;
      const { fireTimestamp, holdTimestamp, pane } = timer;
      return {
        ...identity,
        fireTimestamp: time(fireTimestamp),
        holdTimestamp: time(holdTimestamp),
        pane: paneOf(pane),
      };
    }
    case 'beam:coder:row:v1':
      return rowOf((coder as RowCoder<unknown>).schema, json);
    default:
      return json;
  }
}

function rowOf(schema: Schema, json: unknown): unknown {
  const values = object<Record<string, unknown>>(json);
  return Object.fromEntries(schema.fields.map(({ name, type }) => [name, fieldOf(type, values[name])]));
}

function fieldOf(type: FieldType, json: unknown): unknown {
  if (json === null) return null;
  switch (type.kind) {
    case 'atomic':
      if (type.atomic === 'bytes') return utf8(json as string);
      if (type.atomic === 'int64' || type.atomic === 'string' || type.atomic === 'boolean') return json;
      return type.atomic === 'float' ? Math.fround(Number(json)) : Number(json);
    case 'array':
    case 'iterable':
      return (json as unknown[]).map((item) => fieldOf(type.element, item));
    case 'map': {
      const entries = json instanceof Map ? [...json] : Object.entries(json as object);
      return new Map(entries.map(([key, value]) => [fieldOf(type.key, key), fieldOf(type.value, value)]));
    }
    case 'row':
      return rowOf(type.schema, json);
    case 'logical':
      return logicalOf(type.urn, fieldOf(type.representation, json), json, type.argument?.value);
  }
}

/** Examples hold the representation of a logical type; decimals alone are written as what they mean. */
function logicalOf(urn: string, representation: unknown, json: unknown, argument: unknown): unknown {
  switch (urn.split(':')[2]) {
    case 'micros_instant': {
      const { seconds, micros } = representation as { seconds: bigint; micros: bigint };
      return seconds * 1_000_000n + micros;
    }
    case 'timestamp': {
      const { seconds, subseconds } = representation as { seconds: bigint; subseconds: number };
      return seconds * 10n ** BigInt(argument as number) + BigInt(subseconds);
    }
    case 'millis_instant':
      return Number(BigInt.asIntN(64, (json as bigint) + 2n ** 63n));
    case 'decimal':
      return Decimal.parse(json as string);
    default:
      return representation;
  }
}

function object<T>(json: unknown): T {
  return Object.fromEntries(json as Map<string, unknown>) as T;
}

function paneOf(json: unknown): PaneInfo {
  const { timing, is_first, is_last, index, on_time_index } = object<Record<string, unknown>>(json);
  return {
    timing: timing as PaneTiming,
    first: is_first as boolean,
    last: is_last as boolean,
    index: Number(index),
    nonSpeculativeIndex: Number(on_time_index),
  };
}

function time(json: unknown): Timestamp {
  return fromExactMillis(json as bigint);
}

function latin1(value: string): Uint8Array {
  return Uint8Array.from(Buffer.from(value, 'latin1'));
}

function utf8(value: string): Uint8Array {
  return Uint8Array.from(Buffer.from(value, 'utf8'));
}
