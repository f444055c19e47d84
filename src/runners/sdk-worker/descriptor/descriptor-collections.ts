import type { ProcessBundleDescriptor } from '../../../model/fn-execution.ts';
import { IsBounded, MergeStatus, type PTransform } from '../../../model/pipeline.ts';
import type { Coder } from '../../../sdk/coders/coder.ts';
import type { CollectionNode, SideInputNode, TransformNode } from '../../../sdk/graph/graph.ts';
import { timestampCombinerFromProto } from '../../../sdk/graph/windowing-from-proto.ts';
import { GLOBAL_WINDOWING } from '../../../sdk/windows/global-windows.ts';
import type { Window } from '../../../sdk/windows/window.ts';
import type { WindowingStrategy } from '../../../sdk/windows/windowing-strategy.ts';
import { invalid } from './descriptor-transforms.ts';
import type { ProgramContext } from './program-context.ts';

/** The collections of a descriptor as the harness knows them, and those of the program that the descriptor leaves out. */
export class DescriptorCollections {
  readonly #descriptor: ProcessBundleDescriptor;
  readonly #program: ProgramContext;
  readonly #nodes = new Map<string, CollectionNode>();
  readonly #windowCoders = new Map<string, Coder<Window>>();

  constructor(descriptor: ProcessBundleDescriptor, program: ProgramContext) {
    this.#descriptor = descriptor;
    this.#program = program;
    // Flink describes the collections of other SDKs too, whose coders need not be known here.
    const { transforms, pcollections } = descriptor;
    const used = new Set(
      Object.values(transforms).flatMap((each) => [...Object.values(each.inputs), ...Object.values(each.outputs)]),
    );
    for (const [id, { coderId, windowingStrategyId, isBounded }] of Object.entries(pcollections)) {
      if (!used.has(id)) continue;
      this.#nodes.set(id, {
        id,
        producer: '',
        coder: program.coders.coder(coderId),
        windowing: this.#windowing(windowingStrategyId),
        bounded: isBounded !== IsBounded.UNBOUNDED,
      });
      const { windowCoderId } = descriptor.windowingStrategies[windowingStrategyId] ?? {};
      if (windowCoderId) this.#windowCoders.set(id, program.coders.coder(windowCoderId) as Coder<Window>);
    }
  }

  /** By their ids; for a graph. */
  get nodes(): Map<string, CollectionNode> {
    return this.#nodes;
  }

  get(id: string): CollectionNode {
    const node = this.#nodes.get(id);
    if (node === undefined) throw invalid(this.#descriptor, `has no collection ${id}`);
    return node;
  }

  /** As the runner knows the windows of a collection. */
  windowCoder(collection: string): Coder<Window> {
    return this.#windowCoders.get(collection) ?? this.get(collection).windowing.windowFn.coder;
  }

  /** Side inputs by the collections of the descriptor, whose coders are those in which the runner keeps them. */
  sides(sides: Readonly<Record<string, SideInputNode>>, { inputs }: PTransform): Record<string, SideInputNode> {
    const own: Record<string, SideInputNode> = {};
    for (const [local, side] of Object.entries(sides)) {
      const collection = inputs[local] ?? side.collection;
      if (!this.#nodes.has(collection)) {
        const known = this.#program.graph.collections.get(side.collection);
        if (known === undefined) throw invalid(this.#descriptor, `has no side input '${local}'`);
        this.#nodes.set(collection, known);
      }
      own[local] = { ...side, collection };
    }
    return own;
  }

  /** Outputs that the runner has left out because nobody reads them: the function emits to them all the same. */
  addLostOutputs(node: TransformNode, wanted: string): void {
    const own = this.#program.graph.transforms.get(wanted);
    for (const [tag, id] of Object.entries(own?.outputs ?? {})) {
      if (node.outputs[tag] !== undefined || node.spec?.kind !== 'parDo') continue;
      const known = this.#program.graph.collections.get(id);
      if (known === undefined) continue;
      const lost = `${id} (unread)`;
      this.#nodes.set(lost, { ...known, id: lost });
      node.outputs[tag] = lost;
    }
  }

  /** Notes which transform makes the collections. */
  producedBy({ name, outputs }: TransformNode): void {
    for (const id of Object.values(outputs)) {
      const node = this.#nodes.get(id);
      if (node !== undefined) this.#nodes.set(id, { ...node, producer: name });
    }
  }

  #windowing(id: string): WindowingStrategy {
    const strategy = this.#descriptor.windowingStrategies[id];
    if (strategy?.windowFn === undefined) return GLOBAL_WINDOWING as WindowingStrategy;
    const windowFn = this.#program.windowFns.find(strategy.windowFn);
    return {
      ...GLOBAL_WINDOWING,
      windowFn,
      allowedLateness: Number(strategy.allowedLateness),
      alreadyMerged: strategy.mergeStatus === MergeStatus.ALREADY_MERGED,
      timestampCombiner: timestampCombinerFromProto(strategy),
    };
  }
}
