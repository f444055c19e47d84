import type { StateBackend, StateLocation } from './state-backend.ts';

type Contents = Map<string, Uint8Array>;

/** State in memory, for pipelines that keep no checkpoints: a failed step can go back, a lost process cannot. */
export class MemoryStateBackend implements StateBackend {
  version = 0;
  location = 0;
  /** By table, then by the key's bytes as a string. */
  readonly #tables = new Map<string, Contents>();
  readonly #blobs: Contents = new Map();
  /** What was there at the last commit, of everything changed since. */
  readonly #before = new Map<Contents, Map<string, Uint8Array | undefined>>();

  read(table: string, key: Uint8Array): Uint8Array | undefined {
    const value = this.#table(table).get(text(key));
    this.location = value === undefined ? 0 : 1;
    return value;
  }

  write(table: string, key: Uint8Array, value: Uint8Array): StateLocation {
    this.#set(this.#table(table), text(key), Uint8Array.prototype.slice.call(value));
    return 1;
  }

  delete(table: string, key: Uint8Array): void {
    this.#set(this.#table(table), text(key), undefined);
  }

  count(table: string): number {
    return this.#table(table).size;
  }

  scan(table: string, visit: (key: Uint8Array, value: Uint8Array) => void): void {
    for (const [key, value] of this.#table(table)) visit(Buffer.from(key, 'latin1'), value);
  }

  blob(name: string): Uint8Array | undefined {
    return this.#blobs.get(name);
  }

  putBlob(name: string, bytes: Uint8Array | undefined): void {
    this.#set(this.#blobs, name, bytes === undefined ? undefined : Uint8Array.prototype.slice.call(bytes));
  }

  blobs(prefix: string): string[] {
    return [...this.#blobs.keys()].filter((name) => name.startsWith(prefix));
  }

  commit(): void {
    this.#before.clear();
    this.version++;
  }

  rollback(): void {
    for (const [contents, before] of this.#before) {
      for (const [key, value] of before) {
        if (value === undefined) contents.delete(key);
        else contents.set(key, value);
      }
    }
    this.#before.clear();
  }

  close(): void {
    this.rollback();
  }

  #set(contents: Contents, key: string, value: Uint8Array | undefined): void {
    let before = this.#before.get(contents);
    if (before === undefined) this.#before.set(contents, (before = new Map()));
    if (!before.has(key)) before.set(key, contents.get(key));
    if (value === undefined) contents.delete(key);
    else contents.set(key, value);
  }

  #table(name: string): Contents {
    let contents = this.#tables.get(name);
    if (contents === undefined) this.#tables.set(name, (contents = new Map()));
    return contents;
  }
}

function text(key: Uint8Array): string {
  return Buffer.from(key.buffer, key.byteOffset, key.length).latin1Slice();
}
