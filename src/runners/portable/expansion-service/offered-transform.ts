import type { Coder } from '../../../sdk/coders/coder.ts';
import { PipelineError } from '../../../sdk/errors.ts';
import type { POutput, PTransform } from '../../../sdk/pipeline/p-transform.ts';

/** Any transform: what it takes and gives is checked when it is applied. */
export type AnyTransform = PTransform<never, POutput>;

/** A transform for programs in other languages. */
export interface OfferedTransform {
  /** For the users of the other SDKs; may be Markdown. */
  readonly description: string;
  /** Coder of the configuration, a row; none where the payload is bytes. */
  readonly configuration: Coder<unknown> | undefined;
  /** Coders of the inputs by name; of its only input, whatever that is called. */
  readonly inputs: Coder<unknown> | Readonly<Record<string, Coder<unknown>>>;
  /** Names of the outputs, for the listing. */
  readonly outputs: readonly string[];
  make(configuration: unknown): AnyTransform;
}

/** What {@link offer} is told. */
export interface OfferSettings<C> {
  readonly description?: string;
  /** Rows: other SDKs configure the transform by field names. Without it, the transform is made of the payload's bytes. */
  readonly configuration?: Coder<C>;
  /**
   * What the inputs' elements are to be, by name of the input or for the only one: `coders.safeInt` gives an int64 as a number, where
   * the other SDK's coder alone gives a bigint. The encoding must be the same.
   */
  readonly inputs?: Coder<unknown> | Readonly<Record<string, Coder<unknown>>>;
  readonly outputs?: readonly string[];
  /**
   * Makes the transform. It is applied to a collection, to a record of them, or to the pipeline, as the other program applies it. Called on
   * each worker, and must always give the same one.
   */
  readonly transform: (configuration: C) => AnyTransform;
}

/** A transform as an expansion service offers it; see `expansionService`. */
export function offer<C = Uint8Array>(settings: OfferSettings<C>): OfferedTransform {
  const { description = '', configuration, inputs = {}, outputs = [], transform } = settings;
  return {
    description,
    configuration: configuration as Coder<unknown> | undefined,
    inputs,
    outputs,
    // What is passed was decoded by the coder of C, or is bytes.
    make: (given) => transform(given as C),
  };
}

/** What a service is made of: transforms by URN, or functions that make them of the payload. */
export type Offers = Readonly<Record<string, OfferedTransform | ((payload: Uint8Array) => AnyTransform)>>;

export function offeredTransforms(offers: Offers): ReadonlyMap<string, OfferedTransform> {
  return new Map(
    Object.entries(offers).map(([urn, offered]) => {
      const complete = typeof offered === 'function' ? offer({ transform: offered }) : offered;
      if (typeof complete?.make !== 'function') {
        throw new PipelineError('OFFER_INVALID', `'${urn}' is offered as no transform`, {
          hint: "expansionService({ 'my:urn:v1': offer({ configuration: coders.row({ … }), transform: (c) => … }) })",
        });
      }
      return [urn, complete];
    }),
  );
}
