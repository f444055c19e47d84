import { atomic } from '../schema/schema.ts';
import { type FieldCoder, wrongType } from './coder.ts';

/** `beam:coder:bool:v1`. */
export const booleanCoder: FieldCoder<boolean> = {
  urn: 'beam:coder:bool:v1',
  components: [],
  nonDeterministic: undefined,
  fieldType: atomic('boolean'),
  encode(value, out) {
    if (typeof value !== 'boolean') throw wrongType('a boolean', value);
    out.byte(value ? 1 : 0);
  },
  decode(input) {
    const byte = input.byte();
    if (byte > 1) throw input.malformed(`A boolean of ${byte}`);
    return byte === 1;
  },
};
