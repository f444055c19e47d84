import type { Command } from './commands.ts';
import { EXIT, UsageError } from './exit-codes.ts';

const ENDPOINT = 'HOST:PORT';

export const command: Command = {
  usage: 'boot --id ID --provision_endpoint HOST:PORT [--control_endpoint HOST:PORT...]',
  argument: null,
  description:
    "Serves a runner as one worker: what Beam's container contract asks of an image's entry, and of the command of a\n" +
    'process environment. Runners start it, people do not.',
  flags: [
    { names: ['--id'], placeholder: 'ID', help: 'name of the worker' },
    { names: ['--provision_endpoint'], placeholder: ENDPOINT, help: 'where the worker learns what it needs' },
    { names: ['--control_endpoint'], placeholder: ENDPOINT, help: 'where it gets its work' },
    { names: ['--logging_endpoint'], placeholder: ENDPOINT, help: 'where it sends its log' },
    { names: ['--artifact_endpoint'], placeholder: ENDPOINT, help: 'where it fetches the program' },
    { names: ['--semi_persist_dir'], placeholder: 'FOLDER', help: 'folder for what it fetches' },
  ],
  examples: ['millrace boot --id=1 --provision_endpoint=localhost:40001'],
  async execute({ flags }) {
    const given = (name: string): string | undefined => {
      const value = flags.get(name);
      // Prism quotes the id as a shell would need it, though none is asked.
      return typeof value === 'string' ? value.replace(/^'(.*)'$/, '$1') : undefined;
    };
    const id = given('--id');
    const provisionEndpoint = given('--provision_endpoint');
    if (id === undefined || provisionEndpoint === undefined) {
      throw new UsageError('FLAG_MISSING', 'millrace boot needs --id and --provision_endpoint');
    }
    const { bootWorker } = await import('../runners/portable/worker/boot-worker.ts');
    await bootWorker({
      id,
      provisionEndpoint,
      controlEndpoint: given('--control_endpoint'),
      loggingEndpoint: given('--logging_endpoint'),
      artifactEndpoint: given('--artifact_endpoint'),
      folder: given('--semi_persist_dir'),
    });
    return EXIT.ok;
  },
};
