// Written by scripts/generate-model.ts from proto/. Change those, not this.

import type { NullValue } from './well-known.ts';

/** A length of time. */
export interface Duration {
  seconds: bigint;
  /** Of the same sign as `seconds`. */
  nanos: number;
}

/** A JSON object. */
export interface Struct {
  fields: Record<string, Value>;
}

/** A JSON value. */
export interface Value {
  /** At most one of `kind`. */
  nullValue?: NullValue;
  /** At most one of `kind`. */
  numberValue?: number;
  /** At most one of `kind`. */
  stringValue?: string;
  /** At most one of `kind`. */
  boolValue?: boolean;
  /** At most one of `kind`. */
  structValue?: Struct;
  /** At most one of `kind`. */
  listValue?: ListValue;
}

/** A JSON array. */
export interface ListValue {
  values: Value[];
}

/** A point in time, in UTC. */
export interface Timestamp {
  /** Since 1970. */
  seconds: bigint;
  /** Always counted forward: from 0 to 999999999, before 1970 too. */
  nanos: number;
}
