import { CoderError } from '../errors.ts';
import { oneForAllCopies } from '../one-for-all-copies.ts';
import { shapeId } from './shape-table.ts';

/** How the default coder writes instances of a class. */
export interface TypeCodec<T, P> {
  /** What to write instead: a value that the default coder knows. */
  readonly encode: (value: T) => P;
  /** Makes an equal instance. Called with bytes that may come from elsewhere, so it should check what it gets. */
  readonly decode: (plain: P) => T;
}

/** A class made known to the default coder. */
export interface RegisteredType {
  readonly id: number;
  readonly name: string;
  readonly type: abstract new (...args: never[]) => unknown;
  readonly codec: TypeCodec<unknown, unknown>;
}

const byPrototype = oneForAllCopies('registeredTypesByPrototype', () => new Map<unknown, RegisteredType>());
const byId = oneForAllCopies('registeredTypesById', () => new Map<number, RegisteredType>());

/**
 * Lets the default coder carry instances of a class. Call it in the module that defines the class, so that it happens
 * on every thread and machine.
 *
 * @param name identifies the class in encoded bytes: choose it for good.
 * @throws CoderError `CODER_TYPE_CONFLICT` when the name or the class is taken.
 */
export function registerType<T, P>(
  name: string,
  type: abstract new (...args: never[]) => T,
  codec: TypeCodec<T, P>,
): void {
  const id = shapeId([name]);
  const known = byId.get(id) ?? byPrototype.get(type.prototype);
  if (known !== undefined) {
    throw new CoderError('CODER_TYPE_CONFLICT', `Type ${name} conflicts with the registered type ${known.name}`, {
      hint: 'Register each class once, at the top level of its module, under a name of its own.',
    });
  }
  const entry = { id, name, type, codec: codec as TypeCodec<unknown, unknown> };
  byId.set(id, entry);
  byPrototype.set(type.prototype, entry);
}

/** The registration of a prototype's class. Subclasses do not inherit it: their fields would be lost. */
export function typeOfPrototype(prototype: unknown): RegisteredType | undefined {
  return byPrototype.get(prototype);
}

/** @throws CoderError `CODER_UNKNOWN_TYPE`. */
export function typeById(id: number): RegisteredType {
  const entry = byId.get(id);
  if (entry !== undefined) return entry;
  throw new CoderError('CODER_UNKNOWN_TYPE', `No type with the id ${(id >>> 0).toString(16)} is registered here`, {
    hint: 'Call registerType at the top level of the module that defines the class.',
  });
}
