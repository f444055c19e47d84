import type { JobEnd } from '../runners/direct/attach-address.ts';
import { RunnerError } from '../sdk/errors.ts';
import { askRunning } from './attached.ts';
import type { Command } from './commands.ts';
import { EXIT } from './exit-codes.ts';

export const command: Command = {
  usage: 'drain PID|CHECKPOINT_DIR [--json]',
  argument: 'PID or CHECKPOINT_DIR',
  description:
    'Lets a running pipeline come to its end: its sources are given up, open windows and state are finished, and the last\n' +
    'results come out. Waits until it has ended. To stop a pipeline that is to go on later, send it SIGTERM instead.',
  flags: [{ names: ['--json'], help: 'print how the pipelines have ended as JSON' }],
  examples: ['millrace drain 4711', 'millrace drain /var/lib/clicks'],
  async execute({ file, flags }, { stdout, stderr }) {
    let ends: readonly JobEnd[] | undefined;
    for await (const answer of askRunning(file, 'drain')) {
      if (answer.answer === 'draining') stderr.write(`Draining ${answer.jobs.join(', ')}\n`);
      if (answer.answer === 'ended') ends = answer.jobs;
    }
    if (ends === undefined) {
      throw new RunnerError('NO_ANSWER', 'The process has ended without saying how its pipelines have', {
        hint: 'its own output or exit code tells',
      });
    }
    if (flags.has('--json')) stdout.write(`${JSON.stringify(ends)}\n`);
    else for (const { name, state, error } of ends) stdout.write(`${name}: ${state}${error ? `, ${error}` : ''}\n`);
    return ends.every(({ state }) => state === 'DONE') ? EXIT.ok : EXIT.failed;
  },
};
