import { atomic } from '../schema/schema.ts';
import { type FieldCoder, wrongType } from './coder.ts';

/** `beam:coder:string_utf8:v1`. A string with half a surrogate pair has no UTF-8 encoding and is refused. */
export const stringCoder: FieldCoder<string> = {
  urn: 'beam:coder:string_utf8:v1',
  components: [],
  nonDeterministic: undefined,
  fieldType: atomic('string'),
  encode(value, out, nested) {
    if (typeof value !== 'string') throw wrongType('a string', value);
    if (nested) out.string(value);
    else out.utf8(value);
  },
  decode(input, nested) {
    return nested ? input.string() : input.utf8(input.remaining);
  },
};
