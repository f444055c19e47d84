import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { CoderError } from '../errors.ts';
import { Decimal } from '../schema/decimal.ts';
import { NO_FIRING, ON_TIME_AND_ONLY_FIRING, type PaneInfo } from '../windows/pane-info.ts';
import { END_OF_GLOBAL_WINDOW, MAX_TIMESTAMP, MIN_TIMESTAMP, type Timestamp } from '../windows/timestamp.ts';
import { GLOBAL_WINDOW, IntervalWindow } from '../windows/window.ts';
import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import { type Coder, decodeFromBytes, encodeToBytes } from './coder.ts';
import { decimalCoder } from './decimal-coder.ts';
import { coders } from './index.ts';
import { rowCoderOf } from './row.ts';
import { ShardedKeyCoder } from './sharded-key-coder.ts';
import { byteCoder, int16Coder } from './small-int-coders.ts';
import { StateBackedIterableCoder } from './state-backed-iterable-coder.ts';
import { TimerCoder } from './timer-coder.ts';
import { int32Coder } from './varint-coder.ts';
import { CustomWindowCoder, globalWindowCoder, intervalWindowCoder } from './window-coders.ts';
import { initialParams, ParamWindowedValueCoder, WindowedValueCoder } from './windowed-value-coder.ts';

const bytes = fc.uint8Array({ maxLength: 200 }).map((array) => Uint8Array.from(array));
const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 80 }),
  fc.string({ unit: 'binary-ascii', maxLength: 200 }),
  fc.constantFrom('x'.repeat(127), 'x'.repeat(128), 'é'.repeat(42), 'é'.repeat(43), 'é'.repeat(64), '€'.repeat(43)),
);
const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const timestamp = fc.oneof(
  fc.maxSafeInteger(),
  fc.constantFrom(MIN_TIMESTAMP, MAX_TIMESTAMP, END_OF_GLOBAL_WINDOW, 0, -1),
) as fc.Arbitrary<Timestamp>;
const interval = fc
  .tuple(timestamp, timestamp)
  .map(([a, b]) => new IntervalWindow(Math.min(a, b) as Timestamp, Math.max(a, b) as Timestamp));
const plain = { noNullPrototype: true } as const;
const pane: fc.Arbitrary<PaneInfo> = fc.oneof(
  fc.constantFrom(NO_FIRING, ON_TIME_AND_ONLY_FIRING),
  fc.record(
    {
      timing: fc.constantFrom('ON_TIME' as const, 'LATE' as const),
      first: fc.boolean(),
      last: fc.boolean(),
      index: fc.nat(),
      nonSpeculativeIndex: fc.nat(),
    },
    plain,
  ),
  fc.record(
    {
      timing: fc.constant('EARLY' as const),
      first: fc.boolean(),
      last: fc.boolean(),
      index: fc.nat(),
      nonSpeculativeIndex: fc.constant(-1),
    },
    plain,
  ),
);

const key = fc.letrec<{ key: unknown }>((tie) => ({
  key: fc.oneof(
    { maxDepth: 3 },
    text,
    fc.double(),
    fc.integer(),
    fc.maxSafeInteger(),
    fc.bigInt(),
    fc.boolean(),
    fc.constant(null),
    bytes,
    fc.array(tie('key'), { maxLength: 20 }),
  ),
})).key;

const anything = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    key,
    fc.constant(undefined),
    fc.string({ unit: 'binary' }),
    fc.date({ noInvalidDate: false }),
    interval,
    fc.constant(GLOBAL_WINDOW),
    fc.float32Array({ maxLength: 5 }),
    fc.bigInt64Array({ maxLength: 5 }),
    fc.dictionary(text, tie('value'), { maxKeys: 10, noNullPrototype: true }),
    fc.record({ id: fc.integer(), name: text, at: tie('value') }, plain),
    fc.array(tie('value'), { maxLength: 20 }),
    fc.array(fc.tuple(tie('value'), tie('value')), { maxLength: 4 }).map((entries) => new Map(entries)),
    fc.array(tie('value'), { maxLength: 4 }).map((items) => new Set(items)),
  ),
})).value;

