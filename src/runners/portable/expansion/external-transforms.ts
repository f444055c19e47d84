/** The ways to name a transform of another SDK that Beam knows besides a URN of its own. */
import { JavaClassLookupPayload, SchemaTransformPayload } from '../../../model/pipeline.ts';
import { ExpansionUrn } from '../../../model/urns.ts';
import type { Coder, FieldCoder } from '../../../sdk/coders/coder.ts';
import { coders } from '../../../sdk/coders/index.ts';
import type { PTransform } from '../../../sdk/pipeline/p-transform.ts';
import type { GlobalWindow, Window } from '../../../sdk/windows/window.ts';
import { type Configuration, NO_CONFIGURATION, schemaAndRow } from './configuration.ts';
import {
  type ExpansionInput,
  type ExpansionOutput,
  type ExpansionSettings,
  expansion,
  type OutputCoders,
} from './expansion.ts';

type External<O extends OutputCoders, W extends Window> = PTransform<ExpansionInput<W>, ExpansionOutput<O, W>>;

/**
 * A transform that is configured by a row of the schema that the service publishes (Beam's SchemaTransform);
 * `discoverSchemaTransforms` lists them.
 *
 * @param identifier e.g. `beam:schematransform:org.apache.beam:kafka_read:v1`
 */
export function schemaTransform<const O extends OutputCoders = undefined, W extends Window = GlobalWindow>(
  endpoint: string,
  identifier: string,
  configuration: Configuration,
  settings: ExpansionSettings<O> = {},
): External<O, W> {
  const { schema, row } = schemaAndRow(configuration);
  const payload = SchemaTransformPayload.encode({ identifier, configurationSchema: schema, configurationRow: row });
  return expansion(endpoint, ExpansionUrn.SCHEMA_TRANSFORM, payload, { name: identifier, ...settings });
}

/** What a Python transform is made with. */
export interface PythonArguments {
  /** Positional ones, a field each, in order; what the fields are called does not matter. */
  readonly args?: Configuration;
  readonly kwargs?: Configuration;
}

/**
 * Any transform of the Python SDK, by the full name of its class or of a function that makes it. The service must allow it:
 * `python -m apache_beam.runners.portability.expansion_service_main --fully_qualified_name_glob '*'`.
 *
 * @param callable e.g. `apache_beam.transforms.util.ToString.Element`
 */
export function pythonTransform<const O extends OutputCoders = undefined, W extends Window = GlobalWindow>(
  endpoint: string,
  callable: string,
  { args, kwargs, ...settings }: PythonArguments & ExpansionSettings<O> = {},
): External<O, W> {
  const fields: Record<string, FieldCoder<unknown>> = { constructor: coders.string as FieldCoder<unknown> };
  const value: Record<string, unknown> = { constructor: callable };
  for (const [name, given] of Object.entries({ args, kwargs })) {
    if (given === undefined) continue;
    schemaAndRow(given);
    fields[name] = given.coder as FieldCoder<unknown>;
    value[name] = given.value;
  }
  const payload: Configuration = { coder: coders.row(fields) as Coder<unknown>, value };
  const urn = 'beam:transforms:python:fully_qualified_named';
  return expansion(endpoint, urn, payload, { name: callable, ...settings });
}

/** How a Java transform is made. */
export interface JavaConstruction {
  /** A static method of the class; default its constructor. */
  readonly constructorMethod?: string;
  /** A field for each parameter, in order, with its name, or called `ignore0`, `ignore1`, … where compiled classes have no names; default none. */
  readonly args?: Configuration;
  /** Builder methods, called one after the other on what the one before has returned. */
  readonly methods?: readonly { readonly name: string; readonly args?: Configuration }[];
}

/** A transform of the Java SDK by its class, where the service allows that class to be looked up. */
export function javaTransform<const O extends OutputCoders = undefined, W extends Window = GlobalWindow>(
  endpoint: string,
  className: string,
  {
    constructorMethod = '',
    args = NO_CONFIGURATION,
    methods = [],
    ...settings
  }: JavaConstruction & ExpansionSettings<O> = {},
): External<O, W> {
  const { schema, row } = schemaAndRow(args);
  const payload = JavaClassLookupPayload.encode({
    className,
    constructorMethod,
    constructorSchema: schema,
    constructorPayload: row,
    builderMethods: methods.map(({ name, args: given = NO_CONFIGURATION }) => {
      const parameters = schemaAndRow(given);
      return { name, schema: parameters.schema, payload: parameters.row };
    }),
  });
  return expansion(endpoint, ExpansionUrn.JAVA_CLASS_LOOKUP, payload, { name: className, ...settings });
}
