/** What the files under proto/ declare, in a form that the generator and the tests share. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import protobuf from 'protobufjs';

const PROTO = join(import.meta.dirname, '../proto');
const METRICS = join(PROTO, 'org/apache/beam/model/pipeline/v1/metrics.proto');

/** All that is needed of descriptor.proto: Beam puts its URNs into options of enum values. */
const OPTIONS_MESSAGE = 'EnumValueOptions';
const OPTIONS_PROTO = `
  syntax = "proto2";
  package google.protobuf;
  message ${OPTIONS_MESSAGE} { extensions 1000 to max; }
`;

export interface ProtoField {
  readonly number: number;
  readonly name: string;
  /** As `src/model/proto/field.ts` reads it: label, type and oneof. */
  readonly type: string;
  readonly comment: string;
}

export interface ProtoMessage {
  /** Relative to the package. */
  readonly name: string;
  readonly comment: string;
  /** In the order of their numbers. */
  readonly fields: readonly ProtoField[];
  readonly reserved: string;
}

export interface ProtoEnumValue {
  readonly number: number;
  readonly name: string;
  readonly comment: string;
  /** Options as words: `urn=…`, `constant=…`, `label=…`, `type=…`, `labels=…`. */
  readonly options: readonly string[];
}

export interface ProtoEnum {
  readonly name: string;
  readonly comment: string;
  readonly values: readonly ProtoEnumValue[];
  readonly reserved: string;
}

export interface ProtoMethod {
  readonly name: string;
  readonly comment: string;
  readonly request: string;
  readonly response: string;
  readonly requestStream: boolean;
  readonly responseStream: boolean;
}

export interface ProtoService {
  readonly name: string;
  readonly comment: string;
  readonly methods: readonly ProtoMethod[];
}

export interface ProtoPackage {
  readonly name: string;
  readonly messages: readonly ProtoMessage[];
  readonly enums: readonly ProtoEnum[];
  readonly services: readonly ProtoService[];
  readonly extensions: readonly string[];
}

/** The packages of proto/. */
export function readProtoPackages(): ProtoPackage[] {
  const root = loadProtos();
  const packages = new Map<string, protobuf.Namespace>();
  const visit = (namespace: protobuf.Namespace): void => {
    const holdsTypes = namespace.nestedArray.some((nested) => isDeclaration(nested));
    const name = namespace.fullName.slice(1);
    if (holdsTypes) packages.set(name, namespace);
    else for (const nested of namespace.nestedArray) if (nested instanceof protobuf.Namespace) visit(nested);
  };
  visit(root);
  return [...packages].map(([name, namespace]) => readPackage(name, namespace));
}

/** The protos as protobufjs sees them; the tests use its codec as the reference. */
export function loadProtos(): protobuf.Root {
  const root = new protobuf.Root();
  protobuf.parse(OPTIONS_PROTO, root);
  // Parsed one by one: following the imports, protobufjs would take its own copies of the google.protobuf files.
  for (const file of globSync('**/*.proto', { cwd: PROTO }).sort()) {
    protobuf.parse(readFileSync(join(PROTO, file), 'utf8'), root, { keepCase: true, alternateCommentMode: true });
  }
  root.resolveAll();
  return root;
}

function isDeclaration(object: protobuf.ReflectionObject): boolean {
  return object instanceof protobuf.Type || object instanceof protobuf.Enum || object instanceof protobuf.Service;
}

function readPackage(name: string, namespace: protobuf.Namespace): ProtoPackage {
  const messages: ProtoMessage[] = [];
  const enums: ProtoEnum[] = [];
  const services: ProtoService[] = [];
  const extensions: string[] = [];
  const relative = (fullName: string): string =>
    fullName.startsWith(`.${name}.`) ? fullName.slice(name.length + 2) : fullName;
  const visit = (scope: protobuf.Namespace): void => {
    for (const object of scope.nestedArray) {
      if (object.name === OPTIONS_MESSAGE) continue;
      if (object instanceof protobuf.Type) {
        messages.push(readMessage(object, relative));
        visit(object);
      } else if (object instanceof protobuf.Enum) {
        enums.push(readEnum(object, relative));
      } else if (object instanceof protobuf.Service) {
        services.push(readService(object, relative));
      } else if (object instanceof protobuf.Field) {
        extensions.push(`.${object.extend} ${object.id} ${object.name} ${typeName(object, relative)}`);
      }
    }
  };
  visit(namespace);
  return { name, messages, enums, services, extensions };
}

