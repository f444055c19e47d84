import assert from 'node:assert/strict';
import { it } from 'node:test';
import { type Flag, splitArguments } from './arguments.ts';

const flags: readonly Flag[] = [
  { names: ['--json'], help: '' },
  { names: ['--format'], placeholder: 'F', help: '' },
  { names: ['-o', '--out'], placeholder: 'FILE', help: '' },
];

it('tells the command’s flags from the pipeline’s options', () => {
  const {
    file,
    flags: given,
    rest,
  } = splitArguments(
    ['--format', 'dot', 'file.ts', '--input', 'a', '--json', '--out=x', '--', '--json', '--', 'b'],
    flags,
  );
  assert.equal(file, 'file.ts');
  assert.deepEqual(Object.fromEntries(given), { '--format': 'dot', '--json': true, '-o': 'x' });
  assert.deepEqual(rest, ['--input', 'a', '--json', '--', 'b']);
});

it('takes a file that looks like a flag after --', () => {
  assert.deepEqual(splitArguments(['--', '--file.ts', '--x'], flags), {
    file: '--file.ts',
    flags: new Map(),
    rest: ['--x'],
  });
  assert.equal(splitArguments([], flags).file, undefined);
});

it('takes a flag with a value once, by whichever of its names; one without may come again', () => {
  assert.throws(() => splitArguments(['-o', 'a', 'file.ts', '--out=b'], flags), {
    code: 'FLAG_INVALID',
    message: /--out is given twice/,
  });
  assert.equal(splitArguments(['--json', 'file.ts', '--json'], flags).flags.get('--json'), true);
});
