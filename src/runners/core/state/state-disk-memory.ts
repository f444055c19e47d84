import { IoError } from '../../../sdk/errors.ts';
import type { StateDisk } from './state-disk.ts';

interface File {
  /** Those that count; there may be room behind them. */
  bytes: Buffer;
  /** How much of it outlives a crash for certain. */
  synced: number;
}

/** What may go wrong with a call: nothing, or it fails, having done a part of its work. */
export type DiskFault = (what: string, name: string) => { readonly done: number } | undefined;

/** State files in memory, which fail and crash on request: for tests and the simulation. */
export class StateDiskMemory implements StateDisk {
  readonly #files = new Map<string, File>();
  readonly #fault: DiskFault;

  /** @param fault is asked before each call that changes something; `done` is the fraction of an append that is done */
  constructor(fault: DiskFault = () => undefined) {
    this.#fault = fault;
  }

  list(): string[] {
    return [...this.#files.keys()];
  }

  size(name: string): number {
    return this.#files.get(name)?.bytes.length ?? 0;
  }

  append(name: string, bytes: Uint8Array): void {
    const file = this.#files.get(name) ?? { bytes: Buffer.allocUnsafeSlow(1024).subarray(0, 0), synced: 0 };
    const fault = this.#fault('append', name);
    this.#files.set(name, file);
    append(file, bytes.subarray(0, Math.floor(bytes.length * (fault?.done ?? 1))));
    if (fault !== undefined) throw failed('append', name);
  }

  sync(name: string): void {
    if (this.#fault('sync', name) !== undefined) throw failed('sync', name);
    const file = this.#file(name);
    file.synced = file.bytes.length;
  }

  read(name: string, offset: number, into: Uint8Array): void {
    const { bytes } = this.#file(name);
    if (offset + into.length > bytes.length) throw failed('read', name);
    into.set(bytes.subarray(offset, offset + into.length));
  }

  truncate(name: string, size: number): void {
    if (this.#fault('truncate', name) !== undefined) throw failed('truncate', name);
    const file = this.#file(name);
    file.bytes = file.bytes.subarray(0, size);
    file.synced = Math.min(file.synced, size);
  }

  replace(name: string, bytes: Uint8Array): void {
    const fault = this.#fault('replace', name);
    if (fault === undefined || fault.done > 0.5) {
      this.#files.set(name, { bytes: copyOf(bytes), synced: bytes.length });
    }
    if (fault !== undefined) throw failed('replace', name);
  }

  remove(name: string): void {
    if (this.#fault('remove', name) !== undefined) throw failed('remove', name);
    this.#files.delete(name);
  }

  close(): void {}

  /** Loses what was not synced, or a part of it. @param kept fraction that happens to be there afterwards */
  crash(kept: number): void {
    for (const file of this.#files.values()) {
      file.bytes = file.bytes.subarray(0, file.synced + Math.floor((file.bytes.length - file.synced) * kept));
    }
  }

  /** Turns a byte around. */
  damage(name: string, offset: number): void {
    this.#file(name).bytes[offset] ^= 0xff;
  }

  #file(name: string): File {
    const file = this.#files.get(name);
    if (file === undefined) throw failed('find', name);
    return file;
  }
}

/** With memory of its own, or what is appended would go into a pool that others use. */
function copyOf(bytes: Uint8Array): Buffer {
  const copy = Buffer.allocUnsafeSlow(bytes.length);
  copy.set(bytes);
  return copy;
}

function append(file: File, bytes: Uint8Array): void {
  const { length } = file.bytes;
  const room = file.bytes.buffer.byteLength - file.bytes.byteOffset;
  if (length + bytes.length > room) {
    const larger = Buffer.allocUnsafeSlow(Math.max(length + bytes.length, room * 2));
    file.bytes.copy(larger);
    file.bytes = larger;
  }
  file.bytes = Buffer.from(file.bytes.buffer, file.bytes.byteOffset, length + bytes.length);
  file.bytes.set(bytes, length);
}

function failed(what: string, name: string): IoError {
  return new IoError('STATE_FAILED', `The disk failed to ${what} a file`, { resource: name });
}
