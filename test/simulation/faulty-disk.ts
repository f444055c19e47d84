import type { SpillDisk } from '../../src/runners/core/spill-disk.ts';
import type { MemorySpillDisk } from '../../src/runners/core/spill-disk-memory.ts';

/** One worker's way to the machine's disk: every call first asks `check`, which throws when the call is to fail. */
export function faultyDisk(disk: MemorySpillDisk, check: (operation: string, name: string) => void): SpillDisk {
  return {
    create(name) {
      check('create', name);
      disk.create(name);
    },
    append(name, bytes) {
      check('append', name);
      disk.append(name, bytes);
    },
    seal(name) {
      check('seal', name);
      disk.seal(name);
    },
    read(name, offset, into) {
      check('read', name);
      disk.read(name, offset, into);
    },
    remove(name) {
      check('remove', name);
      disk.remove(name);
    },
    list(prefix) {
      check('list', prefix);
      return disk.list(prefix);
    },
  };
}
