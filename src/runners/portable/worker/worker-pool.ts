import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { BeamFnExternalWorkerPool, type StartWorkerRequest } from '../../../model/fn-execution.ts';
import { checkEndpoint } from '../../../sdk/options/endpoint.ts';
import { GrpcServer } from '../../rpc/grpc-server.ts';

/** Workers of one pool. */
const MAX_WORKERS = 256;
/** Time that a worker has to end by itself. */
const STOP_MILLIS = 5000;

/** Starts workers for runners that ask for them, each in a process of its own. */
export class WorkerPool {
  readonly #server = new GrpcServer();
  readonly #workers = new Map<string, ChildProcess>();
  readonly #command: readonly string[];
  readonly #tell: (text: string) => void;

  /**
   * @param command what a worker is started with; the flags of Beam's container contract follow
   * @param tell is told when a worker begins and ends
   */
  constructor(command: readonly string[], tell: (text: string) => void) {
    this.#command = command;
    this.#tell = tell;
  }

  /** Begins to serve. @returns `host:port` @throws OptionError `OPTION_INVALID`, RunnerError `RPC_NOT_LISTENING` */
  async listen(address: string): Promise<string> {
    checkEndpoint('The address of a worker pool', address, 0);
    this.#server.add(BeamFnExternalWorkerPool, {
      startWorker: (request) => ({ error: this.#start(request) }),
      stopWorker: async ({ workerId }) => {
        await stopped(this.#workers.get(workerId));
        return {};
      },
    });
    return this.#server.listen(address);
  }

  /** @returns why not, or nothing */
  #start({ workerId, ...endpoints }: StartWorkerRequest): string {
    if (this.#workers.has(workerId)) return `The worker ${workerId} is running`;
    if (this.#workers.size >= MAX_WORKERS) return `${MAX_WORKERS} workers are running`;
    const { controlEndpoint, loggingEndpoint, artifactEndpoint, provisionEndpoint } = endpoints;
    const flags = Object.entries({ controlEndpoint, loggingEndpoint, artifactEndpoint, provisionEndpoint }).flatMap(
      ([name, endpoint]) => (endpoint?.url ? [`--${name.replace('E', '_e')}=${endpoint.url}`] : []),
    );
    const [file, ...args] = this.#command;
    const child = spawn(file, [...args, `--id=${workerId}`, ...flags], { stdio: ['ignore', 'inherit', 'inherit'] });
    this.#workers.set(workerId, child);
    this.#tell(`worker ${workerId}: started`);
    child.on('error', (error) => this.#tell(`worker ${workerId}: ${error.message}`));
    child.on('close', (code, signal) => {
      this.#workers.delete(workerId);
      this.#tell(`worker ${workerId}: ended${code === 0 ? '' : ` with ${signal ?? code}`}`);
    });
    return '';
  }

  async close(): Promise<void> {
    this.#server.close();
    await Promise.all(Array.from(this.#workers.values(), stopped));
  }
}

async function stopped(child: ChildProcess | undefined): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const end = once(child, 'close');
  child.kill('SIGTERM');
  const force = setTimeout(() => child.kill('SIGKILL'), STOP_MILLIS);
  await end;
  clearTimeout(force);
}
