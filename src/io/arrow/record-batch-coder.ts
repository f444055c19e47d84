import type { RecordBatch } from 'apache-arrow';
import { type Coder, CoderError } from '../../sdk/index.ts';
import { decodeIpcStream } from './ipc-decoder.ts';
import { encodeIpcStream } from './ipc-encoder.ts';

/**
 * Encodes Arrow record batches: each as an IPC stream of its own, schema and dictionaries included, so that any Arrow
 * library reads the bytes. Meant for batches of thousands of rows; for single rows the schema outweighs the content.
 */
export const recordBatchCoder: Coder<RecordBatch> = {
  urn: 'millrace:coder:arrow_record_batch:v1',
  components: [],
  nonDeterministic: 'Arrow leaves open what stands in the place of a null',
  encode(batch, out, nested) {
    if (batch?.schema?.fields === undefined || batch.data === undefined) {
      throw new CoderError('CODER_WRONG_TYPE', 'Expected an Arrow RecordBatch');
    }
    const bytes = encodeIpcStream(batch.schema, [batch]).view();
    if (nested) out.varint(bytes.length);
    out.raw(bytes);
  },
  decode(input, nested) {
    // A copy: batches keep the memory of their message, and the reader's is used again.
    const bytes = input.raw(nested ? input.varint() : input.remaining);
    const batches = decodeIpcStream(bytes);
    if (batches.length !== 1)
      throw new CoderError('CODER_MALFORMED', `${batches.length} record batches where one belongs`);
    return batches[0];
  },
};
