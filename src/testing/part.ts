import { encodeToBytes, type PaneInfo, type PCollection, parDo, type Window } from '../sdk/index.ts';

/** Which elements an assertion is about. */
export interface Part<W extends Window> {
  readonly window: W;
  /** Absent: all panes. */
  readonly pane?: { readonly words: string; has(pane: PaneInfo): boolean };
}

export function partText({ window, pane }: Part<Window>): string {
  return pane === undefined ? String(window) : `${pane.words} ${window}`;
}

/** The elements of a collection in one window, of all panes or of some. */
export function only<T, W extends Window>({ window: wanted, pane: panes }: Part<W>) {
  return {
    name: 'InWindow',
    expand(collection: PCollection<T, W>): PCollection<T, W> {
      const { coder } = collection.node.windowing.windowFn;
      const bytes = Buffer.from(encodeToBytes(coder, wanted));
      return collection.apply(
        parDo<T, T, {}, {}, W>('Filter', {
          coder: collection.node.coder as never,
          process: (element, { window, pane }) =>
            bytes.equals(encodeToBytes(coder, window)) && panes?.has(pane) !== false ? [element] : [],
        }),
      ) as PCollection<T, W>;
    },
  };
}
