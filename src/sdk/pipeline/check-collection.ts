import { PipelineError } from '../errors.ts';
import type { Window } from '../windows/window.ts';
import type { PCollection } from './p-collection.ts';

/**
 * Refuses what is no collection, for instance the object with the outputs of a DoFn.
 *
 * @param what it was given for @throws PipelineError `COLLECTION_INVALID`
 */
export function checkCollection(what: string, value: unknown): asserts value is PCollection<unknown, Window> {
  if (typeof value === 'object' && value !== null && 'pipeline' in value && 'node' in value) return;
  const tags = typeof value === 'object' && value !== null ? Object.keys(value).slice(0, 5).join(', ') : '';
  const found = tags === '' ? (value === null ? 'null' : typeof value) : `an object with ${tags}`;
  throw new PipelineError('COLLECTION_INVALID', `${what} is no collection, but ${found}`, {
    ...(tags === '' ? {} : { hint: 'take one of its outputs: result.main' }),
  });
}
