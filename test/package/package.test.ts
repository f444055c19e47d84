/** What `npm pack` makes is a package that plain JavaScript and TypeScript can use through every entry point. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { linkProblems } from '../../scripts/checks/docs-links.ts';
import { type Installed, packAndInstall } from './install.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const manifestText = readFileSync(join(ROOT, 'package.json'), 'utf8');
const manifest = JSON.parse(manifestText);
/** Everything a program can import: `millrace`, `millrace/io`, ... */
const entries = Object.entries<string>(manifest.exports)
  .filter(([, path]) => path.endsWith('.ts'))
  .map(([entry]) => manifest.name + entry.slice(1));

/** A user's program that counts words, and says so when the counts are right. */
function program(threads: number, pairType: string): string {
  return `
import { Pipeline } from 'millrace';
import { assertThat } from 'millrace/testing';

const pipeline = new Pipeline({ threads: ${threads} });
const counts = pipeline
  .create(['to be', 'or not', 'to be'])
  .flatMap('words', (line) => line.split(' '))
  .keyBy('word', (word) => word)
  .groupByKey()
  .map('count', ([word, all])${pairType} => [word, [...all].length]);
assertThat(counts).containsInAnyOrder([['to', 2], ['be', 2], ['or', 1], ['not', 1]]);
await pipeline.run();
console.log('ended');
`;
}

/** A user's program that has the package twice. */
function twoCopies(threads: number): string {
  return `
import assert from 'node:assert/strict';
import * as here from 'millrace';
import * as other from './other/all.mjs';
import { assertThat } from './other/testing.mjs';

assert.notEqual(here.Pipeline, other.Pipeline);
assert.equal(here.GLOBAL_WINDOW, other.GLOBAL_WINDOW);
const p = new here.Pipeline({ threads: ${threads} });
const words = p
  .create(['a b', 'b'])
  .apply(other.flatMap('split', (line) => line.split(' ')))
  .apply(other.map('pair', (word) => [word, { word, n: 1 }]))
  .apply(other.withTimestamps('time', () => other.timestamp(5)));
const windowed = words.window(other.fixed('1m')).groupByKey().map('count', ([word, all]) => [word, [...all].length]);
assertThat(windowed).containsInAnyOrder([['a', 1], ['b', 2]]);
assertThat(words.apply(other.mapValues('n', ({ n }) => n)).combinePerKey(other.sum())).containsInAnyOrder([['a', 1], ['b', 2]]);
assertThat(words.apply(other.innerJoin(words)).apply(other.Count.globally())).containsInAnyOrder([5]);
const sides = { all: other.asList(words) };
assertThat(words.parDo('side', { sides, process: (_, { sides }) => [sides.all.length] })).containsInAnyOrder([3, 3, 3]);
await p.run();

assert.throws(() => new other.Pipeline({ thread: 1 }), here.PipelineError);
const wrong = new other.Pipeline({ threads: 0 });
wrong.create([1]).map('fail', () => {
  throw new here.PipelineError('WRONG', 'never tried again');
});
await assert.rejects(wrong.run(), (error) => error instanceof here.PipelineError && error.context.attempt === 1);
console.log('ended');
`;
}

