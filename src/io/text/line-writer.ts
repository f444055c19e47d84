import type { ByteWriter } from '../../sdk/index.ts';

/** Characters and lines that gather before they are encoded at once, which costs a third of encoding each. */
const GATHERED_CHARS = 16 * 1024;
const GATHERED_LINES = 512;

/** Appends lines of text to a file in batches. */
export class LineWriter {
  readonly #delimiter: string;
  #lines: string[] = [];
  #chars = 0;

  constructor(delimiter: string) {
    this.#delimiter = delimiter;
  }

  /** @throws CoderError when the line is no well-formed Unicode */
  add(line: string, out: ByteWriter): void {
    // Checked now, not in the batch: the error is about this element.
    if (!line.isWellFormed()) return out.utf8(line);
    this.#lines.push(line);
    this.#chars += line.length;
    if (this.#chars >= GATHERED_CHARS || this.#lines.length >= GATHERED_LINES) this.flush(out);
  }

  /** Appends what has gathered. */
  flush(out: ByteWriter): void {
    if (this.#lines.length === 0) return;
    out.utf8(this.#lines.join(this.#delimiter) + this.#delimiter);
    this.#lines = [];
    this.#chars = 0;
  }
}
