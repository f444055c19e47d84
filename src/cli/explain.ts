import { explainPipeline } from '../runners/core/plan/planner.ts';
import type { Command } from './commands.ts';
import { EXIT } from './exit-codes.ts';
import { explainPlan } from './explain-plan.ts';
import { loadPipeline } from './load-program.ts';

export const command: Command = {
  usage: 'explain FILE [--json] [--OPTION VALUE...] or explain --running PID|CHECKPOINT_DIR [--json]',
  description:
    'Builds the pipeline of FILE and prints how it would be executed: the stages with the transforms fused into each,\n' +
    'what is shuffled or stored between them, and which rewrites of the optimiser applied. A transform of another SDK is\n' +
    'a stage of its own; its expansion service is not asked. Nothing is run.\n' +
    'With --running, asks a pipeline that runs in steps how far each stage is and what it waits for.',
  flags: [
    { names: ['--json'], help: 'print the execution plan, or the progress, as JSON' },
    {
      names: ['--running'],
      help: 'ask a running pipeline: the number of its process or its --checkpoint-dir is given',
    },
  ],
  examples: [
    'millrace explain wordcount.ts --input a.txt --output out',
    'millrace explain wordcount.ts --input a.txt --output out --disable combinerLifting',
    'millrace explain --running 4711',
  ],
  async execute({ file, flags, rest }, terminal) {
    const { stdout, env } = terminal;
    if (flags.has('--running')) {
      const { explainRunning } = await import('./explain-running.ts');
      return explainRunning(file, flags.has('--json'), terminal);
    }
    const { pipeline, run } = await loadPipeline(file, rest, flags.get('--pipeline'), env);
    const { graph, name } = pipeline;
    const plan = explainPipeline(graph, run.disable);
    stdout.write(
      flags.has('--json') ? `${JSON.stringify({ name, ...plan }, undefined, 2)}\n` : explainPlan(plan, graph, name),
    );
    return EXIT.ok;
  },
};
