import type { MessageType } from './message-type.ts';

/** An enum of a proto file. Values that it does not name may come from newer peers and are kept as numbers. */
export interface EnumType {
  /** Full name, e.g. `org.apache.beam.model.pipeline.v1.IsBounded.Enum`. */
  readonly typeName: string;
  readonly numbers: Readonly<Record<string, number>>;
  /** The name of a value; undefined for one that the enum does not have. */
  nameOf(number: number): string | undefined;
}

const messages = new Map<string, MessageType<object>>();
const enums = new Map<string, EnumType>();

export function registerMessage(type: MessageType<object>): void {
  if (messages.has(type.typeName)) throw new Error(`Message ${type.typeName} is defined twice`);
  messages.set(type.typeName, type);
}

export function registerEnum(typeName: string, numbers: Readonly<Record<string, number>>): void {
  if (enums.has(typeName)) throw new Error(`Enum ${typeName} is defined twice`);
  let names: Map<number, string> | undefined;
  const nameOf = (number: number): string | undefined => {
    names ??= new Map(Object.entries(numbers).map(([name, value]) => [value, name]));
    return names.get(number);
  };
  enums.set(typeName, { typeName, numbers, nameOf });
}

export function messageNamed(typeName: string): MessageType<object> {
  const type = messages.get(typeName);
  if (type === undefined) throw new Error(`Message ${typeName} is not defined, or its module is not loaded`);
  return type;
}

export function enumNamed(typeName: string): EnumType {
  const type = enums.get(typeName);
  if (type === undefined) throw new Error(`Enum ${typeName} is not defined, or its module is not loaded`);
  return type;
}
