import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { OnceTrigger, Trigger } from '../../../sdk/triggers/trigger.ts';
import {
  afterAll,
  afterAny,
  afterCount,
  afterEach,
  afterProcessingTime,
  afterSynchronizedProcessingTime,
  afterWatermark,
  always,
  defaultTrigger,
  never,
  orFinally,
  repeatedly,
} from '../../../sdk/triggers/triggers.ts';
import { TriggerMachine } from './trigger-machine.ts';
import type { TriggerState } from './trigger-node.ts';

/** One window's trigger under a clock that the test moves. */
class Probe {
  readonly machine: TriggerMachine;
  readonly moment = { ended: false, processingTime: 0, synchronizedProcessingTime: 0, arriving: false };
  state: TriggerState;

  constructor(trigger: Trigger, merging = false) {
    this.machine = new TriggerMachine(trigger, merging);
    this.state = this.machine.create();
  }

  /** Elements come in; tells whether the trigger is ready then. */
  elements(count: number): boolean {
    for (let i = 0; i < count; i++) this.machine.onElement(this.state, this.moment);
    return this.ready;
  }

  end(): boolean {
    this.moment.ended = true;
    return this.ready;
  }

  at(processingTime: number, synchronizedProcessingTime = processingTime): boolean {
    Object.assign(this.moment, { processingTime, synchronizedProcessingTime });
    return this.ready;
  }

  get ready(): boolean {
    return this.machine.shouldFire(this.state, this.moment);
  }

  /** Fires; tells whether the trigger has finished. */
  fire(): boolean {
    assert.ok(this.ready);
    this.machine.onFire(this.state, this.moment);
    return this.machine.isFinished(this.state);
  }

  get wakeTime(): number {
    return this.machine.wakeTime(this.state, this.moment);
  }

  /** Takes the place of the windows that it and another one were, which has ended or not. */
  merge(other: Probe, ended: boolean): void {
    this.moment.ended = ended;
    this.state = this.machine.merged([this.state, other.state], this.moment);
  }
}

const NEVER = Number.POSITIVE_INFINITY;

describe('triggers that wait for one thing', () => {
  test('the default one fires at each occasion past the end of the window', () => {
    const probe = new Probe(defaultTrigger());
    assert.ok(!probe.elements(3));
    assert.ok(probe.end());
    assert.ok(!probe.fire());
    assert.ok(probe.elements(1));
    assert.ok(!probe.fire());
  });

  test('the end of the window fires once', () => {
    const probe = new Probe(afterWatermark());
    assert.ok(!probe.elements(3));
    assert.ok(probe.end());
    assert.ok(probe.fire());
  });

  test('a count fires once, at the element that makes it full', () => {
    const probe = new Probe(afterCount(3));
    assert.ok(!probe.elements(2));
    assert.ok(probe.elements(1));
    assert.ok(probe.fire());
  });

  test('never and always', () => {
    assert.ok(!new Probe(never()).elements(5));
    const probe = new Probe(always());
    assert.ok(probe.elements(1));
    assert.ok(!probe.fire() && probe.ready);
  });

  test('a delay counts from the first element of the pane', () => {
    const probe = new Probe(afterProcessingTime('5ms'));
    probe.at(10);
    assert.ok(!probe.elements(1));
    assert.equal(probe.wakeTime, 15);
    assert.ok(!probe.at(14));
    // Those that come later change nothing.
    assert.ok(!probe.elements(2));
    assert.ok(probe.at(15));
    assert.equal(probe.wakeTime, NEVER);
    assert.ok(probe.fire());
  });

  test('a delay is over for an element only when its time has passed', () => {
    const probe = new Probe(repeatedly(afterProcessingTime()));
    Object.assign(probe.moment, { processingTime: 7, arriving: true });
    assert.ok(!probe.elements(2));
    assert.equal(probe.wakeTime, 7);
    probe.moment.arriving = false;
    assert.ok(probe.ready);
    assert.ok(!probe.fire() && !probe.ready);
  });

  test('transforms of the time apply in order, and an aligned time stays', () => {
    const due = (options: { now: number; trigger: Trigger }): number => {
      const probe = new Probe(options.trigger);
      probe.at(options.now);
      probe.elements(1);
      return probe.ready ? options.now : probe.wakeTime;
    };
    const aligned = (offset: `${number}ms`, delay?: `${number}ms`) =>
      afterProcessingTime(delay, { alignTo: { period: '5000ms', offset } });
    assert.equal(due({ now: 1500, trigger: aligned('0ms') }), 5000);
    assert.equal(due({ now: 5000, trigger: aligned('0ms') }), 5000);
    assert.equal(due({ now: 1500, trigger: aligned('200ms') }), 5200);
    assert.equal(due({ now: 100, trigger: aligned('200ms') }), 200);
    assert.equal(due({ now: 1500, trigger: aligned('200ms', '4000ms') }), 10_200);
    const transforms = [
      { kind: 'alignTo', period: 5000, offset: 200 },
      { kind: 'delay', millis: 1000 },
    ] as const;
    assert.equal(due({ now: 1500, trigger: { kind: 'afterProcessingTime', transforms } }), 6200);
  });

  test('synchronised processing time waits for those upstream', () => {
    const probe = new Probe(repeatedly(afterSynchronizedProcessingTime()));
    probe.at(100, 40);
    assert.ok(!probe.elements(2));
    assert.equal(probe.wakeTime, 100);
    assert.ok(!probe.at(500, 99));
    assert.ok(probe.at(500, 100));
    assert.ok(!probe.fire() && !probe.ready);
  });
});

