import { runCli } from '../../src/cli/cli.ts';
import { interceptRuns } from '../../src/sdk/pipeline/runner.ts';

/** What a command has printed and would exit with. */
export interface Printed {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command in this process, which is fast; for what neither takes signals nor depends on the process. */
export async function runHere(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Printed> {
  const printed = { stdout: '', stderr: '' };
  const output = (name: 'stdout' | 'stderr') => ({
    write(text: string | Uint8Array) {
      printed[name] += typeof text === 'string' ? text : Buffer.from(text).toString('latin1');
    },
  });
  const { argv } = process;
  try {
    const exitCode = await runCli(args, { stdout: output('stdout'), stderr: output('stderr'), env });
    return { exitCode, ...printed };
  } finally {
    Object.defineProperty(process, 'argv', { value: argv, configurable: true, enumerable: true, writable: true });
    interceptRuns(undefined);
  }
}
