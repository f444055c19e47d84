import { setImmediate } from 'node:timers/promises';
import { interceptRuns } from '../sdk/pipeline/runner.ts';
import type { CommandArguments } from './arguments.ts';
import { onBrokenOutput } from './broken-output.ts';
import type { Command } from './commands.ts';
import { EXIT, exitCodeOf } from './exit-codes.ts';
import { onInterrupt } from './interrupts.ts';
import { isStopped, JobWatcher } from './job-watcher.ts';
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
import { watchExit } from './watch-exit.ts';

/** Time that a job has to stop before the process ends anyway; more with a last checkpoint. */
const STOP_GRACE_MILLIS = 20_000;
const CHECKPOINT_GRACE_MILLIS = 30_000;

export const command: Command = {
  usage: 'run FILE [--json] [--quiet] [--OPTION VALUE...]',
  description:
    'Runs the pipeline that FILE exports, or FILE itself if it runs one. Progress goes to stderr: live on a terminal,\n' +
    'plain lines elsewhere. Ctrl-C cancels the job and cleans up, or with a --checkpoint-dir stops it after a last\n' +
    'checkpoint, from which the same command goes on; a second one ends the process at once.',
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
    let interruptedCode: number = EXIT.cancelled;
    const report = (error: unknown): void =>
      reportError(error, terminal, { verbose: args.flags.has('--verbose'), json: args.flags.has('--json') });
    const fail = (error: unknown): void => {
      if (isStopped(error)) return;
      const code = exitCodeOf(error);
      exitCode ??= code === EXIT.cancelled ? interruptedCode : code;
      report(error);
    };
    const exits = watchExit(jobs, report);
    const stop = (reason: string, code: number, isSignal: boolean): void => {
      if (!jobs.busy) exits.leave(code);
      interruptedCode = code;
      const { isDurable } = jobs;
      const what = isDurable ? 'Stopping after a last checkpoint' : 'Cancelling';
      if (isSignal) reporter.note(`${what}; press Ctrl-C again to stop at once.`);
      jobs.stop(reason);
      // A user function that never returns cannot be cancelled. Leaving removes the temporary files all the same.
      const grace = isDurable ? CHECKPOINT_GRACE_MILLIS : STOP_GRACE_MILLIS;
      const giveUp = (): void => {
        if (jobs.busy) reporter.note(`The job has not ended in ${grace / 1000} s; the process ends now.`);
        exits.leave(code);
      };
      setTimeout(giveUp, grace).unref();
    };
    onBrokenOutput((output) => stop(output.reason, output.exitCode, false));
    const release = onInterrupt(
      (signal, code) => stop(`${signal} received`, code, true),
      (code) => {
        reporter.stopped();
        exits.leave(code);
      },
    );
    process.on('unhandledRejection', fail);
    try {
      await runProgram(args, terminal, jobs, unrun);
      await jobs.idle();
      for (const pipeline of unrun.describe()) reporter.note(`Warning: ${pipeline} was never run.`);
      // Rejections that nobody handles are reported after the current turn.
      await setImmediate();
    } catch (error) {
      fail(error);
    } finally {
      exits.release();
      interceptRuns(undefined);
      unrun.unwatch();
      process.off('unhandledRejection', fail);
      release();
      onBrokenOutput(undefined);
      own?.release();
    }
    return exitCode ?? (jobs.interrupted ? interruptedCode : Number(process.exitCode ?? EXIT.ok));
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
