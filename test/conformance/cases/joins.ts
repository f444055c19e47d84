import {
  coders,
  coGroupByKey,
  fixed,
  fullOuterJoin,
  innerJoin,
  type KV,
  leftOuterJoin,
  type Pipeline,
  rightOuterJoin,
  sessions,
} from '../../../src/sdk/index.ts';
import { assertThat, inAnyOrder } from '../../../src/testing/index.ts';
import { topic } from '../conformance-case.ts';
import { at, windowsOf } from '../elements.ts';

const emails: readonly KV<string, string>[] = [
  ['amy', 'amy@example.com'],
  ['carl', 'carl@example.com'],
  ['carl', 'carl@email.com'],
];
const phones: readonly KV<string, number>[] = [
  ['amy', 111],
  ['james', 222],
  ['amy', 333],
  ['carl', 444],
];

const sides = (p: Pipeline) => ({ emails: p.create(emails), phones: p.create(phones) });

export const joins = topic('grouping/joins', 'Guide: CoGroupByKey; CoGroupByKeyTest; Join; util_test.py', [
  {
    name: 'co-group',
    rule: 'Every key of any input comes once, with the values of each input',
    source: 'CoGroupByKeyTest.testCoGroupByKey; cogbk.go CoGBK; util_test.py test_co_group_by_key_on_dict',
    pipeline(p) {
      assertThat(coGroupByKey(sides(p))).containsInAnyOrder([
        ['amy', { emails: ['amy@example.com'], phones: inAnyOrder([111, 333]) }],
        ['carl', { emails: inAnyOrder(['carl@example.com', 'carl@email.com']), phones: [444] }],
        ['james', { emails: [], phones: [222] }],
      ]);
    },
  },
  {
    name: 'co-group/one',
    rule: 'One input alone is grouped',
    source: 'CoGroupByKeyTest.testCoGroupByKeyGetOnly; util_test.py test_co_group_by_key_on_one',
    pipeline(p) {
      assertThat(coGroupByKey({ phones: p.create(phones) })).containsInAnyOrder([
        ['amy', { phones: inAnyOrder([111, 333]) }],
        ['james', { phones: [222] }],
        ['carl', { phones: [444] }],
      ]);
    },
  },
  {
    name: 'co-group/empty-inputs',
    rule: 'An empty input adds no keys and an empty iterable to each',
    source: 'util_test.py test_co_group_by_key_on_empty',
    pipeline(p) {
      const none = p.create<KV<string, number>>([]);
      assertThat(coGroupByKey({ none, phones: p.create<KV<string, number>>([['a', 1]]) })).isEqualTo([
        'a',
        { none: [], phones: [1] },
      ]);
      assertThat(coGroupByKey({ none, also: none }, 'Nothing')).isEmpty();
    },
  },
  {
    name: 'co-group/no-input-refused',
    rule: 'There is at least one input',
    fails: 'CO_GROUP_EMPTY',
    pipeline() {
      coGroupByKey({});
    },
  },
  {
    name: 'co-group/three',
    rule: 'Any number of inputs is grouped in one step',
    pipeline(p) {
      const pairs = (name: string, n: number) => p.create<KV<string, number>>([[name, n]]);
      const grouped = coGroupByKey({ a: pairs('x', 1), b: pairs('x', 2), c: pairs('y', 3) });
      assertThat(grouped).containsInAnyOrder([
        ['x', { a: [1], b: [2], c: [] }],
        ['y', { a: [], b: [], c: [3] }],
      ]);
    },
  },
  {
    name: 'co-group/with-itself',
    rule: 'A collection may be several inputs',
    pipeline(p) {
      const phone = p.create<KV<string, number>>([['amy', 111]]);
      assertThat(coGroupByKey({ one: phone, two: phone })).isEqualTo(['amy', { one: [111], two: [111] }]);
    },
  },
  {
    name: 'co-group/windowed',
    rule: 'Inputs meet per window',
    source: 'CoGroupByKeyTest.testCoGroupByKeyWithWindowing',
    pipeline(p) {
      const clicks = at<KV<number, string>>(p, [
        [[1, 'a'], 0],
        [[1, 'b'], 2],
        [[1, 'c'], 5],
      ]).window(fixed('4ms'));
      const buys = at<KV<number, string>>(p, [
        [[1, 'pen'], 1],
        [[1, 'book'], 9],
      ]).window(fixed('4ms'));
      assertThat(windowsOf(coGroupByKey({ clicks, buys }))).containsInAnyOrder([
        [[1, { clicks: inAnyOrder(['a', 'b']), buys: ['pen'] }], '0-4'],
        [[1, { clicks: ['c'], buys: [] }], '4-8'],
        [[1, { clicks: [], buys: ['book'] }], '8-12'],
      ]);
    },
  },
  {
    name: 'co-group/sessions',
    rule: 'Sessions merge across inputs',
    needs: ['merging-windows'],
    pipeline(p) {
      const a = at<KV<string, number>>(p, [[['k', 1], 0]]).window(sessions({ gap: '10ms' }));
      const b = at<KV<string, number>>(p, [[['k', 2], 9]]).window(sessions({ gap: '10ms' }));
      assertThat(windowsOf(coGroupByKey({ a, b }))).isEqualTo([['k', { a: [1], b: [2] }], '0-19']);
    },
  },
  {
    name: 'co-group/windows-differ',
    rule: 'Inputs are windowed alike',
    source: 'CoGroupByKey: all inputs have compatible WindowFns',
    fails: 'WINDOWS_DIFFER',
    pipeline(p) {
      const pairs = p.create<KV<string, number>>([['a', 1]]);
      coGroupByKey({ a: pairs.window(fixed('1m')), b: pairs.window(fixed('2m')) as never });
    },
  },
  {
    name: 'co-group/coders-differ',
    rule: 'Keys meet by value although their coders differ',
    pipeline(p) {
      const a = p.create<KV<string, number>>([['k', 1]], coders.kv(coders.string, coders.safeInt));
      const b = p.create<KV<string, number>>([['k', 2]]);
      assertThat(coGroupByKey({ a, b })).isEqualTo(['k', { a: [1], b: [2] }]);
    },
  },
  {
    name: 'co-group/read-twice',
    rule: 'The values of an input can be read again and beside those of another',
    pipeline(p) {
      const crossed = coGroupByKey(sides(p)).flatMap('cross', function* ([, { emails, phones }]) {
        for (const email of emails) for (const phone of phones) yield `${email} ${phone}`;
      });
      assertThat(crossed).containsInAnyOrder([
        'amy@example.com 111',
        'amy@example.com 333',
        'carl@example.com 444',
        'carl@email.com 444',
      ]);
    },
  },
  {
    name: 'inner',
    rule: 'An inner join has a pair for each two values of a key',
    source: 'Join.innerJoin; InnerJoinTest',
    pipeline(p) {
      const { emails, phones } = sides(p);
      assertThat(phones.apply(innerJoin(emails))).containsInAnyOrder([
        ['amy', [111, 'amy@example.com']],
        ['amy', [333, 'amy@example.com']],
        ['carl', [444, 'carl@example.com']],
        ['carl', [444, 'carl@email.com']],
      ]);
    },
  },
  {
    name: 'left-outer',
    rule: 'A left outer join keeps the left values without partner',
    source: 'Join.leftOuterJoin; OuterLeftJoinTest',
    pipeline(p) {
      const { emails, phones } = sides(p);
      assertThat(phones.apply(leftOuterJoin(emails)).filter('alone', ([, [, right]]) => right === null)).isEqualTo([
        'james',
        [222, null],
      ]);
    },
  },
  {
    name: 'right-outer',
    rule: 'A right outer join keeps the right values without partner',
    source: 'Join.rightOuterJoin; OuterRightJoinTest',
    pipeline(p) {
      const { emails, phones } = sides(p);
      assertThat(emails.apply(rightOuterJoin(phones)).filter('alone', ([, [left]]) => left === null)).isEqualTo([
        'james',
        [null, 222],
      ]);
    },
  },
  {
    name: 'full-outer',
    rule: 'A full outer join keeps the values of both sides without partner',
    source: 'Join.fullOuterJoin; OuterFullJoinTest',
    pipeline(p) {
      const left = p.create<KV<string, number>>([
        ['a', 1],
        ['b', 2],
      ]);
      const right = p.create<KV<string, string>>([
        ['b', 'x'],
        ['c', 'y'],
      ]);
      assertThat(left.apply(fullOuterJoin(right))).containsInAnyOrder([
        ['a', [1, null]],
        ['b', [2, 'x']],
        ['c', [null, 'y']],
      ]);
    },
  },
  {
    name: 'with-empty-side',
    rule: 'A join with an empty side has the other one or nothing',
    pipeline(p) {
      const some = p.create<KV<string, number>>([['a', 1]]);
      const none = p.create<KV<string, number>>([]);
      assertThat(some.apply('Inner', innerJoin(none))).isEmpty();
      assertThat(some.apply('Left', leftOuterJoin(none))).isEqualTo(['a', [1, null]]);
      assertThat(none.apply('Right', rightOuterJoin(some))).isEqualTo(['a', [null, 1]]);
      assertThat(none.apply('Full', fullOuterJoin(none))).isEmpty();
    },
  },
  {
    name: 'windowed',
    rule: 'Only values of one window are joined',
    pipeline(p) {
      const left = at<KV<string, number>>(p, [
        [['k', 1], 1],
        [['k', 2], 11],
      ]).window(fixed('10ms'));
      const right = at<KV<string, string>>(p, [[['k', 'x'], 12]]).window(fixed('10ms'));
      assertThat(windowsOf(left.apply(innerJoin(right)))).isEqualTo([['k', [2, 'x']], '10-20']);
    },
  },
]);
