import { atomic } from '../schema/schema.ts';
import { type FieldCoder, wrongType } from './coder.ts';

/** `beam:coder:bytes:v1`. Decoding copies, so the value outlives the buffer it came from. */
export const bytesCoder: FieldCoder<Uint8Array> = {
  urn: 'beam:coder:bytes:v1',
  components: [],
  nonDeterministic: undefined,
  fieldType: atomic('bytes'),
  encode(value, out, nested) {
    if (!(value instanceof Uint8Array)) throw wrongType('a Uint8Array', value);
    if (nested) out.varint(value.length);
    out.raw(value);
  },
  decode(input, nested) {
    return input.raw(nested ? input.varint() : input.remaining);
  },
};
