import { Schema } from '../../../model/pipeline.ts';
import { decodeFromBytes, encodeToBytes } from '../../../sdk/coders/coder.ts';
import { rowCoderOf } from '../../../sdk/coders/row.ts';
import { PipelineError } from '../../../sdk/errors.ts';
import { decodeSchema } from '../../../sdk/schema/schema-proto.ts';

/**
 * A configuration of one schema as a row of another: fields go by their names, and those that are not there are null.
 *
 * @param transform that is configured, @param schema of the row @param wanted the schema to which it is brought
 * @throws PipelineError `EXPANSION_CONFIGURATION` where the other schema has not such a field, CoderError where a value does
 *   not fit or is missing
 */
export function convertRow(
  transform: string,
  row: Uint8Array,
  schema: Partial<Schema>,
  wanted: Partial<Schema>,
): Uint8Array {
  const [from, to] = [schema, wanted].map((each) => decodeSchema(Schema.encode(each)));
  const names = to.fields.map(({ name }) => name);
  const unknown = from.fields.find(({ name }) => !names.includes(name));
  if (unknown !== undefined) {
    throw new PipelineError(
      'EXPANSION_CONFIGURATION',
      `'${transform}' has no field '${unknown.name}' in its configuration`,
      { hint: `it has: ${names.join(', ')}` },
    );
  }
  const value = from.fields.length === 0 ? {} : decodeFromBytes(rowCoderOf(from), row);
  return encodeToBytes(rowCoderOf(to), value);
}
