/** Types of Beam's schemas that are not built from other types. */
export type AtomicType = 'byte' | 'int16' | 'int32' | 'int64' | 'float' | 'double' | 'string' | 'boolean' | 'bytes';

/** The type of a field, an element, a key or a value in a schema (Beam's FieldType). */
export type FieldType =
  | { readonly kind: 'atomic'; readonly atomic: AtomicType; readonly nullable?: boolean }
  | { readonly kind: 'array' | 'iterable'; readonly element: FieldType; readonly nullable?: boolean }
  | { readonly kind: 'map'; readonly key: FieldType; readonly value: FieldType; readonly nullable?: boolean }
  | { readonly kind: 'row'; readonly schema: Schema; readonly nullable?: boolean }
  | LogicalFieldType;

/** A type that gives another type, its representation, a meaning: a decimal is bytes, a callable its source. */
export interface LogicalFieldType {
  readonly kind: 'logical';
  /** E.g. `beam:logical_type:decimal:v1`. */
  readonly urn: string;
  readonly representation: FieldType;
  /** What the URN alone leaves open, e.g. the length of `fixed_bytes`. */
  readonly argument?: LogicalArgument;
  /** Parameters in a form only the defining SDK reads; kept as they came. */
  readonly payload?: Uint8Array;
  readonly nullable?: boolean;
}

/** An argument of a logical type: `value` is of the type `type`, in the form that the row coder gives such values. */
export interface LogicalArgument {
  readonly type: FieldType;
  readonly value: unknown;
}

/** A named column of a row. */
export interface Field {
  readonly name: string;
  readonly type: FieldType;
  readonly description?: string;
  /** Where the field's value stands in the encoding of a row; present on all fields of a schema or on none. */
  readonly encodingPosition?: number;
}

/** The columns of a row (Beam's Schema). No two have the same name. */
export interface Schema {
  /** A UUID; two schemas with the same id are the same schema. Derived from the fields when absent. */
  readonly id?: string;
  readonly fields: readonly Field[];
}

/** The field type of an atomic type. */
export function atomic(type: AtomicType): FieldType {
  return { kind: 'atomic', atomic: type };
}
