import { writeFileSync } from 'node:fs';
import { flink } from '../../test/peers/flink.ts';
import type { BenchOptions } from '../command-line.ts';
import { compare } from '../harness/compare.ts';
import { type Contender, millraceProgram } from '../harness/contender.ts';
import { profile } from '../harness/profile.ts';
import type { Program } from '../harness/run-program.ts';
import { prepareInput } from '../input/prepare.ts';
import { beamPythonProgram } from '../peers/beam-python.ts';
import { flinkProgram } from '../peers/flink.ts';
import { describeMachine } from '../report/machine.ts';
import { printTargets, writeTables } from '../report/markdown.ts';
import { elementsOf, WORKLOADS, type Workload } from '../workload-list.ts';
import { BEAM_JAVA, BEAM_PYTHON, MILLRACE, type OnFlinkReport, onFlinkMarkdown, onFlinkTargets } from './report.ts';

/** `npm run bench -- W2 --runner flink`: see README.md in the folder above. */
export async function benchOnFlink(options: BenchOptions, argv: readonly string[]): Promise<void> {
  const whyNot = flink.whyNot();
  if (whyNot !== undefined) throw new Error(`Flink cannot run here: ${whyNot}`);
  const server = await flink.start();
  try {
    const workloads: OnFlinkReport['workloads'][number][] = [];
    for (const workload of WORKLOADS.filter(({ name }) => options.what.includes(name))) {
      const { name, title } = workload;
      console.log(`${name} on Flink: ${title}`);
      const contenders = contendersOn(server.endpoint, workload, options);
      if (options.profile !== undefined) {
        await profile(`${name}-on-flink`, options.profile, (flags) => contenders.millrace(flags));
        continue;
      }
      const results = await compare(await contenders.all(), options.runs, undefined, console.log);
      workloads.push({ name, title, elements: elementsOf(workload, options.scale), results });
    }
    if (options.profile !== undefined) return;
    const report: OnFlinkReport = {
      machine: describeMachine(['beam-python', 'flink']),
      command: ['npm run bench --', ...argv].join(' '),
      workloads,
    };
    printTargets(onFlinkTargets(report), console.log);
    if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(report, null, 2)}\n`);
    if (options.markdown !== undefined) writeTables(options.markdown, onFlinkMarkdown(report), '--runner flink');
  } finally {
    await server.stop();
  }
}

interface Contenders {
  millrace(nodeOptions?: readonly string[]): Program;
  all(): Promise<readonly Contender[]>;
}

/** The same pipeline of three SDKs, with one worker each; Java's needs no worker and no job server. */
function contendersOn(endpoint: string, workload: Workload, options: BenchOptions): Contenders {
  const data = prepareInput(workload.inputs, options.scale);
  const elements = elementsOf(workload, options.scale);
  const run = { data, elements, threads: 1, memory: undefined, endpoint };
  const millrace = (nodeOptions?: readonly string[]) => millraceProgram(workload.file, run, nodeOptions);
  return {
    millrace,
    async all() {
      const portable = ['--runner=PortableRunner', `--job_endpoint=${endpoint}`, '--environment_type=LOOPBACK'];
      const python = await beamPythonProgram(workload.name, data, elements, [...portable, '--parallelism=1']);
      const java = await flinkProgram(workload.name, data, elements, ['--parallelism=1']);
      const programs = { [MILLRACE]: millrace(), [BEAM_PYTHON]: python, [BEAM_JAVA]: java };
      return Object.entries(programs).flatMap(([name, program]) =>
        program === undefined ? [] : { name, program, mostRuns: Number.POSITIVE_INFINITY },
      );
    },
  };
}
