import type { StageRunner } from '../../harness/stage-runner.ts';
import type { ByteReader } from '../../sdk/coders/byte-reader.ts';
import type { ByteWriter } from '../../sdk/coders/byte-writer.ts';
import type { KV } from '../../sdk/values.ts';
import { ON_TIME_AND_ONLY_FIRING } from '../../sdk/windows/pane-info.ts';
import { MAX_TIMESTAMP } from '../../sdk/windows/timestamp.ts';
import type { Window } from '../../sdk/windows/window.ts';
import { lastTimestamp, NOTHING, type PaneContents, type WindowEntry, WindowTable } from '../core/grouping/index.ts';
import type { Stage } from '../core/plan/execution-plan.ts';
import { justAfter } from '../core/state/keyed-state.ts';
import { type Grouped, GroupingUnit } from './grouping-unit.ts';
import { contentsCodec, paneContents } from './make-grouping.ts';
import type { TableOptions, UnitEnvironment } from './stage-unit.ts';
import { waitForTimes } from './time-text.ts';

const NEVER = Number.POSITIVE_INFINITY;

/** A grouping that gives one pane of each window, when it ends: what there is of a window fires at once, in one go through it. */
export class WindowGroupingUnit extends GroupingUnit {
  readonly #table: WindowTable<unknown>;
  readonly #contents: PaneContents;

  constructor(stage: Stage, runner: StageRunner, environment: UnitEnvironment, grouped: Grouped, state: TableOptions) {
    super(stage, runner, environment, grouped);
    const { node, input } = grouped;
    this.#contents = paneContents(node.spec, input);
    this.#table = new WindowTable({
      ...state,
      name: this.id,
      keyCoder: input.coder.components[0],
      windowCoder: input.windowing.windowFn.coder,
      codec: contentsCodec(this.#contents, node.spec?.kind === 'combinePerKey'),
      empty: NOTHING,
    });
  }

  write(element: unknown, timestamp: number, window: Window): void {
    const [key, value] = element as KV<unknown, unknown>;
    this.received++;
    if (lastTimestamp(window) < this.inputWatermark) {
      this.dropped(key, value, timestamp, window);
      return;
    }
    const table = this.#table;
    const open = table.open(window);
    const entry = table.entry(open, key);
    entry.value = this.#contents.add(entry.value, key, value);
    table.changed(open, entry);
    table.trim();
  }

  protected async fire(): Promise<boolean> {
    const table = this.#table;
    const watermark = this.inputWatermark;
    let fired = false;
    while (this.#fireStored(watermark)) {
      fired = true;
      await this.flush();
    }
    for (let open = table.take(watermark); open !== undefined; open = table.take(watermark)) {
      fired = true;
      const entries = open.entries.values();
      while (this.#fireSome(open.window, entries)) await this.flush();
      table.close(open);
    }
    return fired;
  }

  /** Fires what is not in memory until there is enough for a run of the steps; false when nothing of it is due. */
  #fireStored(watermark: number): boolean {
    try {
      let more = true;
      let any = false;
      while (more && !this.isFull) {
        more = this.#table.takeStored(watermark, this.#fire);
        any ||= more;
        if (more) this.#table.trim();
      }
      return any;
    } catch (error) {
      throw this.attributed(error);
    }
  }

  /** Fires entries of a window until there are enough for a run of the steps; false when there are no more. */
  #fireSome(window: Window, entries: Iterator<WindowEntry<unknown>>): boolean {
    try {
      while (!this.isFull) {
        const { done, value: entry } = entries.next();
        if (done) return false;
        const { key, value } = entry;
        // The entry may be kept for its name in the backend.
        entry.value = NOTHING;
        this.#fire(window, key, value);
      }
      return true;
    } catch (error) {
      throw this.attributed(error);
    }
  }

  readonly #fire = (window: Window, key: unknown, contents: unknown): void => {
    this.emit(key, this.#contents.take(contents), lastTimestamp(window), window, ON_TIME_AND_ONLY_FIRING);
  };

  protected trim(): void {
    this.#table.trim();
  }

  hold(): number {
    const { firstEnd } = this.#table;
    return firstEnd === MAX_TIMESTAMP ? NEVER : firstEnd;
  }

  override get keys(): number {
    return this.#table.size;
  }

  override waitsFor(): string | undefined {
    return waitForTimes(justAfter(this.hold()), NEVER, this.inputWatermark);
  }

  override get signature(): string {
    return `${super.signature}, by window`;
  }

  override get isEmpty(): boolean {
    return this.#table.stored === 0;
  }

  override save(out: ByteWriter): void {
    super.save(out);
    this.attempt(() => this.#table.save(out));
  }

  override restore(input: ByteReader): void {
    super.restore(input);
    this.#table.restore(input);
  }
}
