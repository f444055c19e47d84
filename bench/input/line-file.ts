import { closeSync, openSync, renameSync, writeSync } from 'node:fs';

const BUFFERED_CHARACTERS = 4 * 1024 * 1024;

/** Writes a text file that appears under its name only once it is complete. */
export class LineFile {
  readonly #path: string;
  readonly #unfinished: string;
  readonly #file: number;
  #lines: string[] = [];
  #characters = 0;

  constructor(path: string) {
    this.#path = path;
    this.#unfinished = `${path}.${process.pid}`;
    this.#file = openSync(this.#unfinished, 'w');
  }

  /** @param line with its end of line */
  write(line: string): void {
    this.#lines.push(line);
    this.#characters += line.length;
    if (this.#characters > BUFFERED_CHARACTERS) this.#flush();
  }

  close(): void {
    this.#flush();
    closeSync(this.#file);
    renameSync(this.#unfinished, this.#path);
  }

  #flush(): void {
    writeSync(this.#file, this.#lines.join(''));
    this.#lines = [];
    this.#characters = 0;
  }
}
