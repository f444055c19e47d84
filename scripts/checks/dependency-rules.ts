/**
 * Who may import whom. Read it from the bottom up: everything stands on the model, the SDK is written against the model
 * only, the runners against the SDK, and the libraries (`io`, `tfdv`, ...) against the SDK's public entries only, which
 * proves that what users can import is enough to write them.
 *
 *     model <- sdk <- harness <- runners/worker <- runners/stream <- runners/direct
 *                                               <- runners/cluster
 *                  <- runners/core (also under worker, direct and cluster)
 *                  <- runners/program (under direct and portable)
 *                  <- runners/rpc <- runners/sdk-worker (with harness and core) <- runners/portable
 *              sdk's public entries <- io, tfdv, tft, tfma <- tfx
 *                                                 everything <- testing, cli
 */

/** The SDK's public entries: what a pipeline needs, and what a connector needs besides. */
const SDK_PUBLIC = ['src/sdk/index.ts', 'src/sdk/io-spi.ts'];
const LIBRARIES_PUBLIC = ['src/io/index.ts', 'src/tfdv/index.ts', 'src/tft/index.ts', 'src/tfma/index.ts'];

/** Each layer may import from itself, and from these folders or single files. Types count like values. */
export const LAYERS: Readonly<Record<string, readonly string[]>> = {
  // The errors are one family for all layers; the file is a layer of its own, below all others but what it says where with.
  'src/sdk/one-for-all-copies.ts': [],
  'src/sdk/caller-location.ts': ['src/sdk/one-for-all-copies.ts'],
  'src/sdk/errors.ts': ['src/sdk/caller-location.ts'],
  'src/model': ['src/sdk/errors.ts'],
  'src/sdk': ['src/model'],
  'src/harness': ['src/model', 'src/sdk'],
  'src/runners/core': ['src/model', 'src/sdk'],
  'src/runners/worker': ['src/model', 'src/sdk', 'src/harness', 'src/runners/core'],
  'src/runners/stream': ['src/model', 'src/sdk', 'src/harness', 'src/runners/core', 'src/runners/worker'],
  'src/runners/program': ['src/model', 'src/sdk', 'src/runners/core'],
  'src/runners/direct': [
    'src/model',
    'src/sdk',
    'src/harness',
    'src/runners/core',
    'src/runners/worker',
    'src/runners/stream',
    'src/runners/program',
  ],
  'src/runners/cluster': ['src/model', 'src/sdk', 'src/harness', 'src/runners/core', 'src/runners/worker'],
  'src/runners/rpc': ['src/model', 'src/sdk'],
  'src/runners/sdk-worker': ['src/model', 'src/sdk', 'src/harness', 'src/runners/core', 'src/runners/rpc'],
  'src/runners/portable': [
    'src/model',
    'src/sdk',
    'src/runners/core',
    'src/runners/program',
    'src/runners/rpc',
    'src/runners/sdk-worker',
  ],
  'src/io': SDK_PUBLIC,
  'src/tfdv': SDK_PUBLIC,
  'src/tft': SDK_PUBLIC,
  'src/tfma': SDK_PUBLIC,
  'src/tfx': [...SDK_PUBLIC, ...LIBRARIES_PUBLIC],
  'src/testing': ['src'],
  'src/cli': ['src'],
  // Outside the package. Examples read like a user's program; the rest may look inside.
  examples: [],
  // The generator of the model writes what src/model describes.
  scripts: ['src/model'],
  // It measures the package as users get it.
  bench: ['src', 'scripts', 'examples', 'test/support', 'test/peers'],
  test: ['src', 'scripts', 'bench', 'examples', 'test/support', 'test/peers'],
  // Runners that are not real, and servers of other projects: benchmarks need them, too.
  'test/support': ['src'],
  'test/peers': ['src', 'test/support'],
};

/**
 * The files that may cross layers by `import()`, and what they load: `pipeline.run()` finds its runner by name, so that
 * the SDK depends on no runner.
 */
export const DYNAMIC_IMPORTS: Readonly<Record<string, readonly string[]>> = {
  'src/sdk/pipeline/runner.ts': ['src/runners'],
};

/**
 * The runner core takes clock, disk, randomness and messages as arguments, so that a seeded simulation decides them all.
 * None of these may be named in it.
 */
export const IMPURE_LAYER = 'src/runners/core';
export const IMPURE_GLOBALS: readonly string[] = [
  'Date.now',
  'Math.random',
  'crypto',
  'fetch',
  'performance',
  'process',
  'queueMicrotask',
  'setImmediate',
  'setInterval',
  'setTimeout',
];
/** The only modules of Node that the core may import: they compute, and neither wait nor touch the machine. */
export const PURE_NODE_MODULES: readonly string[] = [
  'node:assert',
  'node:assert/strict',
  'node:buffer',
  'node:util',
  'node:zlib',
];
