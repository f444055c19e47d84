import { fileURLToPath, pathToFileURL } from 'node:url';
import { messageOf, PipelineError, RunnerError } from '../../../sdk/errors.ts';

/**
 * A program and what it imports as one module, with a source map inside. Millrace itself stays outside: the worker has its
 * own, with which the module's is one.
 *
 * @param url `file:` URL of the program's module
 * @throws RunnerError `ESBUILD_MISSING`; PipelineError `NATIVE_MODULE` where compiled code would have to come along, and
 *   `PROGRAM_NOT_BUNDLED` with what else the bundler says
 */
export async function bundleProgram(url: string): Promise<Uint8Array> {
  const { build } = await loadEsbuild();
  const entry = fileURLToPath(url);
  try {
    const { outputFiles } = await build({
      entryPoints: [entry],
      bundle: true,
      write: false,
      format: 'esm',
      platform: 'node',
      target: 'node22',
      external: ['millrace', 'millrace/*'],
      sourcemap: 'inline',
      sourcesContent: false,
      // A stack trace of a worker then names the file as it is called here.
      absWorkingDir: process.cwd(),
      sourceRoot: pathToFileURL(`${process.cwd()}/`).href,
      logLevel: 'silent',
      // Modules of the older kind ask for Node's own by `require`, which a module of the newer has not.
      banner: { js: REQUIRE },
    });
    return outputFiles[0].contents;
  } catch (cause) {
    const said = messageOf(cause);
    const [, native] = /No loader is configured for "\.node" files: (\S+)/.exec(said) ?? [];
    if (native !== undefined) {
      throw new PipelineError('NATIVE_MODULE', `The program needs compiled code, which cannot be staged: ${native}`, {
        resource: entry,
        hint: 'leave it out of the module that builds the pipeline, or use a container image that has it',
        cause,
      });
    }
    throw new PipelineError('PROGRAM_NOT_BUNDLED', `The program cannot be bundled for other machines: ${said}`, {
      resource: entry,
      cause,
    });
  }
}

const REQUIRE =
  "import { createRequire as $createRequire } from 'node:module';const require = $createRequire(import.meta.url);";

async function loadEsbuild(): Promise<typeof import('esbuild')> {
  try {
    return await import('esbuild');
  } catch (cause) {
    throw new RunnerError(
      'ESBUILD_MISSING',
      'Functions that run elsewhere are staged by esbuild, which is not installed',
      {
        hint: 'npm install esbuild; or use the environment loopback',
        cause,
      },
    );
  }
}
