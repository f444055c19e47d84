import { TestPipeline } from '../../src/testing/index.ts';
import type { Peer, PeerKind } from '../peers/peer.ts';
import type { ConformanceCase } from './conformance-case.ts';
import { type CaseOutcome, type ConformanceRunner, tryCase } from './run-case.ts';

/** Cases that run at the same time. */
const CONCURRENCY = 4;

/**
 * Runs cases on a runner of Beam's, with the functions in this process. It is asked for everything: what it lacks shows by
 * its refusals. A case that ends the runner's process, or blocks it, takes those beside it along, so all of
 * these are tried again, alone.
 */
export class PeerRun {
  readonly #name: string;
  readonly #kind: PeerKind;
  readonly #tell: (outcome: CaseOutcome) => void;
  #peer: Promise<Peer> | undefined;
  version = '';

  /** @param tell is told of each outcome as it comes */
  constructor(name: string, kind: PeerKind, tell: (outcome: CaseOutcome) => void) {
    this.#name = name;
    this.#kind = kind;
    this.#tell = tell;
  }

  async run(cases: Iterable<ConformanceCase>): Promise<void> {
    const waiting = Iterator.from(cases);
    const again: ConformanceCase[] = [];
    const work = async (): Promise<void> => {
      for (const each of waiting) {
        const peer = await this.#alive();
        const outcome = await this.#try(each, peer);
        if (peer.isAlive()) this.#tell(outcome);
        else again.push(each);
      }
    };
    await Promise.all(Array.from({ length: CONCURRENCY }, work));
    for (const each of again) {
      const peer = await this.#alive();
      const outcome = await this.#try(each, peer);
      if (peer.isAlive() || outcome.status === 'passed' || isOverdue(outcome)) this.#tell(outcome);
      else this.#tell({ ...outcome, reason: `The runner's process ended: ${lastPanic(peer.log())}` });
    }
    await (await this.#peer)?.stop();
  }

  /** Runs a case. A server that does not come to an end with one may be stuck for all, so it is stopped. */
  async #try(each: ConformanceCase, peer: Peer): Promise<CaseOutcome> {
    const outcome = await tryCase(each, this.#runner(each, peer));
    if (isOverdue(outcome)) await peer.stop();
    return outcome;
  }

  /** The server; another one where it has ended. */
  #alive(): Promise<Peer> {
    const start = async (): Promise<Peer> => {
      const peer = await this.#kind.start();
      this.version = peer.version;
      return peer;
    };
    return (this.#peer = (this.#peer ?? start()).then((peer) => (peer.isAlive() ? peer : start())));
  }

  #runner({ needs }: ConformanceCase, { endpoint }: Peer): ConformanceRunner {
    const { options = {}, optionsFor = {} } = this.#kind;
    const runnerOptions = Object.assign({}, options, ...needs.map((feature) => optionsFor[feature]));
    return {
      name: this.#name,
      lacks: [],
      timeoutMillis: this.#kind.patience,
      pipeline: () =>
        new TestPipeline({
          runner: 'portable',
          endpoint,
          onMessage: () => {},
          runnerOptions,
        }),
    };
  }
}

function isOverdue({ reason = '' }: CaseOutcome): boolean {
  return /aborted due to timeout|^No end in/.test(reason);
}

function lastPanic(log: string): string {
  return /^(panic|fatal error|Exception in thread).*$/m.exec(log)?.[0] ?? 'it does not say why';
}