interface Subject<T> {
  readonly coder: Coder<T>;
  readonly values: fc.Arbitrary<T>;
}

function subject<T>(coder: Coder<T>, values: fc.Arbitrary<T>): Subject<unknown> {
  return { coder, values } as Subject<unknown>;
}

const row = coders.row({
  id: coders.int64,
  'a name': coders.nullable(coders.string),
  tags: coders.array(coders.nullable(coders.string)),
  at: coders.timestamp,
  inner: coders.row({ x: coders.double, y: coders.optional(coders.safeInt) }),
  counts: coders.map(coders.string, coders.int64),
  price: decimalCoder,
  any: coders.any,
});
const rowValues = fc.record(
  {
    id: int64,
    'a name': fc.option(text),
    tags: fc.array(fc.option(text)),
    at: timestamp,
    inner: fc.record({ x: fc.double(), y: fc.option(fc.maxSafeInteger(), { nil: undefined }) }, plain),
    counts: fc.array(fc.tuple(text, int64)).map((entries) => new Map(entries)),
    price: fc.tuple(fc.bigInt(), fc.integer()).map(([unscaled, scale]) => new Decimal(unscaled, scale)),
    any: anything.filter((value) => value !== null && value !== undefined),
  },
  plain,
);

const windowed = fc.record(
  { value: text, timestamp, windows: fc.array(interval, { minLength: 1, maxLength: 4 }), pane },
  plain,
);
const timer = fc.oneof(
  fc.record(
    { userKey: text, dynamicTimerTag: text, windows: fc.array(interval), clearBit: fc.constant(true as const) },
    plain,
  ),
  fc.record(
    {
      userKey: text,
      dynamicTimerTag: text,
      windows: fc.array(interval),
      clearBit: fc.constant(false as const),
      fireTimestamp: timestamp,
      holdTimestamp: timestamp,
      pane,
    },
    plain,
  ),
);
const atomics = (['byte', 'int16', 'int32', 'int64', 'float', 'double', 'string', 'boolean', 'bytes'] as const).map(
  (type, i) => ({ name: type, type: { kind: 'atomic', atomic: type }, encodingPosition: 8 - i }) as const,
);
const atomicValues = fc.record(
  {
    byte: fc.integer({ min: -128, max: 127 }),
    int16: fc.integer({ min: -32768, max: 32767 }),
    int32: fc.integer(),
    int64,
    float: fc.float(),
    double: fc.double(),
    string: text,
    boolean: fc.boolean(),
    bytes,
  },
  plain,
);

