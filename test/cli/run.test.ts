import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { finish, millrace, program, start } from './millrace.ts';

const count = program('count.ts');
const sorted = (text: string) => text.split('\n').filter(Boolean).sort();

describe('millrace run', () => {
  it('runs an exported pipeline with options of argv', async () => {
    const { code, stdout, stderr } = await millrace(['run', count, '--text', 'b a b', '--upper', '--threads', '0']);
    assert.equal(code, 0, stderr);
    assert.deepEqual(sorted(stdout), ['A', 'B', 'B']);
    assert.match(stderr, /^count: started in process \d+$/m);
    assert.match(stderr, /^DONE in /m);
    assert.match(stderr, /^ {2}words +3 +check$/m);
    assert.ok(!stderr.includes('\u001b'), 'no escapes without a terminal');
  });

  it('takes options from the environment, and nothing is printed when quiet', async () => {
    const { code, stdout, stderr } = await millrace(['run', '--quiet', count], {
      MILLRACE_TEXT: 'x',
      MILLRACE_THREADS: '0',
    });
    assert.equal(code, 0, stderr);
    assert.equal(stdout, 'x\n');
    assert.equal(stderr, '');
  });

  it('prints JSON lines only, with the result last', async () => {
    const { code, stdout } = await millrace(['run', count, '--json', '--text', 'a b', '--threads', '0']);
    assert.equal(code, 0);
    const events = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.deepEqual(events[0], { event: 'start', pipeline: 'count' });
    const result = events.at(-1);
    assert.equal(result.event, 'result');
    assert.equal(result.state, 'DONE');
    assert.deepEqual(
      result.metrics.user.map(({ name, value }: { name: string; value: number }) => [name, value]),
      [['words', 2]],
    );
    assert.ok(result.metrics.transforms.some(({ transform }: { transform: string }) => transform === 'split'));
  });

  it('keeps what workers print out of the JSON lines', async () => {
    const { code, stdout, stderr } = await millrace(['run', count, '--json', '--text', 'a b', '--threads', '1']);
    assert.equal(code, 0, stderr);
    for (const line of stdout.trimEnd().split('\n')) assert.ok('event' in JSON.parse(line));
    assert.deepEqual(sorted(stderr), ['a', 'b']);
  });

  it('says where the syntax of a program is wrong', async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'millrace syntax '));
    t.after(() => rmSync(folder, { recursive: true }));
    for (const [name, content, place, what] of [
      ['wrong.ts', '\nconst a: number = ;\n', /at: .*wrong\.ts:2$/m, /^error: SyntaxError: .* \[PROGRAM_SYNTAX\]/],
      ['plain.mjs', '\nconst a = ;\n', /at: .*plain\.mjs:2$/m, /^error: SyntaxError: Unexpected token ';'/],
      ['imports.ts', "import './wrong.ts';\n", /at: .*wrong\.ts:2$/m, /^error: SyntaxError: /],
      ['enum.ts', 'enum A { B }\n', /at: .*enum\.ts:1\n {2}hint: .*erasableSyntaxOnly/m, /enum is not supported/],
      ['parse.ts', "JSON.parse('{');\n", /at: .*parse\.ts:1:6$/m, /^error: SyntaxError: Expected property name/],
    ] as const) {
      writeFileSync(join(folder, name), content);
      const { code, stderr } = await millrace(['run', join(folder, name)]);
      assert.equal(code, 1);
      assert.match(stderr, place);
      assert.match(stderr, what);
    }
  });

  it('exits with 1 when the pipeline fails, naming the transform, without a stack', async () => {
    const args = ['run', count, '--text', 'a b c', '--fail-on', 'b', '--threads', '0', '--max-attempts', '2'];
    const { code, stderr } = await millrace(args);
    assert.equal(code, 1);
    assert.match(stderr, /^error: .*the word b is not wanted/m);
    assert.match(stderr, /transform: check/);
    assert.match(stderr, /element: .*'b'|element: .*"b"/);
    assert.doesNotMatch(stderr, /^ +at .*\(/m);
    const verbose = await millrace([...args, '--verbose']);
    assert.equal(verbose.code, 1);
    assert.match(verbose.stderr, /^ +at .*count\.ts:\d+/m);
  });

  it('ends JSON lines with the error', async () => {
    const args = ['run', count, '--json', '--text', 'b', '--fail-on', 'b', '--threads', '0', '--max-attempts', '1'];
    const { code, stdout } = await millrace(args);
    assert.equal(code, 1);
    const last = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '');
    assert.equal(last.event, 'error');
    assert.equal(last.transform, 'check');
    assert.match(`${last.message} ${last.cause}`, /the word b is not wanted/);
  });

  it('runs a script that runs its pipeline itself, with its arguments', async () => {
    const { code, stdout, stderr } = await millrace(['run', program('script.ts'), '--times', '10', '--threads=0']);
    assert.equal(code, 0, stderr);
    assert.deepEqual(sorted(stdout), ['10', '20', '30', 'DONE']);
    assert.match(stderr, /^script: started in process \d+$/m);
  });

  it('gives the runner’s options to a script that reads none, awaited or not', async () => {
    const { code, stdout, stderr } = await millrace(['run', program('plain-script.mjs'), '--threads', '0']);
    assert.equal(code, 0, stderr);
    assert.equal(stdout, 'plain 1\n');
    assert.match(stderr, /^DONE in /m);
    const wrong = await millrace(['run', program('plain-script.mjs'), '--threads', 'many']);
    assert.equal(wrong.code, 2);
    assert.match(wrong.stderr, /--threads must be an integer/);
  });

  it('refuses options that a script does not read, awaited or not', async () => {
    const wrong: readonly (readonly [args: string[], message: RegExp])[] = [
      [['run', program('plain-script.mjs'), '--threads', '0', '--thread=2'], /--thread means .*\n.*mean --threads\?/],
      [['run', program('plain-script.mjs'), 'in.txt'], /Argument 'in\.txt' means nothing .*\n.*process\.argv/],
      [['explain', program('plain-script.mjs'), '--', '-v'], /Option -v means nothing to/],
      [['graph', program('floating.ts'), '--unknown'], /Option --unknown means nothing to/],
      [['run', program('script.ts'), '--unknown'], /Unknown option --unknown/],
    ];
    for (const [args, message] of wrong) {
      const { code, stdout, stderr } = await millrace(args);
      assert.match(stderr, message);
      assert.equal(stderr.split('error:').length, 2, stderr);
      assert.deepEqual([code, stdout], [2, '']);
    }
  });

  it('exits with 1 when a run that nobody awaits fails', async () => {
    const { code, stderr } = await millrace(['run', program('floating.ts')]);
    assert.equal(code, 1);
    assert.match(stderr, /nobody awaits this/);
  });

  it('ends when nobody reads its output', async () => {
    for (const [threads, ...flags] of [['0'], ['2'], ['0', '--json']]) {
      const child = start(['run', program('chatty.ts'), '--threads', threads, ...flags]);
      child.stdout.once('data', () => child.stdout.destroy());
      const { code, stderr } = await finish(child);
      assert.equal(code, 141, stderr);
      assert.match(stderr, /^error: .*nobody reads the standard output any more \[CANCELLED\]$/m);
      assert.doesNotMatch(stderr, /EPIPE/);
    }
    const help = start(['run', '--help']);
    help.stdout.destroy();
    assert.doesNotMatch((await finish(help)).stderr, /EPIPE/);
  });

  it('goes on when nobody reads its progress', async () => {
    const child = start(['run', count, '--text', 'a b', '--threads', '0']);
    child.stderr.destroy();
    const { code, stdout } = await finish(child);
    assert.equal(code, 0);
    assert.deepEqual(sorted(stdout), ['a', 'b']);
  });

  it('cancels on Ctrl-C and exits with 130', async () => {
    for (const threads of ['0', '1']) {
      const child = start(['run', program('endless.ts'), '--threads', threads]);
      child.stdout.once('data', () => child.kill('SIGINT'));
      const { code, stderr } = await finish(child);
      assert.equal(code, 130, stderr);
      assert.match(stderr, /^Cancelling; press Ctrl-C again/m);
      assert.match(stderr, /CANCELLED/);
    }
  });

  it('ends at once on the second Ctrl-C', async () => {
    const child = start(['run', program('endless.ts'), '--threads', '0']);
    child.stdout.once('data', () => child.kill('SIGINT'));
    // Two signals on their way at once may arrive in either order, and two of a kind as one.
    let told = '';
    child.stderr.on('data', (text) => {
      told += text;
      if (/press Ctrl-C again/.test(told)) child.kill('SIGINT');
    });
    assert.equal((await finish(child)).code, 130);
  });
});
