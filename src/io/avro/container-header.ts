import { type ByteWriter, CoderError, IoError } from '../../sdk/index.ts';
import { dataError } from '../on-error.ts';
import { AvroInput } from './avro-input.ts';
import { writeBytes, writeLong, writeString } from './avro-output.ts';
import { type AvroSchema, type AvroType, parseAvroSchema } from './avro-schema.ts';
import { type BlockCodec, blockCodec } from './block-codec.ts';

/** Bytes of the marker between blocks. */
export const SYNC_BYTES = 16;
/** Longest header; a real one is a few KiB of schema. */
const MAX_HEADER_BYTES = 16 * 1024 * 1024;
const FIRST_READ = 64 * 1024;
const MAGIC = Buffer.from('Obj\x01', 'latin1');

/** What an Avro file says about itself. */
export interface ContainerHeader {
  /** Offset of the first block. */
  readonly length: number;
  readonly schema: AvroSchema;
  readonly type: AvroType;
  readonly codec: BlockCodec;
  /** The marker that ends every block of this file. */
  readonly sync: Uint8Array;
}

/**
 * Reads the header of a file.
 *
 * @param head gives the first bytes of the file
 * @throws DataError `AVRO_MAGIC` when it is no Avro file, `AVRO_HEADER` when the header is broken, its codec unknown or
 * its schema wrong
 */
export async function readContainerHeader(
  path: string,
  head: (length: number) => Promise<Buffer>,
): Promise<ContainerHeader> {
  for (let length = FIRST_READ; ; length *= 4) {
    const bytes = await head(length);
    if (bytes.length < MAGIC.length || !bytes.subarray(0, MAGIC.length).equals(MAGIC)) {
      throw dataError(
        'AVRO_MAGIC',
        'This is no Avro object container file: it does not begin with "Obj" and 1',
        path,
        0,
      );
    }
    try {
      return parseHeader(bytes);
    } catch (error) {
      if (!(error instanceof CoderError || error instanceof IoError)) throw error;
      const complete = bytes.length < length || length >= MAX_HEADER_BYTES;
      if (error.code !== 'CODER_TRUNCATED' || complete)
        throw dataError('AVRO_HEADER', `The header is broken: ${error.summary}`, path, 0);
    }
  }
}

function parseHeader(bytes: Uint8Array): ContainerHeader {
  const input = new AvroInput(bytes, MAGIC.length);
  const metadata = new Map<string, Uint8Array>();
  for (let count = input.safeLong(); count !== 0; count = input.safeLong()) {
    if (count < 0) input.size();
    for (let i = Math.abs(count); i > 0; i--) metadata.set(input.utf8(input.size()), input.raw(input.size()));
  }
  const sync = Uint8Array.from(input.view(SYNC_BYTES));
  const text = (key: string) => Buffer.from(metadata.get(key) ?? []).toString();
  const schema = parseJson(text('avro.schema'));
  const name = text('avro.codec') || 'null';
  const codec = blockCodec(name);
  if (codec === undefined) {
    throw new CoderError(
      'CODER_MALFORMED',
      `its codec '${name.slice(0, 40)}' is none of null, deflate, snappy and zstandard`,
    );
  }
  return { length: input.position, schema, type: parseAvroSchema(schema), codec, sync };
}

function parseJson(text: string): AvroSchema {
  try {
    return JSON.parse(text) as AvroSchema;
  } catch (cause) {
    // A schema may be written as the bare name of a primitive type.
    if (/^[a-z]+$/.test(text)) return text;
    throw new CoderError('CODER_MALFORMED', 'its schema is no JSON', { cause });
  }
}

/** Appends the header of a file. */
export function writeContainerHeader(schema: AvroSchema, codec: string, sync: Uint8Array, out: ByteWriter): void {
  out.raw(MAGIC);
  writeLong(2, out);
  writeString('avro.schema', out);
  writeBytes(Buffer.from(JSON.stringify(schema)), out);
  writeString('avro.codec', out);
  writeBytes(Buffer.from(codec), out);
  out.byte(0);
  out.raw(sync);
}
