import { coders, type KV, sessions, state, sum, timer } from '../../../src/sdk/index.ts';
import { assertThat } from '../../../src/testing/index.ts';
import { topic } from '../conformance-case.ts';
import { windowsOf } from '../elements.ts';
import { add, type play, playKeyed, watermark } from '../streams.ts';

const pairs = (p: Parameters<typeof play>[0]) => p.create<KV<string, number>>([['k', 1]]);
const nothing = (): number[] => [];

export const stateRules = topic(
  'state/rules',
  'DoFnSignatures; ParDo.validate…; ParDoTest.testStateNotKeyed …; userstate_test.py test_bad_signatures',
  [
    {
      name: 'not-keyed',
      rule: 'State needs pairs',
      source: 'ParDoTest.testStateNotKeyed',
      fails: 'KEY_MISSING',
      pipeline(p) {
        p.create(['a'], coders.string).parDo('State', {
          state: { v: state.value<number>() } as never,
          process: nothing,
        });
      },
    },
    {
      name: 'timer-not-keyed',
      rule: 'Timers need pairs',
      source: 'ParDoTest.testTimerNotKeyed',
      fails: 'KEY_MISSING',
      pipeline(p) {
        p.create(['a'], coders.string).parDo('Timer', {
          timers: { t: timer.eventTime() } as never,
          process: nothing,
          onTimer: { t: nothing } as never,
        });
      },
    },
    {
      name: 'key-not-deterministic',
      rule: 'Keys of state have a deterministic coder',
      source: 'ParDoTest.testStateNotDeterministic, testTimerNotDeterministic',
      fails: 'KEY_NOT_DETERMINISTIC',
      pipeline(p) {
        const coder = coders.kv(coders.default<{ a: number }>(), coders.safeInt);
        const keyed = p.create<KV<{ a: number }, number>>([[{ a: 1 }, 1]], coder);
        keyed.parDo('State', { state: { v: state.value<number>() } as never, process: nothing });
      },
    },
    {
      name: 'map-key-not-deterministic',
      rule: 'Keys of a map state have a deterministic coder',
      fails: 'KEY_NOT_DETERMINISTIC',
      pipeline() {
        state.map(coders.default());
      },
    },
    {
      name: 'before-sessions-merge',
      rule: 'State cannot be kept in windows that are not merged yet',
      source: 'ParDo: merging windows are refused for state',
      fails: 'STATE_BEFORE_MERGE',
      pipeline(p) {
        pairs(p)
          .window(sessions({ gap: '10ms' }))
          .parDo('State', { state: { v: state.value<number>() }, process: nothing });
      },
    },
    {
      name: 'after-sessions-merged',
      rule: 'After a grouping sessions are final and may have state',
      needs: ['state', 'merging-windows', 'test-stream'],
      pipeline(p) {
        const out = playKeyed<number>(p, add(1, 1), add(5, 2), watermark(100))
          .window(sessions({ gap: '10ms' }))
          .combinePerKey(sum())
          .parDo('State', {
            state: { last: state.value<number>() },
            process([, n], { state: { last } }) {
              last.write(n);
              return [last.read() ?? 0];
            },
          });
        assertThat(windowsOf(out)).isEqualTo([3, '1-15']);
      },
    },
    {
      name: 'timer-without-handler',
      rule: 'Every timer has a handler',
      source: 'DoFnSignaturesTest.testTimerIdNoCallback; userstate_test.py test_validation_typos',
      fails: 'TIMER_UNHANDLED',
      pipeline(p) {
        pairs(p).parDo('Timer', { timers: { t: timer.eventTime() }, process: nothing });
      },
    },
    {
      name: 'handler-without-timer',
      rule: 'Every handler has a timer',
      source: 'DoFnSignaturesTest.testOnTimerNoDeclaration',
      fails: 'TIMER_UNDECLARED',
      pipeline(p) {
        pairs(p).parDo('Timer', { process: nothing, onTimer: { t: nothing } as never });
      },
    },
    {
      name: 'expiration-without-state',
      rule: 'A window expires for keys that have state',
      fails: 'EXPIRATION_WITHOUT_STATE',
      pipeline(p) {
        pairs(p).parDo('Expire', { process: nothing, onWindowExpiration: nothing });
      },
    },
    {
      name: 'not-a-state',
      rule: 'A state is declared by what makes one',
      source: 'DoFnSignaturesTest',
      fails: 'STATE_INVALID',
      pipeline(p) {
        pairs(p).parDo('State', { state: { v: 7 as never }, process: nothing });
      },
    },
    {
      name: 'not-concurrent',
      rule: 'Elements of a DoFn with state are processed one after another',
      fails: 'STATE_CONCURRENCY',
      pipeline(p) {
        pairs(p).parDo('State', { state: { v: state.value<number>() }, concurrency: 4, process: nothing });
      },
    },
    {
      name: 'asynchronous',
      rule: 'An asynchronous DoFn with state sees what the call before it has written',
      needs: ['state'],
      pipeline(p) {
        const out = p.create([1, 2, 3].map((n): KV<string, number> => ['k', n])).parDo('Later', {
          state: { n: state.value<number>() },
          async process(_, { state: { n } }) {
            const before = n.read() ?? 0;
            await Promise.resolve();
            n.write(before + 1);
            return [before];
          },
        });
        assertThat(out).containsInAnyOrder([0, 1, 2]);
      },
    },
  ],
);
