import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { describe, test } from 'node:test';
import { freshFolder } from '../support/fresh-folder.ts';
import { finish, program, runProgram } from './run-program.ts';

/** The JSON on a program's last line. */
function lastLine(stdout: string): Record<string, unknown> {
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Record<string, unknown>;
}

describe('a program runs as it is', () => {
  test('at top level, with closures over what the module holds', async () => {
    const { code, stdout, stderr } = await runProgram('closures.ts');
    assert.equal(stderr, '');
    assert.equal(code, 0);
    // What is printed on the way to the pipeline is printed once, and functions run on other threads than this one.
    assert.equal(stdout.split('starting').length, 2);
    assert.deepEqual(lastLine(stdout), { state: 'DONE', apple: 1500, pear: 2500, calls: 0, threadId: 0 });
  });

  test('with a second pipeline that uses the result of the first, and a failed one between them', async () => {
    const { stdout, stderr } = await runProgram('two-runs.ts');
    assert.equal(stderr, '');
    assert.deepEqual(lastLine(stdout), { first: 3, caught: 'USER_CODE', second: 2 });
  });

  test('with two pipelines at the same time', async () => {
    const { stdout, stderr } = await runProgram('at-once.ts');
    assert.equal(stderr, '');
    assert.deepEqual(lastLine(stdout), [10, 20]);
  });

  test('without top-level await', async () => {
    const { stdout, stderr } = await runProgram('later.ts');
    assert.equal(stderr, '');
    assert.equal(stdout, '6\n');
  });

  test('from another file, when the pipeline is a definition', async () => {
    const { stdout, stderr } = await runProgram('runs-definition.ts');
    assert.equal(stderr, '');
    assert.deepEqual(lastLine(stdout), [45, 4950]);
  });

  test('with a module of its own for workers', async () => {
    const { stdout, stderr } = await runProgram('main-of-program.ts');
    assert.equal(stderr, '');
    assert.equal(stdout, '6\n');
  });
});

test('a slow range is divided while it is read, and the other thread takes its part', async () => {
  const { stdout, stderr } = await runProgram('splitting.ts');
  assert.equal(stderr, '');
  const { seen, sum, threads, ranges, rises, last } = lastLine(stdout) as Record<string, number> & { ranges: string[] };
  assert.deepEqual([seen, sum], [1000, 499_500]);
  assert.equal(threads, 2);
  assert.ok(ranges.length > 1, String(ranges));
  assert.equal(ranges[0].split('-')[0], '0');
  assert.equal(ranges.at(-1)?.split('-')[1], '1000');
  for (let i = 1; i < ranges.length; i++) assert.equal(ranges[i].split('-')[0], ranges[i - 1].split('-')[1]);
  // Progress never goes back, whatever the splits do to the work that is known.
  assert.deepEqual([rises, last], [true, 1]);
});

test('the profile shows the step that takes the time', async () => {
  const { stdout, stderr } = await runProgram('profile.ts');
  assert.equal(stderr, '');
  const { share, elements, ...rest } = lastLine(stdout) as Record<string, number> & { elements: number[] };
  assert.deepEqual(rest, { heavy: [1500, 1500], end: 16, bytes: true });
  assert.ok(share > 0.7, `${share} of the time`);
  assert.equal(elements.at(-1), 1);
});

