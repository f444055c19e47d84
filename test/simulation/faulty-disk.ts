import type { SpillDisk } from '../../src/runners/core/spill-disk.ts';
import type { MemorySpillDisk } from '../../src/runners/core/spill-disk-memory.ts';

/** One worker's way to the machine's disk: every call first asks `check`, which throws when the call is to fail. */
export function faultyDisk(disk: MemorySpillDisk, check: (operation: string) => void): SpillDisk {
  return {
    create(name) {
      check('create');
      disk.create(name);
    },
    append(name, bytes) {
      check('append');
      disk.append(name, bytes);
    },
    seal(name) {
      check('seal');
      disk.seal(name);
    },
    read(name, offset, into) {
      check('read');
      disk.read(name, offset, into);
    },
    remove(name) {
      check('remove');
      disk.remove(name);
    },
    list(prefix) {
      check('list');
      return disk.list(prefix);
    },
  };
}
