import { IoError } from '../../sdk/index.ts';
import type { FileSystem } from './file-system.ts';
import { HttpFileSystem } from './http.ts';
import { LocalFileSystem } from './local.ts';
import { MemoryFileSystem } from './memory.ts';
import { checkPath, schemeOf } from './paths.ts';

const http = new HttpFileSystem();
const systems = new Map<string, FileSystem>([
  ['file', new LocalFileSystem()],
  ['memory', new MemoryFileSystem()],
  ['http', http],
  ['https', http],
]);

/**
 * Makes paths of a scheme reachable for every source and sink, e.g. `registerFileSystem('s3', new S3FileSystem(…))`.
 * Call it where the pipeline's module is loaded, so that workers register it too.
 */
export function registerFileSystem(scheme: string, fileSystem: FileSystem): void {
  systems.set(scheme.toLowerCase(), fileSystem);
}

/** The file system in charge of a path. @throws IoError `PATH_INVALID`, `SCHEME_UNKNOWN`. */
export function fileSystemOf(path: string): FileSystem {
  const scheme = schemeOf(checkPath(path));
  const system = systems.get(scheme);
  if (system !== undefined) return system;
  throw new IoError('SCHEME_UNKNOWN', `No file system is registered for '${scheme}://'`, {
    final: true,
    resource: path,
    hint: `Known: ${[...systems.keys()].join(', ')}. Register one with registerFileSystem('${scheme}', …).`,
  });
}
