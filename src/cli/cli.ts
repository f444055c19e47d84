import { checkNode } from '../sdk/check-node.ts';
import { nearestName } from '../sdk/options/option-names.ts';
import { COMMANDS, executeCommand } from './commands.ts';
import { EXIT, exitCodeOf, UsageError } from './exit-codes.ts';
import { reportError } from './report-error.ts';
import type { Terminal } from './terminal.ts';

/**
 * Runs the `millrace` command.
 *
 * @param argv arguments without the program's name
 * @returns the exit code, see {@link EXIT}; errors are printed, not thrown.
 */
export async function runCli(argv: readonly string[], terminal: Terminal): Promise<number> {
  const [name, ...rest] = argv;
  try {
    if (name === '--version' || name === '-V') {
      const { version } = await import('./help.ts');
      terminal.stdout.write(`${version()}\n`);
      return EXIT.ok;
    }
    if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
      const { generalHelp } = await import('./help.ts');
      const wanted = COMMANDS.get(rest[0] ?? '');
      if (wanted !== undefined)
        return await executeCommand(rest[0], (await wanted.load()).command, ['--help'], terminal);
      (name === undefined ? terminal.stderr : terminal.stdout).write(generalHelp(terminal));
      return name === undefined ? EXIT.usage : EXIT.ok;
    }
    const entry = COMMANDS.get(name);
    if (entry === undefined) throw unknownCommand(name);
    checkNode();
    const { command } = await entry.load();
    return await executeCommand(name, command, rest, terminal);
  } catch (error) {
    const [verbose, json] = [rest.includes('--verbose'), rest.includes('--json')];
    reportError(error, terminal, { verbose, json });
    return exitCodeOf(error);
  }
}

function unknownCommand(name: string): UsageError {
  const nearest = nearestName(name, COMMANDS.keys());
  const looksLikeFile = /\.[cm]?[jt]s$/.test(name);
  return new UsageError('COMMAND_UNKNOWN', `Unknown command '${name}'`, {
    hint: looksLikeFile
      ? `to run a file: millrace run ${name}`
      : nearest === undefined
        ? `commands: ${[...COMMANDS.keys()].join(', ')}`
        : `did you mean '${nearest}'?`,
  });
}
