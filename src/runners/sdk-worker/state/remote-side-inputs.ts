import type { SideInputReader } from '../../../harness/side-input-reader.ts';
import { buildView } from '../../../harness/side-input-views.ts';
import { sideInputWindow } from '../../../harness/side-input-window.ts';
import type { ProcessBundleRequest, StateGetResponse } from '../../../model/fn-execution.ts';
import { ByteWriter } from '../../../sdk/coders/byte-writer.ts';
import type { Coder } from '../../../sdk/coders/coder.ts';
import type { SideInputNode } from '../../../sdk/graph/graph.ts';
import type { Window } from '../../../sdk/windows/window.ts';
import type { WindowFn } from '../../../sdk/windows/window-fn.ts';
import type { BundleState } from './bundle-state.ts';
import { PagedItems, type ReadPage } from './paged-items.ts';
import type { SideInputCache } from './side-input-cache.ts';
import { textOf } from './user-state-cache.ts';

/** An iterable with more bytes than this is read anew each time that it is iterated. */
const MAX_KEPT_ITERABLE = 1024 * 1024;
/** Estimates: a view takes more than the encodings of its elements. */
const DECODED_FACTOR = 4;
const VIEW_BYTES = 500;

/** A side input of one stage. */
export interface RemoteSide {
  /** The transform that reads it, as the harness names it. */
  readonly transform: string;
  /** The same in the descriptor. */
  readonly transformId: string;
  /** Local name of the input, in the program and in the descriptor. */
  readonly local: string;
  /** The function that windows the collection, for which window belongs to which. */
  readonly windowFn: WindowFn<Window>;
  /** As the descriptor has them: with lengths where the runner wants them. */
  readonly windowCoder: Coder<Window>;
  readonly elementCoder: Coder<unknown>;
}

export interface RemoteSideInputsOptions {
  readonly sides: readonly RemoteSide[];
  readonly bundle: BundleState;
  readonly cache: SideInputCache;
  /** Whether what is in the views is frozen too. */
  readonly strict: boolean;
}

/** The side inputs of one stage, which the runner keeps; each is read whole, in pages, per window of its own. */
export class RemoteSideInputs implements SideInputReader {
  readonly #sides: ReadonlyMap<string, SideViews>;

  constructor({ sides, bundle, cache, strict }: RemoteSideInputsOptions) {
    this.#sides = new Map(
      sides.map((side) => [`${side.transform}\n${side.local}`, new SideViews(side, bundle, cache, strict)]),
    );
  }

  /** A bundle begins; what is cached is good where the runner says so. */
  begin({ cacheTokens }: Pick<ProcessBundleRequest, 'cacheTokens'>): void {
    for (const views of this.#sides.values()) views.begin(cacheTokens);
  }

  view(transform: string, local: string, side: SideInputNode, window: Window): unknown {
    const views = this.#sides.get(`${transform}\n${local}`);
    if (views === undefined) throw new Error(`Side input ${local} of ${transform} is no input of the stage`);
    return views.of(side, window);
  }
}

/** Views of one side input, one per window. */
class SideViews {
  readonly #side: RemoteSide;
  readonly #bundle: BundleState;
  readonly #cache: SideInputCache;
  readonly #strict: boolean;
  readonly #scratch = new ByteWriter(32);
  /** Under which the cache has what it holds of this side input: the runner's token, or else a number for this bundle. */
  #scope = '';
  #lastWindow: Window | undefined;
  #last: unknown;

  constructor(side: RemoteSide, bundle: BundleState, cache: SideInputCache, strict: boolean) {
    this.#side = side;
    this.#bundle = bundle;
    this.#cache = cache;
    this.#strict = strict;
  }

  begin(tokens: ProcessBundleRequest['cacheTokens']): void {
    const { transformId, local } = this.#side;
    this.#lastWindow = undefined;
    this.#last = undefined;
    const found = tokens.find(
      ({ sideInput }) => sideInput?.transformId === transformId && sideInput.sideInputId === local,
    );
    const scope = found === undefined ? `#${this.#cache.nextScope()}` : `:${textOf(found.token)}`;
    this.#scope = JSON.stringify([transformId, local, scope]);
  }

  of(node: SideInputNode, main: Window): unknown {
    if (main === this.#lastWindow) return this.#last;
    const { windowFn, windowCoder, local } = this.#side;
    this.#scratch.clear();
    windowCoder.encode(sideInputWindow(windowFn, local, main), this.#scratch, true);
    const name = this.#scope + this.#scratch.view().latin1Slice();
    const kept = this.#cache.get(name);
    const view = kept === undefined ? this.#build(node, name, this.#scratch.copy()) : kept.view;
    this.#lastWindow = main;
    this.#last = view;
    return view;
  }

  #build(node: SideInputNode, name: string, window: Uint8Array): unknown {
    const { transformId, local, elementCoder } = this.#side;
    const key = { iterableSideInput: { transformId, sideInputId: local, window } };
    const read = (token: Uint8Array): StateGetResponse => this.#bundle.get(key, token);
    const keep = (kept: unknown, bytes: number) => this.#cache.put(name, kept, VIEW_BYTES + DECODED_FACTOR * bytes);
    if (node.view === 'iterable') return new SmallKept(elementCoder, read, keep);
    const counted = countBytes(read);
    const view = buildView(local, node, new PagedItems(elementCoder, counted.read), this.#strict);
    keep(view, counted.bytes);
    return view;
  }
}

/** Counts what is read. */
function countBytes(read: ReadPage): { readonly read: ReadPage; readonly bytes: number } {
  const counted = {
    bytes: 0,
    read(token: Uint8Array): StateGetResponse {
      const page = read(token);
      counted.bytes += page.data.length;
      return page;
    },
  };
  return counted;
}

/** An iterable that is read anew each time that it is iterated, unless it has turned out to be small. */
class SmallKept implements Iterable<unknown> {
  readonly #coder: Coder<unknown>;
  readonly #read: ReadPage;
  readonly #keep: (all: readonly unknown[], bytes: number) => void;
  #all: readonly unknown[] | undefined;

  constructor(coder: Coder<unknown>, read: ReadPage, keep: (all: readonly unknown[], bytes: number) => void) {
    this.#coder = coder;
    this.#read = read;
    this.#keep = keep;
  }

  *[Symbol.iterator](): Generator<unknown> {
    if (this.#all !== undefined) return yield* this.#all;
    const counted = countBytes(this.#read);
    let all: unknown[] | undefined = [];
    for (const item of new PagedItems(this.#coder, counted.read)) {
      if (counted.bytes > MAX_KEPT_ITERABLE) all = undefined;
      all?.push(item);
      yield item;
    }
    if (all === undefined || this.#all !== undefined) return;
    this.#all = Object.freeze(all);
    this.#keep(this.#all, counted.bytes);
  }
}
