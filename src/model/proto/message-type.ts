import { CoderError } from '../../sdk/errors.ts';
import { decodeFields, emptyMessage } from './decode.ts';
import { encodeFields } from './encode.ts';
import { type Field, parseFields } from './field.ts';
import { registerMessage } from './registry.ts';
import { WireReader } from './wire-reader.ts';
import { WireWriter } from './wire-writer.ts';

/**
 * What a message of type T is made from: every field may be left out, and an int64 may be given as a number where that
 * is a safe integer.
 */
export type Init<T> = T extends bigint
  ? bigint | number
  : T extends string | number | boolean | Uint8Array | undefined
    ? T
    : T extends readonly (infer E)[]
      ? readonly Init<E>[]
      : { readonly [K in keyof T]?: Init<T[K]> | undefined };

/** The fields of a message type, as the codec needs them. */
export interface MessageLayout {
  /** In the order of their numbers. */
  readonly fields: readonly Field[];
  readonly byNumber: ReadonlyMap<number, Field>;
  /** The members of each oneof. */
  readonly oneofs: readonly (readonly Field[])[];
}

/**
 * A message type of protobuf. Messages are plain objects with the properties that ProtoJSON uses: int64 as bigint, enums
 * as numbers, bytes as Uint8Array, maps as objects without a prototype. A message field, an `optional` field and a
 * member of a oneof are absent or set; every other field always has a value.
 */
export class MessageType<T extends object> {
  /** Full name, e.g. `org.apache.beam.model.pipeline.v1.PTransform`. */
  readonly typeName: string;
  readonly #package: string;
  readonly #definition: string;
  #layout: MessageLayout | undefined;

  /** `definition` is as `parseFields` reads it; it is parsed on first use, since a program uses few of all types. */
  constructor(packageName: string, name: string, definition: string) {
    this.typeName = `${packageName}.${name}`;
    this.#package = packageName;
    this.#definition = definition;
    registerMessage(this);
  }

  get layout(): MessageLayout {
    if (this.#layout === undefined) {
      const fields = parseFields(this.#definition, this.#package);
      const byNumber = new Map(fields.map((field) => [field.number, field]));
      const members = fields.filter((field) => field.oneof !== undefined);
      const oneofs = [...Map.groupBy(members, (field) => field.oneof).values()];
      this.#layout = { fields, byNumber, oneofs };
    }
    return this.#layout;
  }

  /**
   * A complete message: `init` copied, with defaults for what it leaves out.
   *
   * @throws CoderError `PROTO_BAD_VALUE` where a value is not of its field's type, or two members of a oneof are set.
   */
  create(init: Init<T> = {} as Init<T>): T {
    return this.decode(this.encode(init));
  }

  /**
   * The message in protobuf's wire format. Equal messages have equal bytes.
   *
   * @throws CoderError `PROTO_BAD_VALUE` where a value is not of its field's type, or two members of a oneof are set.
   */
  encode(message: Init<T>): Uint8Array {
    const writer = new WireWriter();
    encodeFields(this, message as Readonly<Record<string, unknown>>, writer, 0);
    return writer.finish();
  }

  /**
   * The message that `bytes` hold. Its bytes fields share their memory.
   *
   * @throws CoderError `PROTO_TRUNCATED`, `PROTO_MALFORMED`, `PROTO_BAD_UTF8`, `PROTO_TOO_DEEP`.
   */
  decode(bytes: Uint8Array): T {
    const message = emptyMessage(this);
    try {
      decodeFields(this, message, new WireReader(bytes), 0);
    } catch (error) {
      if (!(error instanceof CoderError)) throw error;
      throw error.with({ element: `${bytes.length} bytes that should be a ${this.typeName}` });
    }
    return message as T;
  }
}
