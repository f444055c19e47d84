import { randomUUID } from 'node:crypto';
import { type DoFn, globalWindows, type KV, type PCollection, parDo, state, type Window } from '../sdk/index.ts';

/** A message with its number within its shard, and the writer that counts. */
export interface Numbered<M> {
  readonly number: number;
  /** Made up when the first message of a shard comes, and kept with the count. */
  readonly writer: string;
  readonly message: M;
}

/** Writes the messages of one shard, and keeps in the same transaction how far it is. */
export interface NumberedWriter<M> {
  /** Messages come in the order of their numbers; those that are written already are to be left out. */
  write(numbered: Numbered<M>): Promise<void> | undefined;
  /** Everything taken is written, once. */
  commit(): Promise<void>;
  close(): Promise<void>;
}

/**
 * The composite behind exactly once delivery to a system that can write a message and a number in one go: counts the
 * messages of each shard in the pipeline's state, and writes those that a checkpoint holds. What a run after a crash
 * brings again has the same numbers.
 */
export function writeOnce<M, W extends Window>(
  dealt: PCollection<KV<number, M>, W>,
  makeWriter: (shard: number) => NumberedWriter<M>,
): PCollection<never, W> {
  const numbered = dealt.window(globalWindows()).apply(parDo('Number', numberer<M>()));
  return (numbered as PCollection<KV<number, Numbered<M>>>).apply(
    parDo('Write', numberedWriter(makeWriter)),
  ) as unknown as PCollection<never, W>;
}

/** Counts the messages of each shard. */
function numberer<M>() {
  const counting = { next: state.value<number>(), writer: state.value<string>() };
  const fn: DoFn<KV<number, M>, KV<number, Numbered<M>>, {}, {}, Window, typeof counting> = {
    state: counting,
    process([shard, message], { state: { next, writer } }) {
      const number = next.read() ?? 0;
      next.write(number + 1);
      let name = writer.read();
      if (name === undefined) {
        name = randomUUID();
        writer.write(name);
      }
      return [[shard, { number, writer: name, message }] as const];
    },
  };
  return fn;
}

/** Writes the numbered messages of each shard that it meets. */
function numberedWriter<M>(makeWriter: (shard: number) => NumberedWriter<M>): DoFn<KV<number, Numbered<M>>, never> {
  const writers = new Map<number, NumberedWriter<M>>();
  const closeAll = async () => {
    const open = [...writers.values()];
    writers.clear();
    await Promise.all(open.map((writer) => writer.close()));
  };
  let failed = false;
  return {
    requiresStableInput: true,
    concurrency: 1,
    async startBundle() {
      // What is known about a transaction that failed may be wrong: begin anew with what the other side has.
      if (failed) await closeAll();
      failed = true;
    },
    process([shard, numbered]) {
      let writer = writers.get(shard);
      if (writer === undefined) {
        writer = makeWriter(shard);
        writers.set(shard, writer);
      }
      return writer.write(numbered) as undefined;
    },
    async finishBundle() {
      const ends = await Promise.allSettled([...writers.values()].map((writer) => writer.commit()));
      for (const end of ends) if (end.status === 'rejected') throw end.reason;
      failed = false;
    },
    teardown: closeAll,
  };
}
