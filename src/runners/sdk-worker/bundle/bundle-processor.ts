import type { BundleInput, ElementBlock } from '../../../harness/bundle-input.ts';
import type { DoFnLives } from '../../../harness/do-fn-lives.ts';
import type { StageEnvironment } from '../../../harness/stage-program.ts';
import { type BundlePorts, StageRunner } from '../../../harness/stage-runner.ts';
import type { CommitCallback } from '../../../harness/step-context.ts';
import type {
  Elements,
  ProcessBundleRequest,
  ProcessBundleResponse,
  ProcessBundleSplitRequestDesiredSplit,
  ProcessBundleSplitResponse,
} from '../../../model/fn-execution.ts';
import type { MonitoringInfo } from '../../../model/pipeline.ts';
import type { Init } from '../../../model/proto/message-type.ts';
import { RunnerError } from '../../../sdk/errors.ts';
import type { InboxStreams } from '../data/bundle-inbox.ts';
import type { DataStream } from '../data/data-stream.ts';
import type { DataStreams } from '../data/data-streams.ts';
import { ElementInput } from '../data/element-input.ts';
import type { CollectionSamples, ElementSizes } from '../data/element-samples.ts';
import { PortSink } from '../data/port-sink.ts';
import type { DescriptorStage } from '../descriptor/descriptor-stage.ts';
import type { FnKeyedStep } from '../state/fn-keyed-step.ts';
import type { RemoteSideInputs } from '../state/remote-side-inputs.ts';
import { CollectSink } from './collect-sink.ts';
import { chooseSplit } from './element-splits.ts';
import { monitoringInfos } from './monitoring-infos.ts';
import { RestrictionInput } from './restriction-input.ts';
import type { StageState } from './stage-state.ts';

/** What a processor reaches outside of its stage. */
export interface ProcessorEnvironment extends Omit<StageEnvironment, 'currentStep'> {
  readonly lives: DoFnLives;
  /** Where elements are sampled. */
  readonly samples: CollectionSamples;
  readonly data: DataStreams;
  /** Where timers are sent and come from; absent where the stage has none. */
  readonly timerEndpoint: string | undefined;
}

/** What a bundle comes to. */
export interface BundleOutcome {
  readonly response: Init<ProcessBundleResponse>;
  /** To be called when the runner says that the bundle is committed. */
  readonly afterCommit: readonly CommitCallback[];
  /** Elements for the program that runs the pipeline, by transform. */
  readonly collected: readonly (readonly [transform: string, elements: readonly unknown[]])[];
}

/** Runs bundles of one stage, one at a time. */
export class BundleProcessor {
  readonly #stage: DescriptorStage;
  readonly #environment: ProcessorEnvironment;
  readonly #runner: StageRunner;
  readonly #sinks: readonly (PortSink | CollectSink)[];
  readonly #state: StageState;
  readonly #sides: RemoteSideInputs;
  readonly #keyed: FnKeyedStep | undefined;
  readonly #outputs: ReadonlyMap<string, readonly string[]>;
  /** Of the bundle at hand, which is not to go on by another stream when one breaks: some of it would be missing. */
  readonly #streams = new Map<string, DataStream>();
  #instruction = '';
  #since = 0;
  #elements: ElementInput | undefined;
  #restrictions: RestrictionInput | undefined;

