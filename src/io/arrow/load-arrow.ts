import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type * as ArrowModule from 'apache-arrow';
import { registerCompression } from './ipc-compression.ts';

/** The module `apache-arrow`. */
export type Arrow = typeof ArrowModule;

let loaded: Arrow | undefined;

/**
 * The module `apache-arrow`, loaded when it is first needed: it takes about 100 ms, and most pipelines have no use for
 * it. A coder is synchronous, so `import()` is out of the question; requiring the ES module gives the very instance
 * that the user's own `import` does, so that classes agree.
 */
export function arrow(): Arrow {
  if (loaded === undefined) {
    loaded = createRequire(import.meta.url)(fileURLToPath(import.meta.resolve('apache-arrow'))) as Arrow;
    registerCompression(loaded);
  }
  return loaded;
}