type Relative = (fullName: string) => string;

function readMessage(type: protobuf.Type, relative: Relative): ProtoMessage {
  const fields = type.fieldsArray
    .toSorted((a, b) => a.id - b.id)
    .map((field) => {
      const isOptional = field.options?.proto3_optional === true;
      const value = typeName(field, relative);
      const words = [field instanceof protobuf.MapField ? `map<${field.keyType},${value}>` : value];
      if (field.repeated) words.unshift('repeated');
      else if (isOptional) words.unshift('optional');
      if (field.partOf !== null && !isOptional) words.push(`oneof:${field.partOf.name}`);
      return { number: field.id, name: field.name, type: words.join(' '), comment: field.comment ?? '' };
    });
  return {
    name: relative(type.fullName),
    comment: type.comment ?? '',
    fields,
    reserved: reservedWords(type.reserved),
  };
}

function typeName(field: protobuf.Field, relative: Relative): string {
  const { resolvedType } = field;
  if (resolvedType === null) return field.type;
  return (resolvedType instanceof protobuf.Enum ? 'enum:' : '') + relative(resolvedType.fullName);
}

function readEnum(type: protobuf.Enum, relative: Relative): ProtoEnum {
  const values = Object.entries(type.values)
    .map(([name, number]) => ({
      number,
      name,
      comment: type.comments[name] ?? '',
      options: valueOptions(type, name),
    }))
    .sort((a, b) => a.number - b.number);
  return { name: relative(type.fullName), comment: type.comment ?? '', values, reserved: reservedWords(type.reserved) };
}

function reservedWords(reserved: readonly (number[] | string)[] | undefined): string {
  const ranges = (reserved ?? []).filter((entry) => typeof entry !== 'string').sort((a, b) => a[0] - b[0]);
  const names = (reserved ?? []).filter((entry) => typeof entry === 'string').sort();
  return [...ranges.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)), ...names].join(' ');
}

function valueOptions(type: protobuf.Enum, name: string): string[] {
  const options = (type.valuesOptions?.[name] ?? {}) as Readonly<Record<string, string>>;
  const words: string[] = [];
  for (const [option, value] of Object.entries(options)) {
    if (option.endsWith('beam_urn)')) words.push(`urn=${value}`);
    else if (option.endsWith('beam_constant)')) words.push(`constant=${value}`);
    else if (option === '(label_props).name') words.push(`label=${value}`);
    else if (!option.startsWith('(monitoring_info_spec).')) throw new Error(`${type.fullName}.${name}: ${option}`);
  }
  return '(monitoring_info_spec).urn' in options ? metricOptions(name) : words;
}

/** From the text of the file: protobufjs keeps only the last element of a list in an option of an enum value. */
function metricOptions(name: string): string[] {
  const text = readFileSync(METRICS, 'utf8');
  const start = text.indexOf(`    ${name} = `);
  const spec = text.slice(start, text.indexOf('}];', start));
  const [, urn] = /urn: "([^"]*)"/.exec(spec) ?? [];
  const [, aggregation] = /type: "([^"]*)"/.exec(spec) ?? [];
  const [, labels] = /required_labels: \[([^\]]*)\]/.exec(spec) ?? [];
  const notes = [...spec.matchAll(/\{ key: "([^"]*)", value: "([^"]*)" \}/g)].map(
    ([, key, value]) => `${key}=${value}`,
  );
  return [`urn=${urn}`, `type=${aggregation}`, `labels=${labels?.replaceAll(/[" ]/g, '')}`, ...notes];
}

function readService(service: protobuf.Service, relative: Relative): ProtoService {
  const methods = service.methodsArray.map((method) => ({
    name: method.name,
    comment: method.comment ?? '',
    request: relative(method.resolvedRequestType?.fullName ?? ''),
    response: relative(method.resolvedResponseType?.fullName ?? ''),
    requestStream: method.requestStream === true,
    responseStream: method.responseStream === true,
  }));
  return { name: relative(service.fullName), comment: service.comment ?? '', methods };
}
