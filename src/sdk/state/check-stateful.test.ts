import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ParDoPayload, type StateSpec, TimeDomain } from '../../model/pipeline.ts';
import { describeGraph } from '../graph/fingerprint.ts';
import { graphToProto } from '../graph/to-proto.ts';
import {
  coders,
  count,
  fixed,
  type GlobalWindow,
  type KV,
  type PCollection,
  Pipeline,
  PipelineError,
  sessions,
  state,
  timer,
} from '../index.ts';
import { isStateful } from './check-stateful.ts';

type Input = PCollection<KV<string, number>, GlobalWindow>;

/** DoFns that the compiler refuses, or cannot see through, as a program without types has them. */
function code(fn: unknown, from?: (p: Pipeline) => unknown): string {
  const p = new Pipeline();
  const input = (from?.(p) ?? p.create([['a', 1] as KV<string, number>])) as Input;
  try {
    input.parDo('step', fn as never);
  } catch (error) {
    assert.ok(error instanceof PipelineError, String(error));
    assert.equal(error.context.transform, 'step');
    return error.code;
  }
  return 'accepted';
}

const process = () => {};

test('state and timers that cannot work are refused while the graph is built', () => {
  const n = state.value<number>();
  const t = timer.eventTime();
  assert.equal(code({ process, state: { n }, timers: { t }, onTimer: { t: process } }), 'accepted');
  assert.equal(
    code({ process, state: { n } }, (p) => p.create(['a'], coders.string)),
    'KEY_MISSING',
  );
  const byPrice = coders.kv(coders.default<{ id: number }>(), coders.double);
  assert.equal(
    code({ process, state: { n } }, (p) => p.create([[{ id: 1 }, 1]], byPrice)),
    'KEY_NOT_DETERMINISTIC',
  );
  const inSessions = (p: Pipeline) => p.create([['a', 1] as KV<string, number>]).window(sessions({ gap: '1m' }));
  assert.equal(code({ process, state: { n } }, inSessions), 'STATE_BEFORE_MERGE');
  assert.equal(
    code({ process, state: { n } }, (p) => inSessions(p).groupByKey()),
    'accepted',
  );
  assert.equal(code({ process, requiresTimeSortedInput: true }, inSessions), 'STATE_BEFORE_MERGE');
  assert.equal(code({ process, state: { n: {} } }), 'STATE_INVALID');
  assert.equal(code({ process, state: { n: undefined } }), 'STATE_INVALID');
  assert.equal(code({ process, state: { '': n } }), 'STATE_INVALID');
  assert.equal(code({ process, state: { ['x'.repeat(101)]: n } }), 'STATE_INVALID');
  assert.equal(code({ process, state: JSON.parse('{"__proto__": {"kind": "value"}}') }), 'STATE_INVALID');
  const many = Object.fromEntries(Array.from({ length: 101 }, (_, i) => [`s${i}`, n]));
  assert.equal(code({ process, state: many }), 'STATE_INVALID');
  assert.equal(code({ process, timers: { t: n }, onTimer: { t: process } }), 'TIMER_INVALID');
  assert.equal(code({ process, timers: { t } }), 'TIMER_UNHANDLED');
  assert.equal(code({ process, timers: { t }, onTimer: { t: 5 } }), 'TIMER_UNHANDLED');
  assert.equal(code({ process, timers: { toString: t }, onTimer: {} }), 'TIMER_UNHANDLED');
  assert.equal(code({ process, onTimer: { t: process } }), 'TIMER_UNDECLARED');
  assert.equal(code({ process, timers: { t }, onTimer: { t: process, u: process } }), 'TIMER_UNDECLARED');
  assert.equal(code({ process, onWindowExpiration: process }), 'EXPIRATION_WITHOUT_STATE');
  assert.equal(code({ process, state: { n }, concurrency: 4 }), 'STATE_CONCURRENCY');
});

