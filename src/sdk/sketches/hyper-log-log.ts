import { ByteReader } from '../coders/byte-reader.ts';
import { ByteWriter } from '../coders/byte-writer.ts';
import type { Coder } from '../coders/coder.ts';
import { wrongType } from '../coders/coder.ts';
import { keyCoder } from '../coders/default-coder.ts';
import { PipelineError } from '../errors.ts';
import type { Key } from '../values.ts';
import { estimateFromRegisters, estimateFromSparse } from './hyper-log-log-estimate.ts';
import { murmurHash } from './murmur-hash.ts';
import { SPARSE_BITS, SparseRegisters } from './sparse-registers.ts';

export const MIN_PRECISION = 4;
export const MAX_PRECISION = 18;
const FORMAT = 1;
const SPARSE = 0;
const DENSE = 1;
/** Part of the format: sketches made with another seed cannot be merged. */
const SEED = 0x9747b28c;

const encoded = new ByteWriter(256);
const hash = new Uint32Array(4);

/**
 * Counts distinct keys in little memory (HyperLogLog++). The hash of a key selects one of 2^precision registers by its
 * first bits, and the register keeps the longest run of zeros seen in the rest. Few keys are kept as a sparse list of
 * registers of a much finer sketch, so that their count is nearly exact; the dense estimate is Ertl's, which needs no
 * table of corrections for its bias.
 *
 * The standard error is 1.04 / sqrt(2^precision): 0.8 % at precision 14. The state depends only on the set of keys: not
 * on their order, their repetition, or how the sketches were merged.
 */
export class HyperLogLog {
  /** Number of bits that select the register, 4 to 18. */
  readonly precision: number;
  #sparse: SparseRegisters | undefined;
  #registers: Uint8Array | undefined;

  /** @throws PipelineError when the precision is not an integer from 4 to 18 */
  constructor(precision = 14) {
    if (!Number.isInteger(precision) || precision < MIN_PRECISION || precision > MAX_PRECISION) {
      throw new PipelineError('SKETCH_PRECISION', `The precision of a HyperLogLog is 4 to 18, not ${precision}`);
    }
    this.precision = precision;
    this.#sparse = new SparseRegisters();
  }

  /** Counts a key by the bytes of the key coder. */
  add(key: Key): void {
    encoded.clear();
    keyCoder.encode(key, encoded, false);
    murmurHash(encoded.bytes, 0, encoded.length, SEED, hash);
    this.addHash(hash[0], hash[1]);
  }

  /** Counts a key by 64 bits of a good hash of it. */
  addHash(high: number, low: number): void {
    const registers = this.#registers;
    if (registers === undefined) {
      // The finer sketch has SPARSE_BITS for the register; the zeros run through the rest of `high`, then `low`.
      const rest = high << SPARSE_BITS;
      const run = rest !== 0 ? Math.clz32(rest) : Math.clz32(low) + 32 - SPARSE_BITS;
      this.#addSparse(high >>> (32 - SPARSE_BITS), run + 1);
      return;
    }
    const precision = this.precision;
    const at = high >>> (32 - precision);
    const rest = high << precision;
    const run = (rest !== 0 ? Math.clz32(rest) : Math.clz32(low) + 32 - precision) + 1;
    if (run > registers[at]) registers[at] = run;
  }

