import { subtriggers, type Trigger } from '../../../sdk/triggers/trigger.ts';
import {
  AfterAllNode,
  AfterAnyNode,
  AfterEachNode,
  AfterWatermarkNode,
  OrFinallyNode,
  RepeatedlyNode,
} from './composite-triggers.ts';
import {
  AlwaysNode,
  CountNode,
  DefaultNode,
  EndOfWindowNode,
  NeverNode,
  ProcessingTimeNode,
  SynchronizedProcessingTimeNode,
} from './leaf-triggers.ts';
import { StateLayout, type TriggerMoment, type TriggerNode, type TriggerState } from './trigger-node.ts';

/**
 * A compiled trigger (Beam's TriggerStateMachineRunner): says of each key and window when to fire. It keeps nothing; what
 * there is to remember is in the {@link TriggerState} that the caller has for each window.
 */
export class TriggerMachine {
  readonly #root: TriggerNode;
  readonly #layout = new StateLayout();
  /** Whether the trigger depends on processing time at all. */
  readonly watchesTime: boolean;

  /** @param merging whether the windows may merge, in which case some triggers keep more. */
  constructor(trigger: Trigger, merging: boolean) {
    this.#root = compile(trigger, this.#layout, merging);
    this.watchesTime = watchesTime(trigger);
  }

  /** Numbers in a state. */
  get size(): number {
    return this.#layout.initial.length;
  }

  create(): TriggerState {
    return this.#layout.initial.slice();
  }

  /** Whether the trigger will never fire again in its window. */
  isFinished(state: TriggerState): boolean {
    return this.#root.isFinished(state);
  }

  onElement(state: TriggerState, moment: TriggerMoment): void {
    this.#root.onElement(state, moment);
  }

  /** The state of the window that others have become. */
  merged(sources: readonly TriggerState[], moment: TriggerMoment): TriggerState {
    const state = this.create();
    this.#root.onMerge(state, sources, moment);
    return state;
  }

  shouldFire(state: TriggerState, moment: TriggerMoment): boolean {
    return this.#root.shouldFire(state, moment);
  }

  /** To be called only when `shouldFire`. */
  onFire(state: TriggerState, moment: TriggerMoment): void {
    this.#root.onFire(state, moment);
  }

  /** The next processing time at which the trigger may have to fire; +Infinity when it waits for none. */
  wakeTime(state: TriggerState, moment: TriggerMoment): number {
    return this.#root.wakeTime(state, moment);
  }
}

function compile(trigger: Trigger, layout: StateLayout, merging: boolean): TriggerNode {
  const part = (sub: Trigger) => compile(sub, layout, merging);
  switch (trigger.kind) {
    case 'default':
      return new DefaultNode(layout);
    case 'always':
      return new AlwaysNode(layout);
    case 'never':
      return new NeverNode(layout);
    case 'afterCount':
      return new CountNode(layout, trigger.count);
    case 'afterProcessingTime':
      return new ProcessingTimeNode(layout, trigger.transforms);
    case 'afterSynchronizedProcessingTime':
      return new SynchronizedProcessingTimeNode(layout);
    case 'repeatedly':
      return new RepeatedlyNode(layout, part(trigger.repeated));
    case 'afterAny':
      return new AfterAnyNode(layout, trigger.triggers.map(part));
    case 'afterAll':
      return new AfterAllNode(layout, trigger.triggers.map(part));
    case 'afterEach':
      return new AfterEachNode(layout, trigger.triggers.map(part), merging);
    case 'orFinally':
      return new OrFinallyNode(layout, part(trigger.main), part(trigger.until));
    case 'afterWatermark': {
      const { early, late } = trigger;
      if (early === undefined && late === undefined) return new EndOfWindowNode(layout);
      const before = early === undefined ? new NeverNode(layout) : part(early);
      return new AfterWatermarkNode(layout, before, late === undefined ? undefined : part(late), merging);
    }
  }
}

function watchesTime(trigger: Trigger): boolean {
  if (trigger.kind === 'afterProcessingTime' || trigger.kind === 'afterSynchronizedProcessingTime') return true;
  return subtriggers(trigger).some(watchesTime);
}
