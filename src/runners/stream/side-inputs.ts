import type { SideInputReader } from '../../harness/side-input-reader.ts';
import { buildView } from '../../harness/side-input-views.ts';
import { sideInputWindow } from '../../harness/side-input-window.ts';
import type { SideInputNode } from '../../sdk/graph/graph.ts';
import type { Window } from '../../sdk/windows/window.ts';
import type { Stage } from '../core/plan/execution-plan.ts';
import type { SideContent, SideContents } from './side-contents.ts';

/** The view that was built last, of which content. */
interface Built {
  readonly content: SideContent;
  readonly view: unknown;
}

/** The side inputs of all stages. */
export class StreamSideInputs implements SideInputReader {
  readonly #byChannel: ReadonlyMap<number, SideContents>;
  readonly #channels = new Map<string, number>();
  readonly #strict: boolean;
  readonly #built = new Map<string, Built>();

  constructor(stages: readonly Stage[], byChannel: ReadonlyMap<number, SideContents>, strict: boolean) {
    this.#byChannel = byChannel;
    this.#strict = strict;
    for (const { sides } of stages) {
      for (const { transform, local, channel } of sides) this.#channels.set(`${transform}\n${local}`, channel);
    }
  }

  view(transform: string, local: string, side: SideInputNode, main: Window): unknown {
    const name = `${transform}\n${local}`;
    const contents = this.#byChannel.get(this.#channels.get(name) as number) as SideContents;
    const window = sideWindow(contents, local, main);
    const content = contents.of(window);
    if (content === undefined) throw new Error(`Side input ${local} of ${transform} is read before it is ready`);
    const built = this.#built.get(name);
    if (built?.content === content) return built.view;
    const view = buildView(local, side, content.elements, this.#strict);
    this.#built.set(name, { content, view });
    return view;
  }

  /** The side inputs of one stage, as far as its elements wait for them; `undefined` when it has none. */
  of({ sides }: Stage): StageSides | undefined {
    if (sides.length === 0) return undefined;
    return new StageSides(sides.map(({ local, channel }) => [local, this.#byChannel.get(channel) as SideContents]));
  }
}

/** What the elements of one stage wait for. */
export class StageSides {
  readonly #sides: readonly (readonly [local: string, contents: SideContents])[];
  #seen = -1;

  constructor(sides: readonly (readonly [string, SideContents])[]) {
    this.#sides = sides;
  }

  /** Whether more may be ready than when it was asked last. */
  takeNews(): boolean {
    const version = this.#sides.reduce((sum, [, contents]) => sum + contents.version, 0);
    if (version === this.#seen) return false;
    this.#seen = version;
    return true;
  }

  isReady(main: Window): boolean {
    for (const [local, contents] of this.#sides) {
      if (contents.of(sideWindow(contents, local, main)) === undefined) return false;
    }
    return true;
  }

  describe(main: Window): string {
    const waiting = this.#sides.filter(
      ([local, contents]) => contents.of(sideWindow(contents, local, main)) === undefined,
    );
    return waiting.map(([local]) => `the side input '${local}' in its window for ${main}`).join(' and ');
  }
}

function sideWindow({ collection }: SideContents, local: string, main: Window): Window {
  return sideInputWindow(collection.windowing.windowFn, local, main);
}
