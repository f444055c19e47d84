import { Count, coders, fixed, type KV, type Pipeline, reshuffle, sum } from '../../../src/sdk/index.ts';
import { assertThat } from '../../../src/testing/index.ts';
import { topic } from '../conformance-case.ts';
import { at, sorted, timesOf, windowsOf } from '../elements.ts';

/** Numbers on the main output, even ones also on `even`, large ones on `large` only. */
function split(p: Pipeline, numbers: readonly number[]) {
  return p.create(numbers).parDo('Split', {
    outputs: { even: coders.default<number>(), large: coders.default<string>() },
    process(n, { output }): number[] {
      if (n > 100) {
        output('large', `large ${n}`);
        return [];
      }
      if (n % 2 === 0) output('even', n);
      return [n];
    },
  });
}

export const outputs = topic('pardo/outputs', 'Guide: additional outputs; ParDo.withOutputTags; ParDoTest', [
  {
    name: 'main-and-tags',
    rule: 'A DoFn emits to its main output and to others by tag',
    source: 'ParDoTest.testParDoWithTaggedOutput; fn_runner_test.py test_pardo_side_and_main_outputs',
    pipeline(p) {
      const { main, even, large } = split(p, [1, 2, 300]);
      assertThat(main).containsInAnyOrder([1, 2]);
      assertThat(even).containsInAnyOrder([2]);
      assertThat(large).containsInAnyOrder(['large 300']);
    },
  },
  {
    name: 'only-tags',
    rule: 'A DoFn may emit to tags only',
    source: 'ParDoTest.testParDoWithOnlyTaggedOutput',
    pipeline(p) {
      const { main, seen } = p.create([1, 2]).parDo('Only', {
        outputs: { seen: coders.default<number>() },
        process(n, { output }): number[] {
          output('seen', n);
          return [];
        },
      });
      assertThat(main).isEmpty();
      assertThat(seen).containsInAnyOrder([1, 2]);
    },
  },
  {
    name: 'empty-tags',
    rule: 'An output that nothing was emitted to is empty',
    source: 'ParDoTest.testParDoWithEmptyTaggedOutput, testParDoEmptyWithTaggedOutput',
    pipeline(p) {
      const { main, even, large } = split(p, []);
      assertThat(main).isEmpty();
      assertThat(even).isEmpty();
      assertThat(large).isEmpty();
    },
  },
  {
    name: 'unread-tags',
    rule: 'Outputs that nobody reads change nothing',
    source: 'ParDoTest.testMultiOutputAppliedMultipleTimesDifferentOutputs',
    pipeline(p) {
      assertThat(split(p, [1, 2, 300]).even).containsInAnyOrder([2]);
    },
  },
  {
    name: 'several-of-one-element',
    rule: 'One element may emit several times to one tag',
    pipeline(p) {
      const { letters } = p.create(['abc', '']).parDo('Letters', {
        outputs: { letters: coders.string },
        process(word, { output }): number[] {
          for (const letter of word) output('letters', letter);
          return [word.length];
        },
      });
      assertThat(letters).containsInAnyOrder(['a', 'b', 'c']);
    },
  },
  {
    name: 'coders',
    rule: 'Each tag has a coder of its own',
    source: 'ParDoTest.testTaggedOutputUnregisteredExplicitCoder',
    pipeline(p) {
      const { main, big } = p.create([1, 2]).parDo('Big', {
        outputs: { big: coders.int64 },
        process(n, { output }) {
          output('big', BigInt(n) << 40n);
          return [n];
        },
      });
      assertThat(big.apply(reshuffle())).containsInAnyOrder([1n << 40n, 2n << 40n]);
      assertThat(main.apply('Main', reshuffle())).containsInAnyOrder([1, 2]);
    },
  },
  {
    name: 'windows-and-times',
    rule: 'Every output has the timestamp and window of the element',
    source: 'ParDoTest.testParDoTaggedOutputWithTimestamp',
    pipeline(p) {
      const { main, copy } = at(p, [['x', 15]])
        .window(fixed('10ms'))
        .parDo('Copy', {
          outputs: { copy: coders.string },
          process(x, { output }) {
            output('copy', x);
            return [x];
          },
        });
      for (const [name, each] of [
        ['main', main],
        ['copy', copy],
      ] as const) {
        assertThat(windowsOf(each), `windows of ${name}`).isEqualTo(['x', '10-20']);
        assertThat(timesOf(each), `times of ${name}`).isEqualTo(['x', 15]);
      }
    },
  },
  {
    name: 'grouped',
    rule: 'A tagged output can be grouped by itself',
    pipeline(p) {
      const { main, even } = p.create([1, 2, 4]).parDo('Pairs', {
        outputs: { even: coders.kv(coders.string, coders.safeInt) },
        process(n, { output }): KV<string, number>[] {
          if (n % 2 === 0) output('even', ['k', n]);
          return [['k', n]];
        },
      });
      assertThat(sorted(main.groupByKey())).isEqualTo(['k', [1, 2, 4]]);
      assertThat(even.combinePerKey(sum())).isEqualTo(['k', 6]);
    },
  },
  {
    name: 'from-an-asynchronous-step',
    rule: 'An asynchronous DoFn may emit to tags after a wait',
    pipeline(p) {
      const { later } = p.create([1, 2]).parDo('Later', {
        outputs: { later: coders.safeInt },
        async process(n, { output }): Promise<number[]> {
          await Promise.resolve();
          output('later', n);
          return [];
        },
      });
      assertThat(later).containsInAnyOrder([1, 2]);
    },
  },
  {
    name: 'joined-again',
    rule: 'Outputs of one DoFn can be flattened again',
    source: 'ptransform_test.py test_partition_followed_by_flatten_and_groupbykey',
    pipeline(p) {
      const { main, even } = split(p, [1, 2, 4]);
      const all = main.map('same', (n) => n).apply(Count.globally());
      assertThat(all).isEqualTo(3);
      assertThat(even.apply('Even', Count.globally())).isEqualTo(2);
    },
  },
  {
    name: 'unknown-tag',
    rule: 'Emitting to a tag that was not declared fails',
    source: 'ParDoTest.testParDoWritingToUndeclaredTag',
    fails: 'OUTPUT_UNKNOWN',
    pipeline(p) {
      p.create([1]).parDo('Wrong', {
        outputs: { known: coders.safeInt },
        process(n, { output }): number[] {
          output('other' as 'known', n);
          return [];
        },
      });
    },
  },
  {
    name: 'main-is-taken',
    rule: 'No tag may have the name of the main output',
    fails: 'OUTPUT_NAME',
    pipeline(p) {
      p.create([1]).parDo('Wrong', { outputs: { main: coders.safeInt } as never, process: (n) => [n] });
    },
  },
]);
