import { planPipeline } from '../runners/core/plan/planner.ts';
import type { Command } from './commands.ts';
import { EXIT } from './exit-codes.ts';
import { explainPlan } from './explain-plan.ts';
import { loadPipeline } from './load-program.ts';

export const command: Command = {
  usage: 'explain FILE [--json] [--OPTION VALUE...]',
  description:
    'Builds the pipeline of FILE and prints how it would be executed: the stages with the transforms fused into each,\n' +
    'what is shuffled or stored between them, and which rewrites of the optimiser applied. Nothing is run.',
  flags: [{ names: ['--json'], help: 'print the execution plan as JSON' }],
  examples: [
    'millrace explain wordcount.ts --input a.txt --output out',
    'millrace explain wordcount.ts --input a.txt --output out --disable combinerLifting',
  ],
  async execute({ file, flags, rest }, { stdout, env }) {
    const { pipeline, run } = await loadPipeline(file, rest, flags.get('--pipeline'), env);
    const { graph, name } = pipeline;
    const plan = planPipeline(graph, run.disable);
    stdout.write(
      flags.has('--json') ? `${JSON.stringify({ name, ...plan }, undefined, 2)}\n` : explainPlan(plan, graph, name),
    );
    return EXIT.ok;
  },
};
