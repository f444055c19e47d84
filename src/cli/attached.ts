import { readFileSync, realpathSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type AttachAnswer, type AttachRequest, attachSocket } from '../runners/direct/attach-address.ts';
import { isRunning } from '../runners/direct/process-identity.ts';
import { RunnerError } from '../sdk/errors.ts';
import { UsageError } from './exit-codes.ts';

/** Time in which a process must answer. */
const ANSWER_MILLIS = 5000;
const LOCK = 'LOCK';

/** A process, and which of its jobs is meant: all of them without a folder. */
interface Target {
  readonly pid: number;
  readonly checkpointDir?: string;
}

/**
 * Asks the attachable jobs of another process of this machine and user.
 *
 * @param given the process's number, or the folder of a job's checkpoints
 * @returns the answers, the first of which comes soon; a process may end before it has given the last.
 * @throws UsageError `TARGET_INVALID`, `NOT_RUNNING`; RunnerError `NOT_ATTACHABLE`, `NO_ANSWER`
 */
export async function* askRunning(given: string, ask: AttachRequest['ask']): AsyncGenerator<AttachAnswer> {
  const { pid, checkpointDir } = targetOf(given);
  const socket = await open(pid);
  const silence = setTimeout(() => socket.destroy(noAnswer(pid)), ANSWER_MILLIS);
  const failed = Promise.withResolvers<never>();
  // The one that is waited for last may be the other one.
  failed.promise.catch(() => {});
  socket.on('error', (error) => failed.reject(error));
  try {
    const request: AttachRequest = { ask, ...(checkpointDir === undefined ? {} : { checkpointDir }) };
    socket.write(`${JSON.stringify(request)}\n`);
    const lines = createInterface({ input: socket, crlfDelay: Number.POSITIVE_INFINITY })[Symbol.asyncIterator]();
    for (let answered = false; ; answered = true) {
      const { done, value } = await Promise.race([lines.next(), failed.promise]);
      clearTimeout(silence);
      if (done === true && answered) return;
      if (done === true) throw noAnswer(pid);
      const answer = JSON.parse(value) as AttachAnswer;
      if (answer.answer === 'refused') throw new RunnerError('REFUSED', `Process ${pid} says: ${answer.reason}`);
      yield answer;
    }
  } finally {
    clearTimeout(silence);
    socket.destroy();
  }
}

function targetOf(given: string): Target {
  if (/^\d+$/.test(given)) return { pid: Number(given) };
  // An empty text, from a variable that is not set, would be the folder at hand.
  if (given === '') throw noTarget("''");
  let folder: string;
  try {
    folder = realpathSync(given);
  } catch {
    throw noTarget(given);
  }
  let lock: string;
  try {
    lock = readFileSync(join(folder, LOCK), 'utf8');
  } catch {
    throw new UsageError('NOT_RUNNING', `No pipeline is running with its checkpoints in ${given}`, {
      hint: 'give the folder that it was started with as --checkpoint-dir, or the number of its process',
    });
  }
  const [pid, host] = lock.split(' ');
  if (host !== hostname()) {
    throw new UsageError('NOT_RUNNING', `The pipeline with its checkpoints in ${given} runs on ${host}`, {
      hint: 'give the command there',
    });
  }
  return { pid: Number(pid), checkpointDir: folder };
}

function noTarget(given: string): UsageError {
  return new UsageError('TARGET_INVALID', `${given} is neither the number of a process nor a folder of checkpoints`);
}

function open(pid: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(attachSocket(pid));
    socket.once('connect', () => {
      socket.removeAllListeners('error');
      resolve(socket);
    });
    socket.once('error', (cause) => reject(isRunning(pid, '') ? notAttachable(pid, cause) : gone(pid)));
  });
}

function gone(pid: number): UsageError {
  return new UsageError('NOT_RUNNING', `There is no process ${pid}`);
}

function notAttachable(pid: number, cause: Error): RunnerError {
  return new RunnerError('NOT_ATTACHABLE', `Process ${pid} runs no pipeline that can be reached`, {
    cause,
    hint: 'give the checkpoint folder instead: the process may be npx, whose child runs the pipeline. millrace run makes streams reachable for the same user and temporary folder; other programs give the option attachable',
  });
}

function noAnswer(pid: number): RunnerError {
  return new RunnerError('NO_ANSWER', `Process ${pid} has not answered in ${ANSWER_MILLIS / 1000} s`, {
    hint: 'a function that computes without a pause keeps the process from answering',
  });
}
