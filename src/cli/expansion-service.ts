import { type ExpansionService, isExpansionService } from '../runners/portable/expansion-service/expansion-service.ts';
import type { Command } from './commands.ts';
import { UsageError } from './exit-codes.ts';
import { untilInterrupted } from './interrupts.ts';
import { importProgram } from './load-program.ts';

export const command: Command = {
  usage: 'expansion-service FILE [--port PORT] [--host HOST]',
  argument: 'FILE that exports an expansion service',
  description:
    'Serves the transforms of FILE to programs in Java, Python and Go, and runs their functions, until it is interrupted.\n' +
    'FILE exports what expansionService({ … }) of millrace/portable makes.',
  flags: [
    { names: ['--port'], placeholder: 'PORT', help: 'default 0: a free one, which is printed' },
    { names: ['--host'], placeholder: 'HOST', help: 'default 127.0.0.1: only this machine' },
  ],
  examples: ['millrace expansion-service transforms.ts --port 8097'],
  async execute({ file, flags }, { stdout, stderr }) {
    const service = exportedService(file, await importProgram(file, []));
    const { endpoint, close } = await service.serve(
      `${flags.get('--host') ?? '127.0.0.1'}:${portOf(flags.get('--port'))}`,
    );
    stdout.write(`Serving ${service.urns.length} transforms at ${endpoint}\n`);
    for (const urn of service.urns) stdout.write(`  ${urn}\n`);
    return untilInterrupted(close, (signal) => stderr.write(`${signal}: ending\n`));
  },
};

function portOf(flag: string | true | undefined): number {
  const port = Number(flag ?? 0);
  if (Number.isInteger(port) && port >= 0 && port < 65_536) return port;
  throw new UsageError('OPTION_INVALID', `--port must be 0 to 65535, not '${String(flag)}'`);
}

function exportedService(file: string, module: Readonly<Record<string, unknown>>): ExpansionService {
  const found = new Set(Object.values(module).filter(isExpansionService));
  const chosen = isExpansionService(module.default) ? module.default : found.size === 1 ? [...found][0] : undefined;
  if (chosen !== undefined) return chosen;
  throw new UsageError('SERVICE_MISSING', `${file} exports ${found.size === 0 ? 'no expansion service' : 'several'}`, {
    hint: "export default expansionService({ 'my:urn:v1': … }), of millrace/portable",
  });
}
