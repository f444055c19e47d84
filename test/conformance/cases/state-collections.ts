import { coders, type Key, type KV, mean, state, sum, timestamp, top } from '../../../src/sdk/index.ts';
import { assertThat } from '../../../src/testing/index.ts';
import { topic } from '../conformance-case.ts';
import { add, play, playKeyed } from '../streams.ts';

const list = (values: Iterable<number | string>) => [...values].map(String).sort().join(',');

export const stateCollections = topic(
  'state/collections',
  'Guide: types of state; BagState, CombiningState, MapState, MultimapState, SetState, OrderedListState; ParDoTest; state.go',
  [
    {
      name: 'bag',
      rule: 'A bag has what was added to it',
      source: 'ParDoTest.testBagState; state.go BagStateParDo',
      pipeline(p) {
        const out = playKeyed<number>(p, add(1, 1), add(2, 2), add(3, 2)).parDo('Bag', {
          state: { bag: state.bag<number>() },
          process([, n], { state: { bag } }) {
            const empty = bag.isEmpty();
            bag.add(n);
            return [`${empty} ${list(bag.read())}`];
          },
        });
        assertThat(out).containsInAnyOrder(['true 1', 'false 1,2', 'false 1,2,2']);
      },
    },
    {
      name: 'bag/clear',
      rule: 'A cleared bag is empty and can be filled again',
      source: 'state.go BagStateParDoClear; userstate_test.py test_clearing_bag_state',
      pipeline(p) {
        const out = playKeyed<number>(p, add(1, 1), add(2, 2), add(3, 3)).parDo('Batches', {
          state: { bag: state.bag(coders.safeInt) },
          process([, n], { state: { bag } }) {
            bag.add(n);
            if (n !== 2) return [list(bag.read())];
            bag.clear();
            return [`cleared ${bag.isEmpty()}`];
          },
        });
        assertThat(out).containsInAnyOrder(['1', 'cleared true', '3']);
      },
    },
    {
      name: 'bag/blind-writes',
      rule: 'A bag may be filled without being read',
      source: 'state.go BagStateBlindWriteParDo',
      pipeline(p) {
        const events = Array.from({ length: 20 }, (_, i) => add(1, i));
        const out = playKeyed<number>(p, ...events).parDo('Last', {
          state: { bag: state.bag<number>() },
          process([, n], { state: { bag } }) {
            bag.add(n);
            return n === 19 ? [[...bag.read()].length] : [];
          },
        });
        assertThat(out).isEqualTo(20);
      },
    },
    {
      name: 'bag/snapshot',
      rule: 'What was read of a bag does not change by later additions',
      pipeline(p) {
        const out = playKeyed<number>(p, add(1, 1), add(2, 2)).parDo('Snapshot', {
          state: { bag: state.bag<number>() },
          process([, n], { state: { bag } }) {
            const before = bag.read();
            bag.add(n);
            bag.add(n + 10);
            return [list(before)];
          },
        });
        assertThat(out).containsInAnyOrder(['', '1,11']);
      },
    },
    {
      name: 'bag/many',
      rule: 'A bag may hold many values',
      pipeline(p) {
        const out = playKeyed<number>(p, add(1, 0), add(2, 1)).parDo('Many', {
          state: { bag: state.bag<number>() },
          process([, n], { state: { bag } }) {
            for (let i = 0; i < 5000; i++) bag.add(i);
            let total = 0;
            for (const value of bag.read()) total += value;
            return [`${n} ${total}`];
          },
        });
        assertThat(out).containsInAnyOrder(['0 12497500', '1 24995000']);
      },
    },
    {
      name: 'combining',
      rule: 'A combining state has the combination of what was added',
      source: 'ParDoTest.testCombiningState; state.go CombiningStateParDo',
      pipeline(p) {
        const out = playKeyed<number>(p, add(1, 1), add(2, 2), add(3, 6)).parDo('Totals', {
          state: {
            total: state.combining(sum()),
            mean: state.combining(mean()),
            best: state.combining(top<number>(2)),
          },
          process([, n], { state: { total, mean, best } }) {
            for (const each of [total, mean, best]) each.add(n);
            return [`${total.read()} ${mean.read()} ${list(best.read())}`];
          },
        });
        assertThat(out).containsInAnyOrder(['1 1 1', '3 1.5 1,2', '9 3 2,6']);
      },
    },
    {
      name: 'combining/empty',
      rule: 'An empty combining state reads as the empty combination',
      source: 'CombiningState; userstate_test.py test_simple_stateful_dofn_combining',
      pipeline(p) {
        const out = playKeyed<number>(p, add(1, 5)).parDo('Empty', {
          state: { total: state.combining(sum()) },
          process([, n], { state: { total } }) {
            const before = `${total.isEmpty()} ${total.read()}`;
            total.add(n);
            const filled = `${total.isEmpty()} ${total.read()}`;
            total.clear();
            return [before, filled, `${total.isEmpty()} ${total.read()}`];
          },
        });
        assertThat(out).containsInAnyOrder(['true 0', 'false 5', 'true 0']);
      },
    },
    {
      name: 'combining/accumulator',
      rule: 'An accumulator can be merged into a combining state',
      source: 'CombiningState.addAccum',
      pipeline(p) {
        const out = playKeyed<number>(p, add(1, 5), add(2, 6)).parDo('Merge', {
          state: { total: state.combining(sum()) },
          process([, n], { state: { total } }) {
            total.add(n);
            total.addAccumulator(100);
            return [total.read()];
          },
        });
        assertThat(out).containsInAnyOrder([105, 211]);
      },
    },
    {
      name: 'map',
      rule: 'A map has a value for each key that was put',
      source: 'ParDoTest.testMapState; state.go MapStateParDo',
      pipeline(p) {
        const out = playKeyed<string>(p, add(1, 'a'), add(2, 'b'), add(3, 'a')).parDo('Count', {
          state: { counts: state.map<string, number>() },
          process([, word], { state: { counts } }) {
            counts.put(word, (counts.get(word) ?? 0) + 1);
            return [list([...counts.entries()].map(([key, n]) => `${key}${n}`))];
          },
        });
        assertThat(out).containsInAnyOrder(['a1', 'a1,b1', 'a2,b1']);
      },
    },
    {
      name: 'map/absent',
      rule: 'A key that was not put has no value',
      pipeline(p) {
        const out = playKeyed<string>(p, add(1, 'a')).parDo('Look', {
          state: { map: state.map<string, number>() },
          process([, word], { state: { map } }) {
            const before = `${map.isEmpty()} ${map.has(word)} ${map.get(word)}`;
            map.put(word, 1);
            return [before, `${map.isEmpty()} ${map.has(word)} ${map.get(word)}`];
          },
        });
        assertThat(out).containsInAnyOrder(['true false undefined', 'false true 1']);
      },
    },
    {
      name: 'map/remove-and-clear',
      rule: 'Keys of a map can be removed, one or all',
      source: 'state.go MapStateParDoClear',
      pipeline(p) {
        const out = playKeyed<string>(p, add(1, 'a'), add(2, 'b'), add(3, '-a'), add(4, 'clear'), add(5, 'c')).parDo(
          'Change',
          {
            state: { map: state.map<string, number>() },
            process([, word], { state: { map } }) {
              if (word === 'clear') map.clear();
              else if (word.startsWith('-')) map.remove(word.slice(1));
              else map.put(word, 1);
              return [`${word}: ${list(map.keys())}`];
            },
          },
        );
        assertThat(out).containsInAnyOrder(['a: a', 'b: a,b', '-a: b', 'clear: ', 'c: c']);
      },
    },
    {
      name: 'map/compute-if-absent',
      rule: 'A value may be made for a key that has none',
      source: 'ParDoTest.testMapStateNoReadOnComputeIfAbsentAndPutIfAbsentInsertsElement',
      pipeline(p) {
        const out = playKeyed<number>(p, add(1, 1), add(2, 2)).parDo('Once', {
          state: { map: state.map<string, number>() },
          process: ([, n], { state: { map } }) => [map.computeIfAbsent('first', () => n)],
        });
        assertThat(out).containsInAnyOrder([1, 1]);
      },
    },
    {
      name: 'map/key-kinds',
      rule: 'Keys of a map are told apart by their encoding: bytes and tuples by content',
      pipeline(p) {
        const keys: Key[] = ['1', 1, 1n, ['1'], Uint8Array.of(1)];
        const out = playKeyed<number>(p, add(1, 1), add(2, 2)).parDo('Keys', {
          state: { map: state.map<Key, number>() },
          process([, n], { state: { map } }) {
            for (const key of [...keys, ['1'], Uint8Array.of(1)]) map.put(key, (map.get(key) ?? 0) + n);
            return [list(map.values())];
          },
        });
        assertThat(out).containsInAnyOrder(['1,1,1,2,2', '3,3,3,6,6']);
      },
    },
    {
      name: 'multimap',
      rule: 'A multimap has all values of a key',
      source: 'ParDoTest.testMultimapStatePut, testMultimapStateEntries',
      pipeline(p) {
        const out = play<KV<string, string>>(p, add(1, ['k', 'a1']), add(2, ['k', 'b1']), add(3, ['k', 'a2'])).parDo(
          'Put',
          {
            state: { map: state.multimap<string, string>() },
            process([, word], { state: { map } }) {
              map.put(word[0], word);
              return [
                `${list(map.get(word[0]))}|${list(map.keys())}|${list([...map.entries()].map(([, value]) => value))}`,
              ];
            },
          },
        );
        assertThat(out).containsInAnyOrder(['a1|a|a1', 'b1|a,b|a1,b1', 'a1,a2|a,b|a1,a2,b1']);
      },
    },
    {
      name: 'multimap/remove',
      rule: 'Removing a key removes all its values',
      source: 'ParDoTest.testMultimapStateRemove, testMultimapStateIsEmptyAfterRemove',
      pipeline(p) {
        const out = playKeyed<string>(p, add(1, 'a')).parDo('Remove', {
          state: { map: state.multimap<string, number>() },
          process([, key], { state: { map } }) {
            map.put(key, 1);
            map.put(key, 2);
            map.put('other', 3);
            map.remove(key);
            const one = `${list(map.get(key))} ${map.has(key)} ${map.isEmpty()} ${list(map.keys())}`;
            map.remove('other');
            return [one, `${map.isEmpty()}`];
          },
        });
        assertThat(out).containsInAnyOrder([' false false other', 'true']);
      },
    },
    {
      name: 'multimap/clear',
      rule: 'A cleared multimap is empty and can be filled again',
      source: 'ParDoTest.testMultimapStateClear',
      pipeline(p) {
        const out = playKeyed<number>(p, add(1, 1), add(2, 2)).parDo('Clear', {
          state: { map: state.multimap<string, number>() },
          process([, n], { state: { map } }) {
            const before = list(map.get('x'));
            map.clear();
            map.put('x', n);
            map.put('x', n);
            return [`${before}>${list(map.get('x'))}`];
          },
        });
        assertThat(out).containsInAnyOrder(['>1,1', '1,1>2,2']);
      },
    },
    {
      name: 'multimap/equal-values',
      rule: 'Equal values of a key are kept each',
      source: 'ParDoTest.testMultimapStateStructuralValue',
      pipeline(p) {
        const out = playKeyed<number>(p, add(1, 7), add(2, 7)).parDo('Equal', {
          state: { map: state.multimap<string, number>() },
          process([, n], { state: { map } }) {
            map.put('x', n);
            return [[...map.get('x')].length];
          },
        });
        assertThat(out).containsInAnyOrder([1, 2]);
      },
    },
    {
      name: 'set',
      rule: 'A set has each value once',
      source: 'ParDoTest.testSetState; state.go SetStateParDo',
      pipeline(p) {
        const out = playKeyed<string>(p, add(1, 'a'), add(2, 'b'), add(3, 'a')).parDo('Distinct', {
          state: { seen: state.set<string>() },
          process([, word], { state: { seen } }) {
            const known = seen.has(word);
            seen.add(word);
            return [`${known} ${list(seen.read())}`];
          },
        });
        assertThat(out).containsInAnyOrder(['false a', 'false a,b', 'true a,b']);
      },
    },
    {
      name: 'set/add-if-absent',
      rule: 'Adding tells whether the value was new',
      source: 'ParDoTest.testSetStateNoReadOnAddIfAbsentInsertsElement',
      pipeline(p) {
        const out = playKeyed<string>(p, add(1, 'a'), add(2, 'a'), add(3, 'b')).parDo('New', {
          state: { seen: state.set<string>() },
          process: ([, word], { state: { seen } }) => (seen.addIfAbsent(word) ? [word] : []),
        });
        assertThat(out).containsInAnyOrder(['a', 'b']);
      },
    },
    {
      name: 'set/remove-and-clear',
      rule: 'Values of a set can be removed, one or all',
      source: 'state.go SetStateParDoClear; userstate_test.py test_clearing_set_state',
      pipeline(p) {
        const out = playKeyed<string>(p, add(1, 'a')).parDo('Remove', {
          state: { set: state.set<string>() },
          process([, word], { state: { set } }) {
            set.add(word);
            set.add('b');
            set.remove(word);
            set.remove('never there');
            const one = list(set.read());
            set.clear();
            return [one, `${set.isEmpty()} ${set.has('b')}`];
          },
        });
        assertThat(out).containsInAnyOrder(['b', 'true false']);
      },
    },
    {
      name: 'set/value-kinds',
      rule: 'Values of a set are told apart by their encoding',
      pipeline(p) {
        const out = playKeyed<number>(p, add(1, 1)).parDo('Kinds', {
          state: { set: state.set<Key>() },
          process(_, { state: { set } }) {
            for (const value of ['1', 1, 1n, ['1'], ['1'], Uint8Array.of(1), Uint8Array.of(1)]) set.add(value);
            return [[...set.read()].length];
          },
        });
        assertThat(out).isEqualTo(5);
      },
    },
    {
      name: 'ordered-list',
      rule: 'An ordered list is read in the order of timestamps',
      source: 'ParDoTest.testOrderedListStateUnbounded; state.go OrderedListStateParDo',
      pipeline(p) {
        const out = playKeyed<number>(p, add(1, 30), add(2, 10), add(3, 20)).parDo('Sort', {
          state: { list: state.orderedList<string>() },
          process([, n], { state: { list: ordered } }) {
            ordered.add({ value: `v${n}`, timestamp: timestamp(n) });
            return [[...ordered.read()].map(({ value, timestamp: time }) => `${value}@${time}`).join()];
          },
        });
        assertThat(out).containsInAnyOrder(['v30@30', 'v10@10,v30@30', 'v10@10,v20@20,v30@30']);
      },
    },
    {
      name: 'ordered-list/range',
      rule: 'A range has the values from its first timestamp to before its last',
      source: 'ParDoTest.testOrderedListStateRangeFetchUnbounded',
      pipeline(p) {
        const out = playKeyed<number>(p, add(1, 0)).parDo('Range', {
          state: { list: state.orderedList<number>() },
          process(_, { state: { list: ordered } }) {
            for (const n of [30, -5, 10, 20]) ordered.add({ value: n, timestamp: timestamp(n) });
            const range = (from: number, to: number) =>
              [...ordered.readRange(timestamp(from), timestamp(to))].map(({ value }) => value).join();
            return [`${range(10, 20)} | ${range(10, 21)} | ${range(-100, 10)} | ${range(31, 100)}`];
          },
        });
        assertThat(out).isEqualTo('10 | 10,20 | -5 | ');
      },
    },
    {
      name: 'ordered-list/clear-range',
      rule: 'A range can be cleared, the others stay',
      source: 'ParDoTest.testOrderedListStateRangeDeleteUnbounded',
      pipeline(p) {
        const out = playKeyed<number>(p, add(1, 1), add(2, 2)).parDo('Clear', {
          state: { list: state.orderedList<number>() },
          process([, n], { state: { list: ordered } }) {
            if (n === 1) {
              for (const each of [0, 10, 20, 30]) ordered.add({ value: each, timestamp: timestamp(each) });
              ordered.clearRange(timestamp(10), timestamp(30));
            } else ordered.add({ value: 15, timestamp: timestamp(15) });
            return [[...ordered.read()].map(({ value }) => value).join()];
          },
        });
        assertThat(out).containsInAnyOrder(['0,30', '0,15,30']);
      },
    },
    {
      name: 'ordered-list/equal-timestamps',
      rule: 'Values of one timestamp are kept each',
      pipeline(p) {
        const out = playKeyed<number>(p, add(1, 1), add(2, 2)).parDo('Equal', {
          state: { list: state.orderedList<number>() },
          process([, n], { state: { list: ordered } }) {
            ordered.add({ value: n, timestamp: timestamp(7) });
            return [list([...ordered.read()].map(({ value }) => value))];
          },
        });
        assertThat(out).containsInAnyOrder(['1', '1,2']);
      },
    },
    {
      name: 'ordered-list/clear',
      rule: 'A cleared ordered list is empty',
      pipeline(p) {
        const out = playKeyed<number>(p, add(1, 1), add(2, 2)).parDo('Clear', {
          state: { list: state.orderedList<number>() },
          process([, n], { state: { list: ordered } }) {
            const before = [...ordered.read()].length;
            ordered.add({ value: n, timestamp: timestamp(n) });
            ordered.clear();
            return [`${before} ${ordered.isEmpty()}`];
          },
        });
        assertThat(out).containsInAnyOrder(['0 true', '0 true']);
      },
    },
  ],
  ['state'],
);