describe('triggers made of others', () => {
  test('repeatedly starts all of its parts anew', () => {
    const probe = new Probe(repeatedly(afterAny(afterProcessingTime('15m'), afterCount(5))));
    assert.ok(!probe.elements(1));
    assert.ok(probe.elements(4));
    assert.ok(!probe.fire());
    assert.ok(!probe.ready && !probe.at(900_000));
    probe.elements(1);
    assert.ok(probe.at(1_800_000));
    assert.ok(!probe.fire() && !probe.ready);
  });

  test('any and all of some', () => {
    const any = new Probe(afterAny(afterCount(3), afterWatermark()));
    assert.ok(!any.elements(1));
    assert.ok(any.end() && any.fire());
    for (const [one, other] of [
      [1, 2],
      [2, 1],
    ]) {
      const all = new Probe(afterAll(afterCount(one), afterCount(other)));
      assert.ok(!all.elements(1));
      assert.ok(all.elements(1) && all.fire());
    }
    const late = new Probe(repeatedly(afterAll(afterCount(2), afterProcessingTime('10ms'))));
    assert.ok(!late.elements(1));
    assert.ok(!late.at(20));
    assert.ok(late.elements(1));
    assert.ok(!late.fire());
    assert.ok(!late.elements(5));
    assert.ok(late.at(30));
  });

  test('always as a part', () => {
    const all = new Probe(repeatedly(afterAll(always(), afterCount(5))));
    assert.ok(!all.elements(4));
    assert.ok(all.elements(1) && !all.fire() && !all.elements(4));
    const each = new Probe(repeatedly(afterEach(afterCount(3), always())));
    assert.ok(!each.elements(2));
    assert.ok(each.elements(1) && !each.fire());
    assert.ok(each.elements(1) && !each.fire() && each.elements(1));
    const until = new Probe(orFinally(always(), afterCount(2)));
    assert.ok(until.elements(1) && !until.fire());
    assert.ok(until.elements(1) && until.fire());
  });

  test('one after the other', () => {
    const probe = new Probe(
      afterEach(
        orFinally(repeatedly(afterCount(2)), afterCount(3)),
        orFinally(repeatedly(afterCount(5)), afterWatermark()),
      ),
    );
    assert.ok(!probe.elements(1));
    assert.ok(probe.elements(1) && !probe.fire());
    assert.ok(probe.elements(1), 'what ends the first counts on across its firings');
    assert.ok(!probe.fire());
    assert.ok(!probe.elements(4));
    assert.ok(probe.elements(1) && !probe.fire());
    assert.ok(probe.end() && probe.fire());
  });

  test('or finally ends when either part does', () => {
    const main = new Probe(orFinally(afterCount(2), afterCount(100)));
    assert.ok(!main.elements(1));
    assert.ok(main.elements(1) && main.fire());
    const until = new Probe(orFinally(repeatedly(afterCount(2)), afterCount(3)));
    assert.ok(until.elements(2) && !until.fire());
    assert.ok(until.elements(1) && until.fire());
  });

  test('early, on-time and late firings', () => {
    const probe = new Probe(afterWatermark({ early: afterCount(2), late: afterCount(3) }));
    assert.ok(probe.elements(2) && !probe.fire());
    assert.ok(probe.elements(2) && !probe.fire());
    assert.ok(!probe.elements(1));
    assert.ok(probe.end() && !probe.fire());
    // The element before the end does not count for the late firing.
    assert.ok(!probe.elements(2));
    assert.ok(probe.elements(1) && !probe.fire());
    assert.ok(!probe.elements(2));
    assert.ok(probe.elements(1));

    const early = new Probe(afterWatermark({ early: afterCount(2) }));
    assert.ok(early.elements(2) && !early.fire());
    assert.ok(early.end() && early.fire());
    const late = new Probe(afterWatermark({ late: afterCount(2) }));
    assert.ok(!late.elements(2));
    assert.ok(late.end() && !late.fire());
    assert.ok(!late.elements(1) && late.elements(1));
  });

  test('early firings that are made of others start anew as a whole', () => {
    const probe = new Probe(afterWatermark({ early: afterAny(afterCount(2), afterProcessingTime('10ms')) }));
    assert.ok(probe.elements(2) && !probe.fire());
    assert.ok(!probe.ready && !probe.at(100));
    assert.ok(!probe.elements(1));
    assert.ok(probe.at(110) && !probe.fire() && !probe.ready);
  });
});

