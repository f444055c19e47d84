import assert from 'node:assert/strict';
import { test } from 'node:test';
import { coders } from '../sdk/index.ts';
import { checkChoiceOption, checkOptions } from './check-options.ts';
import * as io from './index.ts';

type Make = (options: never) => unknown;
const schema = { type: 'record', name: 'R', fields: [] } as const;

/** Every source and sink, with an option it has misspelt, what is meant, and the ones it cannot do without. */
const cases: Readonly<Record<string, readonly [make: Make, typed: string, meant: string, needed?: object]>> = {
  ReadText: [(options) => io.readText('x', options), 'maxLinesBytes', 'maxLineBytes'],
  ReadTextRecords: [(options) => io.readTextRecords('x', options), 'skipHeaderLine', 'skipHeaderLines'],
  ReadCsv: [(options) => io.readCsv('x', options), 'seperator', ''],
  ReadJsonLines: [(options) => io.readJsonLines('x', options), 'validator', 'validate'],
  ReadAvro: [(options) => io.readAvro('x', options), 'int_64', 'int64'],
  ReadTfRecord: [(options) => io.readTfRecord('x', options), 'onerror', 'onError'],
  ReadTfExample: [(options) => io.readTfExample('x', options), 'feature', 'features'],
  ReadTfSequenceExample: [(options) => io.readTfSequenceExample('x', options), 'byte', 'bytes'],
  ReadParquet: [(options) => io.readParquet('x', options), 'column', 'columns'],
  ReadArrow: [(options) => io.readArrow('x', options), 'compresion', 'compression'],
  WatchFiles: [(options) => io.watchFiles('x', options), 'settled', '', { interval: '1s' }],
  TailText: [(options) => io.tailText('x', options), 'intervall', 'interval'],
  TailTextRecords: [(options) => io.tailTextRecords('x', options), 'idleafter', 'idleAfter'],
  HttpSource: [(options) => io.httpSource(options), 'maxBodyByte', 'maxBodyBytes', { port: 0 }],
  ServerSentEvents: [(options) => io.serverSentEvents(options), 'buffersize', 'bufferSize', { port: 0 }],
  WebSocketSink: [(options) => io.webSocketSink(options), 'origin', 'origins', { port: 0 }],
  WriteText: [(options) => io.writeText('x', options), 'numShard', 'numShards'],
  WriteCsv: [(options) => io.writeCsv('x', options), 'delimeter', 'delimiter'],
  WriteJsonLines: [(options) => io.writeJsonLines('x', options), 'sufix', 'suffix'],
  WriteAvro: [(options) => io.writeAvro('x', options), 'codecs', 'codec', { schema }],
  WriteTfRecord: [(options) => io.writeTfRecord('x', options), 'shards', ''],
  WriteTfExample: [(options) => io.writeTfExample('x', options), 'Columns', 'columns'],
  WriteTfSequenceExample: [(options) => io.writeTfSequenceExample('x', options), 'destinations', 'destination'],
  WriteParquet: [(options) => io.writeParquet('x', options), 'rowGroupRow', 'rowGroupRows'],
  WriteArrow: [(options) => io.writeArrow('x', options), 'format', 'form', { schema: coders.row({ a: coders.int64 }) }],
};

for (const [transform, [make, typed, meant, needed]] of Object.entries(cases)) {
  test(`${transform}: an option that does not exist is refused, the one meant is named`, () => {
    make((needed ?? {}) as never);
    make({ ...needed, [typed]: undefined } as never);
    assert.throws(() => make({ ...needed, [typed]: 1 } as never), {
      code: 'OPTION_UNKNOWN',
      summary: `There is no option '${typed}'`,
      message: meant === '' ? /The options are / : new RegExp(`Did you mean '${meant}'`),
    });
  });
}

test('every source and sink is in the list', () => {
  const names = Object.keys(io).filter(
    (name) => /^(read|write|watch|tail|http|server|webSocket)[A-Z]/.test(name) && !/^(read|write)Files$/.test(name),
  );
  const listed = Object.keys(cases).map((name) => name.toLowerCase());
  assert.deepEqual(
    names.filter((name) => !listed.includes(name.toLowerCase())),
    [],
  );
});

test('options that are no object, and names that every object has', () => {
  for (const options of [null, 'x', 7]) {
    assert.throws(() => checkOptions(options as never, { a: true }, 'Test'), { code: 'OPTION_INVALID' });
  }
  assert.throws(() => checkOptions({ constructor: 1 }, { a: true }, 'Test'), { code: 'OPTION_UNKNOWN' });
  checkOptions({ a: 1 }, { a: true }, 'Test');
});

test('a choice that there is none of: all that there are are named', () => {
  checkChoiceOption('mode', 'b', ['a', 'b', 'c'], 'Test');
  const refused = (choices: readonly string[], value: unknown, summary: string) =>
    assert.throws(() => checkChoiceOption('mode', value as string, choices, 'Test'), {
      code: 'OPTION_INVALID',
      summary,
    });
  refused(['a', 'b'], 'd', "mode must be 'a' or 'b', not 'd'");
  refused(['a', 'b', 'c'], 'd', "mode must be 'a', 'b' or 'c', not 'd'");
  refused(['a', 'b'], undefined, "mode must be 'a' or 'b', not 'undefined'");
});
