import { atomic } from '../schema/schema.ts';
import { type FieldCoder, wrongType } from './coder.ts';

/** The BYTE of rows: one signed byte. */
export const byteCoder: FieldCoder<number> = {
  urn: 'millrace:coder:byte:v1',
  components: [],
  nonDeterministic: undefined,
  fieldType: atomic('byte'),
  encode(value, out) {
    if ((value << 24) >> 24 !== value) throw wrongType('an integer from −128 to 127', value);
    out.byte(value);
  },
  decode(input) {
    return (input.byte() << 24) >> 24;
  },
};

/** The INT16 of rows: two bytes, big-endian. */
export const int16Coder: FieldCoder<number> = {
  urn: 'millrace:coder:int16:v1',
  components: [],
  nonDeterministic: undefined,
  fieldType: atomic('int16'),
  encode(value, out) {
    if ((value << 16) >> 16 !== value) throw wrongType('an integer from −32768 to 32767', value);
    out.byte(value >> 8);
    out.byte(value);
  },
  decode(input) {
    return (((input.byte() << 8) | input.byte()) << 16) >> 16;
  },
};