describe('triggers of windows that merge', () => {
  const then = (first: Trigger) => afterEach(first, repeatedly(afterCount(1)));
  const pair = (trigger: Trigger): [Probe, Probe] => [new Probe(trigger, true), new Probe(trigger, true)];

  test('counts add up, and the earliest delay counts', () => {
    const [one, other] = pair(repeatedly(afterCount(2)));
    assert.ok(!one.elements(1) && !other.elements(1));
    one.merge(other, false);
    assert.ok(one.ready && !one.fire() && !one.ready);

    const [early, late] = pair(afterProcessingTime('5ms'));
    early.at(10);
    early.elements(1);
    late.at(12);
    late.elements(1);
    late.merge(early, false);
    assert.equal(late.wakeTime, 15);
    assert.ok(late.at(16));
  });

  test('a count that has fired in one of the windows has fired', () => {
    const [one, other] = pair(then(afterCount(2)));
    assert.ok(one.elements(2) && !one.fire());
    assert.ok(!other.elements(1));
    one.merge(other, false);
    // What comes after has been counting along in the other window.
    assert.ok(one.ready && !one.fire() && !one.ready);
    assert.ok(one.elements(1));
  });

  const ends: readonly (readonly [string, Trigger])[] = [
    ['the end of the window', then(afterWatermark())],
    ['the end of the window with firings around it', afterWatermark({ early: afterCount(100), late: afterCount(1) })],
    ['all of several', then(afterAll(afterWatermark(), afterCount(1)))],
    ['what is ended by it', then(orFinally(afterCount(5), afterWatermark()))],
    ['any of several', then(afterAny(afterCount(5), afterWatermark()))],
  ];
  for (const [name, trigger] of ends) {
    test(`${name}: past in both windows, it is past in the merged one`, () => {
      const [one, other] = pair(trigger);
      for (const probe of [one, other]) {
        probe.elements(1);
        assert.ok(probe.end() && !probe.fire() && !probe.ready);
        assert.ok(probe.elements(1) && !probe.fire());
      }
      one.merge(other, true);
      assert.ok(!one.ready);
      assert.ok(one.elements(1));
    });

    test(`${name}: still ahead in one window, it is ahead in the merged one`, () => {
      const [one, other] = pair(trigger);
      one.elements(1);
      other.elements(1);
      assert.ok(one.end() && !one.fire());
      assert.ok(one.elements(1) && !one.fire());
      one.merge(other, false);
      assert.ok(!one.ready && !one.elements(1));
      assert.ok(one.end());
    });
  }

  test('parts that come later count along, but not what came before their turn', () => {
    const [one, other] = pair(afterEach(afterCount(2), afterCount(3)));
    assert.ok(one.elements(2) && !one.fire());
    assert.ok(!one.elements(2));
    one.merge(other, false);
    assert.ok(one.elements(1) && one.fire());
  });

  test('any of several has fired when one of them has', () => {
    const both: OnceTrigger = afterAny(afterCount(1), afterWatermark());
    const [one, other] = pair(then(both));
    assert.ok(one.elements(1) && !one.fire());
    one.merge(other, false);
    assert.ok(!one.ready && one.elements(1) && !one.fire() && one.elements(1));
  });
});

test('a state has as many numbers as the machine says', () => {
  const machine = new TriggerMachine(repeatedly(afterAny(afterCount(2), afterProcessingTime('1s'))), false);
  assert.equal(machine.create().length, machine.size);
  assert.ok(machine.watchesTime);
  assert.ok(!new TriggerMachine(repeatedly(afterCount(2)), false).watchesTime);
});
