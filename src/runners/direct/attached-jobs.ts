import { chmodSync, lstatSync, mkdirSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { isMainThread } from 'node:worker_threads';
import type { Job } from '../../sdk/pipeline/pipeline-result.ts';
import { type AttachAnswer, type AttachRequest, attachFolder, attachSocket, type JobEnd } from './attach-address.ts';
import { statusLines } from './status-text.ts';

const MAX_REQUEST_BYTES = 64 * 1024;
const MAX_CONNECTIONS = 16;
/** Time in which a connection must have asked. */
const REQUEST_MILLIS = 10_000;

/** A job that can be reached from outside. */
export interface AttachedJob {
  readonly name: string;
  /** Absolute and without links. */
  readonly checkpointDir: string | undefined;
  readonly job: Job;
}

const attached = new Set<AttachedJob>();
let server: Server | undefined;
let listensToSignal = false;

/** Makes a job answer to SIGUSR1 and at this process's socket until it ends. */
export function attach(entry: AttachedJob): void {
  attached.add(entry);
  const end = (): void => {
    attached.delete(entry);
    if (attached.size === 0) close();
  };
  entry.job.wait().then(end, end);
  // Neither signals nor sockets with an owner: Windows. Signals come to the main thread.
  if (process.platform === 'win32' || !isMainThread) return;
  // It stays when the jobs have ended: without any listener, the signal would end the process.
  if (!listensToSignal) process.on('SIGUSR1', printAll);
  listensToSignal = true;
  server ??= open();
}

/** Says that a job is stuck. */
export function tellStall(job: Job): void {
  for (const entry of attached) {
    if (entry.job !== job) continue;
    process.stderr.write('Nothing has moved for a minute.\n');
    print(entry);
  }
}

function printAll(): void {
  if (attached.size === 0) process.stderr.write('No pipeline is running.\n');
  for (const entry of attached) print(entry);
}

function print({ name, job }: AttachedJob): void {
  process.stderr.write(`${statusLines(name, job.progress(), Date.now()).join('\n')}\n`);
}

/** A pipeline does not fail because nobody can look at it. */
function open(): Server | undefined {
  const path = attachSocket(process.pid);
  try {
    makePrivateFolder(attachFolder());
    // What another process of the same number has left.
    rmSync(path, { force: true });
  } catch (error) {
    cannotAttach(error);
    return undefined;
  }
  const created = createServer(serve);
  created.maxConnections = MAX_CONNECTIONS;
  created.on('error', cannotAttach);
  created.listen(path, () => chmodSync(path, 0o600));
  created.unref();
  process.once('exit', removeSocket);
  return created;
}

function close(): void {
  server?.close();
  server = undefined;
  process.off('exit', removeSocket);
}

function removeSocket(): void {
  rmSync(attachSocket(process.pid), { force: true });
}

function cannotAttach(error: unknown): void {
  process.emitWarning(`The pipeline cannot be reached by millrace explain --running: ${String(error)}`);
}

/** A folder that somebody else has made might be theirs to look into. */
function makePrivateFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { uid, mode } = lstatSync(folder);
  if (!lstatSync(folder).isDirectory() || uid !== process.getuid?.() || (mode & 0o077) !== 0) {
    throw new Error(`${folder} is open to other users; remove it`);
  }
}

function serve(socket: Socket): void {
  let text = '';
  socket.unref();
  socket.setEncoding('utf8');
  socket.setTimeout(REQUEST_MILLIS, () => socket.destroy());
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk: string) => {
    text += chunk;
    const end = text.indexOf('\n');
    if (end < 0 && text.length < MAX_REQUEST_BYTES) return;
    socket.removeAllListeners('data');
    socket.setTimeout(0);
    void answer(socket, text.slice(0, Math.max(0, end)));
  });
}

async function answer(socket: Socket, line: string): Promise<void> {
  const send = (body: AttachAnswer) => socket.write(`${JSON.stringify(body)}\n`);
  try {
    const { ask, checkpointDir } = JSON.parse(line) as Partial<AttachRequest>;
    const jobs = [...attached].filter((entry) => checkpointDir === undefined || entry.checkpointDir === checkpointDir);
    if (jobs.length === 0) send({ answer: 'refused', reason: 'no such pipeline is running in the process' });
    else if (ask === 'progress') {
      send({
        answer: 'progress',
        jobs: jobs.map(({ name, checkpointDir: folder, job }) => ({
          name,
          ...(folder === undefined ? {} : { checkpointDir: folder }),
          progress: job.progress(),
        })),
      });
    } else if (ask === 'drain') {
      send({ answer: 'draining', jobs: jobs.map(({ name }) => name) });
      send({ answer: 'ended', jobs: await Promise.all(jobs.map(drain)) });
    } else send({ answer: 'refused', reason: `it does not know '${String(ask)}'` });
  } catch (error) {
    send({ answer: 'refused', reason: String(error) });
  }
  socket.end();
}

async function drain({ name, job }: AttachedJob): Promise<JobEnd> {
  await job.drain();
  const { state } = job.progress();
  const error = await job.wait().then(
    () => undefined,
    (reason: unknown) => String(reason),
  );
  return { name, state, ...(error === undefined ? {} : { error }) };
}