const subjects: Record<string, Subject<unknown>> = {
  bytes: subject(coders.bytes, bytes),
  string: subject(coders.string, text),
  boolean: subject(coders.boolean, fc.boolean()),
  int64: subject(coders.int64, int64),
  safeInt: subject(coders.safeInt, fc.maxSafeInteger()),
  double: subject(coders.double, fc.double()),
  float: subject(coders.float, fc.float()),
  byte: subject(byteCoder, fc.integer({ min: -128, max: 127 })),
  int16: subject(int16Coder, fc.integer({ min: -32768, max: 32767 })),
  int32: subject(int32Coder, fc.integer()),
  decimal: subject(
    decimalCoder,
    fc.tuple(fc.bigInt(), fc.integer()).map(([unscaled, scale]) => new Decimal(unscaled, scale)),
  ),
  timestamp: subject(coders.timestamp, timestamp),
  kv: subject(coders.kv(coders.string, coders.bytes), fc.tuple(text, bytes)),
  iterable: subject(coders.array(coders.string), fc.array(text)),
  'iterable of iterables': subject(coders.array(coders.array(coders.boolean)), fc.array(fc.array(fc.boolean()))),
  'state-backed iterable': subject(new StateBackedIterableCoder(coders.int64), fc.array(int64)),
  nullable: subject(coders.nullable(coders.string), fc.option(text)),
  map: subject(
    coders.map(coders.string, coders.double),
    fc.array(fc.tuple(text, fc.double())).map((entries) => new Map(entries)),
  ),
  'length prefix': subject(coders.lengthPrefix(coders.kv(coders.string, coders.string)), fc.tuple(text, text)),
  'global window': subject(globalWindowCoder, fc.constant(GLOBAL_WINDOW)),
  'interval window': subject(intervalWindowCoder, interval),
  'custom window': subject(new CustomWindowCoder(intervalWindowCoder), interval),
  'windowed value': subject(new WindowedValueCoder(coders.string, intervalWindowCoder), windowed),
  'param windowed value': subject(
    new ParamWindowedValueCoder(coders.string, globalWindowCoder, initialParams(GLOBAL_WINDOW)),
    text.map((value) => ({ value, ...initialParams(GLOBAL_WINDOW) })),
  ),
  timer: subject(new TimerCoder(coders.string, intervalWindowCoder), timer),
  'sharded key': subject(new ShardedKeyCoder(coders.string), fc.record({ key: text, shardId: bytes }, plain)),
  row: subject(row, rowValues),
  'row of atomics in reverse positions': subject(rowCoderOf({ fields: atomics }), atomicValues),
  default: subject(coders.default(), anything),
  'self-contained': subject(coders.selfContained(), anything),
  any: subject(coders.any, anything),
  key: subject(coders.key as Coder<unknown>, key),
};

/** Other seeds, other values: FUZZ_SEED=… FUZZ_RUNS=… to search further. */
fc.configureGlobal({ seed: Number(process.env.FUZZ_SEED ?? 20_240_501) });
const SCALE = Number(process.env.FUZZ_RUNS ?? 1);
const RUNS = { numRuns: 150 * SCALE };

for (const [name, { coder, values }] of Object.entries(subjects)) {
  test(`${name}: what is encoded is decoded`, () => {
    const writer = new ByteWriter(1);
    fc.assert(
      fc.property(values, fc.boolean(), (value, nested) => {
        const expected = name === 'key' ? positiveZeros(value) : value;
        assert.deepEqual(decodeFromBytes(coder, encodeToBytes(coder, value, nested), nested), expected);
        writer.clear();
        writer.byte(7);
        coder.encode(value, writer, true);
        writer.byte(9);
        const reader = new ByteReader(writer.view(), 1);
        assert.deepEqual(coder.decode(reader, true), expected);
        assert.equal(reader.remaining, 1);
      }),
      RUNS,
    );
  });

  test(`${name}: every truncation is a CoderError`, () => {
    fc.assert(
      fc.property(values, (value) => {
        const encoded = encodeToBytes(coder, value, true);
        for (let size = 0; size < encoded.length; size++) {
          // Within a larger buffer: reading past `end` must fail although there is more.
          assert.throws(() => coder.decode(new ByteReader(encoded, 0, size), true), CoderError);
        }
      }),
      { numRuns: 30 * SCALE },
    );
  });

  test(`${name}: garbage is a value or a CoderError`, () => {
    const mutated = fc
      .tuple(values, fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 4 }))
      .map(([value, changes]) => {
        const encoded = encodeToBytes(coder, value, true);
        for (const [at, byte] of changes) if (encoded.length > 0) encoded[at % encoded.length] = byte;
        return encoded;
      });
    fc.assert(
      fc.property(fc.oneof(bytes, mutated), fc.boolean(), (garbage, nested) => {
        try {
          decodeFromBytes(coder, garbage, nested);
        } catch (error) {
          if (!(error instanceof CoderError)) throw error;
        }
      }),
      { numRuns: 400 * SCALE },
    );
  });
}

/** Keys do not tell the zeros apart. */
function positiveZeros(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(positiveZeros);
  return value === 0 ? 0 : value;
}
