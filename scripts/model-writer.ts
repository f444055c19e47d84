/** How a proto package is written in TypeScript; see generate-model.ts. */
import { propertyName } from '../src/model/proto/field.ts';
import type { ProtoEnum, ProtoField, ProtoMessage, ProtoPackage, ProtoService } from './proto-files.ts';

const HEADER = '// Written by scripts/generate-model.ts from proto/. Change those, not this.\n';

/** Where joining the names of nested types would stutter. */
const SHORTER_NAMES: Readonly<Record<string, string>> = { JobMessageMessageImportance: 'JobMessageImportance' };

const SCALAR_TYPES: Readonly<Record<string, string>> = {
  bool: 'boolean',
  bytes: 'Uint8Array',
  double: 'number',
  float: 'number',
  int32: 'number',
  uint32: 'number',
  int64: 'bigint',
  string: 'string',
};

/** A message that only gives its name to an enum. */
export function isNamespace({ name, fields }: ProtoMessage, enums: readonly ProtoEnum[]): boolean {
  return fields.length === 0 && !name.endsWith('Payload') && enums.some((type) => type.name.startsWith(`${name}.`));
}

/** Enums whose values carry options are lists of URNs, which are in src/model/urns.ts. */
export function isOpen({ values }: ProtoEnum): boolean {
  return values.every((value) => value.options.length === 0);
}

/** `Trigger.AfterAll` is TriggerAfterAll, `IsBounded.Enum` is IsBounded. */
export function identifierOf(name: string): string {
  const joined = name.replace(/\.Enum$/, '').replaceAll('.', '');
  return SHORTER_NAMES[joined] ?? joined;
}

/** Where a type is declared in TypeScript. */
export interface TypeSymbol {
  readonly module: string;
  readonly identifier: string;
}

/** Collects the declarations of one generated module and writes its two files. */
export class ModuleWriter {
  readonly #module: string;
  readonly #symbols: ReadonlyMap<string, TypeSymbol>;
  readonly #interfaces: string[] = [];
  readonly #definitions: string[] = [];
  readonly #typeImports = new Map<string, Set<string>>();
  readonly #identifiers = new Set<string>();
  #package = '';
  #variable = '';

  constructor(module: string, symbols: ReadonlyMap<string, TypeSymbol>) {
    this.#module = module;
    this.#symbols = symbols;
  }

