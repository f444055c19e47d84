import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import fc from 'fast-check';
import { booleanCoder } from '../coders/boolean-coder.ts';
import { bytesCoder } from '../coders/bytes-coder.ts';
import { doubleCoder } from '../coders/double-coder.ts';
import { stringCoder } from '../coders/string-coder.ts';
import { int64Coder, safeIntCoder } from '../coders/varint-coder.ts';
import { MillraceError } from '../errors.ts';
import { Pipeline } from '../pipeline/pipeline.ts';
import { option } from './option.ts';
import { flagOf, nearestName, variableOf } from './option-names.ts';
import type { OptionInput, OptionValues } from './option-specs.ts';
import { MAX_OPTIONS_FILE } from './options-file.ts';
import { optionsHelp } from './options-help.ts';
import { optionValues, parsePipelineOptions, pipelineSpecs } from './parse-options.ts';
import { checkRunOptions } from './run-options.ts';

const folder = mkdtempSync(join(tmpdir(), 'millrace-options-'));
after(() => rmSync(folder, { recursive: true }));

let files = 0;
function file(content: string): string {
  const path = join(folder, `${++files}.json`);
  writeFileSync(path, content);
  return path;
}

const specs = {
  input: option.string({ help: 'files to read' }),
  minLength: option.integer({ min: 1, max: 10, default: 2 }),
  ratio: option.number({ required: false }),
  verify: option.boolean(),
  format: option.choice(['text', 'json'], { default: 'text' }),
  tags: option.list(option.string(), { default: [] }),
};

function parse(argv: readonly string[], sources: { env?: Record<string, string>; values?: object } = {}) {
  return parsePipelineOptions(argv, specs, { env: {}, ...sources });
}

function fails(action: () => unknown, code: string, message: RegExp): void {
  assert.throws(action, (error) => {
    assert.ok(error instanceof MillraceError, String(error));
    assert.equal(error.code, code);
    assert.match(error.message, message);
    return true;
  });
}

type Eq<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function ok<T extends true>(): T | undefined {
  return undefined;
}

describe('types of options', () => {
  it('are inferred from the specs', () => {
    const coders = { a: stringCoder, b: int64Coder, c: safeIntCoder, d: doubleCoder, e: booleanCoder };
    ok<Eq<OptionValues<typeof coders>['b'], bigint>>();
    ok<
      Eq<
        OptionValues<typeof specs>,
        {
          readonly input: string;
          readonly minLength: number;
          readonly ratio: number | undefined;
          readonly verify: boolean;
          readonly format: 'text' | 'json';
          readonly tags: readonly string[];
        }
      >
    >();
    const input: OptionInput<typeof specs> = { input: 'x' };
    assert.equal(optionValues(specs, input).format, 'text');
    // @ts-expect-error input is required
    fails(() => optionValues(specs, {}), 'OPTION_MISSING', /--input/);
    // @ts-expect-error an unknown option
    fails(() => optionValues(specs, { input: 'x', inptu: 1 }), 'OPTION_UNKNOWN', /'inptu'[\s\S]*did you mean 'input'/);
    // @ts-expect-error a wrong type
    fails(() => optionValues(specs, { input: 1 }), 'OPTION_INVALID', /'input' must be a string, not 1/);
    // @ts-expect-error a default that is none of the choices
    fails(() => option.choice(['a', 'b'], { default: 'c' }), 'OPTION_SPEC_INVALID', /one of 'a', 'b'/);
  });
});

