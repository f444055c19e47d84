import { atomic } from '../schema/schema.ts';
import { type FieldCoder, wrongType } from './coder.ts';

const FLOATING = 'floating point numbers have two zeros, equal but encoded differently';

/** `beam:coder:double:v1`: 8 bytes, big-endian. */
export const doubleCoder: FieldCoder<number> = {
  urn: 'beam:coder:double:v1',
  components: [],
  nonDeterministic: FLOATING,
  fieldType: atomic('double'),
  encode(value, out) {
    if (typeof value !== 'number') throw wrongType('a number', value);
    out.float64(value);
  },
  decode(input) {
    return input.float64();
  },
};

/** The FLOAT of rows: 4 bytes, big-endian. A number is rounded to the nearest 32-bit float. */
export const floatCoder: FieldCoder<number> = {
  urn: 'millrace:coder:float:v1',
  components: [],
  nonDeterministic: FLOATING,
  fieldType: atomic('float'),
  encode(value, out) {
    if (typeof value !== 'number') throw wrongType('a number', value);
    out.float32(value);
  },
  decode(input) {
    return input.float32();
  },
};