describe('what cannot work on threads says so before the first element', () => {
  test('a pipeline that differs from thread to thread', async () => {
    const { code, stderr } = await runProgram('graph-differs.ts');
    assert.notEqual(code, 0);
    assert.match(stderr, /PipelineError: .*\[GRAPH_DIFFERS\]/);
    assert.match(stderr, /'Create\/Elements' parDo flatMap holding 1 element #\w+ from \d+/);
  });

  test('a program that comes to its pipeline in the main thread only', async () => {
    const { code, stderr } = await runProgram('never-reached.ts');
    assert.notEqual(code, 0);
    assert.match(stderr, /\[PIPELINE_NOT_FOUND\]/);
    assert.match(stderr, /never-reached\.ts/);
    assert.match((await runProgram('never-reached.ts', { args: ['exits'] })).stderr, /exit code 3 \[WORKER_LOST\]/);
    const thrown = await runProgram('never-reached.ts', { args: ['throws'] });
    assert.match(thrown.stderr, /no port is free \[PROGRAM_FAILED\]/);
  });

  test('code that no file holds', async () => {
    const code = `import { Pipeline } from ${JSON.stringify(import.meta.resolve('millrace'))};
      const p = new Pipeline({ threads: 1 }); p.create([1]); await p.run();`;
    for (const flags of [
      ['--input-type=module', '-e', code, 'argument'],
      ['--input-type=module', `--eval=${code}`],
    ]) {
      const { stderr } = await finish(spawn(process.execPath, flags));
      assert.match(stderr, /\[PROGRAM_UNKNOWN\]/);
      assert.match(stderr, /threads: 0/);
    }
    const child = spawn(process.execPath, ['--input-type=module', '-']);
    child.stdin.end(code);
    assert.match((await finish(child)).stderr, /\[PROGRAM_UNKNOWN\]/);
  });
});

describe('a run inside a user function', () => {
  for (const outer of ['0', '2']) {
    test(`is one of its own with threads: 0, under threads: ${outer}`, async (t) => {
      const { stdout, stderr } = await runProgram('nested-run.ts', { args: [outer, freshFolder(t), '0'] });
      assert.equal(stderr, '');
      assert.deepEqual(lastLine(stdout), { elements: [2, 4, 6], left: [] });
    });

    test(`is refused with threads, under threads: ${outer}`, async (t) => {
      for (const inner of [[], ['2']]) {
        const { stdout, stderr } = await runProgram('nested-run.ts', { args: [outer, freshFolder(t), ...inner] });
        assert.equal(stderr, '');
        const { name, code, summary, context } = lastLine(stdout) as Record<string, Record<string, unknown>>;
        assert.deepEqual([name, code], ['PipelineError', 'NESTED_RUN']);
        assert.match(String(summary), /'inner' is run by a function of another pipeline/);
        assert.deepEqual([context.transform, context.attempt], ['run another', 1]);
      }
    });
  }
});

describe('user code that goes wrong on a thread', () => {
  test('an element that fails is named', async () => {
    const { stdout } = await runProgram('user-code.ts', { args: ['poison'] });
    const { name, code, summary, context } = lastLine(stdout) as Record<string, Record<string, string>>;
    assert.deepEqual([name, code, summary], ['UserCodeError', 'USER_CODE', 'RangeError: seven']);
    assert.partialDeepStrictEqual(context, { transform: 'act', element: '7', attempt: 4 });
    assert.equal(context.location.replace(/:\d+:\d+$/, ''), program('user-code.ts'));
  });

  test('a promise that nobody waits for, and an error in a timer', async () => {
    for (const [what, message] of [
      ['floating-rejection', /nobody waits/],
      ['late-throw', /from a timer/],
    ] as const) {
      const { stdout } = await runProgram('user-code.ts', { args: [what] });
      const { code, summary } = lastLine(stdout);
      assert.equal(code, 'UNCAUGHT_ERROR', what);
      assert.match(String(summary), message);
    }
  });

  test('that talks on the port of its thread disturbs nobody', async () => {
    const { stdout, stderr } = await runProgram('user-code.ts', { args: ['uses-parent-port'] });
    assert.equal(stderr, '');
    assert.deepEqual(lastLine(stdout), { seen: 20 });
  });

  test('what it prints arrives, all of it', async () => {
    const { stdout } = await runProgram('user-code.ts', { args: ['log-everything'] });
    const lines = stdout.trim().split('\n');
    assert.deepEqual(lines.slice(0, -1).sort(), Array.from({ length: 20 }, (_, i) => `element ${i}`).sort());
  });
});

test('tests whose pipeline with assertions is never run fail, and say which assertion it is', async () => {
  const { code, stdout, stderr } = await runProgram('forgotten-run.ts');
  assert.equal(code, 1, stdout + stderr);
  assert.match(stdout, /pass 3\n/);
  assert.match(stderr, /^the list was never evaluated.*\n {4}at \S+forgotten-run\.ts:7:3\n$/);
});
