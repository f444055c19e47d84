import {
  AccumulationMode,
  ClosingBehavior,
  type Components,
  type Init,
  MergeStatus,
  OnTimeBehavior,
  OutputTime,
} from '../../model/pipeline.ts';
import { CoderUrn } from '../../model/urns.ts';
import type { Coder } from '../coders/coder.ts';
import { coderToSpec } from '../coders/coder-registry.ts';
import { defaultCoder, selfContainedCoder } from '../coders/default-coder.ts';
import { lengthPrefixCoder } from '../coders/length-prefix-coder.ts';
import { CustomWindowCoder } from '../coders/window-coders.ts';
import { triggerToProto } from '../triggers/trigger-proto.ts';
import { triggerText } from '../triggers/trigger-rules.ts';
import type { Window } from '../windows/window.ts';
import type { WindowFn } from '../windows/window-fn.ts';
import type { WindowingStrategy } from '../windows/windowing-strategy.ts';

const OUTPUT_TIMES = {
  endOfWindow: OutputTime.END_OF_WINDOW,
  earliest: OutputTime.EARLIEST_IN_PANE,
  latest: OutputTime.LATEST_IN_PANE,
} as const;

const STANDARD_WINDOWS: ReadonlySet<string> = new Set([
  CoderUrn.GLOBAL_WINDOW,
  CoderUrn.INTERVAL_WINDOW,
  CoderUrn.CUSTOM_WINDOW,
]);

/** Collects the parts of a pipeline proto; equal coders and windowings become one. */
export class ProtoComponents {
  readonly transforms: Record<string, Init<Components['transforms'][string]>> = {};
  readonly pcollections: Record<string, Init<Components['pcollections'][string]>> = {};
  readonly coders: Record<string, Init<Components['coders'][string]>> = {};
  readonly windowingStrategies: Record<string, Init<Components['windowingStrategies'][string]>> = {};
  readonly #environmentId: string;
  readonly #namespace: string;
  readonly #coderIds = new Map<Coder<unknown>, string>();
  readonly #idsByContent = new Map<string, string>();
  readonly #customWindows = new Map<Coder<Window>, Coder<Window>>();
  /** Numbers of what makes coders of one URN different in the program: their classes, or they themselves. */
  readonly #kinds = new Map<unknown, number>();

  /** @param environmentId where the program's own window functions run, @param namespace what ids begin with */
  constructor(environmentId: string, namespace = '') {
    this.#environmentId = environmentId;
    this.#namespace = namespace;
  }

  /** Id of a coder. The default coder relies on state of one process and is replaced by the one that does not. */
  coder(coder: Coder<unknown>): string {
    const known = this.#coderIds.get(coder);
    if (known !== undefined) return known;
    const portable = coder === defaultCoder ? (selfContainedCoder as Coder<unknown>) : coder;
    const { urn, payload, componentIds } = coderToSpec(portable, (component) => this.coder(component));
    const id = this.#intern('c', [urn, base64(payload), componentIds, this.#kindOf(portable)], (fresh) => {
      this.coders[fresh] = {
        spec: payload === undefined ? { urn } : { urn, payload },
        componentCoderIds: componentIds,
      };
    });
    this.#coderIds.set(coder, id);
    return id;
  }

  /** The coder of a function's windows; of a type of its own behind its end, which is all that a runner need know of it. */
  windowCoder({ coder }: WindowFn<Window>): Coder<Window> {
    if (STANDARD_WINDOWS.has(coder.urn)) return coder;
    let custom = this.#customWindows.get(coder);
    if (custom === undefined)
      this.#customWindows.set(coder, (custom = new CustomWindowCoder(lengthPrefixCoder(coder))));
    return custom;
  }

  /** The coders, by id. */
  get coderObjects(): ReadonlyMap<string, Coder<unknown>> {
    const objects = new Map<string, Coder<unknown>>();
    for (const [coder, id] of this.#coderIds) if (!objects.has(id)) objects.set(id, coder);
    return objects;
  }

  /** Two coders with one encoding may make different values of it: an int64 is a bigint or a number. */
  #kindOf(coder: Coder<unknown>): number {
    const kind: unknown = Object.getPrototypeOf(coder) === Object.prototype ? coder : coder.constructor;
    let number = this.#kinds.get(kind);
    if (number === undefined) this.#kinds.set(kind, (number = this.#kinds.size));
    return number;
  }

  /** Id of a windowing. */
  windowing(strategy: WindowingStrategy): string {
    const { windowFn, alreadyMerged, timestampCombiner, accumulation, allowedLateness, trigger, closing, onTime } =
      strategy;
    const payload = windowFn.payload();
    const windowCoderId = this.coder(this.windowCoder(windowFn) as Coder<unknown>);
    const content = [
      windowFn.urn,
      base64(payload),
      windowCoderId,
      alreadyMerged,
      timestampCombiner,
      accumulation,
      allowedLateness,
      triggerText(trigger),
      closing,
      onTime,
    ];
    return this.#intern('w', content, (id) => {
      this.windowingStrategies[id] = {
        windowFn: { urn: windowFn.urn, payload },
        mergeStatus:
          windowFn.merge === undefined
            ? MergeStatus.NON_MERGING
            : alreadyMerged
              ? MergeStatus.ALREADY_MERGED
              : MergeStatus.NEEDS_MERGE,
        windowCoderId,
        trigger: triggerToProto(trigger),
        accumulationMode: accumulation === 'discarding' ? AccumulationMode.DISCARDING : AccumulationMode.ACCUMULATING,
        outputTime: OUTPUT_TIMES[timestampCombiner],
        closingBehavior: closing === 'fireAlways' ? ClosingBehavior.EMIT_ALWAYS : ClosingBehavior.EMIT_IF_NONEMPTY,
        allowedLateness,
        onTimeBehavior: onTime === 'fireAlways' ? OnTimeBehavior.FIRE_ALWAYS : OnTimeBehavior.FIRE_IF_NONEMPTY,
        assignsToOneWindow: windowFn.assignOne !== undefined,
        environmentId: this.#environmentId,
      };
    });
  }

  #intern(prefix: string, content: readonly unknown[], add: (id: string) => void): string {
    const key = prefix + JSON.stringify(content);
    const known = this.#idsByContent.get(key);
    if (known !== undefined) return known;
    const id = `${this.#namespace}${prefix}${this.#idsByContent.size}`;
    this.#idsByContent.set(key, id);
    add(id);
    return id;
  }
}

function base64(bytes: Uint8Array | undefined): string | undefined {
  return bytes === undefined ? undefined : Buffer.from(bytes).toString('base64');
}
