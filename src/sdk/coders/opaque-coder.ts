import type { ByteReader } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';
import { bytesCoder } from './bytes-coder.ts';
import type { Coder } from './coder.ts';
import type { CoderSpec } from './coder-registry.ts';

/** Stands for a coder that is not known here: its values are their own encodings, passed on as they are. */
export class OpaqueCoder implements Coder<Uint8Array> {
  readonly urn: string;
  readonly components = [];
  readonly payload?: Uint8Array;
  readonly nonDeterministic: string;
  readonly spec: CoderSpec;

  constructor(spec: CoderSpec) {
    this.spec = spec;
    this.urn = spec.urn;
    if (spec.payload !== undefined) this.payload = spec.payload;
    this.nonDeterministic = `the coder ${spec.urn} is not known`;
  }

  encode(value: Uint8Array, out: ByteWriter, nested: boolean): void {
    bytesCoder.encode(value, out, nested);
  }

  decode(input: ByteReader, nested: boolean): Uint8Array {
    return bytesCoder.decode(input, nested);
  }
}