describe('argv', () => {
  it('is read in every form', () => {
    const { values, run } = parse([
      '--input=a b',
      '--min-length',
      '3',
      '--ratio',
      '-0.5e1',
      '--verify',
      '--format=json',
      '--tags',
      'x,y',
      '--tags=z',
      '--threads=0',
      '--memory',
      '512MiB',
      '--disable',
      'fusion,deadCode',
      '--no-strict',
    ]);
    assert.deepEqual(values, {
      input: 'a b',
      minLength: 3,
      ratio: -5,
      verify: true,
      format: 'json',
      tags: ['x', 'y', 'z'],
    });
    assert.deepEqual(run, { threads: 0, memory: '512MiB', strict: false, disable: ['fusion', 'deadCode'] });
  });

  it('gives defaults for what is absent, and nothing for the run', () => {
    const { values, run } = parse(['--input', 'x']);
    assert.deepEqual(values, { input: 'x', minLength: 2, ratio: undefined, verify: false, format: 'text', tags: [] });
    assert.deepEqual(run, {});
  });

  const wrong: readonly (readonly [argv: string[], code: string, message: RegExp])[] = [
    [['--inptu', 'x'], 'OPTION_UNKNOWN', /--inptu[\s\S]*did you mean --input\?/],
    [['--minLength', '3'], 'OPTION_UNKNOWN', /did you mean --min-length\?/],
    [['--thread', '3'], 'OPTION_UNKNOWN', /did you mean --threads\?/],
    [['--completely-else'], 'OPTION_UNKNOWN', /known options: --input, /],
    [['-x'], 'OPTION_UNKNOWN', /-x/],
    [['--__proto__', 'x'], 'OPTION_UNKNOWN', /__proto__/],
    [['--constructor'], 'OPTION_UNKNOWN', /constructor/],
    [['--min-length', 'abc'], 'OPTION_INVALID', /--min-length must be an integer from 1 to 10, not 'abc'/],
    [['--min-length', '11'], 'OPTION_INVALID', /from 1 to 10, not '11'/],
    [['--min-length', '1.5'], 'OPTION_INVALID', /not '1\.5'/],
    [['--min-length', '0x2'], 'OPTION_INVALID', /not '0x2'/],
    [['--min-length='], 'OPTION_INVALID', /not ''/],
    [['--ratio', 'Infinity'], 'OPTION_INVALID', /a number/],
    [['--ratio', '1e999'], 'OPTION_INVALID', /a number/],
    [['--verify=maybe'], 'OPTION_INVALID', /--verify must be true or false, not 'maybe'/],
    [['--no-verify=true'], 'OPTION_INVALID', /--no-verify takes no value/],
    [['--no-input'], 'OPTION_INVALID', /--input takes a value/],
    [['--format', 'xml'], 'OPTION_INVALID', /--format must be one of 'text', 'json', not 'xml'/],
    [['--input'], 'OPTION_INVALID', /--input needs a value/],
    [['--input', '--verify'], 'OPTION_INVALID', /--verify follows[\s\S]*--input=--verify/],
    [['--threads', '-1'], 'OPTION_INVALID', /--threads must be an integer from 0/],
    [['--memory', 'lots'], 'OPTION_INVALID', /--memory must be a size such as 512MiB/],
    [['--memory', '10'], 'OPTION_INVALID', /--memory must be a size such as 512MiB, at least 8MiB, not '10'/],
    [['--checkpoint-dir', ''], 'OPTION_INVALID', /--checkpoint-dir must be the path of a folder, not ''/],
    [['--temp-dir= '], 'OPTION_INVALID', /--temp-dir must be the path of a folder, not ' '/],
    [['--runner', 'spark'], 'OPTION_INVALID', /--runner must be one of 'direct', 'portable'/],
    [['--input', 'x', '--runner-options', 'parallelism'], 'OPTION_INVALID', /'parallelism' is no runner option/],
    [['--disable', 'fusion,nothing'], 'OPTION_INVALID', /--disable must be a list/],
    [['--input', 'a', '--input', 'b'], 'OPTION_INVALID', /--input is given twice/],
    [['--input', 'a', '--input=a'], 'OPTION_INVALID', /--input is given twice/],
    [['--input', 'a', '--verify', '--no-verify'], 'OPTION_INVALID', /--verify is given twice/],
    [['--input', 'a', '--threads', '1', '--threads', '2'], 'OPTION_INVALID', /--threads is given twice/],
    [['--input', 'x', 'stray'], 'ARGUMENT_UNEXPECTED', /'stray'/],
    [[], 'OPTION_MISSING', /--input/],
  ];
  for (const [argv, code, message] of wrong) {
    it(`is refused: ${argv.join(' ') || '(nothing)'}`, () => fails(() => parse(argv), code, message));
  }

  it('names every missing option', () => {
    const two = { input: option.string(), output: option.string() };
    fails(() => parsePipelineOptions([], two, { env: {} }), 'OPTION_MISSING', /--input, --output/);
  });

  it('never yields anything but values or an OptionError', () => {
    const word = fc.oneof(
      fc.constantFrom(
        '--input',
        '--verify',
        '--no-verify',
        '--min-length',
        '--',
        '-',
        '--tags',
        '--threads',
        '3',
        'a,b',
      ),
      fc.string(),
      fc.string().map((text) => `--${text}`),
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 8 }), (argv) => {
        try {
          assert.equal(typeof parse(argv).values.input, 'string');
        } catch (error) {
          assert.ok(error instanceof MillraceError, String(error));
        }
      }),
    );
  });
});