test('specs that cannot work are refused where they are made', () => {
  const wrong = (make: () => unknown, expected: string) => assert.throws(make, { code: expected });
  wrong(() => state.combining({} as never), 'STATE_INVALID');
  wrong(() => state.value({} as never), 'CODER_INVALID');
  wrong(() => state.set(coders.default()), 'KEY_NOT_DETERMINISTIC');
  wrong(() => state.map(coders.default(), coders.string), 'KEY_NOT_DETERMINISTIC');
  wrong(() => state.multimap(coders.string, 5 as never), 'CODER_INVALID');
});

function everything(): Pipeline {
  const p = new Pipeline();
  p.create([['a', 1] as KV<string, number>])
    .window(fixed('1h'))
    .parDo('all', {
      state: {
        value: state.value(coders.double),
        bag: state.bag(coders.string),
        sum: state.combining(count()),
        map: state.map(coders.string, coders.double),
        multimap: state.multimap(coders.string, coders.double),
        set: state.set(coders.string),
        list: state.orderedList(coders.double),
      },
      timers: { e: timer.eventTime(), p: timer.processingTimeFamily() },
      requiresTimeSortedInput: true,
      requiresStableInput: true,
      process() {},
      onTimer: { e() {}, p() {} },
      onWindowExpiration() {},
    });
  return p;
}

test('the proto says what a runner must know of state and timers', () => {
  const { graph } = everything();
  assert.equal(isStateful(graph.transforms.get('all')?.spec), true);
  assert.equal(isStateful(graph.transforms.get('Window')?.spec), false);
  const proto = graphToProto(graph);
  assert.deepEqual(proto.requirements, [
    'beam:requirement:pardo:stable_input:v1',
    'beam:requirement:pardo:stateful:v1',
  ]);
  const { components } = proto;
  const payload = ParDoPayload.decode(components?.transforms.all.spec?.payload as Uint8Array);
  const coder = (id: string | undefined) => components?.coders[id as string].spec?.urn;
  const specs: Record<string, StateSpec> = payload.stateSpecs;
  assert.equal(coder(specs.value.readModifyWriteSpec?.coderId), 'beam:coder:double:v1');
  assert.equal(coder(specs.bag.bagSpec?.elementCoderId), 'beam:coder:string_utf8:v1');
  assert.equal(Buffer.from(specs.sum.combiningSpec?.combineFn?.payload as Uint8Array).toString(), 'all#sum');
  // What is no bag is a history in one, of which the runner sees the lengths.
  for (const name of ['map', 'multimap', 'set', 'list']) {
    assert.equal(coder(specs[name].bagSpec?.elementCoderId), 'beam:coder:bytes:v1');
  }
  for (const { protocol } of Object.values(specs)) assert.equal(protocol?.urn, 'beam:user_state:bag:v1');
  const families = payload.timerFamilySpecs;
  assert.equal(families.e.timeDomain, TimeDomain.EVENT_TIME);
  assert.equal(families.p.timeDomain, TimeDomain.PROCESSING_TIME);
  assert.equal(coder(families.e.timerFamilyCoderId), 'beam:coder:timer:v1');
  // The DoFn sets a timer for itself: not every runner that is told of this field does something about it.
  assert.equal(families['millrace:on_window_expiration'].timeDomain, TimeDomain.EVENT_TIME);
  assert.equal(payload.onWindowExpirationTimerFamilySpec, '');
  assert.ok(payload.requiresStableInput);
  // Elements are sorted here, for the same reason.
  assert.ok(!payload.requiresTimeSortedInput);
  assert.equal(families['millrace:sorted_input'].timeDomain, TimeDomain.EVENT_TIME);
  assert.ok(specs['millrace:sorted_input'].bagSpec !== undefined);
});

test('the description of a graph tells states and timers apart', () => {
  const line = describeGraph(everything().graph).find((each) => each.startsWith("transform 'all'")) as string;
  assert.match(line, /sorted by time/);
  assert.match(line, /map state 'map' of beam:coder:string_utf8:v1, beam:coder:double:v1/);
  assert.match(line, /event timer 'e' processing timers 'p'/);
});