describe('the package', () => {
  let installed: Installed;
  before(() => {
    installed = packAndInstall();
  });
  after(() => installed?.remove());

  test('holds compiled files, declarations and sources, and nothing of the tests', () => {
    const { files } = installed;
    for (const file of [
      'docs/guides/running.md',
      'dist/sdk-index.js',
      'dist/sdk/index.d.ts',
      'src/sdk/index.ts',
      'LICENSE',
    ]) {
      assert.ok(files.includes(file), `${file} is missing`);
    }
    const unwanted = files.filter((file) => /\.test\.|^(test|bench|scripts|examples)\/|^docs\/(?!guides\/)/.test(file));
    assert.deepEqual(unwanted, []);
  });

  test('leaves package.json and the documents as they were', () => {
    assert.equal(readFileSync(join(installed.repository, 'package.json'), 'utf8'), manifestText);
    for (const file of installed.files.filter((each) => each.endsWith('.md'))) {
      const read = (folder: string) => readFileSync(join(folder, file), 'utf8');
      assert.equal(read(installed.repository), read(ROOT), file);
    }
  });

  test('has what its documents link to', () => {
    // Where it is installed: there a document may name a file of the source that is not there, but not link to it.
    const files = installed.files.map((file) => `node_modules/millrace/${file}`);
    const documents = files.filter((file) => file.endsWith('.md'));
    assert.ok(documents.length > 10, documents.join());
    const texts = new Map(documents.map((file) => [file, readFileSync(join(installed.project, file), 'utf8')]));
    assert.match(texts.get('node_modules/millrace/README.md') ?? '', /\]\(docs\/guides\/streams\.md\)/);
    const exists = (path: string) => files.some((file) => file === path || file.startsWith(`${path}/`));
    const problems = linkProblems({ texts, exists });
    assert.deepEqual(problems, []);
  });

  test('says only what users need in its package.json', () => {
    const manifestOfUsers = published();
    assert.deepEqual(
      Object.keys(manifestOfUsers).filter((key) => ['scripts', 'devDependencies', 'allowScripts'].includes(key)),
      [],
    );
    assert.deepEqual(manifestOfUsers.dependencies, manifest.dependencies);
    assert.deepEqual(Object.keys(manifestOfUsers.exports), Object.keys(manifest.exports));
  });

  for (const entry of entries) {
    test(`${entry} can be imported and required from JavaScript`, () => {
      const imported = `import * as entry from '${entry}'; console.log(Object.keys(entry).length);`;
      assert.notEqual(Number(run('main.mjs', imported)), 0);
      const required = `console.log(Object.keys(require('${entry}')).length);`;
      assert.notEqual(Number(run('main.cjs', required)), 0);
    });
  }

  for (const [moduleResolution, module] of [
    ['nodenext', 'nodenext'],
    ['bundler', 'esnext'],
  ] as const) {
    const typesOf = (some: readonly string[]): string[] => {
      const imports = some.map((entry, i) => `import * as entry${i} from '${entry}';`);
      const uses = some.map(
        (_, i) => `export const isTyped${i}: 0 extends 1 & typeof entry${i} ? never : true = true;`,
      );
      return typeErrors([...imports, ...uses].join('\n'), { module, moduleResolution });
    };

    test(`the types of all entries resolve under ${moduleResolution}`, () => {
      // Who uses Kafka has its client, whose types are part of the entry's; the others need not.
      assert.deepEqual(typesOf(entries.filter((entry) => entry !== 'millrace/io/kafka')), []);
      const client = '@platformatic/kafka';
      const link = join(installed.project, 'node_modules', client);
      mkdirSync(dirname(link), { recursive: true });
      symlinkSync(join(ROOT, 'node_modules', client), link, 'junction');
      try {
        assert.deepEqual(typesOf(entries), []);
      } finally {
        rmSync(link);
      }
    });
  }

  for (const threads of [0, 2]) {
    test(`a program in JavaScript runs on ${threads} worker threads`, () => {
      assert.equal(run(`threads-${threads}.mjs`, program(threads, '')), 'ended\n');
    });
  }

  describe('beside a second copy of itself', () => {
    before(() => {
      const copy = join(installed.project, 'other/node_modules/millrace');
      cpSync(join(installed.project, 'node_modules/millrace'), copy, { recursive: true });
      writeFileSync(join(installed.project, 'other/all.mjs'), "export * from 'millrace';");
      writeFileSync(join(installed.project, 'other/testing.mjs'), "export * from 'millrace/testing';");
    });

    for (const threads of [0, 2]) {
      test(`transforms of one work in a pipeline of the other, on ${threads} threads`, () => {
        assert.equal(run(`copies-${threads}.mjs`, twoCopies(threads)), 'ended\n');
      });
    }

    test('the command of one runs a pipeline of the other', () => {
      const source = `
import { option, pipeline, reshuffle } from 'millrace';
export default pipeline('copy', { n: option.integer() }, (p, { n }) => {
  p.create([{ n }]).apply(reshuffle()).keyBy('k', (x) => x.n).groupByKey().map('print', ([n, all]) => console.log(n, [...all]));
});
`;
      writeFileSync(join(installed.project, 'definition.mjs'), source);
      const main = join(installed.project, 'other/node_modules/millrace', published().bin.millrace);
      const command = (...args: string[]) =>
        spawnSync(process.execPath, [main, 'run', 'definition.mjs', '--threads', '2', ...args], {
          cwd: installed.project,
          encoding: 'utf8',
        });
      const { stdout, stderr } = command('--n', '5');
      assert.equal(stdout, '5 [ { n: 5 } ]\n', stderr);
      assert.equal(command('--m', '5').status, 2, 'an error of the other copy is an OptionError here too');
    });
  });

  test('a CommonJS program runs on worker threads', () => {
    const source = `
const { Pipeline, reshuffle } = require('millrace');
const mark = '>';
const p = new Pipeline({ threads: 2 });
const marked = p.create([1, 2]).apply(reshuffle()).map('mark', (n) => mark + n).collect();
p.run().then((result) => console.log(String([...result.elements(marked)].sort())));
`;
    assert.equal(run('common.cjs', source), '>1,>2\n');
  });

  test('a program runs whatever its path, and whatever folder it is run in', () => {
    const folder = join(installed.project, 'a folder, é #%41');
    mkdirSync(folder);
    symlinkSync(folder, join(installed.project, 'link'), 'junction');
    writeFileSync(join(folder, 'in é#.txt'), 'line\n');
    const source = `
import { Pipeline, reshuffle } from 'millrace';
import { readText, writeText } from 'millrace/io';
const here = import.meta.dirname;
const p = new Pipeline({ threads: 1 });
p.apply(readText(here + '/in é#.txt')).apply(reshuffle()).apply(writeText(here + '/out é#'));
console.log((await p.run()).state);
`;
    assert.equal(run('a folder, é #%41/prog ram.mjs', source), 'DONE\n');
    assert.equal(run('link/prog ram.mjs', source), 'DONE\n');
    assert.equal(run('link/prog ram.mjs', source, folder), 'DONE\n');
  });

  test('a program in TypeScript runs, and its types are inferred through the package', () => {
    const typed = program(2, ': readonly [string, number]');
    const source = `${typed}
// @ts-expect-error numbers have no key
pipeline.create([1]).groupByKey();
`;
    assert.deepEqual(typeErrors(source, { module: 'nodenext', moduleResolution: 'nodenext' }), []);
    assert.equal(run('typed.ts', typed), 'ended\n');
  });

  test('other files of the package cannot be reached', () => {
    const deep = `import('millrace/dist/sdk-index.js').catch(({ code }) => console.log(code));`;
    assert.equal(run('main.mjs', deep).trim(), 'ERR_PACKAGE_PATH_NOT_EXPORTED');
  });

  for (const name of Object.keys(manifest.bin)) {
    test(`the command ${name} runs`, () => {
      const { status, stdout, stderr } = spawnSync(join(installed.project, 'node_modules/.bin', name), ['--help'], {
        encoding: 'utf8',
        shell: process.platform === 'win32',
      });
      assert.equal(status, 0, stderr);
      assert.match(stdout, new RegExp(name));
    });
  }

  function published() {
    return JSON.parse(readFileSync(join(installed.project, 'node_modules/millrace/package.json'), 'utf8'));
  }

  /** What this program of the user's project prints. */
  function run(name: string, source: string, cwd = installed.project): string {
    const path = join(installed.project, name);
    writeFileSync(path, source);
    const { status, stdout, stderr } = spawnSync(process.execPath, [cwd === installed.project ? name : path], {
      cwd,
      encoding: 'utf8',
      timeout: 60_000,
    });
    assert.equal(status, 0, stderr);
    return stdout;
  }

  /** What the compiler says of a module of the user's project, and of our declarations that it reads. */
  function typeErrors(source: string, options: Readonly<Record<string, unknown>>): string[] {
    const { project } = installed;
    const compilerOptions = { target: 'es2024', strict: true, noEmit: true, types: ['node'], ...options };
    writeFileSync(join(project, 'main.ts'), source);
    writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['main.ts'] }));
    const compiler = join(ROOT, 'node_modules/typescript/bin/tsc');
    const { stdout } = spawnSync(process.execPath, [compiler, '-p', '.', '--pretty', 'false'], {
      cwd: project,
      encoding: 'utf8',
    });
    // Declarations of other packages are not ours to mend.
    return stdout.split('\n').filter((line) => /^(main\.ts|node_modules\/millrace\/|error)/.test(line));
  }
});
