import type { DoFnLives } from '../../harness/do-fn-lives.ts';
import { StageFailures } from '../../harness/stage-failures.ts';
import type { StageEnvironment } from '../../harness/stage-program.ts';
import { StageRunner } from '../../harness/stage-runner.ts';
import type { CollectionNode, Graph, TransformNode } from '../../sdk/graph/graph.ts';
import { isStateful } from '../../sdk/state/check-stateful.ts';
import type { Channel, ExecutionPlan, Stage } from '../core/plan/execution-plan.ts';
import type { KeyedStates } from '../core/state/keyed-states.ts';
import { RestrictionCodec } from '../worker/restriction-parts.ts';
import { shapeOfStage } from '../worker/shape-of-stage.ts';
import { ElementCodec } from './element-codec.ts';
import { ElementUnit, type ElementWaits } from './element-unit.ts';
import type { EngineEnvironment } from './engine-environment.ts';
import { firesOnce } from './make-grouping.ts';
import { ImpulseUnit, TestStreamUnit } from './root-units.ts';
import type { StreamSideInputs } from './side-inputs.ts';
import { type SourceOptions, SourceUnit } from './source-unit.ts';
import type { StageUnit, TableOptions, UnitEnvironment } from './stage-unit.ts';
import { StatefulSourceUnit } from './stateful-source-unit.ts';
import { keyedStatesOf, StatefulUnit } from './stateful-unit.ts';
import { TriggeredGroupingUnit } from './triggered-grouping-unit.ts';
import { WindowGroupingUnit } from './window-grouping-unit.ts';

/**
 * What is for state: half of the memory budget, less what the program and V8 take whatever there is in state, but a quarter
 * at least. The rest is for elements on their way and for garbage, of which the heap keeps about as much again.
 */
const STATE_SHARE = 0.5;
const LEAST_STATE_SHARE = 0.25;
const PROGRAM_BYTES = 128 * 1024 * 1024;

/** What units of a plan are made of. */
export interface UnitParts {
  readonly graph: Graph;
  readonly plan: ExecutionPlan;
  readonly engine: EngineEnvironment;
  readonly lives: DoFnLives;
  readonly sideInputs: StreamSideInputs;
  /** What units reach of the engine. */
  readonly environment: UnitEnvironment;
}

/** Makes what runs a stage, by what the stage reads. */
export class UnitFactory {
  readonly #parts: UnitParts;
  readonly #tables: TableOptions;

  constructor(parts: UnitParts) {
    this.#parts = parts;
    this.#tables = this.#shareOut(parts.engine);
  }

  make(stage: Stage): StageUnit {
    const { environment, plan } = this.#parts;
    const { input } = stage;
    if (input.kind === 'impulse') return new ImpulseUnit(stage, this.#runner(stage), environment);
    if (input.kind === 'testStream') {
      const { spec } = this.#node(input.transform);
      const events = spec?.kind === 'testStream' ? spec.events : [];
      return new TestStreamUnit(stage, this.#runner(stage), environment, events);
    }
    if (input.kind === 'external') throw new Error(`Stage ${input.transform} is shown only`);
    return this.#makeReader(stage, plan.channels[input.channel]);
  }

  #makeReader(stage: Stage, channel: Channel): StageUnit {
    const { graph, engine, lives, sideInputs, environment } = this.#parts;
    const node = this.#node(channel.transform);
    switch (channel.kind) {
      case 'group':
      case 'combine': {
        const input = this.#collection(channel.collection);
        const Unit = firesOnce(input.windowing) ? WindowGroupingUnit : TriggeredGroupingUnit;
        const grouped = { node, input, failures: this.#failures() };
        return new Unit(stage, this.#runner(stage), environment, grouped, this.#tables);
      }
      case 'restrictions': {
        if (node.spec?.kind !== 'parDo' || node.spec.fn.kind !== 'splittable') break;
        const input = this.#collection(channel.collection);
        const options: SourceOptions = {
          node,
          fn: node.spec.fn.fn,
          lives,
          failures: this.#failures(),
          codec: new RestrictionCodec(graph, node),
          sides: sideInputs.of(stage),
          input,
        };
        if (!isStateful(node.spec)) return new SourceUnit(stage, this.#runner(stage), environment, options);
        const keyed = keyedStatesOf(node, input, this.#tables, this.#failures(), engine.strict);
        return new StatefulSourceUnit(stage, keyed, this.#runner(stage, keyed), environment, options);
      }
      case 'keyed': {
        const keyed = keyedStatesOf(node, this.#collection(stage.root), this.#tables, this.#failures(), engine.strict);
        const waits = this.#waits(stage);
        const stateful = this.#runner(stage, keyed);
        return new StatefulUnit(stage, keyed, stateful, environment, this.#codecOf(stage), waits, channel.collection);
      }
      case 'blocks':
        return new ElementUnit(
          stage,
          this.#runner(stage),
          environment,
          this.#codecOf(stage),
          this.#waits(stage),
          channel.collection,
        );
    }
    throw new Error(`Transform ${node.name} is not splittable`);
  }

  #codecOf({ root }: Stage): ElementCodec {
    return new ElementCodec(this.#collection(root));
  }

  #waits(stage: Stage): ElementWaits {
    const { engine, sideInputs } = this.#parts;
    const spec = stage.steps.length === 0 ? undefined : this.#node(stage.steps[0].transform).spec;
    const needsStable = spec?.kind === 'parDo' && spec.fn.kind === 'doFn' && spec.fn.fn.requiresStableInput === true;
    return { sides: sideInputs.of(stage), isStable: needsStable && engine.commits };
  }

  /** The budget is shared out evenly among the stages that keep state. */
  #shareOut({ backend, memory }: EngineEnvironment): TableOptions {
    const { stages, channels } = this.#parts.plan;
    const read = stages.flatMap(({ input }) => (input.kind === 'channel' ? [channels[input.channel]] : []));
    const keyed = read.filter(({ kind, transform }) =>
      kind === 'restrictions' ? isStateful(this.#node(transform).spec) : kind !== 'blocks',
    );
    const tables = Math.max(1, keyed.length);
    const forState = Math.max(memory * LEAST_STATE_SHARE, memory * STATE_SHARE - PROGRAM_BYTES);
    return { backend, budget: forState / tables, tables };
  }

  #runner(stage: Stage, keyed?: KeyedStates): StageRunner {
    const { graph, plan, engine, lives, environment } = this.#parts;
    const { strict, redactErrors, currentStep } = engine;
    const now = () => environment.clock.processingTime;
    const stageEnvironment: StageEnvironment = { now, strict, redactErrors, currentStep };
    return new StageRunner(graph, shapeOfStage(plan, stage), stageEnvironment, lives, keyed);
  }

  #failures(): StageFailures {
    const { graph, engine } = this.#parts;
    return new StageFailures(graph, [], engine.redactErrors);
  }

  #node(name: string): TransformNode {
    return this.#parts.graph.transforms.get(name) as TransformNode;
  }

  #collection(id: string): CollectionNode {
    return this.#parts.graph.collections.get(id) as CollectionNode;
  }
}
