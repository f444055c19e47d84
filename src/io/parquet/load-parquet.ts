import { createRequire } from 'node:module';
import type * as ParquetModule from 'parquet-wasm';

/** The module `parquet-wasm`. */
export type Parquet = typeof ParquetModule;

const require = createRequire(import.meta.url);
let loaded: Parquet | undefined;

/** The module `parquet-wasm`, loaded when it is first needed: 5 MB of WebAssembly, about 50 ms. */
export function parquet(): Parquet {
  loaded ??= require('parquet-wasm') as Parquet;
  return loaded;
}

/** Memory of the WebAssembly instance beyond which a new one takes its place: it never gives any back. */
const MAX_IDLE_MEMORY = 512 * 1024 * 1024;

/** To be called when nothing of the instance is in use: frees its memory after it has read something large. */
export function dropIfLarge(): void {
  const memory = loaded?.wasmMemory() as { readonly buffer: ArrayBuffer } | undefined;
  if (memory !== undefined && memory.buffer.byteLength > MAX_IDLE_MEMORY) drop();
}

/**
 * Tells whether an error is a trap of the WebAssembly code, and if so sees to it that the next use gets a new instance:
 * after a trap nothing in the old one can be relied on.
 */
export function wasTrap(error: unknown): boolean {
  // A RangeError is a stack that overflowed, or memory that ran out, in the middle of that code.
  if (!(error instanceof Error && (error.name === 'RuntimeError' || error instanceof RangeError))) return false;
  drop();
  return true;
}

function drop(): void {
  delete require.cache[require.resolve('parquet-wasm')];
  loaded = undefined;
}
