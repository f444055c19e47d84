import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { OpenRestriction } from '../../harness/bundle-input.ts';
import { type PendingRestriction, PendingRestrictions } from './pending-restrictions.ts';

test('each restriction is taken once, in turn, when its time has come', () => {
  const action = fc.oneof(
    fc.record({ watermark: fc.nat(5), notBefore: fc.nat(20) }),
    fc.record({ advance: fc.nat(4), take: fc.nat(3) }),
  );
  fc.assert(
    fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
      const pending = new PendingRestrictions();
      let ready: PendingRestriction[] = [];
      let later: PendingRestriction[] = [];
      let now = 0;
      for (const [number, action] of actions.entries()) {
        if ('watermark' in action) {
          const added = { ...action, open: { element: number } as OpenRestriction };
          pending.add(added, now);
          (added.notBefore <= now ? ready : later).push(added);
        } else {
          now += action.advance;
          pending.advance(now);
          const due = later.filter(({ notBefore }) => notBefore <= now);
          later = later.filter(({ notBefore }) => notBefore > now);
          const came = due.sort((a, b) => a.notBefore - b.notBefore).map(({ notBefore }) => notBefore);
          // Those of the same time come in any order.
          const taken = Array.from({ length: ready.length + due.length }, () => pending.take() as PendingRestriction);
          assert.deepEqual(taken.slice(0, ready.length), ready);
          assert.deepEqual(
            taken.slice(ready.length).map(({ notBefore }) => notBefore),
            came,
          );
          assert.equal(pending.take(), undefined);
          ready = taken.slice(action.take);
          for (const each of ready) pending.add(each, now);
        }
        assert.deepEqual(new Set(pending), new Set([...ready, ...later]));
        assert.equal(pending.size, ready.length + later.length);
        assert.equal(pending.hold, Math.min(Number.POSITIVE_INFINITY, ...[...pending].map((each) => each.watermark)));
        const next = ready.length > 0 ? ready[0].notBefore : Math.min(...later.map((each) => each.notBefore));
        assert.equal(pending.next, next);
      }
    }),
  );
});
