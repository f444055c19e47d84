import type { SideInputReader } from '../../harness/side-input-reader.ts';
import { ByteWriter } from '../../sdk/coders/byte-writer.ts';
import { PipelineError } from '../../sdk/errors.ts';
import type { CollectionNode, Graph, SideInputNode } from '../../sdk/graph/graph.ts';
import type { Window } from '../../sdk/windows/window.ts';
import type { Part } from '../core/coordination/messages.ts';
import type { Channel, Stage } from '../core/plan/execution-plan.ts';
import type { ChannelReader } from './channel-reader.ts';
import { buildView } from './side-input-views.ts';

/** Side inputs of the stage at hand, read from stored collections; each view is built once per window. */
export class SideInputStore implements SideInputReader {
  readonly #graph: Graph;
  readonly #channels: readonly Channel[];
  readonly #reader: ChannelReader;
  #stage: Stage | undefined;
  #parts: Readonly<Record<number, readonly Part[]>> = {};
  /** Views of the stage by side input. */
  #views = new Map<string, WindowViews>();

  constructor(graph: Graph, channels: readonly Channel[], reader: ChannelReader) {
    this.#graph = graph;
    this.#channels = channels;
    this.#reader = reader;
  }

  /** A bundle of the stage begins; the views of another stage are given up. */
  enter(stage: Stage, parts: Readonly<Record<number, readonly Part[]>>): void {
    if (stage !== this.#stage) this.#views = new Map();
    this.#stage = stage;
    this.#parts = parts;
  }

  view(transform: string, local: string, side: SideInputNode, window: Window): unknown {
    const key = `${transform}\n${local}`;
    let views = this.#views.get(key);
    if (views === undefined) {
      const found = this.#stage?.sides.find((entry) => entry.transform === transform && entry.local === local);
      if (found === undefined) throw new Error(`Side input ${local} of ${transform} is no input of the stage`);
      const channel = this.#channels[found.channel];
      const collection = this.#graph.collections.get(channel.collection) as CollectionNode;
      views = new WindowViews(local, side, collection, channel, this.#parts[channel.id] ?? [], this.#reader);
      this.#views.set(key, views);
    }
    return views.of(window);
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
  ) {
    this.#name = name;
    this.#side = side;
    this.#collection = collection;
    this.#channel = channel;
    this.#parts = parts;
    this.#reader = reader;
  }

  of(main: Window): unknown {
    if (main === this.#lastWindow) return this.#last;
    const { windowFn } = this.#collection.windowing;
    if (windowFn.sideInputWindow === undefined) {
      throw new PipelineError('SIDE_INPUT_WINDOW', `Side input '${this.#name}' has merging windows`, {
        hint: 'window the collection with fixed, sliding or global windows before it is read as a side input',
      });
    }
    const text = this.#textOf(windowFn.sideInputWindow(main));
    let view = this.#byWindow.get(text);
    if (view === undefined && !this.#byWindow.has(text)) {
      view = buildView(this.#name, this.#side, this.#elements(text));
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
