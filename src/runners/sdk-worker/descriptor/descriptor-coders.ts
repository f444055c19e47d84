import type { ProcessBundleDescriptor } from '../../../model/fn-execution.ts';
import type { Coder } from '../../../sdk/coders/coder.ts';
import { type CoderSpec, coderFromSpec } from '../../../sdk/coders/coder-registry.ts';
import { defaultCoder } from '../../../sdk/coders/default-coder.ts';
import type { ReadContinuation } from '../../../sdk/coders/state-backed-iterable-coder.ts';
import { coderSpecs } from '../../../sdk/graph/coder-specs.ts';
import type { ProgramCoder } from '../../../sdk/graph/to-proto.ts';

/**
 * The coders of one descriptor. Those that the runner passes on as they were are the program's own; those that it has made,
 * with lengths in front of what it does not know, are put together from these.
 */
export class DescriptorCoders {
  readonly #specs: ReadonlyMap<string, CoderSpec>;
  readonly #made = new Map<string, Coder<unknown>>();
  readonly #program: ReadonlyMap<string, ProgramCoder>;
  readonly #readState: ReadContinuation<unknown> | undefined;

  /**
   * @param program the coders of the pipeline by their ids in its proto
   * @param readState reads the elements of large iterables that the runner keeps
   */
  constructor(
    descriptor: ProcessBundleDescriptor,
    program: ReadonlyMap<string, ProgramCoder>,
    readState?: ReadContinuation<unknown>,
  ) {
    this.#specs = coderSpecs(descriptor.coders);
    this.#program = program;
    this.#readState = readState;
  }

  /** @throws CoderError when it is unknown or malformed */
  coder(id: string): Coder<unknown> {
    let coder = this.#made.get(id);
    if (coder === undefined) {
      coder = coderFromSpec(id, this.#specs, {
        ...(this.#readState === undefined ? {} : { readState: this.#readState }),
        resolve: (each) => this.#ofProgram(each),
      });
      this.#made.set(id, coder);
    }
    return coder;
  }

  /** The program's coder of that id, if the runner has left it as it was. */
  #ofProgram(id: string): Coder<unknown> | undefined {
    const own = this.#program.get(id);
    const spec = this.#specs.get(id);
    if (own === undefined || spec === undefined) return undefined;
    const isSame =
      spec.componentIds.length === own.componentIds.length &&
      spec.componentIds.every((each, i) => each === own.componentIds[i] && this.#ofProgram(each) !== undefined) &&
      Buffer.compare(spec.payload ?? NOTHING, own.payload ?? NOTHING) === 0;
    // The default coder has another URN where it leaves the process.
    return isSame && (spec.urn === own.urn || own.urn === defaultCoder.urn) ? own.coder : undefined;
  }
}

const NOTHING = new Uint8Array(0);
