import type { AvroInput } from './avro-input.ts';
import type { AvroType } from './avro-schema.ts';

/** Reads over one value. */
type AvroSkip = (input: AvroInput) => void;

/** A function that reads over a value of a type. */
export function compileSkip(type: AvroType, open: Map<AvroType, { skip: AvroSkip }> = new Map()): AvroSkip {
  switch (type.kind) {
    case 'null':
      return () => undefined;
    case 'boolean':
      return (input) => void input.take(1);
    case 'int':
    case 'long':
      return (input) => void input.varint64();
    case 'float':
      return (input) => void input.take(4);
    case 'double':
      return (input) => void input.take(8);
    case 'bytes':
    case 'string':
      return (input) => void input.take(input.size());
    case 'fixed':
      return (input) => void input.take(type.size);
    case 'enum':
      return (input) => void input.int();
    case 'array':
      return skipBlocks(compileSkip(type.items, open));
    case 'map': {
      const value = compileSkip(type.values, open);
      return skipBlocks((input) => {
        input.take(input.size());
        value(input);
      });
    }
    case 'union': {
      const branches = type.branches.map((branch) => compileSkip(branch, open));
      return (input) => {
        const index = input.safeLong();
        if (branches[index] === undefined) throw input.malformed(`Branch ${index} of a union of ${branches.length}`);
        branches[index](input);
      };
    }
    case 'record': {
      const known = open.get(type);
      if (known !== undefined) return (input) => known.skip(input);
      const slot: { skip: AvroSkip } = { skip: () => undefined };
      open.set(type, slot);
      const fields = type.fields.map((field) => compileSkip(field.type, open));
      slot.skip = (input) => {
        input.enter();
        for (const field of fields) field(input);
        input.leave();
      };
      return slot.skip;
    }
  }
}

function skipBlocks(skip: AvroSkip): AvroSkip {
  return (input) => {
    for (;;) {
      const count = input.safeLong();
      if (count === 0) return;
      // The size of a block is there to pass over it.
      if (count < 0) input.take(input.size());
      else {
        for (let i = 0; i < count; i++) {
          const start = input.position;
          skip(input);
          if (input.position === start) countEmpty(input);
        }
      }
    }
  };
}

/** Counts an item that took no bytes: a few bytes could claim 2^53 of them. @throws CoderError past a bound */
export function countEmpty(input: AvroInput): void {
  if (--input.emptyElements < 0) throw input.malformed('Too many array items without content');
}
