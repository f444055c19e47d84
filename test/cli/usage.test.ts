import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { runHere } from './in-process.ts';
import { program } from './millrace.ts';

const count = program('count.ts');

describe('wrong usage exits with 2', () => {
  const wrong: readonly (readonly [args: string[], message: RegExp])[] = [
    [['run'], /millrace run needs a FILE[\s\S]*usage: millrace run FILE/],
    [['run', 'absent.ts'], /absent\.ts does not exist/],
    [['run', 'test'], /test is not a program/],
    [['run', 'package.json'], /is not a program/],
    [['run', count], /Missing option --text[\s\S]*MILLRACE_TEXT/],
    [['run', count, '--text', 'a', '--fail-onn', 'b'], /Unknown option --fail-onn[\s\S]*did you mean --fail-on\?/],
    [['run', count, '--text', 'a', '--threads', 'x'], /--threads must be an integer/],
    [['run', count, '--text', 'a', '--memory', '10'], /--memory must be a size .* at least 8MiB, not '10'/],
    [['run', program('script.ts'), '--memory', '10'], /--memory must be a size .* at least 8MiB, not '10'/],
    [['run', program('little-memory.ts')], /^error: The run option 'memory' must be a size .* at least 8MiB, not 10/],
    [['run', count, '--text', 'a', '--checkpoint-dir='], /--checkpoint-dir must be the path of a folder, not ''/],
    [['run', count, '--text', 'a', '--text', 'b'], /^error: --text is given twice \[OPTION_INVALID\]/],
    [['run', program('script.ts'), '--threads', '1', '--threads=2'], /^error: --threads is given twice/],
    [['graph', '--format', 'dot', count, '--format', 'json'], /^error: --format is given twice \[FLAG_INVALID\]/],
    [['run', count, '--text', 'a', 'b'], /Unexpected argument 'b'/],
    [['run', '--text', 'a', count], /Unknown flag --text[\s\S]*options of the pipeline stand after FILE/],
    [['run', '--jsn', count], /Unknown flag --jsn[\s\S]*did you mean --json\?/],
    [['run', '--json=yes', count], /--json takes no value/],
    [['run', program('two.ts')], /exports several pipelines: first, second[\s\S]*--pipeline NAME/],
    [['run', program('two.ts'), '--pipeline', 'third'], /exports no pipeline 'third'[\s\S]*first, second/],
    [['run', program('two.ts'), '--pipeline'], /--pipeline needs a value/],
    [
      ['run', program('unrun.ts')],
      /does not run the pipeline 'forgotten', built at .*unrun\.ts:4:3[\s\S]*await p\.run\(\)/,
    ],
    [['run', program('nothing.js')], /neither exports a pipeline nor runs one/],
    [['graph', '--format', 'svg', count], /--format must be one of text, json, dot, mermaid, proto, not 'svg'/],
    [['rn', count], /Unknown command 'rn'[\s\S]*did you mean 'run'\?/],
    [
      ['frobnicate'],
      /Unknown command[\s\S]*commands: run, graph, explain, drain, transforms, worker-pool, boot, expansion-service/,
    ],
    [['drain'], /millrace drain needs a PID or CHECKPOINT_DIR[\s\S]*usage: millrace drain PID/],
    [['transforms'], /millrace transforms needs a HOST:PORT of an expansion service/],
    [['expansion-service', count], /count\.ts exports no expansion service[\s\S]*export default expansionService/],
    [['expansion-service', program('scale-service.ts'), '--port', 'x'], /--port must be 0 to 65535, not 'x'/],
    [['drain', 'absent'], /absent is neither the number of a process nor a folder of checkpoints/],
    [['drain', '1', '--threads', '2'], /millrace drain takes no option --threads/],
    [['explain', '--running', ''], /'' is neither the number of a process nor a folder of checkpoints/],
    [['explain', '--running', 'test'], /No pipeline is running with its checkpoints in test/],
    [['explain', '--running', '4194305'], /There is no process 4194305/],
    [[count], /Unknown command[\s\S]*millrace run .*count\.ts/],
    [[], /Usage: millrace COMMAND/],
  ];
  for (const [args, message] of wrong) {
    it(`millrace ${args.map((arg) => arg.split('/').at(-1)).join(' ')}`, async () => {
      const { exitCode, stdout, stderr } = await runHere(args);
      assert.match(stderr, message);
      assert.equal(exitCode, 2);
      assert.equal(stdout, '');
    });
  }

  it('a Node that runs no TypeScript', async () => {
    const { typescript } = process.features;
    Object.defineProperty(process.features, 'typescript', { value: false, configurable: true });
    try {
      const { exitCode, stderr } = await runHere(['run', count, '--text', 'a']);
      assert.equal(exitCode, 2);
      assert.match(stderr, /does not run TypeScript files[\s\S]*Node 22\.18 or newer/);
    } finally {
      Object.defineProperty(process.features, 'typescript', { value: typescript, configurable: true });
    }
  });
});

it('a pipeline beside others that is never run is warned of', async () => {
  const { exitCode, stderr } = await runHere(['run', program('one-of-two.ts')]);
  assert.equal(exitCode, 0, stderr);
  const warnings = stderr.split('\n').filter((line) => line.startsWith('Warning'));
  assert.equal(warnings.length, 1, stderr);
  assert.match(warnings[0], /the pipeline 'forgotten', built at .*one-of-two\.ts:7:3, was never run\.$/);
});

it('a file that throws while it loads exits with 1 and says where', async () => {
  const { exitCode, stderr } = await runHere(['run', program('broken.ts')]);
  assert.equal(exitCode, 1);
  assert.match(stderr, /TypeError: this file does not load\n {2}at: +.*broken\.ts:1:7/);
});

describe('help', () => {
  it('lists the commands', async () => {
    for (const args of [['--help'], ['-h'], ['help']]) {
      const { exitCode, stdout } = await runHere(args);
      assert.equal(exitCode, 0);
      for (const command of ['run', 'graph', 'explain']) assert.match(stdout, new RegExp(`^  ${command} `, 'm'));
    }
  });

  it('of a command has usage, flags, options and examples', async () => {
    for (const command of ['run', 'graph', 'explain']) {
      const { exitCode, stdout } = await runHere([command, '--help']);
      assert.equal(exitCode, 0);
      assert.match(stdout, new RegExp(`^Usage: millrace ${command} FILE`, 'm'));
      assert.match(stdout, /^ {2}--threads INTEGER /m);
      assert.match(stdout, /^ {2}--help, -h /m);
      assert.match(stdout, /^Examples\n {2}millrace /m);
      assert.deepEqual((await runHere(['help', command])).stdout, stdout);
    }
  });

  it('of a file has its options', async () => {
    const { stdout } = await runHere(['run', count, '--help']);
    assert.match(stdout, /^Options of the pipeline 'count'\n {2}--text TEXT +words, separated by spaces; required$/m);
    const script = await runHere(['graph', program('script.ts'), '--help']);
    assert.match(script.stdout, /script\.ts is a script that reads its options itself/);
  });

  it('and the version', async () => {
    assert.match((await runHere(['--version'])).stdout, /^\d+\.\d+\.\d+\n$/);
  });
});
