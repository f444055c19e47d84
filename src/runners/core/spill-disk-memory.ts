import { IoError } from '../../sdk/errors.ts';
import type { SpillDisk } from './spill-disk.ts';

/** What a {@link MemorySpillDisk} is about to do. */
export interface SpillOperation {
  readonly kind: 'create' | 'append' | 'seal' | 'read' | 'remove' | 'list';
  readonly name: string;
  /** Bytes to be appended, or those just read: a fault may change them in place. */
  readonly bytes?: Uint8Array;
}

/** Asked at each operation; throws to let it fail. A fault in `append` leaves half of the bytes behind, as a full disk does. */
export type SpillFault = (operation: SpillOperation) => void;

/** A disk in memory whose failures a test or simulation decides on. */
export class MemorySpillDisk implements SpillDisk {
  /** File contents; tests may damage them. */
  readonly files = new Map<string, Uint8Array>();
  readonly #open = new Set<string>();
  readonly #fault: SpillFault;

  constructor(fault: SpillFault = () => undefined) {
    this.#fault = fault;
  }

  create(name: string): void {
    this.#fault({ kind: 'create', name });
    if (this.files.has(name)) throw failed('The spill file exists', name);
    this.files.set(name, new Uint8Array(0));
    this.#open.add(name);
  }

  append(name: string, bytes: Uint8Array): void {
    if (!this.#open.has(name)) throw failed('The spill file is not open for writing', name);
    const copy = bytes.slice();
    try {
      this.#fault({ kind: 'append', name, bytes: copy });
    } catch (error) {
      this.#add(name, copy.subarray(0, copy.length >> 1));
      throw error;
    }
    this.#add(name, copy);
  }

  #add(name: string, bytes: Uint8Array): void {
    this.files.set(name, Buffer.concat([this.files.get(name) ?? new Uint8Array(0), bytes]));
  }

  seal(name: string): void {
    this.#fault({ kind: 'seal', name });
    this.#open.delete(name);
  }

  read(name: string, offset: number, into: Uint8Array): void {
    const file = this.files.get(name);
    if (file === undefined) throw failed('There is no such spill file', name);
    const part = file.subarray(offset, offset + into.length);
    into.set(part);
    this.#fault({ kind: 'read', name, bytes: into });
    if (part.length < into.length) {
      throw new IoError('SPILL_TRUNCATED', `The spill file ends ${into.length - part.length} bytes too early`, {
        resource: `${name}:${offset + part.length}`,
      });
    }
  }

  remove(name: string): void {
    this.#fault({ kind: 'remove', name });
    this.#open.delete(name);
    this.files.delete(name);
  }

  list(prefix: string): string[] {
    this.#fault({ kind: 'list', name: prefix });
    return [...this.files.keys()].filter((name) => name.startsWith(prefix));
  }
}

function failed(what: string, name: string): IoError {
  return new IoError('SPILL_FAILED', what, { resource: name });
}
