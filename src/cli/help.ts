import { readFileSync } from 'node:fs';
import { optionsHelp } from '../sdk/options/options-help.ts';
import { COMMON_OPTION_SPECS } from '../sdk/options/parse-options.ts';
import type { CommandArguments, Flag } from './arguments.ts';
import { COMMANDS, COMMON_FLAGS, type Command } from './commands.ts';
import { EXIT } from './exit-codes.ts';
import { type LoadedProgram, loadProgram } from './load-program.ts';
import { styler, type Terminal } from './terminal.ts';

/** Version of the package. */
export function version(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return String((JSON.parse(text) as { version?: unknown }).version);
}

/** What `millrace --help` prints. */
export function generalHelp(terminal: Terminal): string {
  const style = styler(terminal, terminal.stdout);
  return lines(
    'millrace: dataflow pipelines in TypeScript',
    '',
    style('bold', 'Usage: millrace COMMAND FILE [--OPTION VALUE...]'),
    '',
    ...columns([...COMMANDS].map(([name, { summary }]) => [name, summary])),
    '',
    ...columns([
      ['--help, -h', 'print this help; millrace COMMAND --help says more'],
      ['--version, -V', 'print the version'],
    ]),
    '',
    'FILE is a .ts, .js or .mjs file that exports a pipeline(...) or that builds a Pipeline and runs it.',
    '',
    `Exit codes: ${EXIT.ok} done, ${EXIT.failed} the pipeline failed, ${EXIT.usage} wrong usage, ${EXIT.cancelled} stopped by Ctrl-C, ${EXIT.terminated} by SIGTERM.`,
  );
}

const FLAGS_WITHOUT_FILE: readonly Flag[] = [
  { names: ['--verbose'], help: 'print stack traces and more detail' },
  { names: ['--help', '-h'], help: 'print this help' },
];

/** What `millrace COMMAND [FILE] --help` prints: with a file, also the options of its pipeline. */
export async function commandHelp(command: Command, args: CommandArguments, terminal: Terminal): Promise<string> {
  const style = styler(terminal, terminal.stdout);
  return lines(
    command.description,
    '',
    style('bold', `Usage: millrace ${command.usage}`),
    '',
    ...flagLines([...command.flags, ...(command.argument === undefined ? COMMON_FLAGS : FLAGS_WITHOUT_FILE)]),
    '',
    ...(command.argument === undefined ? await pipelineHelp(args, style) : []),
    style('bold', 'Examples'),
    ...command.examples.map((example) => `  ${example}`),
  );
}

async function pipelineHelp(args: CommandArguments, style: ReturnType<typeof styler>): Promise<string[]> {
  return [
    ...(args.file === undefined ? [] : await fileHelp(args.file, args)),
    style('bold', 'Options of every pipeline'),
    ...optionsHelp(COMMON_OPTION_SPECS),
    '',
    'An option --min-length may also be set as MILLRACE_MIN_LENGTH or in the options file; the command line wins.',
    'What stands after -- goes to the pipeline even if it looks like a flag of this command.',
    '',
  ];
}

async function fileHelp(file: string, args: CommandArguments): Promise<string[]> {
  const program: LoadedProgram = await loadProgram(file, [], args.flags.get('--pipeline'));
  if (program.kind === 'script') return [`${file} is a script that reads its options itself.`, ''];
  const { name, specs } = program.definition;
  return specs.size === 0
    ? [`The pipeline '${name}' has no options of its own.`, '']
    : [`Options of the pipeline '${name}'`, ...optionsHelp(specs), ''];
}

function flagLines(flags: readonly Flag[]): string[] {
  return columns(
    flags.map(({ names, placeholder, help }) => [
      placeholder === undefined ? names.join(', ') : `${names.join(', ')} ${placeholder}`,
      help,
    ]),
  );
}

function columns(rows: readonly (readonly [left: string, right: string])[]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}

function lines(...text: readonly string[]): string {
  return `${text.join('\n')}\n`;
}