  #addSparse(register: number, run: number): void {
    const sparse = this.#sparse as SparseRegisters;
    sparse.add(register, run);
    if (sparse.size > 1 << (this.precision - 3)) this.#densify();
  }

  #densify(): Uint8Array {
    const registers = new Uint8Array(1 << this.precision);
    this.#registers = registers;
    this.#sparse?.forEach((register, run) => {
      this.#addFine(registers, register, run);
    });
    this.#sparse = undefined;
    return registers;
  }

  /** Adds a register of the finer sketch to the dense one. */
  #addFine(registers: Uint8Array, register: number, run: number): void {
    const extra = SPARSE_BITS - this.precision;
    const at = register >>> extra;
    const rest = register << (32 - extra);
    const coarse = rest !== 0 ? Math.clz32(rest) + 1 : run + extra;
    if (coarse > registers[at]) registers[at] = coarse;
  }

  /**
   * Adds what the other sketch has counted.
   *
   * @throws PipelineError when it has another precision
   */
  merge(other: HyperLogLog): void {
    if (other.precision !== this.precision) {
      throw new PipelineError(
        'SKETCH_PRECISION',
        `Sketches of precision ${this.precision} and ${other.precision} cannot be merged`,
      );
    }
    const theirs = other.#registers;
    if (theirs !== undefined) {
      const mine = this.#registers ?? this.#densify();
      for (let i = 0; i < mine.length; i++) if (theirs[i] > mine[i]) mine[i] = theirs[i];
      return;
    }
    other.#sparse?.forEach((register, run) => {
      if (this.#registers === undefined) this.#addSparse(register, run);
      else this.#addFine(this.#registers, register, run);
    });
  }

  /** The estimated number of distinct keys, not rounded. */
  estimate(): number {
    if (this.#registers !== undefined) return estimateFromRegisters(this.#registers, this.precision);
    return estimateFromSparse(this.#sparse?.size ?? 0);
  }

  /** The sketch in its binary format, which is the same on every machine and in every version. */
  toBytes(): Uint8Array {
    const out = new ByteWriter(64);
    this.write(out);
    return out.copy();
  }

  /** @throws CoderError when the bytes are not a sketch */
  static fromBytes(bytes: Uint8Array): HyperLogLog {
    const input = new ByteReader(bytes);
    const sketch = HyperLogLog.read(input);
    if (input.remaining > 0) throw input.malformed(`${input.remaining} bytes after a sketch`);
    return sketch;
  }

  /**
   * Appends the binary format: version, precision, form; sparse: the number of registers, then for each the distance to
   * the one before and its run; dense: six bits for each register, lowest first.
   */
  write(out: ByteWriter): void {
    out.byte(FORMAT);
    out.byte(this.precision);
    if (this.#registers !== undefined) {
      out.byte(DENSE);
      return writeSixBits(this.#registers, out);
    }
    out.byte(SPARSE);
    const sorted = this.#sparse?.sorted() ?? new Int32Array(0);
    out.varint(sorted.length);
    let before = 0;
    for (const entry of sorted) {
      out.varint(SparseRegisters.register(entry) - before);
      out.byte(SparseRegisters.run(entry));
      before = SparseRegisters.register(entry);
    }
  }

  /** Reads what `write` wrote. @throws CoderError when the bytes are truncated or malformed */
  static read(input: ByteReader): HyperLogLog {
    const version = input.byte();
    if (version !== FORMAT) throw input.malformed(`A HyperLogLog of the unknown format ${version}`);
    const precision = input.byte();
    if (precision < MIN_PRECISION || precision > MAX_PRECISION) throw input.malformed(`A precision of ${precision}`);
    const sketch = new HyperLogLog(precision);
    const form = input.byte();
    if (form === DENSE) {
      const registers = sketch.#densify();
      readSixBits(input, registers);
      if (registers.some((run) => run > 65 - precision)) throw input.malformed('A register past the hash');
    } else if (form === SPARSE) {
      const count = input.varint();
      if (count > 1 << (precision - 3)) throw input.malformed(`${count} sparse registers`);
      for (let i = 0, register = 0; i < count; i++) {
        const distance = input.varint();
        register += distance;
        const run = input.byte();
        if ((distance === 0 && i > 0) || register >= 1 << SPARSE_BITS || run < 1 || run > 65 - SPARSE_BITS) {
          throw input.malformed(`Register ${register} with a run of ${run}`);
        }
        sketch.#addSparse(register, run);
      }
    } else throw input.malformed(`A HyperLogLog of the unknown form ${form}`);
    return sketch;
  }
}

function writeSixBits(registers: Uint8Array, out: ByteWriter): void {
  for (let i = 0; i < registers.length; i += 4) {
    const four = registers[i] | (registers[i + 1] << 6) | (registers[i + 2] << 12) | (registers[i + 3] << 18);
    out.byte(four & 0xff);
    out.byte((four >> 8) & 0xff);
    out.byte(four >> 16);
  }
}

function readSixBits(input: ByteReader, registers: Uint8Array): void {
  const bytes = input.view((registers.length / 4) * 3);
  for (let i = 0, at = 0; i < registers.length; i += 4, at += 3) {
    const four = bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16);
    registers[i] = four & 63;
    registers[i + 1] = (four >> 6) & 63;
    registers[i + 2] = (four >> 12) & 63;
    registers[i + 3] = four >> 18;
  }
}

/** Encodes sketches in their binary format. */
export const hyperLogLogCoder: Coder<HyperLogLog> = {
  urn: 'millrace:coder:hyper_log_log:v1',
  components: [],
  nonDeterministic: undefined,
  encode(value, out) {
    if (!(value instanceof HyperLogLog)) throw wrongType('a HyperLogLog', value);
    value.write(out);
  },
  decode: (input) => HyperLogLog.read(input),
};
