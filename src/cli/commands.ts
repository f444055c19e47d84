import { type CommandArguments, type Flag, splitArguments } from './arguments.ts';
import { EXIT, UsageError } from './exit-codes.ts';
import type { Terminal } from './terminal.ts';

/** One command of `millrace`. */
export interface Command {
  /** E.g. `run FILE [--OPTION VALUE...]`. */
  readonly usage: string;
  /** What it is given, in words, when that is not a program's FILE; then there are no options of a pipeline. Null: nothing. */
  readonly argument?: string | null;
  readonly description: string;
  readonly flags: readonly Flag[];
  readonly examples: readonly string[];
  /** @returns the exit code. */
  execute(args: CommandArguments & { readonly file: string }, terminal: Terminal): Promise<number>;
}

interface CommandEntry {
  readonly summary: string;
  load(): Promise<{ readonly command: Command }>;
}

/** The commands by name; each is loaded only when it is used. */
export const COMMANDS: ReadonlyMap<string, CommandEntry> = new Map<string, CommandEntry>([
  ['run', { summary: 'run a pipeline', load: () => import('./run.ts') }],
  [
    'graph',
    { summary: 'print a pipeline as text, JSON, DOT, Mermaid or Beam proto', load: () => import('./graph.ts') },
  ],
  ['explain', { summary: 'show how a pipeline would be executed, or is', load: () => import('./explain.ts') }],
  ['drain', { summary: 'let a running pipeline come to its end', load: () => import('./drain.ts') }],
  [
    'transforms',
    { summary: 'list what an expansion service of another SDK offers', load: () => import('./transforms.ts') },
  ],
  ['worker-pool', { summary: 'start workers for portable runners', load: () => import('./worker-pool.ts') }],
  ['boot', { summary: 'be a worker of a portable runner', load: () => import('./boot.ts') }],
  [
    'expansion-service',
    { summary: 'offer transforms to programs of other SDKs', load: () => import('./expansion-service.ts') },
  ],
]);

/** Flags that every command has. */
export const COMMON_FLAGS: readonly Flag[] = [
  { names: ['--pipeline'], placeholder: 'NAME', help: 'which pipeline, where FILE exports several' },
  { names: ['--verbose'], help: 'print stack traces and more detail' },
  { names: ['--help', '-h'], help: 'print this help, and the options of the pipeline in FILE if one is given' },
];

/** Reads the command's arguments and runs it, or prints its help. */
export async function executeCommand(
  name: string,
  command: Command,
  argv: readonly string[],
  terminal: Terminal,
): Promise<number> {
  const args = splitArguments(argv, [...command.flags, ...COMMON_FLAGS]);
  if (args.flags.has('--help')) {
    const { commandHelp } = await import('./help.ts');
    terminal.stdout.write(await commandHelp(command, args, terminal));
    return EXIT.ok;
  }
  const { file = command.argument === null ? '' : undefined } = args;
  if (file === undefined) {
    const hint = `usage: millrace ${command.usage}`;
    throw new UsageError('FILE_MISSING', `millrace ${name} needs a ${command.argument ?? 'FILE'}`, { hint });
  }
  const [surplus] = command.argument === null && file !== '' ? [file] : args.rest;
  if (command.argument !== undefined && surplus !== undefined) {
    throw new UsageError('OPTION_UNKNOWN', `millrace ${name} takes no option ${surplus}`);
  }
  return command.execute({ ...args, file }, terminal);
}
