import type { ProcessBundleDescriptor } from '../../../model/fn-execution.ts';
import { MillraceError } from '../../../sdk/errors.ts';
import type { Graph } from '../../../sdk/graph/graph.ts';
import { graphCoders, type ProgramCoder } from '../../../sdk/graph/to-proto.ts';
import { BundleProcessor, type ProcessorEnvironment } from '../bundle/bundle-processor.ts';
import { StageState, type StateEnvironment } from '../bundle/stage-state.ts';
import { dataEndpoints } from '../descriptor/data-endpoints.ts';
import { DescriptorCoders } from '../descriptor/descriptor-coders.ts';
import { descriptorStage } from '../descriptor/stage-builder.ts';
import { WindowFns } from '../descriptor/window-fns.ts';
import { continuationReader } from '../state/read-continuation.ts';
import { Turns } from './turns.ts';

/** Processors of a stage that are kept for its next bundles. */
const MAX_IDLE = 16;

/** Where processors get what they need. */
export interface StagesEnvironment extends Omit<ProcessorEnvironment, 'timerEndpoint'> {
  readonly random: () => number;
  /** What ids of the program's coders begin with. */
  readonly namespace: string;
  readonly state: StateEnvironment;
}

/** One stage: as many processors as bundles of it run at once. */
class Stage {
  readonly #idle: BundleProcessor[] = [];
  readonly #make: () => BundleProcessor;
  readonly #holding: readonly string[];
  readonly #turns: Turns;

  /** @param holding DoFns that are in one bundle at a time */
  constructor(first: BundleProcessor, holding: readonly string[], turns: Turns, make: () => BundleProcessor) {
    this.#idle.push(first);
    this.#holding = holding;
    this.#turns = turns;
    this.#make = make;
  }

  run<T>(use: (processor: BundleProcessor) => Promise<T>): Promise<T> {
    return this.#turns.take(this.#holding, async () => {
      const processor = this.#idle.pop() ?? this.#make();
      try {
        return await use(processor);
      } finally {
        if (this.#idle.length < MAX_IDLE) this.#idle.push(processor);
      }
    });
  }
}

/** The stages that the runner has described, by id. */
export class Stages {
  readonly #graph: Graph;
  readonly #environment: StagesEnvironment;
  readonly #fetch: (id: string) => Promise<ProcessBundleDescriptor>;
  readonly #coders: ReadonlyMap<string, ProgramCoder>;
  readonly #windowFns: WindowFns;
  readonly #stages = new Map<string, Promise<Stage>>();
  readonly #turns = new Turns();

  /** @param fetch asks the runner for a descriptor */
  constructor(graph: Graph, environment: StagesEnvironment, fetch: (id: string) => Promise<ProcessBundleDescriptor>) {
    this.#graph = graph;
    this.#environment = environment;
    this.#fetch = fetch;
    this.#coders = graphCoders(graph, environment.namespace);
    this.#windowFns = new WindowFns(graph);
  }

  /** Takes a descriptor that the runner sends before it is asked. */
  register(descriptor: ProcessBundleDescriptor): void {
    const stage = Promise.resolve(descriptor).then((known) => this.#build(known));
    // Whoever runs it is told.
    stage.catch(() => {});
    this.#stages.set(descriptor.id, stage);
  }

  /** Lets a processor of the stage run a bundle. @throws RunnerError when the stage cannot be built */
  async run<T>(id: string, use: (processor: BundleProcessor) => Promise<T>): Promise<T> {
    let stage = this.#stages.get(id);
    if (stage === undefined) {
      stage = this.#fetch(id).then((descriptor) => this.#build(descriptor));
      stage.catch(() => this.#stages.delete(id));
      this.#stages.set(id, stage);
    }
    return (await stage).run(use);
  }

  #build(descriptor: ProcessBundleDescriptor): Stage {
    const timerEndpoint = descriptor.timerApiServiceDescriptor?.url || undefined;
    const make = () => {
      const state = new StageState(descriptor, this.#environment.state);
      // Anew for each: steps that combine early hold groups of their own.
      const stage = descriptorStage(descriptor, {
        graph: this.#graph,
        coders: new DescriptorCoders(descriptor, this.#coders, continuationReader(state.bundle)),
        windowFns: this.#windowFns,
        random: this.#environment.random,
      });
      return { stage, processor: new BundleProcessor(stage, state, { ...this.#environment, timerEndpoint }) };
    };
    const { stage, processor } = this.#orConnect(descriptor, make);
    return new Stage(processor, stage.holding, this.#turns, () => make().processor);
  }

  /**
   * Where a stage cannot be built, its data streams are made all the same: Beam's runners in Java begin a bundle only when the
   * worker has connected, and do not hear of its failure for the minutes that they wait.
   */
  #orConnect<T>(descriptor: ProcessBundleDescriptor, make: () => T): T {
    try {
      return make();
    } catch (error) {
      for (const endpoint of dataEndpoints(descriptor)) this.#environment.data.of(endpoint);
      // The next attempt is of the same descriptor and program.
      throw error instanceof MillraceError ? error.with({ final: true }) : error;
    }
  }
}