  addPackage({ name, messages, enums, services }: ProtoPackage): void {
    this.#package = name;
    this.#variable = `${name.split('.').findLast((part) => !/^v\d+$/.test(part))}Package`.replace(/_(.)/g, (_, c) =>
      c.toUpperCase(),
    );
    this.#definitions.push(`const ${this.#variable} = protoPackage('${name}');\n`);
    for (const type of enums.filter(isOpen)) {
      // The comment on the message around an enum says what the enum is.
      const around = messages.find((message) => `${message.name}.Enum` === type.name);
      this.#addEnum({ ...type, comment: type.comment || (around?.comment ?? '') });
    }
    for (const message of messages) if (!isNamespace(message, enums)) this.#addMessage(message);
    for (const service of services) this.#addService(service);
  }

  #claim(identifier: string): string {
    if (this.#identifiers.has(identifier)) throw new Error(`${this.#module} has two types ${identifier}`);
    this.#identifiers.add(identifier);
    return identifier;
  }

  #addEnum({ name, comment, values }: ProtoEnum): void {
    const identifier = this.#claim(identifierOf(name));
    const lines = values.flatMap((value) => [
      ...(value.comment === '' ? [] : [`  /** ${value.comment} */`]),
      `  ${value.name}: ${value.number},`,
    ]);
    this.#definitions.push(
      `${doc(comment, name)}export const ${identifier} = ${this.#variable}.enumeration('${name}', {\n${lines.join('\n')}\n});\n` +
        `export type ${identifier} = (typeof ${identifier})[keyof typeof ${identifier}];\n`,
    );
  }

  #addMessage({ name, comment, fields }: ProtoMessage): void {
    const identifier = this.#claim(identifierOf(name));
    const properties = fields.map((field) => this.#property(field)).join('');
    this.#interfaces.push(`${doc(comment, name)}export interface ${identifier} {\n${properties}}\n`);
    const definition = fields.map((field) => `${field.number} ${field.name} ${field.type}`);
    const text = definition.length === 0 ? '' : `, \`${definition.join('\n')}\``;
    this.#definitions.push(
      `${doc(comment, name)}export const ${identifier} = ${this.#variable}.message<types.${identifier}>('${name}'${text});\n` +
        `export type ${identifier} = types.${identifier};\n`,
    );
  }

  #property({ name, type, comment }: ProtoField): string {
    const words = type.split(' ');
    const oneof = words.at(-1)?.startsWith('oneof:') ? words.pop()?.slice('oneof:'.length) : undefined;
    const label = words.length > 1 ? words.shift() : undefined;
    const mapValue = /^map<string,(.*)>$/.exec(words[0])?.[1];
    if (words[0].startsWith('map<') && mapValue === undefined) throw new Error(`${name}: a map without string keys`);
    const value = this.#valueType(mapValue ?? words[0]);
    const isMessage = SCALAR_TYPES[words[0]] === undefined && !words[0].startsWith('enum:') && mapValue === undefined;
    const isAbsent = label === 'optional' || oneof !== undefined || (isMessage && label !== 'repeated');
    const text = oneof === undefined ? comment : `${comment === '' ? '' : `${comment} `}At most one of \`${oneof}\`.`;
    const tsType = mapValue !== undefined ? `Record<string, ${value}>` : label === 'repeated' ? `${value}[]` : value;
    return `${text === '' ? '' : `  /** ${text} */\n`}  ${propertyName(name)}${isAbsent ? '?' : ''}: ${tsType};\n`;
  }

  #valueType(type: string): string {
    const scalar = SCALAR_TYPES[type];
    if (scalar !== undefined) return scalar;
    const name = type.replace(/^enum:/, '');
    const symbol = this.#symbols.get(name.startsWith('.') ? name : `.${this.#package}.${name}`);
    if (symbol === undefined) throw new Error(`No type for ${type} in ${this.#package}`);
    const isEnum = type.startsWith('enum:');
    if (isEnum || symbol.module !== this.#module) {
      const from = `./${symbol.module}${isEnum ? '' : '-types'}.ts`;
      const names = this.#typeImports.get(from) ?? new Set();
      this.#typeImports.set(from, names.add(symbol.identifier));
    }
    return symbol.identifier;
  }

  #addService({ name, comment, methods }: ProtoService): void {
    const lines = methods.flatMap((method) => [
      ...(method.comment === '' ? [] : [`  /** ${method.comment} */`]),
      `  ${method.name[0].toLowerCase()}${method.name.slice(1)}: {`,
      `    name: '${method.name}',`,
      `    request: ${identifierOf(method.request)},`,
      `    response: ${identifierOf(method.response)},`,
      `    requestStream: ${method.requestStream},`,
      `    responseStream: ${method.responseStream},`,
      '  },',
    ]);
    this.#definitions.push(
      `${doc(comment, name)}export const ${this.#claim(name)} = ${this.#variable}.service('${name}', {\n${lines.join('\n')}\n});\n`,
    );
  }

  types(): string {
    const imports = [...this.#typeImports].sort(([a], [b]) => (a < b ? -1 : 1));
    const lines = imports.map(([from, names]) => `import type { ${[...names].sort().join(', ')} } from '${from}';\n`);
    return [HEADER, lines.join(''), ...this.#interfaces].filter((part) => part !== '').join('\n');
  }

  definitions(): string {
    // The types that fields refer to are found by name, so their modules must have been loaded.
    const modules = new Set([...this.#typeImports.keys()].map((from) => from.replace('-types', '')));
    modules.delete(`./${this.#module}.ts`);
    const lines = [
      ...[...modules].sort().map((from) => `import '${from}';\n`),
      "import { protoPackage } from '../proto/proto-package.ts';\n",
      `import type * as types from './${this.#module}-types.ts';\n`,
    ];
    return [HEADER, lines.join(''), ...this.#definitions].join('\n');
  }
}

function doc(comment: string, name: string): string {
  return `/** ${comment === '' ? `\`${name}\`.` : comment.replaceAll('\n', ' ')} */\n`;
}