describe('sources', () => {
  it('win over each other in the order code, argv, environment, file, default', () => {
    const path = file(JSON.stringify({ input: 'file', 'min-length': 4, format: 'json', tags: ['f'], threads: 1 }));
    const env = { MILLRACE_INPUT: 'env', MILLRACE_MIN_LENGTH: '5', MILLRACE_TAGS: 'e1,e2', MILLRACE_THREADS: '2' };
    const at = (values: object, argv: string[], variables: Record<string, string>) =>
      parse(argv, { values, env: variables });
    assert.equal(at({ input: 'code' }, ['--input', 'argv', '--options-file', path], env).values.input, 'code');
    assert.equal(at({}, ['--input', 'argv', '--options-file', path], env).values.input, 'argv');
    const fromEnv = at({}, ['--options-file', path], env);
    assert.deepEqual(fromEnv.values, {
      input: 'env',
      minLength: 5,
      ratio: undefined,
      verify: false,
      format: 'json',
      tags: ['e1', 'e2'],
    });
    assert.deepEqual(fromEnv.run, { threads: 2 });
    assert.equal(at({}, [], { MILLRACE_OPTIONS_FILE: path }).values.input, 'file');
    assert.equal(at({}, [], { MILLRACE_OPTIONS_FILE: path }).run.threads, 1);
  });

  it('include process.env', () => {
    process.env.MILLRACE_INPUT = 'from the environment';
    try {
      assert.equal(parsePipelineOptions([], specs).values.input, 'from the environment');
    } finally {
      delete process.env.MILLRACE_INPUT;
    }
  });

  it('name a malformed variable', () => {
    const env = { MILLRACE_INPUT: 'x', MILLRACE_MIN_LENGTH: 'many' };
    fails(
      () => parse([], { env }),
      'OPTION_INVALID',
      /MILLRACE_MIN_LENGTH must be an integer from 1 to 10, not 'many'/,
    );
  });

  it('take an empty variable and an unknown one for not given', () => {
    const env = { MILLRACE_INPUT: 'x', MILLRACE_MIN_LENGTH: '', MILLRACE_INPTU: 'y' };
    assert.equal(parse([], { env }).values.minLength, 2);
  });

  const wrong: readonly (readonly [content: string, code: string, message: RegExp])[] = [
    ['{"inptu": "x"}', 'OPTION_UNKNOWN', /'inptu'[\s\S]*\.json[\s\S]*did you mean 'input'/],
    ['{"input": 3}', 'OPTION_INVALID', /'input' must be a string, not 3[\s\S]*\.json/],
    ['{"input": "x", "minLength": "3"}', 'OPTION_INVALID', /'minLength' must be an integer from 1 to 10, not "3"/],
    ['{"input": "x", "minLength": 2, "min-length": 3}', 'OPTION_INVALID', /'minLength' is given twice/],
    ['{"input": null}', 'OPTION_INVALID', /'input' must be a string, not null/],
    ['{"__proto__": {"input": "x"}}', 'OPTION_UNKNOWN', /__proto__/],
    ['{"optionsFile": "other.json"}', 'OPTION_UNKNOWN', /optionsFile/],
    ['[1]', 'OPTIONS_FILE', /one JSON object/],
    ['{', 'OPTIONS_FILE', /cannot be read/],
    [`"${'x'.repeat(MAX_OPTIONS_FILE)}"`, 'OPTIONS_FILE', /bytes, at most 1048576/],
  ];
  for (const [content, code, message] of wrong) {
    it(`refuse the file ${content.slice(0, 60)}`, () => {
      fails(() => parse(['--options-file', file(content)]), code, message);
    });
  }

  it('refuse a file that is not there', () => {
    fails(() => parse(['--options-file', join(folder, 'absent.json')]), 'OPTIONS_FILE', /absent\.json/);
  });
});

describe('specs', () => {
  it('may be coders', () => {
    const coders = { text: stringCoder, big: int64Coder, n: safeIntCoder, x: doubleCoder, flag: booleanCoder };
    const { values } = parsePipelineOptions(
      ['--text', 't', '--big', '9223372036854775807', '--n', '-7', '--x', '2.5', '--flag'],
      coders,
      { env: {} },
    );
    assert.deepEqual(values, { text: 't', big: 9223372036854775807n, n: -7, x: 2.5, flag: true });
    fails(
      () => parsePipelineOptions(['--big', '9223372036854775808'], coders, { env: {} }),
      'OPTION_INVALID',
      /64 bits/,
    );
    fails(() => parsePipelineOptions([], coders, { env: {} }), 'OPTION_MISSING', /--text, --big, --n, --x/);
    fails(
      () => pipelineSpecs({ data: bytesCoder }),
      'OPTION_SPEC_INVALID',
      /beam:coder:bytes:v1 cannot be the type of the option 'data'/,
    );
  });

  it('are refused when a name cannot be a flag', () => {
    for (const name of [
      '',
      'a-b',
      'a b',
      '1a',
      'x'.repeat(65),
      'help',
      'threads',
      'tempDir',
      'json',
      'optionsFile',
      'noCache',
    ]) {
      fails(() => pipelineSpecs({ [name]: option.string() }), 'OPTION_SPEC_INVALID', /cannot be the name/);
    }
    fails(
      () => pipelineSpecs({ minLength: option.string(), minlength: option.string(), MinLength: option.string() }),
      'OPTION_SPEC_INVALID',
      /would both be --min-length/,
    );
    fails(() => pipelineSpecs({ a: 3 as never }), 'OPTION_SPEC_INVALID', /3 cannot be the type of the option 'a'/);
  });

  it('make help', () => {
    assert.deepEqual(optionsHelp(pipelineSpecs(specs)), [
      '  --input TEXT          files to read; required',
      '  --min-length INTEGER  default 2',
      '  --ratio NUMBER',
      '  --verify',
      '  --format text|json    default text',
      '  --tags TEXT,...',
    ]);
  });
});

