import { setImmediate } from 'node:timers/promises';
import { interceptRuns } from '../sdk/pipeline/runner.ts';
import type { CommandArguments } from './arguments.ts';
import { onBrokenOutput } from './broken-output.ts';
import type { Command } from './commands.ts';
import { EXIT, exitCodeOf } from './exit-codes.ts';
import { onInterrupt } from './interrupts.ts';
import { JobWatcher } from './job-watcher.ts';
import { exportedDefinition, importProgram } from './load-program.ts';
import { ownStdout } from './own-stdout.ts';
import { unreadArguments } from './program-arguments.ts';
import { jsonReporter } from './progress/json-reporter.ts';
import { liveReporter } from './progress/live-reporter.ts';
import { plainReporter } from './progress/plain-reporter.ts';
import { quietReporter, type Reporter } from './progress/reporter.ts';
import { reportError } from './report-error.ts';
import { runnerArguments, runOptionsIn } from './run-arguments.ts';
import type { Terminal } from './terminal.ts';
import { UnrunPipelines } from './unrun-pipelines.ts';

/** Time that a cancelled job has to stop before the process ends anyway. */
const CANCEL_GRACE_MILLIS = 10_000;

export const command: Command = {
  usage: 'run FILE [--json] [--quiet] [--OPTION VALUE...]',
  description:
    'Runs the pipeline that FILE exports, or FILE itself if it runs one. Progress goes to stderr: live on a terminal,\n' +
    'plain lines elsewhere. Ctrl-C cancels the job and cleans up; a second one ends the process at once.',
  flags: [
    { names: ['--json'], help: 'print progress and result to stdout, one JSON object a line' },
    { names: ['--quiet'], help: 'print no progress and no result' },
  ],
  examples: [
    'millrace run wordcount.ts --input a.txt --output out',
    'millrace run wordcount.ts --options-file prod.json --threads 4 --memory 2GiB',
    'millrace run wordcount.ts --json --input a.txt --output out | tail -1',
  ],
  async execute(args, caller) {
    // A program's own printing must not get between the JSON lines.
    const own = args.flags.has('--json') && caller.stdout === process.stdout ? ownStdout() : undefined;
    const terminal = own === undefined ? caller : { ...caller, stdout: own.stdout };
    const reporter = chooseReporter(args, terminal);
    const jobs = new JobWatcher(reporter);
    const unrun = new UnrunPipelines();
    let exitCode: number | undefined;
    const fail = (error: unknown): void => {
      exitCode ??= exitCodeOf(error);
      reportError(error, terminal, { verbose: args.flags.has('--verbose'), json: args.flags.has('--json') });
    };
    const cancel = (reason: string, code: number, note?: string): void => {
      if (!jobs.busy) process.exit(code);
      if (note !== undefined) reporter.note(note);
      jobs.cancel(reason);
      // A user function that never returns cannot be cancelled. Leaving removes the temporary files all the same.
      setTimeout(() => process.exit(code), CANCEL_GRACE_MILLIS).unref();
    };
    onBrokenOutput((output) => cancel(output.reason, output.exitCode));
    const release = onInterrupt(
      (signal) => cancel(`${signal} received`, EXIT.cancelled, 'Cancelling; press Ctrl-C again to stop at once.'),
      () => {
        reporter.stopped();
        process.exit(EXIT.cancelled);
      },
    );
    process.on('unhandledRejection', fail);
    try {
      await runProgram(args, terminal, jobs, unrun);
      await jobs.idle();
      for (const pipeline of unrun.describe()) reporter.note(`Warning: ${pipeline} was never run.`);
      // Rejections that nobody handles are reported after the current turn.
      await setImmediate();
    } finally {
      interceptRuns(undefined);
      unrun.unwatch();
      process.off('unhandledRejection', fail);
      release();
      onBrokenOutput(undefined);
      own?.release();
    }
    return exitCode ?? (jobs.cancelled ? EXIT.cancelled : Number(process.exitCode ?? EXIT.ok));
  },
};

async function runProgram(
  { file, flags, rest }: CommandArguments & { readonly file: string },
  terminal: Terminal,
  jobs: JobWatcher,
  unrun: UnrunPipelines,
): Promise<void> {
  unrun.watch();
  const defaults = runOptionsIn(rest, terminal.env);
  const { others } = runnerArguments(rest);
  const refused = Promise.withResolvers<never>();
  interceptRuns((pipeline, options) => {
    const refusal = jobs.started > 0 ? undefined : unreadArguments(file, others);
    if (refusal === undefined) return jobs.start(pipeline, options, defaults);
    // The program need not wait for its run, and may catch what it throws.
    refused.reject(refusal);
    return new Promise(() => {});
  });
  const module = await Promise.race([refused.promise, importProgram(file, rest)]);
  if (jobs.started > 0) return;
  const definition = exportedDefinition(file, module, flags.get('--pipeline'), unrun);
  const { values, run } = definition.parse(rest, { env: terminal.env });
  const pipeline = definition.build(values, run);
  interceptRuns((started, options) => jobs.start(started, options, {}));
  await pipeline.run();
}

function chooseReporter({ flags }: CommandArguments, { stdout, stderr, env }: Terminal): Reporter {
  const toStderr = (text: string) => stderr.write(text);
  const verbose = flags.has('--verbose');
  if (flags.has('--json')) return jsonReporter((text) => stdout.write(text));
  if (flags.has('--quiet')) return quietReporter(toStderr);
  if (stderr.isTTY === true && env.TERM !== 'dumb') return liveReporter(stderr, [stdout], verbose);
  return plainReporter(toStderr, verbose);
}
