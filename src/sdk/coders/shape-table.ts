import { CoderError } from '../errors.ts';
import { oneForAllCopies } from '../one-for-all-copies.ts';
import type { ByteReader } from './byte-reader.ts';

/** Objects with more fields are dictionaries, not records: their names are written inline. */
const MAX_FIELDS = 128;
/** Bounds the table when names are data; what comes later is written inline. */
const MAX_SHAPES = 4096;
const MAX_NODES = 65_536;
/** Compiling a constructor costs as much as this many objects built by a loop. */
const COMPILE_AFTER = 32;

/** Reads one value of the default coder. */
export type ReadValue = (input: ByteReader, depth: number) => unknown;

/** The ordered field names that objects have in common. Objects on the wire name their shape by a hash of the names. */
export class Shape {
  readonly id: number;
  readonly names: readonly string[];
  #uses = 0;
  #compiled: ReadValue | undefined;

  constructor(names: readonly string[]) {
    this.names = names;
    this.id = shapeId(names);
  }

  /** Reads the field values that follow and makes the object. */
  readObject(read: ReadValue, input: ByteReader, depth: number): unknown {
    if (this.#compiled !== undefined) return this.#compiled(input, depth);
    if (++this.#uses === COMPILE_AFTER) this.#compiled = compile(this.names, read);
    const result: Record<string, unknown> = {};
    for (const name of this.names) setField(result, name, read(input, depth));
    return result;
  }
}

/** Sets an own property; plain assignment of `__proto__` would change the prototype. */
export function setField(target: Record<string, unknown>, name: string, value: unknown): void {
  if (name !== '__proto__') target[name] = value;
  else Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true });
}

/**
 * A function that reads the fields straight into an object literal: V8 gives all results one hidden class and no
 * property is added step by step. `undefined` where the process forbids code generation.
 */
function compile(names: readonly string[], read: ReadValue): ReadValue | undefined {
  // A computed name defines a property even where it is `__proto__`.
  const fields = names.map((name) => `[${JSON.stringify(name)}]: read(input, depth)`);
  try {
    return new Function('read', `return (input, depth) => ({ ${fields.join(', ')} });`)(read);
  } catch (error) {
    if (error instanceof EvalError) return undefined;
    throw error;
  }
}

/** A set of field names on the way to a shape: the path from the root spells the names in order. */
class Node {
  readonly names: readonly string[];
  /** The child taken last: collections are mostly of one shape, so it is mostly the one wanted. */
  lastName: string | undefined;
  last: Node | undefined;
  shape: Shape | undefined;
  /** Objects that end here are written inline: the table is full, or another shape has the same hash. */
  inline = false;
  readonly children = new Map<string, Node>();

  constructor(names: readonly string[]) {
    this.names = names;
  }
}

export type { Node as ShapeNode };

/** Names of the shapes that an encoder used, for a decoder that has not seen them. Plain data: clone or encode it freely. */
export type ShapeDefinitions = readonly (readonly string[])[];

/**
 * The shapes known to this thread. Encoders add to it; before another thread or a later run decodes what they wrote, it
 * imports the definitions.
 */
export class ShapeTable {
  readonly root = new Node([]);
  readonly #byId = new Map<number, Shape>();
  readonly #inOrder: Shape[] = [];
  /** All definitions, until there is another one: thousands of blocks carry the same list. */
  #all: ShapeDefinitions | undefined;
  /** Lists that hold nothing new. */
  readonly #imported = new WeakSet<ShapeDefinitions>();
  #nodes = 0;
  #last: Shape | undefined;

  /** Position in the order of definition; pass it to {@link export} for what has been defined since. */
  mark(): number {
    return this.#inOrder.length;
  }

  /** Shapes defined since the mark. */
  export(since = 0): ShapeDefinitions {
    if (since > 0) return this.#inOrder.slice(since).map((shape) => shape.names);
    this.#all ??= this.#inOrder.map((shape) => shape.names);
    return this.#all;
  }

  /**
   * Makes shapes of other threads known.
   *
   * @throws CoderError `CODER_SHAPE_COLLISION` when one hashes like another shape here, of which values may exist already.
   */
  import(definitions: ShapeDefinitions): void {
    if (definitions === this.#all || this.#imported.has(definitions)) return;
    for (const names of definitions) {
      const shape = new Shape(names);
      const known = this.#byId.get(shape.id);
      if (known === undefined) this.#add(shape);
      else if (!sameNames(known.names, names)) {
        throw new CoderError(
          'CODER_SHAPE_COLLISION',
          `Objects with the fields ${names.join(', ')} and those with ${known.names.join(', ')} have the same shape id`,
          { hint: 'Rename a field of one of them, or give the collection a row coder.' },
        );
      }
    }
    this.#imported.add(definitions);
  }

  /** @throws CoderError `CODER_UNKNOWN_SHAPE`. */
  get(id: number): Shape {
    const last = this.#last;
    if (last !== undefined && last.id === id) return last;
    const shape = this.#byId.get(id);
    if (shape === undefined) {
      throw new CoderError('CODER_UNKNOWN_SHAPE', `No object shape ${(id >>> 0).toString(16)} is known here`, {
        hint: 'The bytes come from a thread or run whose ShapeTable definitions were not imported.',
      });
    }
    this.#last = shape;
    return shape;
  }

  /** Follows a name from a node that was not the last one taken; `undefined` when the table is full. */
  step(from: Node, name: string): Node | undefined {
    let next = from.children.get(name);
    if (next === undefined) {
      if (this.#nodes >= MAX_NODES || from.names.length >= MAX_FIELDS) return undefined;
      this.#nodes++;
      next = new Node([...from.names, name]);
      from.children.set(name, next);
    }
    from.lastName = name;
    from.last = next;
    return next;
  }

  /** The shape of objects that end at this node; `undefined` when they must be written inline. */
  shapeAt(node: Node): Shape | undefined {
    if (node.shape !== undefined || node.inline) return node.shape;
    const known = this.#byId.get(shapeId(node.names));
    if (known !== undefined) {
      if (sameNames(known.names, node.names)) node.shape = known;
      else node.inline = true;
    } else if (this.#byId.size >= MAX_SHAPES) node.inline = true;
    else node.shape = this.#add(new Shape(node.names));
    return node.shape;
  }

  #add(shape: Shape): Shape {
    this.#byId.set(shape.id, shape);
    this.#inOrder.push(shape);
    this.#all = undefined;
    return shape;
  }
}

/** The table of this thread. */
export const shapeTable: ShapeTable = oneForAllCopies('shapeTable', () => new ShapeTable());

/** FNV-1a over the names: the same on every thread, machine and run. */
export function shapeId(names: readonly string[]): number {
  let hash = 0x811c9dc5;
  for (const name of names) {
    for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
    hash = Math.imul(hash ^ 0xffff, 0x01000193);
  }
  return hash | 0;
}

function sameNames(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name, i) => name === b[i]);
}
