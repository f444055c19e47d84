/**
 * What the default coder costs beside msgpackr and Beam's own coders: `node bench/micro/coders.ts`. Each figure is the
 * best of many rounds, in nanoseconds per value; the ratios matter more than the figures.
 */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { Packr } from 'msgpackr';
import { ByteReader } from '../../src/sdk/coders/byte-reader.ts';
import { ByteWriter } from '../../src/sdk/coders/byte-writer.ts';
import type { Coder } from '../../src/sdk/coders/coder.ts';
import { coders } from '../../src/sdk/coders/index.ts';

/** Values per round: enough to spread over keys, few enough to stay in the cache as a block does. */
const COUNT = 1000;
const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '300' },
    only: { type: 'string', default: '' },
    profile: { type: 'boolean' },
  },
});
const ROUNDS = Number(options.rounds);

/** Reproducible numbers that look random. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 0x1_0000_0000;
  };
}

const next = random(1);
const make = <T>(build: (i: number) => T): T[] => Array.from({ length: COUNT }, (_, i) => build(i));
const record = (i: number) => ({
  id: Math.floor(next() * 1e6),
  user: `user-${Math.floor(next() * 1e5)}`,
  page: `/products/${i % 50}`,
  amount: Math.round(next() * 1e5) / 100,
  premium: next() < 0.2,
  at: 1_700_000_000_000 + Math.floor(next() * 1e9),
});

const SETS: Record<string, unknown[]> = {
  'KV<string, number>': make((i) => [`key-${(i * 7919) % 100_000}`, next() * 1000]),
  'KV<string, int>': make((i) => [`key-${(i * 7919) % 100_000}`, Math.floor(next() * 1000)]),
  'KV<string, object of 6>': make((i) => [`key-${(i * 7919) % 100_000}`, record(i)]),
  'object of 6': make(record),
  number: make(() => next() * 1000),
  integer: make(() => Math.floor(next() * 1e6)),
  string: make((i) => `user-${(i * 7919) % 100_000}`),
  'string of 60': make((i) => `a line of an access log, as long as such lines mostly are: ${i}`.slice(0, 60)),
  'string, not ASCII': make((i) => `Zürich, Straße ${i}`),
  'key [string, int]': make((i) => [`user-${i}`, i % 24]),
};

interface Result {
  readonly encode: number;
  readonly decode: number;
  readonly bytes: number;
}

/** Runs `body` on all values again and again; nanoseconds per value of the fastest round. */
function best(body: () => void): number {
  let fastest = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    const start = process.hrtime.bigint();
    body();
    body();
    const elapsed = Number(process.hrtime.bigint() - start) / (2 * COUNT);
    if (elapsed < fastest) fastest = elapsed;
  }
  return fastest;
}

function measureCoder(coder: Coder<unknown>, values: unknown[]): Result {
  const out = new ByteWriter(1 << 20);
  const input = new ByteReader(new Uint8Array(0));
  let kept: unknown;
  const encode = best(() => {
    out.clear();
    for (let i = 0; i < COUNT; i++) coder.encode(values[i], out, true);
  });
  const block = out.copy();
  const decode = best(() => {
    input.reset(block);
    for (let i = 0; i < COUNT; i++) kept = coder.decode(input, true);
  });
  if (JSON.stringify(kept) !== JSON.stringify(values[COUNT - 1])) throw new Error('The last value differs');
  return { encode, decode, bytes: block.length / COUNT };
}

/** One `pack` per value: the granularity of a shuffle, where values must stand alone. */
function measureEach(values: unknown[], useRecords: boolean): Result {
  const structures: object[] = [];
  const packr = new Packr({ useRecords, structures: useRecords ? structures : undefined });
  const encode = best(() => {
    for (let i = 0; i < COUNT; i++) packr.pack(values[i]);
  });
  const packed = values.map((value) => Buffer.from(packr.pack(value)));
  const decode = best(() => {
    for (let i = 0; i < COUNT; i++) packr.unpack(packed[i]);
  });
  return { encode, decode, bytes: packed.reduce((sum, { length }) => sum + length, 0) / COUNT };
}

/** One `pack` of all values: the best msgpackr can do, but the values cannot be sorted or merged. */
function measureBlock(values: unknown[], useRecords: boolean): Result {
  const packr = new Packr({ useRecords });
  const encode = best(() => {
    packr.pack(values);
  });
  const packed = Buffer.from(packr.pack(values));
  const decode = best(() => {
    packr.unpack(packed);
  });
  return { encode, decode, bytes: packed.length / COUNT };
}

const recordCoder = coders.row({
  id: coders.safeInt,
  user: coders.string,
  page: coders.string,
  amount: coders.double,
  premium: coders.boolean,
  at: coders.safeInt,
});

/** The explicit Beam coder of a set, where there is one to compare with. */
const EXPLICIT: Record<string, Coder<unknown>> = {
  'KV<string, number>': coders.kv(coders.string, coders.double) as Coder<unknown>,
  'KV<string, object of 6>': coders.kv(coders.string, recordCoder) as Coder<unknown>,
  'object of 6': recordCoder,
  number: coders.double,
  integer: coders.safeInt,
  string: coders.string,
  'string of 60': coders.string,
  'string, not ASCII': coders.string,
};

const ns = (value: number): string => value.toFixed(0).padStart(6);

console.log(`node ${process.version}, ${process.arch}, ${availableParallelism()} cores`);
console.log('ns per value (encode, decode, both), bytes per value\n');
for (const [name, values] of Object.entries(SETS)) {
  if (!name.startsWith(options.only)) continue;
  console.log(name);
  const print = (label: string, { encode, decode, bytes }: Result): void =>
    console.log(`  ${label.padEnd(24)}${ns(encode)}${ns(decode)}${ns(encode + decode)}${bytes.toFixed(1).padStart(8)}`);
  print('default coder', measureCoder(coders.default(), values));
  if (options.profile) continue;
  if (!name.includes('object')) print('key coder', measureCoder(coders.key as Coder<unknown>, values));
  if (name in EXPLICIT) print('Beam coder', measureCoder(EXPLICIT[name], values));
  print('msgpackr', measureEach(values, false));
  print('msgpackr records', measureEach(values, true));
  print('msgpackr, one block', measureBlock(values, false));
  print('msgpackr records, block', measureBlock(values, true));
}
