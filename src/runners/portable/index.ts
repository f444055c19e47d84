export type { Configuration } from './expansion/configuration.ts';
export { discoverSchemaTransforms, type SchemaTransformDescription } from './expansion/discover.ts';
export {
  type ExpansionInput,
  type ExpansionOutput,
  type ExpansionSettings,
  expansion,
  type OutputCoders,
} from './expansion/expansion.ts';
export {
  type JavaConstruction,
  javaTransform,
  type PythonArguments,
  pythonTransform,
  schemaTransform,
} from './expansion/external-transforms.ts';
export {
  type ExpansionService,
  expansionService,
  type ServedExpansions,
} from './expansion-service/expansion-service.ts';
export {
  type AnyTransform,
  type OfferedTransform,
  type OfferSettings,
  type Offers,
  offer,
} from './expansion-service/offered-transform.ts';
export { PortableRunner } from './portable-runner.ts';
