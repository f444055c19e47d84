import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { LogEntrySeverity } from '../../../model/fn-execution.ts';
import { tellConsole } from './console-log.ts';

const { DEBUG, INFO, WARN, ERROR } = LogEntrySeverity;
const METHODS = ['debug', 'log', 'info', 'warn', 'error'] as const;

test('each way to print has its severity, and prints', (t) => {
  const printed: unknown[][] = [];
  for (const name of METHODS)
    t.mock.method(console, name, (...values: unknown[]) => void printed.push([name, ...values]));
  const told: unknown[][] = [];
  const release = tellConsole({ tell: (severity, message) => void told.push([severity, message]) });
  for (const name of METHODS) console[name]('%s', name, { a: 1 });
  release();
  console.log('later');
  assert.deepEqual(told, [
    [DEBUG, 'debug { a: 1 }'],
    [INFO, 'log { a: 1 }'],
    [INFO, 'info { a: 1 }'],
    [WARN, 'warn { a: 1 }'],
    [ERROR, 'error { a: 1 }'],
  ]);
  assert.deepEqual(printed, [...METHODS.map((name) => [name, '%s', name, { a: 1 }]), ['log', 'later']]);
});

test('what is printed while it is told is not told, and nothing that is told fails the caller', (t) => {
  t.mock.method(console, 'log', () => {});
  const told: string[] = [];
  const release = tellConsole({
    tell: (_severity, message) => {
      told.push(message);
      console.log('told', message);
    },
  });
  const chatty = {
    [inspect.custom]: () => {
      console.log('within');
      return 'chatty';
    },
  };
  const broken = {
    [inspect.custom]: () => {
      throw new Error('no text');
    },
  };
  console.log(chatty);
  console.log(broken);
  console.log('after');
  release();
  assert.deepEqual(told, ['chatty', 'after']);
});
