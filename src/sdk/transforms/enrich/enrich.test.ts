import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { assertThat, TestPipeline } from '../../../testing/index.ts';
import type { MetricsScope } from '../../metrics/metrics.ts';
import type { Clock } from './clock.ts';
import { enrich } from './enrich.ts';
import { type EnrichOptions, enrichLimits } from './enrich-options.ts';
import { ResponseCache } from './response-cache.ts';
import { ServiceClient } from './service-client.ts';
import { TokenBucket } from './token-bucket.ts';

fc.configureGlobal({ seed: 4 });

/** A clock that jumps to the next sleeper as soon as nothing else is to do. */
class FakeClock implements Clock {
  time = 0;
  readonly slept: number[] = [];
  readonly #sleepers: { readonly at: number; readonly wake: () => void }[] = [];

  now(): number {
    return this.time;
  }

  random(): number {
    return 0;
  }

  sleep(millis: number, signal?: AbortSignal): Promise<void> {
    if (signal === undefined) this.slept.push(millis);
    return new Promise((resolve) => {
      const sleeper = { at: this.time + millis, wake: resolve };
      this.#sleepers.push(sleeper);
      signal?.addEventListener('abort', () => {
        this.#sleepers.splice(this.#sleepers.indexOf(sleeper), 1);
        resolve();
      });
      setImmediate(() => this.#next());
    });
  }

  #next(): void {
    const next = this.#sleepers.toSorted((a, b) => a.at - b.at)[0];
    if (next === undefined) return;
    this.#sleepers.splice(this.#sleepers.indexOf(next), 1);
    this.time = Math.max(this.time, next.at);
    next.wake();
    setImmediate(() => this.#next());
  }
}

const counters = new Map<string, number>();
const metrics = {
  counter: (name: string) => ({ inc: () => counters.set(name, (counters.get(name) ?? 0) + 1), dec() {} }),
} as unknown as MetricsScope;

type Options = EnrichOptions<never, string, string, unknown>;

function client(options: Partial<Options> & Pick<Options, 'fetch'>): ServiceClient<string, string> {
  counters.clear();
  const all = { request: String, ...options } as Options;
  return new ServiceClient(all, enrichLimits('test', all as never));
}

describe('enrich', () => {
  test('asks once per request and pairs the answers', async () => {
    let calls = 0;
    const p = new TestPipeline();
    const people = p.create([{ id: 1 }, { id: 2 }, { id: 1 }]);
    const named = people.apply(
      enrich('Name', {
        request: (person) => person.id,
        fetch: async (id) => {
          calls++;
          return `name ${id}`;
        },
      }),
    );
    assertThat(named).containsInAnyOrder([
      [{ id: 1 }, 'name 1'],
      [{ id: 1 }, 'name 1'],
      [{ id: 2 }, 'name 2'],
    ]);
    const joined = people.apply(
      enrich('Join', { request: ({ id }) => id, fetch: (id) => id * 10, join: ({ id }, tens) => id + tens }),
    );
    assertThat(joined).containsInAnyOrder([11, 11, 22]);
    const { metrics } = await p.run();
    assert.equal(calls, 2);
    assert.equal(metrics.counter('calls'), 4);
  });

  test('sends what fails for good to the dead letters, or fails', async () => {
    const clock = new FakeClock();
    const lookUp = enrich<string, string, string>('LookUp', {
      request: (word) => word,
      fetch: (word) => (word === 'bad' ? Promise.reject(new Error('no such word')) : word.toUpperCase()),
      clock,
    });
    const p = new TestPipeline();
    const { main, errors } = p.create(['good', 'bad']).apply(lookUp.withErrors({ redact: () => '***' }));
    assertThat(main).containsInAnyOrder([['good', 'GOOD']]);
    assertThat(errors).satisfies(([failed]) => {
      assert.equal(failed.element, '***');
      assert.equal(failed.error.code, 'ENRICH_FAILED');
      assert.match(failed.error.message, /All 4 calls of the service for "bad" failed: no such word/);
    });
    await p.run();
    const q = new TestPipeline();
    q.create(['bad']).apply(lookUp);
    await assert.rejects(q.run(), { code: 'ENRICH_FAILED' });
  });

  test('opens and closes the connection, and limits the calls under way', async () => {
    const events: string[] = [];
    let now = 0;
    let most = 0;
    const p = new TestPipeline();
    p.create(Array.from({ length: 30 }, (_, i) => i)).apply(
      enrich('Ask', {
        request: (i) => i,
        async fetch(i) {
          most = Math.max(most, ++now);
          await new Promise((resolve) => setImmediate(resolve));
          now--;
          return i;
        },
        setup: () => void events.push('open'),
        teardown: async () => void events.push('close'),
        concurrency: 3,
      }),
    );
    await p.run();
    assert.deepEqual(events, ['open', 'close']);
    assert.equal(most, 3);
  });

  test('refuses what cannot be', () => {
    const good = { request: String, fetch: String };
    for (const wrong of [
      { request: String } as never,
      { ...good, concurrency: 0 },
      { ...good, retry: { attempts: 1.5 } },
      { ...good, rate: { perSecond: 0 } },
      { ...good, cache: { maxEntries: -1 } },
      { ...good, timeout: '0s' as const },
    ]) {
      assert.throws(() => enrich('Wrong', wrong), { code: 'ENRICH_INVALID' });
    }
  });
});

describe('ServiceClient', () => {
  test('retries with pauses that double up to a limit', async () => {
    const clock = new FakeClock();
    const attempts: number[] = [];
    const service = client({
      clock,
      retry: { attempts: 6, initialDelay: '100ms', maxDelay: '500ms' },
      fetch: (request, { attempt }) => {
        attempts.push(attempt);
        if (attempt < 6) throw new Error('busy');
        return `${request}!`;
      },
    });
    assert.equal(await service.ask('a', metrics), 'a!');
    assert.deepEqual(attempts, [1, 2, 3, 4, 5, 6]);
    assert.deepEqual(clock.slept, [50, 100, 200, 250, 250]);
    assert.deepEqual(Object.fromEntries(counters), { calls: 6, retries: 5 });
  });

  test('does not retry what a retry cannot help', async () => {
    const service = client({
      clock: new FakeClock(),
      retry: { when: (error) => !(error instanceof TypeError) },
      fetch: () => Promise.reject(new TypeError('wrong question')),
    });
    await assert.rejects(
      service.ask('a', metrics) as Promise<string>,
      /The call of the service for "a" failed: wrong question/,
    );
    assert.equal(counters.get('calls'), 1);
  });

  test('gives up a call that takes too long, and tells it', async () => {
    const clock = new FakeClock();
    const signals: AbortSignal[] = [];
    const service = client({
      clock,
      timeout: '5s',
      retry: { attempts: 2, initialDelay: '100ms' },
      fetch: (_request, { signal, attempt }) => {
        signals.push(signal);
        return attempt === 1 ? new Promise<string>(() => {}) : 'late but here';
      },
    });
    assert.equal(await service.ask('a', metrics), 'late but here');
    assert.deepEqual(
      signals.map((signal) => signal.aborted),
      [true, false],
    );
    assert.equal(clock.time, 5050);
  });

  test('keeps answers for their time and shares calls under way', async () => {
    const clock = new FakeClock();
    let calls = 0;
    const service = client({
      clock,
      cache: { ttl: '1m' },
      fetch: async (request) => {
        calls++;
        await clock.sleep(10);
        return `${request}${calls}`;
      },
    });
    assert.deepEqual(await Promise.all([service.ask('a', metrics), service.ask('a', metrics)]), ['a1', 'a1']);
    assert.deepEqual(service.ask('a', metrics), { response: 'a1', expires: 60_010 });
    clock.time += 60_000;
    assert.equal(await service.ask('a', metrics), 'a2');
    assert.equal(calls, 2);
    assert.equal(counters.get('cacheHits'), 1);
  });

  test('without a cache asks every time, and forgets failures', async () => {
    let calls = 0;
    const service = client({
      cache: false,
      retry: { attempts: 1 },
      fetch: () => (++calls === 1 ? Promise.reject(new Error('once')) : `answer ${calls}`),
    });
    await assert.rejects(service.ask('a', metrics) as Promise<string>);
    assert.equal(await service.ask('a', metrics), 'answer 2');
    assert.equal(await service.ask('a', metrics), 'answer 3');
  });

  test('calls no faster than the rate', async () => {
    const clock = new FakeClock();
    const times: number[] = [];
    const service = client({
      clock,
      rate: { perSecond: 10, burst: 2 },
      fetch: (request) => {
        times.push(Math.round(clock.now()));
        return request;
      },
    });
    await Promise.all(['a', 'b', 'c', 'd', 'e'].map((request) => service.ask(request, metrics)));
    assert.deepEqual(times, [0, 0, 100, 200, 300]);
  });
});

test('the token bucket never lets more through than burst and rate allow', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 50 }),
      fc.integer({ min: 1, max: 20 }),
      fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 60 }),
      (perSecond, burst, pauses) => {
        const clock = { now: () => time, random: () => 0, sleep: async () => {} };
        let time = 0;
        const bucket = new TokenBucket(clock, perSecond, burst);
        const passed: number[] = [];
        for (const pause of pauses) {
          time += pause;
          passed.push(time + bucket.take());
        }
        assert.deepEqual(
          passed,
          passed.toSorted((a, b) => a - b),
        );
        for (let i = 0; i < passed.length; i++) {
          for (let j = i; j < passed.length; j++) {
            const allowed = burst + ((passed[j] - passed[i]) * perSecond) / 1000;
            assert.ok(j - i + 1 <= allowed + 1e-6, `${j - i + 1} calls in ${passed[j] - passed[i]} ms`);
          }
        }
      },
    ),
  );
});

test('the response cache keeps the latest used', () => {
  const cache = new ResponseCache<number | undefined>(
    { now: () => 0, random: () => 0, sleep: async () => {} },
    2,
    1000,
  );
  cache.set('a', 1);
  cache.set('b', undefined);
  assert.equal(cache.get('a')?.response, 1);
  cache.set('c', 3);
  assert.equal(cache.get('b'), undefined);
  assert.equal(cache.get('a')?.response, 1);
  cache.set('a', 4);
  cache.set('d', undefined);
  assert.deepEqual(
    [cache.get('c'), cache.get('a')?.response, 'response' in (cache.get('d') ?? {})],
    [undefined, 4, true],
  );
});
