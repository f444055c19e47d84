/** What `npm pack` makes is a package that plain JavaScript and TypeScript can use through every entry point. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
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

describe('the package', () => {
  let installed: Installed;
  before(() => {
    installed = packAndInstall();
  });
  after(() => installed?.remove());

  test('holds compiled files, declarations and sources, and nothing of the tests', () => {
    const { files } = installed;
    for (const file of ['dist/sdk-index.js', 'dist/sdk/index.d.ts', 'src/sdk/index.ts', 'LICENSE']) {
      assert.ok(files.includes(file), `${file} is missing`);
    }
    const unwanted = files.filter((file) => /\.test\.|^(test|bench|scripts|examples|docs)\//.test(file));
    assert.deepEqual(unwanted, []);
  });

  test('leaves package.json as it was', () => {
    assert.equal(readFileSync(join(installed.repository, 'package.json'), 'utf8'), manifestText);
  });

  test('says only what users need in its package.json', () => {
    const published = JSON.parse(readFileSync(join(installed.project, 'node_modules/millrace/package.json'), 'utf8'));
    assert.deepEqual(
      Object.keys(published).filter((key) => ['scripts', 'devDependencies', 'allowScripts'].includes(key)),
      [],
    );
    assert.deepEqual(published.dependencies, manifest.dependencies);
    assert.deepEqual(Object.keys(published.exports), Object.keys(manifest.exports));
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
    test(`the types of all entries resolve under ${moduleResolution}`, () => {
      const imports = entries.map((entry, i) => `import * as entry${i} from '${entry}';`);
      const uses = entries.map(
        (_, i) => `export const isTyped${i}: 0 extends 1 & typeof entry${i} ? never : true = true;`,
      );
      assert.deepEqual(typeErrors([...imports, ...uses].join('\n'), { module, moduleResolution }), []);
    });
  }

  for (const threads of [0, 2]) {
    test(`a program in JavaScript runs on ${threads} worker threads`, () => {
      assert.equal(run(`threads-${threads}.mjs`, program(threads, '')), 'ended\n');
    });
  }

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

  /** What this program of the user's project prints. */
  function run(name: string, source: string): string {
    writeFileSync(join(installed.project, name), source);
    const { status, stdout, stderr } = spawnSync(process.execPath, [name], {
      cwd: installed.project,
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
