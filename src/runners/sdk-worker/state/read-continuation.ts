import type { ReadContinuation } from '../../../sdk/coders/state-backed-iterable-coder.ts';
import type { BundleState } from './bundle-state.ts';
import { PagedItems } from './paged-items.ts';

/** How the coders of a stage read the elements of large groups that the runner has kept back: page by page. */
export function continuationReader(bundle: BundleState): ReadContinuation<unknown> {
  return (token, element) => new PagedItems(element, (page) => bundle.get({ runner: { key: token } }, page));
}
