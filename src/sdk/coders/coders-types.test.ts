/** What is tested here is that the file compiles: inferred types are exact, and wrong programs are refused. */
import { test } from 'node:test';
import type { KV } from '../values.ts';
import type { Timestamp } from '../windows/timestamp.ts';
import { type Coder, encodeToBytes, type Infer } from './coder.ts';
import { coders } from './index.ts';

type Eq<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const ok = <_T extends true>(): void => {};

test('coders infer their values', () => {
  ok<Eq<Infer<typeof coders.string>, string>>();
  ok<Eq<Infer<typeof coders.int64>, bigint>>();
  ok<Eq<Infer<typeof coders.safeInt>, number>>();
  ok<Eq<Infer<typeof coders.timestamp>, Timestamp>>();

  const kv = coders.kv(coders.string, coders.double);
  ok<Eq<Infer<typeof kv>, KV<string, number>>>();
  const list = coders.array(coders.nullable(coders.string));
  ok<Eq<Infer<typeof list>, readonly (string | null)[]>>();
  const iterable = coders.iterable(coders.kv(coders.string, coders.bytes));
  ok<Eq<Infer<typeof iterable>, Iterable<KV<string, Uint8Array>>>>();
  const map = coders.map(coders.string, coders.int64);
  ok<Eq<Infer<typeof map>, ReadonlyMap<string, bigint>>>();
  const prefixed = coders.lengthPrefix(coders.boolean);
  ok<Eq<Infer<typeof prefixed>, boolean>>();
});

test('rows infer their objects', () => {
  const alert = coders.row({ user: coders.string, clicks: coders.int64 });
  ok<Eq<Infer<typeof alert>, { readonly user: string; readonly clicks: bigint }>>();

  const click = coders.row({
    user: coders.string,
    at: coders.timestamp,
    referrer: coders.nullable(coders.string),
    campaign: coders.optional(coders.string),
    alerts: coders.array(alert),
    extra: coders.any,
  });
  ok<
    Eq<
      Infer<typeof click>,
      {
        readonly user: string;
        readonly at: Timestamp;
        readonly referrer: string | null;
        readonly campaign?: string;
        readonly alerts: readonly { readonly user: string; readonly clicks: bigint }[];
        readonly extra: unknown;
      }
    >
  >();

  encodeToBytes(alert, { user: 'a', clicks: 1n });
  const short: Infer<typeof click> = {
    user: 'a',
    at: 0 as Timestamp,
    referrer: null,
    alerts: [],
    extra: 1,
  };
  encodeToBytes(click, short);
});

test('wrong programs do not compile', () => {
  const refused = (_program: () => void): void => {};
  const alert = coders.row({ user: coders.string, clicks: coders.int64 });
  refused(() => {
    // @ts-expect-error a number is no bigint
    encodeToBytes(alert, { user: 'a', clicks: 1 });
    // @ts-expect-error a field is missing
    encodeToBytes(alert, { user: 'a' });
    // @ts-expect-error a null must be declared
    encodeToBytes(alert, { user: null, clicks: 1n });
    // @ts-expect-error a plain number is no timestamp
    encodeToBytes(coders.timestamp, 5);
    // @ts-expect-error rows have fields with a schema type, and a KV has none
    coders.row({ pair: coders.kv(coders.string, coders.string) });
    // @ts-expect-error the default coder is no schema type: coders.any is
    coders.row({ value: coders.default() });
    // @ts-expect-error only fields are optional
    coders.optional(coders.kv(coders.string, coders.string));
    // @ts-expect-error an object is no key
    encodeToBytes(coders.key, { id: 1 });
    // @ts-expect-error rows are read-only
    (null as unknown as Infer<typeof alert>).user = 'b';
  });
});

test('coders of values one does not know the type of', () => {
  const all: readonly Coder<unknown>[] = [coders.string, coders.row({ a: coders.string }), coders.default()];
  ok<Eq<Infer<(typeof all)[number]>, unknown>>();
  const trusted = coders.default<{ readonly id: string }>();
  ok<Eq<Infer<typeof trusted>, { readonly id: string }>>();
});
