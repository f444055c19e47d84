import type { OpenRestriction } from '../../harness/bundle-input.ts';
import type { RestrictionPart } from '../../harness/split-restriction.ts';
import { ByteReader } from '../../sdk/coders/byte-reader.ts';
import { ByteWriter } from '../../sdk/coders/byte-writer.ts';
import type { Coder } from '../../sdk/coders/coder.ts';
import { type ShapeDefinitions, shapeTable } from '../../sdk/coders/shape-table.ts';
import type { Graph, TransformNode } from '../../sdk/graph/graph.ts';
import type { ElementSink } from '../../sdk/transforms/element-sink.ts';
import { decodePane, encodePane, type PaneInfo } from '../../sdk/windows/pane-info.ts';
import type { Window } from '../../sdk/windows/window.ts';

/** Most restrictions that one bundle may make of its elements. */
const MAX_RESTRICTIONS = 1_000_000;

/** A restriction and its element, encoded to wait for a worker. */
export interface StoredRestriction {
  readonly bytes: Uint8Array;
  readonly shapes: ShapeDefinitions;
}

/** Encodes the restrictions of one splittable transform. */
export class RestrictionCodec {
  readonly #element: Coder<unknown>;
  readonly #restriction: Coder<unknown>;
  readonly #window: Coder<Window>;
  readonly #size: ((element: unknown, restriction: unknown) => number) | undefined;

  constructor(graph: Graph, { spec, inputs }: TransformNode) {
    if (spec?.kind !== 'parDo' || spec.fn.kind !== 'splittable') throw new Error('Not a splittable transform');
    const input = graph.collections.get(inputs.input);
    if (input === undefined) throw new Error('A splittable transform without input');
    const { restriction } = spec.fn.fn;
    this.#element = input.coder;
    this.#restriction = restriction.coder;
    this.#window = input.windowing.windowFn.coder;
    this.#size = restriction.size?.bind(restriction) as
      | ((element: unknown, restriction: unknown) => number)
      | undefined;
  }

  encode({ element, restriction, timestamp, window, pane }: OpenRestriction): StoredRestriction {
    const out = new ByteWriter(256);
    this.#element.encode(element, out, true);
    this.#restriction.encode(restriction, out, true);
    out.float64(timestamp);
    this.#window.encode(window, out, true);
    encodePane(pane, out);
    return { bytes: out.copy(), shapes: shapeTable.export() };
  }

  decode({ bytes, shapes }: StoredRestriction): OpenRestriction {
    shapeTable.import(shapes);
    const input = new ByteReader(bytes);
    return {
      element: this.#element.decode(input, true),
      restriction: this.#restriction.decode(input, true),
      timestamp: input.float64(),
      window: this.#window.decode(input, true),
      pane: decodePane(input),
    };
  }

  size(element: unknown, restriction: unknown): number {
    return Math.max(1, this.#size?.(element, restriction) ?? 1);
  }
}

/** Collects the restrictions that a bundle makes. */
export class RestrictionSink implements ElementSink {
  readonly parts: StoredRestriction[] = [];
  readonly sizes: number[] = [];
  readonly #codec: RestrictionCodec;

  constructor(codec: RestrictionCodec) {
    this.#codec = codec;
  }

  write(element: unknown, timestamp: number, window: Window, pane: PaneInfo): void {
    if (this.parts.length >= MAX_RESTRICTIONS) {
      throw new RangeError(`A bundle makes at most ${MAX_RESTRICTIONS} restrictions: split into larger parts`);
    }
    const [value, restriction, size] = element as RestrictionPart;
    this.parts.push(this.#codec.encode({ element: value, restriction, timestamp, window, pane }));
    this.sizes.push(Math.max(1, size));
  }
}
