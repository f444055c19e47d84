import { writeFileSync } from 'node:fs';
import type { Pipeline } from '../sdk/pipeline/pipeline.ts';
import type { Command } from './commands.ts';
import { EXIT, UsageError } from './exit-codes.ts';
import { loadPipeline } from './load-program.ts';

const PRINTERS: Readonly<Record<string, (pipeline: Pipeline) => Promise<string | Uint8Array>>> = {
  text: async ({ graph, name }) => (await import('../sdk/graph/print-text.ts')).printText(graph, name),
  json: async ({ graph, name }) => (await import('../sdk/graph/print-json.ts')).printJson(graph, name),
  dot: async ({ graph, name }) => (await import('../sdk/graph/print-diagram.ts')).printDot(graph, name),
  mermaid: async ({ graph, name }) => (await import('../sdk/graph/print-diagram.ts')).printMermaid(graph, name),
  async proto({ graph }) {
    const { Pipeline } = await import('../model/pipeline.ts');
    return Pipeline.encode((await import('../sdk/graph/to-proto.ts')).graphToProto(graph));
  },
};

export const command: Command = {
  usage: 'graph FILE [--format FORMAT] [-o OUTPUT] [--OPTION VALUE...]',
  description: 'Builds the pipeline of FILE and prints its graph; nothing is run.',
  flags: [
    {
      names: ['--format'],
      placeholder: Object.keys(PRINTERS).join('|'),
      choices: Object.keys(PRINTERS),
      help: 'default text; proto is a binary Beam pipeline, as other runners take it',
    },
    { names: ['-o'], placeholder: 'OUTPUT', help: 'write to this file' },
  ],
  examples: [
    'millrace graph wordcount.ts --input a.txt --output out',
    'millrace graph wordcount.ts --format dot --input a.txt --output out | dot -Tsvg > graph.svg',
    'millrace graph wordcount.ts --format proto -o pipeline.pb --input a.txt --output out',
  ],
  async execute({ file, flags, rest }, { stdout, env }) {
    const { pipeline } = await loadPipeline(file, rest, flags.get('--pipeline'), env);
    const format = String(flags.get('--format') ?? 'text');
    const printed = await PRINTERS[format](pipeline);
    const output = flags.get('-o');
    if (output !== undefined) writeFileSync(String(output), printed);
    else if (typeof printed !== 'string' && stdout.isTTY === true) {
      throw new UsageError('BINARY_OUTPUT', `${format} is binary and not for a terminal`, {
        hint: 'write it to a file: -o FILE',
      });
    } else stdout.write(printed);
    return EXIT.ok;
  },
};
