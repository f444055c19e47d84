import { defaultCoder } from '../../coders/default-coder.ts';
import { PipelineError } from '../../errors.ts';
import type { PCollection } from '../../pipeline/p-collection.ts';
import type { Key } from '../../values.ts';
import type { Window } from '../../windows/window.ts';
import type { DoFn, ProcessContext } from '../do-fn.ts';
import type { ElementFn } from '../element-fn.ts';
import { type ElementWise, errorOutput, type WithErrors } from '../element-wise.ts';
import { type EnrichLimits, type EnrichOptions, enrichLimits } from './enrich-options.ts';
import { ServiceClient } from './service-client.ts';

/**
 * Adds what an external service knows to each element (Beam's Enrichment), with a cache, a limit of the rate, and retries:
 *
 * ```ts
 * orders.apply(
 *   enrich('Customer', {
 *     request: (order) => order.customerId,
 *     fetch: (id, { signal }) => customers.find(id, { signal }),
 *     join: (order, customer) => ({ ...order, country: customer.country }),
 *     rate: { perSecond: 100 },
 *   }),
 * );
 * ```
 *
 * Elements may change their order. A request that fails for good fails the element (`ENRICH_FAILED`); with `withErrors()`
 * it goes to a dead-letter output. Counters: `calls`, `retries`, `cacheHits`.
 *
 * @throws PipelineError `ENRICH_INVALID` when a function is missing or a limit is out of range
 */
export function enrich<T, Q extends Key, R, O = readonly [T, R], W extends Window = Window>(
  name: string,
  options: EnrichOptions<T, Q, R, O>,
): ElementWise<T, O, W> {
  if (typeof options?.fetch !== 'function' || typeof options.request !== 'function') {
    throw new PipelineError('ENRICH_INVALID', `'${name}' needs the functions request and fetch`);
  }
  const limits = enrichLimits(name, options as unknown as EnrichOptions<never, Key, unknown, unknown>);
  const fn = (): ElementFn => ({
    kind: 'doFn',
    // Each application has a cache of its own.
    fn: new Enriching<T, Q, R, O>(options, limits) as DoFn<never, unknown>,
    concurrency: limits.concurrency,
  });
  return {
    name,
    expand: (input) =>
      input.pipeline.primitive(input, { kind: 'parDo', fn: fn(), sides: {} }, { main: defaultCoder })
        .main as PCollection<O, W>,
    withErrors: <E = T>(settings?: { redact?(element: T): E }) => ({
      name,
      expand: (input: PCollection<T, W>) =>
        input.pipeline.primitive(
          input,
          { kind: 'parDo', fn: { ...fn(), errors: errorOutput(settings) }, sides: {} },
          { main: defaultCoder, errors: defaultCoder },
        ) as unknown as WithErrors<E, O, W>,
    }),
  };
}

class Enriching<T, Q extends Key, R, O> implements DoFn<T, O> {
  readonly concurrency: number;
  readonly #options: EnrichOptions<T, Q, R, O>;
  readonly #limits: EnrichLimits;
  readonly #join: (element: T, response: R) => O;
  #client: ServiceClient<Q, R> | undefined;

  constructor(options: EnrichOptions<T, Q, R, O>, limits: EnrichLimits) {
    this.concurrency = limits.concurrency;
    this.#options = options;
    this.#limits = limits;
    this.#join = options.join ?? ((element, response) => [element, response] as O);
  }

  async setup(): Promise<void> {
    await this.#options.setup?.();
    this.#client = new ServiceClient(this.#options as EnrichOptions<never, Q, R, unknown>, this.#limits);
  }

  process(element: T, { metrics }: ProcessContext): O[] | Promise<O[]> {
    const answer = (this.#client as ServiceClient<Q, R>).ask(this.#options.request(element), metrics);
    if ('then' in answer) return answer.then((response) => [this.#join(element, response)]);
    return [this.#join(element, answer.response)];
  }

  async teardown(): Promise<void> {
    this.#client = undefined;
    await this.#options.teardown?.();
  }
}
