import type { CommitCallback } from '../../../harness/step-context.ts';
import type { InstructionRequest, InstructionResponse, ProcessBundleRequest } from '../../../model/fn-execution.ts';
import type { Init } from '../../../model/proto/message-type.ts';
import type { BundleProcessor } from '../bundle/bundle-processor.ts';
import { ShortIds } from '../bundle/short-ids.ts';
import type { CollectionSamples } from '../data/element-samples.ts';
import { errorText } from './error-text.ts';
import type { Stages } from './stages.ts';

/** Bundles whose commit the runner may still report. */
const MAX_UNCOMMITTED = 10_000;

/** Who is told what bundles come to. */
export interface InstructionListener {
  onCollected?(transform: string, elements: readonly unknown[]): void;
  /** A bundle has failed. */
  onFailure?(error: unknown, instructionId: string): void;
}

/** A bundle under way. */
export interface RunningBundle {
  readonly instruction: string;
  readonly descriptor: string;
  /** Milliseconds since 1970. */
  readonly since: number;
  /** Of its input, that were taken. */
  readonly elements: number;
}

/** Carries out what a runner asks for, one answer per request. */
export class Instructions {
  readonly #stages: Stages;
  readonly #samples: CollectionSamples;
  readonly #listener: InstructionListener;
  readonly #running = new Map<string, { readonly processor: BundleProcessor; readonly descriptor: string }>();
  readonly #shortIds: ShortIds;
  #cancelled: { readonly error: unknown } | undefined;
  #underWay = 0;
  #idle: (() => void)[] = [];
  readonly #uncommitted = new Map<string, readonly CommitCallback[]>();

  /** @param worker its id */
  constructor(stages: Stages, samples: CollectionSamples, listener: InstructionListener, worker: string) {
    this.#samples = samples;
    this.#stages = stages;
    this.#listener = listener;
    this.#shortIds = new ShortIds(worker);
  }

  /** Never fails: what goes wrong is the answer. */
  async carryOut(request: InstructionRequest): Promise<Init<InstructionResponse>> {
    const { instructionId } = request;
    this.#underWay++;
    try {
      return { instructionId, ...(await this.#answer(request)) };
    } catch (error) {
      if (request.processBundle !== undefined) this.#tellFailure(error, instructionId);
      return { instructionId, error: errorText(error) };
    } finally {
      if (--this.#underWay === 0) for (const resolve of this.#idle.splice(0)) resolve();
    }
  }

  /** Resolves when nothing that was asked for is under way. */
  get idle(): Promise<void> {
    return this.#underWay === 0 ? Promise.resolve() : new Promise((resolve) => this.#idle.push(resolve));
  }

  async #answer(request: InstructionRequest): Promise<Init<InstructionResponse>> {
    if (request.processBundle !== undefined) return this.#processBundle(request.instructionId, request.processBundle);
    if (request.processBundleProgress !== undefined) {
      const running = this.#running.get(request.processBundleProgress.instructionId);
      const monitoringInfos = running?.processor.progress() ?? [];
      return {
        processBundleProgress: { monitoringInfos, monitoringData: this.#shortIds.shorten(monitoringInfos) },
      };
    }
    if (request.processBundleSplit !== undefined) {
      const { instructionId, desiredSplits } = request.processBundleSplit;
      return { processBundleSplit: this.#running.get(instructionId)?.processor.split(desiredSplits) ?? {} };
    }
    if (request.finalizeBundle !== undefined) {
      const { instructionId } = request.finalizeBundle;
      const callbacks = this.#uncommitted.get(instructionId) ?? [];
      this.#uncommitted.delete(instructionId);
      for (const callback of callbacks) await callback();
      return { finalizeBundle: {} };
    }
    if (request.register !== undefined) {
      for (const descriptor of request.register.processBundleDescriptor) this.#stages.register(descriptor);
      return { register: {} };
    }
    if (request.monitoringInfos !== undefined) {
      const monitoringInfo = this.#shortIds.explain(request.monitoringInfos.monitoringInfoId);
      return { monitoringInfos: { monitoringInfo } };
    }
    if (request.harnessMonitoringInfos !== undefined) return { harnessMonitoringInfos: {} };
    if (request.sampleData !== undefined) {
      return { sampleData: { elementSamples: this.#samples.take(request.sampleData.pcollectionIds) } };
    }
    return { error: 'This harness does not know that kind of instruction' };
  }

  #processBundle(instruction: string, request: ProcessBundleRequest): Promise<Init<InstructionResponse>> {
    return this.#stages.run(request.processBundleDescriptorId, async (processor) => {
      if (this.#cancelled !== undefined) throw this.#cancelled.error;
      this.#running.set(instruction, { processor, descriptor: request.processBundleDescriptorId });
      try {
        const { response, afterCommit, collected } = await processor.process(instruction, request);
        if (afterCommit.length > 0) this.#remember(instruction, afterCommit);
        for (const [transform, elements] of collected) this.#listener.onCollected?.(transform, elements);
        // Some runners read the short form only, and some the long one.
        const monitoringData = this.#shortIds.shorten(response.monitoringInfos ?? []);
        return { processBundle: { ...response, monitoringData } };
      } finally {
        this.#running.delete(instruction);
      }
    });
  }

  #remember(instruction: string, callbacks: readonly CommitCallback[]): void {
    this.#uncommitted.set(instruction, callbacks);
    if (this.#uncommitted.size <= MAX_UNCOMMITTED) return;
    for (const first of this.#uncommitted.keys().take(1)) this.#uncommitted.delete(first);
  }

  /** Bundles under way. */
  get running(): readonly RunningBundle[] {
    return Array.from(this.#running, ([instruction, { processor, descriptor }]) => ({
      instruction,
      descriptor,
      ...processor.status,
    }));
  }

  #tellFailure(error: unknown, instructionId: string): void {
    try {
      this.#listener.onFailure?.(error, instructionId);
    } catch (failure) {
      // The runner must have its answer all the same.
      process.emitWarning(`The failure of a bundle could not be told: ${errorText(failure)}`);
    }
  }

  /** Makes all bundles fail where they wait, and those that are still to begin. */
  cancel(error: unknown): void {
    this.#cancelled = { error };
    for (const { processor } of this.#running.values()) processor.cancel(error);
  }
}