  constructor(stage: DescriptorStage, state: StageState, environment: ProcessorEnvironment) {
    this.#stage = stage;
    this.#state = state;
    this.#sides = state.sideInputs(stage);
    this.#keyed = state.keyed(stage, { write: (family, timers) => this.#sendTimers(family, timers.slice(), false) });
    this.#environment = environment;
    const { graph, shape } = stage;
    const currentStep = new Int32Array(1);
    const outputs = new Set(this.#ports.map(({ endpoint }) => endpoint));
    const breathe = (): Promise<void> | undefined => {
      // What other bundles have sent may not be taken yet.
      for (const endpoint of outputs) this.#holdFor(endpoint);
      return environment.breathe?.();
    };
    const around = { ...environment, currentStep, breathe };
    this.#runner = new StageRunner(graph, shape, around, environment.lives, this.#keyed);
    this.#outputs = new Map([...graph.transforms.values()].map(({ name, outputs }) => [name, Object.values(outputs)]));
    this.#sinks = stage.sinks.map((sink, i) => {
      if ('port' in sink) {
        const { transform, coder, endpoint } = sink.port;
        return new PortSink(coder, environment.samples.of(shape.sinks[i].collection), (data) =>
          this.#send(endpoint, { data: [{ instructionId: this.#instruction, transformId: transform, data }] }),
        );
      }
      const { collection } = shape.sinks[i];
      const node = graph.collections.get(collection);
      if (node === undefined) throw new Error(`The stage has no collection ${collection}`);
      return new CollectSink(sink.collect, node.coder);
    });
  }

  get #sizes(): ReadonlyMap<string, ElementSizes> {
    const { sinks } = this.#stage.shape;
    return new Map(
      this.#sinks.flatMap((sink, i) => (sink instanceof PortSink ? [[sinks[i].collection, sink.sizes] as const] : [])),
    );
  }

  /** For people: which bundle, since when, how many elements of it were taken. */
  get status(): { readonly since: number; readonly elements: number } {
    return { since: this.#since, elements: this.#elements?.given ?? 0 };
  }

  get #ports() {
    return this.#stage.sinks.flatMap((sink) => ('port' in sink ? [sink.port] : []));
  }

  /** @throws what made the bundle fail; the processor is ready for another one then. */
  async process(instruction: string, request: ProcessBundleRequest): Promise<BundleOutcome> {
    const { source } = this.#stage;
    const { timerEndpoint, data } = this.#environment;
    const timers = this.#timerStreams;
    this.#streams.clear();
    const from = [this.#stream(source.endpoint)];
    if (timerEndpoint !== undefined && timers.length > 0) from.push(this.#stream(timerEndpoint));
    const reads = { source: source.transform, timers };
    const inbox = data.open(instruction, reads, from);
    this.#instruction = instruction;
    this.#since = this.#environment.now();
    try {
      if (request.elements !== undefined) from[0].receive(request.elements);
      this.#state.bundle.begin(instruction);
      this.#sides.begin(request);
      this.#keyed?.begin(request);
      this.#elements = new ElementInput(reads, source.coder, inbox, this.#environment.now, ({ family, bytes }) =>
        this.#keyed?.deliver(family, bytes),
      );
      const report = await this.#runner.run({
        input: this.#input(this.#elements),
        sinks: this.#sinks,
        sideInputs: this.#sides,
      } satisfies BundlePorts);
      await this.#keyed?.finish();
      this.#endOutputs();
      const afterCommit = this.#runner.takeAfterCommit();
      return {
        response: {
          residualRoots: this.#restrictions?.later ?? [],
          monitoringInfos: this.#figures(report),
          requiresFinalization: afterCommit.length > 0,
        },
        afterCommit,
        collected: this.#sinks.flatMap((sink) =>
          sink instanceof CollectSink ? [[sink.transform, sink.take()] as const] : [],
        ),
      };
    } finally {
      for (const sink of this.#sinks) sink.clear();
      this.#state.bundle.end();
      data.close(instruction);
      this.#elements = undefined;
      this.#restrictions = undefined;
    }
  }

  #input(elements: ElementInput): BundleInput {
    const { restrictions, source } = this.#stage;
    const keyed = this.#keyed;
    if (keyed !== undefined) return { kind: 'keyed', next: () => this.#nextKeyed(elements, keyed) };
    if (restrictions === undefined) return { kind: 'blocks', next: () => nextElements(elements) };
    this.#restrictions = new RestrictionInput(elements, source.coder, restrictions);
    return { kind: 'restrictions', reader: this.#restrictions };
  }

  /** Elements with their state on its way. */
  async #nextKeyed(elements: ElementInput, keyed: FnKeyedStep): Promise<ElementBlock | 'due' | undefined> {
    const next = await elements.next();
    if (next !== undefined && next !== 'due') await keyed.prefetch(next.values, next.windows);
    return next;
  }

  get #timerStreams(): InboxStreams['timers'] {
    const { stateful } = this.#stage;
    if (stateful === undefined) return [];
    return (this.#keyed?.timerFamilies ?? []).map((family) => ({ transform: stateful.id, family }));
  }

  #sendTimers(family: string, timers: Uint8Array, isLast: boolean): void {
    const { timerEndpoint } = this.#environment;
    const { stateful } = this.#stage;
    if (timerEndpoint === undefined || stateful === undefined) {
      throw new RunnerError('FN_API_INVALID', 'A stage sets timers, and the runner has no endpoint for them');
    }
    const message = {
      instructionId: this.#instruction,
      transformId: stateful.id,
      timerFamilyId: family,
      timers,
      isLast,
    };
    this.#send(timerEndpoint, { timers: [message] });
  }

  #stream(endpoint: string): DataStream {
    let stream = this.#streams.get(endpoint);
    if (stream === undefined) this.#streams.set(endpoint, (stream = this.#environment.data.of(endpoint)));
    return stream;
  }

  #send(endpoint: string, elements: Init<Elements>): void {
    this.#stream(endpoint).send(elements);
    this.#holdFor(endpoint);
  }

  /** What a runner takes slowly is made slowly. */
  #holdFor(endpoint: string): void {
    const { drained } = this.#stream(endpoint);
    if (drained !== undefined) this.#runner.hold(drained);
  }

  /** How far the bundle is. */
  progress(): Init<MonitoringInfo>[] {
    return this.#elements === undefined ? [] : this.#figures(this.#runner.report());
  }

  /** Gives up a part of the bundle's work; an empty answer when it has none to give. */
  split(wanted: Readonly<Record<string, ProcessBundleSplitRequestDesiredSplit>>): Init<ProcessBundleSplitResponse> {
    const elements = this.#elements;
    const { transform } = this.#stage.source;
    const desired = wanted[transform];
    if (elements === undefined || desired === undefined) return {};
    if (!(desired.fractionOfRemainder >= 0 && desired.fractionOfRemainder <= 1)) {
      throw new RunnerError('FN_API_INVALID', `A bundle cannot keep ${desired.fractionOfRemainder} of what remains`, {
        hint: 'the fraction of a split lies between 0 and 1',
      });
    }
    const restrictions = this.#restrictions;
    const chosen = chooseSplit(
      {
        fraction: desired.fractionOfRemainder,
        estimated: Number(desired.estimatedInputElements),
        allowed: desired.allowedSplitPoints.map(Number),
      },
      { given: elements.given, end: elements.end, atHand: restrictions?.fractionDone },
    );
    if (chosen === undefined) return {};
    const { firstResidual, within } = chosen;
    const parts = within === undefined ? undefined : restrictions?.split(within.fraction);
    // One that cannot be divided stays whole.
    if (parts === undefined && firstResidual >= Math.min(elements.end, Number(desired.estimatedInputElements)))
      return {};
    const answer = {
      primaryRoots: [...(parts?.primary ?? [])],
      residualRoots: [...(parts?.residual ?? [])],
      channelSplits: [
        {
          transformId: transform,
          lastPrimaryElement: BigInt(firstResidual - (parts === undefined ? 1 : 2)),
          firstResidualElement: BigInt(firstResidual),
        },
      ],
    };
    // At the end: what an answer cannot say is not given up.
    elements.stopAt(firstResidual);
    return answer;
  }

  /** Makes the running bundle fail where it waits. */
  cancel(error: unknown): void {
    this.#runner.cancel(error);
  }

  #endOutputs(): void {
    for (const sink of this.#sinks) if (sink instanceof PortSink) sink.flush();
    for (const { transform, endpoint } of this.#ports) {
      const end = { instructionId: this.#instruction, transformId: transform, isLast: true };
      this.#send(endpoint, { data: [end] });
    }
    for (const family of this.#keyed?.timerFamilies ?? []) this.#sendTimers(family, new Uint8Array(), true);
  }

  /** Adds what the keyed step has dropped to what the steps have counted. */
  #withDropped(report: ReturnType<StageRunner['report']>): ReturnType<StageRunner['report']> {
    const { stateful } = this.#stage;
    const value = this.#keyed?.dropped ?? 0;
    if (stateful === undefined || value === 0) return report;
    const { name } = stateful;
    const cells = { ...report.metrics[name], droppedDueToLateness: { kind: 'counter', value } } as const;
    return { ...report, metrics: { ...report.metrics, [name]: cells } };
  }

  #figures(report: ReturnType<StageRunner['report']>): Init<MonitoringInfo>[] {
    const { source, collections, transformIds, restrictions } = this.#stage;
    const progress = this.#restrictions?.progress;
    return monitoringInfos({
      report: this.#withDropped(report),
      transformIds,
      collections,
      outputs: this.#outputs,
      sizes: this.#sizes,
      workMillis: this.#environment.now() - this.#since - (this.#elements?.waitedMillis ?? 0),
      read: { transform: source.transform, index: this.#elements?.given ?? 0 },
      work:
        progress === undefined || restrictions === undefined ? undefined : { transform: restrictions.id, ...progress },
    });
  }
}

async function nextElements(elements: ElementInput): Promise<ElementBlock | undefined> {
  const next = await elements.next();
  if (next !== 'due') return next;
  throw new RunnerError('FN_API_INVALID', 'The runner fires timers of a stage that has none');
}
