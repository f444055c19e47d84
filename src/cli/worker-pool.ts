import type { Command } from './commands.ts';
import { EXIT } from './exit-codes.ts';
import { untilInterrupted } from './interrupts.ts';

export const command: Command = {
  usage: 'worker-pool [--listen HOST:PORT]',
  argument: null,
  description:
    'Starts workers for runners that ask for them, each in a process of its own, until it is interrupted: the other side of\n' +
    '--environment external. Whoever reaches it can have it run programs: do not open it to a network that you do not trust.',
  flags: [{ names: ['--listen'], placeholder: 'HOST:PORT', help: 'default 127.0.0.1:50000; port 0 takes a free one' }],
  examples: ['millrace worker-pool --listen 0.0.0.0:50000'],
  async execute({ flags }, terminal) {
    const [{ WorkerPool }, { BOOT_COMMAND }] = await Promise.all([
      import('../runners/portable/worker/worker-pool.ts'),
      import('../runners/portable/staging/boot-script.ts'),
    ]);
    const pool = new WorkerPool(BOOT_COMMAND, (text) => terminal.stderr.write(`${text}\n`));
    const address = await pool.listen(String(flags.get('--listen') ?? '127.0.0.1:50000'));
    terminal.stderr.write(`Workers are started at ${address}\n`);
    await untilInterrupted(() => pool.close());
    return EXIT.ok;
  },
};
