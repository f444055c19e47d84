import type { SideInputReader } from '../../harness/side-input-reader.ts';
import { buildView } from '../../harness/side-input-views.ts';
import { sideInputWindow } from '../../harness/side-input-window.ts';
import { ByteWriter } from '../../sdk/coders/byte-writer.ts';
import type { CollectionNode, Graph, SideInputNode } from '../../sdk/graph/graph.ts';
import type { Window } from '../../sdk/windows/window.ts';
import type { Part } from '../core/coordination/messages.ts';
import type { Channel, ExecutionPlan, Stage } from '../core/plan/execution-plan.ts';
import type { ChannelReader } from './channel-reader.ts';

/** The side inputs of a worker's stages, read from stored collections; each view is built once per window. */
export class SideInputStore implements SideInputReader {
  readonly #graph: Graph;
  readonly #plan: ExecutionPlan;
  readonly #reader: ChannelReader;
  readonly #strict: boolean;
  readonly #parts = new Map<number, readonly Part[]>();
  /** By channel, then by view: transforms that read a collection alike share what is built. */
  readonly #views = new Map<number, Map<string, WindowViews>>();
  readonly #finished = new Set<number>();
  #stage: Stage | undefined;

  constructor(graph: Graph, plan: ExecutionPlan, reader: ChannelReader, strict: boolean) {
    this.#graph = graph;
    this.#plan = plan;
    this.#reader = reader;
    this.#strict = strict;
  }

  /** A bundle of the stage begins. `parts` are contents that were not sent before, `finished` the stages that are done. */
  enter(stage: Stage, parts: Readonly<Record<number, readonly Part[]>>, finished: readonly number[]): void {
    if (finished.length > this.#finished.size) this.#forget(finished);
    for (const { channel } of stage.sides) {
      if (parts[channel] !== undefined) this.#parts.set(channel, parts[channel]);
    }
    this.#stage = stage;
  }

  /** Gives up what no stage will read any more. */
  #forget(finished: readonly number[]): void {
    for (const stage of finished) this.#finished.add(stage);
    const open = this.#plan.stages.filter(({ id }) => !this.#finished.has(id));
    const needed = new Set(open.flatMap(({ sides }) => sides.map(({ channel }) => channel)));
    for (const channel of this.#parts.keys()) {
      if (needed.has(channel)) continue;
      this.#parts.delete(channel);
      this.#views.delete(channel);
    }
  }

  view(transform: string, local: string, side: SideInputNode, window: Window): unknown {
    const found = this.#stage?.sides.find((entry) => entry.transform === transform && entry.local === local);
    if (found === undefined) throw new Error(`Side input ${local} of ${transform} is no input of the stage`);
    let views = this.#views.get(found.channel);
    if (views === undefined) this.#views.set(found.channel, (views = new Map()));
    // A singleton has a fallback of its own.
    const key = side.view === 'singleton' ? `${transform}\n${local}` : side.view;
    let view = views.get(key);
    if (view === undefined) {
      const channel = this.#plan.channels[found.channel];
      const parts = this.#parts.get(channel.id);
      if (parts === undefined) throw new Error(`The contents of side input ${local} of ${transform} have not come`);
      const collection = this.#graph.collections.get(channel.collection) as CollectionNode;
      view = new WindowViews(local, side, collection, channel, parts, this.#reader, this.#strict);
      views.set(key, view);
    }
    return view.of(window);
  }
}

/** Views of one side input, one per window. */
class WindowViews {
  readonly #name: string;
  readonly #side: SideInputNode;
  readonly #collection: CollectionNode;
  readonly #channel: Channel;
  readonly #parts: readonly Part[];
  readonly #reader: ChannelReader;
  readonly #strict: boolean;
  readonly #byWindow = new Map<string, unknown>();
  readonly #scratch = new ByteWriter(32);
  #lastWindow: Window | undefined;
  #last: unknown;

  constructor(
    name: string,
    side: SideInputNode,
    collection: CollectionNode,
    channel: Channel,
    parts: readonly Part[],
    reader: ChannelReader,
    strict: boolean,
  ) {
    this.#name = name;
    this.#side = side;
    this.#collection = collection;
    this.#channel = channel;
    this.#parts = parts;
    this.#reader = reader;
    this.#strict = strict;
  }

  of(main: Window): unknown {
    if (main === this.#lastWindow) return this.#last;
    const { windowFn } = this.#collection.windowing;
    const text = this.#textOf(sideInputWindow(windowFn, this.#name, main));
    let view = this.#byWindow.get(text);
    if (view === undefined && !this.#byWindow.has(text)) {
      view = buildView(this.#name, this.#side, this.#elements(text), this.#strict);
      this.#byWindow.set(text, view);
    }
    this.#lastWindow = main;
    this.#last = view;
    return view;
  }

  #textOf(window: Window): string {
    this.#scratch.clear();
    this.#collection.windowing.windowFn.coder.encode(window, this.#scratch, true);
    return this.#scratch.view().latin1Slice();
  }

  /** Reads the stored blocks anew for each iteration, so an iterable view needs no more memory than a block. */
  #elements(text: string): Iterable<unknown> {
    const iterate = this.#iterate.bind(this);
    return { [Symbol.iterator]: () => iterate(text) };
  }

  *#iterate(text: string): Generator<unknown> {
    const next = this.#reader.blocks(this.#channel, this.#parts);
    for (let block = next(); block !== undefined; block = next()) {
      const { values, windows } = block;
      if (Array.isArray(windows)) {
        for (let i = 0; i < values.length; i++) if (this.#textOf(windows[i]) === text) yield values[i];
      } else if (this.#textOf(windows as Window) === text) yield* values;
    }
  }
}
