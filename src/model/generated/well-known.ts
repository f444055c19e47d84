// Written by scripts/generate-model.ts from proto/. Change those, not this.

import { protoPackage } from '../proto/proto-package.ts';
import type * as types from './well-known-types.ts';

const protobufPackage = protoPackage('google.protobuf');

/** JSON's null. */
export const NullValue = protobufPackage.enumeration('NullValue', {
  NULL_VALUE: 0,
});
export type NullValue = (typeof NullValue)[keyof typeof NullValue];

/** A length of time. */
export const Duration = protobufPackage.message<types.Duration>('Duration', `1 seconds int64
2 nanos int32`);
export type Duration = types.Duration;

/** A JSON object. */
export const Struct = protobufPackage.message<types.Struct>('Struct', `1 fields map<string,Value>`);
export type Struct = types.Struct;

/** A JSON value. */
export const Value = protobufPackage.message<types.Value>('Value', `1 null_value enum:NullValue oneof:kind
2 number_value double oneof:kind
3 string_value string oneof:kind
4 bool_value bool oneof:kind
5 struct_value Struct oneof:kind
6 list_value ListValue oneof:kind`);
export type Value = types.Value;

/** A JSON array. */
export const ListValue = protobufPackage.message<types.ListValue>('ListValue', `1 values repeated Value`);
export type ListValue = types.ListValue;

/** A point in time, in UTC. */
export const Timestamp = protobufPackage.message<types.Timestamp>('Timestamp', `1 seconds int64
2 nanos int32`);
export type Timestamp = types.Timestamp;