describe('run options in code', () => {
  it('are taken as they are meant', () => {
    checkRunOptions({
      runner: 'direct',
      threads: 2,
      memory: 2 ** 29,
      disable: ['fusion'],
      program: new URL('file:///a.ts'),
      signal: new AbortController().signal,
      onProgress: () => {},
      runnerOptions: { parallelism: 4 },
      ...({ tempDir: undefined } as object),
    });
  });

  it('are refused when they are unknown or malformed', () => {
    const check = (options: object) => () => checkRunOptions(options);
    fails(check({ thread: 2 }), 'OPTION_UNKNOWN', /'thread'.*\n.*did you mean 'threads'/);
    fails(check({ toString: 1 }), 'OPTION_UNKNOWN', /'toString'.*\n.*known options: runner, threads/);
    for (const wrong of [{ threads: '2' }, { disable: 'fusion' }, { disable: ['all'] }, { strict: 1 }, { signal: 5 }]) {
      fails(check(wrong), 'OPTION_INVALID', new RegExp(`'${Object.keys(wrong)[0]}' must be`));
    }
    fails(check({ memory: 10 }), 'OPTION_INVALID', /'memory' must be a size .* at least 8MiB, not 10/);
    fails(check({ memory: '7.9MiB' }), 'OPTION_INVALID', /'memory' must be a size .* at least 8MiB, not '7.9MiB'/);
    fails(check({ checkpointDir: '' }), 'OPTION_INVALID', /'checkpointDir' must be the path of a folder, not ''/);
    fails(check({ tempDir: '' }), 'OPTION_INVALID', /'tempDir' must be the path of a folder, not ''/);
    fails(check({ token: '' }), 'OPTION_INVALID', /'token' must be some text, not ''/);
    fails(check({ environmentConfig: '' }), 'OPTION_INVALID', /'environmentConfig' must be some text, not ''/);
    fails(check(JSON.parse('null')), 'OPTION_INVALID', /must be an object, not null/);
    fails(check(JSON.parse('4')), 'OPTION_INVALID', /must be an object, not 4/);
    fails(check({ program: 5 }), 'OPTION_INVALID', /a path or URL, not 5/);
    fails(check({ runnerOptions: ['a=1'] }), 'OPTION_INVALID', /an object, not/);
    fails(check({ onProgress: true }), 'OPTION_INVALID', /a function, not true/);
  });

  it('of a pipeline are those of a run, and its name', async () => {
    const build = (options: object) => () => new Pipeline(options);
    assert.equal(new Pipeline({ name: 'mine', memory: '8MiB' }).name, 'mine');
    fails(build({ name: 5 }), 'OPTION_INVALID', /'name' must be a string, not 5/);
    fails(build({ nam: 'mine' }), 'OPTION_UNKNOWN', /did you mean 'name'/);
    fails(build({ memory: 10 }), 'OPTION_INVALID', /'memory' must be/);
    fails(build(JSON.parse('null')), 'OPTION_INVALID', /must be an object, not null/);
    await assert.rejects(new Pipeline().run(JSON.parse('null')), { code: 'OPTION_INVALID' });
    await assert.rejects(new Pipeline().run({ name: 'mine' } as object), { code: 'OPTION_UNKNOWN' });
  });
});

describe('names', () => {
  it('have a flag and a variable', () => {
    assert.equal(flagOf('minLength'), 'min-length');
    assert.equal(flagOf('inputURL'), 'input-url');
    assert.equal(flagOf('URLPath'), 'url-path');
    assert.equal(variableOf('tempDir'), 'MILLRACE_TEMP_DIR');
  });

  it('are suggested by distance', () => {
    assert.equal(nearestName('ouptut', ['input', 'output']), 'output');
    assert.equal(nearestName('x', ['input', 'output']), undefined);
    assert.equal(nearestName('zzzzzz', ['input']), undefined);
  });
});
