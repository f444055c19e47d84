/** A composite names all that it reads, as a Beam PTransform must: runners cut graphs along it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asMap, Count, innerJoin, type PCollection, Pipeline, transform, Wait } from '../index.ts';

function inputsOf(p: Pipeline, name: string): Readonly<Record<string, string>> | undefined {
  return p.graph.transforms.get(name)?.inputs;
}

test('both sides of a join', () => {
  const p = new Pipeline();
  const left = p.create([1]).keyBy('Left', (n) => n);
  const right = p.create([1]).keyBy('Right', (n) => n);
  left.apply(innerJoin(right));
  assert.deepEqual(inputsOf(p, 'InnerJoin'), { input: 'Left.main', input1: 'Right.main' });
  assert.deepEqual(inputsOf(p, 'InnerJoin/CoGroup'), { left: 'Left.main', right: 'Right.main' });
});

test('side inputs and what a closure holds, however deep inside; each once, and nothing from inside', () => {
  const p = new Pipeline();
  const table = p.create([['a', 1]]);
  const closure = p.create(['x']);
  const inner = transform('Inner', (words: PCollection<string>) => {
    closure.map('Use', (x) => x);
    const own = words.keyBy('own', (word) => word);
    return words.parDo('Look up', {
      sides: { table: asMap(table as never), own: asMap(own) },
      process: (word) => [word],
    });
  });
  p.create(['a']).apply(
    'Outer',
    transform('Outer', (words: PCollection<string>) => words.apply(inner).apply(Wait.on(table, closure))),
  );
  const expected = {
    input: 'Create#3/Elements.main',
    input1: 'Create#2/Elements.main',
    input2: 'Create/Elements.main',
  };
  assert.deepEqual(inputsOf(p, 'Outer/Inner'), expected);
  assert.deepEqual(inputsOf(p, 'Outer'), expected);
  assert.deepEqual(inputsOf(p, 'Outer/Wait'), {
    input: 'Outer/Inner/Look up.main',
    input1: 'Create/Elements.main',
    input2: 'Create#2/Elements.main',
  });
});

test('a composite of the pipeline, and one that is executed as a whole', () => {
  const p = new Pipeline();
  const words = p.create(['a']);
  p.apply(transform('Begin', () => words.map('x', (word) => word)));
  assert.deepEqual(inputsOf(p, 'Begin'), { input1: 'Create/Elements.main' });
  words.apply(Count.perElement());
  assert.deepEqual(inputsOf(p, 'CountPerElement'), { input: 'Create/Elements.main' });
  assert.deepEqual(inputsOf(p, 'CountPerElement/CountPerKey'), { input: 'CountPerElement/ElementAsKey.main' });
});
