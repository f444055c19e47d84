import { discoverSchemaTransforms } from '../runners/portable/expansion/discover.ts';
import { describeCoder } from '../sdk/graph/describe.ts';
import type { Command } from './commands.ts';
import { EXIT } from './exit-codes.ts';

export const command: Command = {
  usage: 'transforms HOST:PORT',
  argument: 'HOST:PORT of an expansion service',
  description: 'Lists the transforms that an expansion service offers by schema, with their configurations.',
  flags: [],
  examples: ['millrace transforms localhost:8097'],
  async execute({ file }, { stdout }) {
    for (const { identifier, description, coder, inputs, outputs } of await discoverSchemaTransforms(file)) {
      stdout.write(`${identifier}\n`);
      const [line] = description.trim().split('\n', 1);
      if (line !== '') stdout.write(`  ${line}\n`);
      stdout.write(`  configuration: ${describeCoder(coder)}\n`);
      if (inputs.length > 0) stdout.write(`  inputs: ${inputs.join(', ')}\n`);
      if (outputs.length > 0) stdout.write(`  outputs: ${outputs.join(', ')}\n`);
    }
    return EXIT.ok;
  },
};
