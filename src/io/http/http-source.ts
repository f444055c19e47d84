import {
  type Coder,
  coders,
  type PCollection,
  type Pipeline,
  type PTransform,
  resume,
  type SplittableDoFn,
  splittableParDo,
} from '../../sdk/index.ts';
import { checkChoiceOption, checkIntegerOption, checkOptions, type OptionNames } from '../check-options.ts';
import { type Positioned, PositionTracker } from '../position-tracker.ts';
import { HttpInlet, type HttpRequest, type InletSettings } from './http-inlet.ts';
import { checkListen, HTTP_LISTEN_OPTIONS, type HttpListenOptions } from './http-listener.ts';

/** Options of {@link httpSource}. */
export interface HttpSourceOptions<T> extends HttpListenOptions {
  /** Largest body; default 1 MiB, at most 64 MiB. A larger one is answered with 413. */
  readonly maxBodyBytes?: number;
  /**
   * Most requests that wait: with `acknowledge: 'received'` for their turn, with `'committed'` for their answer. Default 10,000. All
   * further ones, and those whose bodies together go past 64 MiB, are answered with 503.
   */
  readonly maxPending?: number;
  /**
   * When a request is answered: `'committed'` (default), with 204 once a checkpoint holds its element (without a `checkpointDir`,
   * once the element has gone through the pipeline), or `'received'`, with 202 as soon as it is there, but none while a checkpoint is
   * written: it holds all that were answered before.
   */
  readonly acknowledge?: 'committed' | 'received';
  /** False: the request is answered with 401. Sees the body as it came, to verify a signature. */
  readonly authorize?: (request: HttpRequest) => boolean;
  /** Makes the element; what throws is answered with 400. Default: the body as JSON. */
  readonly decode?: (request: HttpRequest) => T;
  /** Coder of the elements; the default coder when absent. */
  readonly coder?: Coder<T>;
}

const OPTIONS: OptionNames<HttpSourceOptions<unknown>> = {
  ...HTTP_LISTEN_OPTIONS,
  maxBodyBytes: true,
  maxPending: true,
  acknowledge: true,
  authorize: true,
  decode: true,
  coder: true,
};

const MAX_BODY_BYTES = 1024 * 1024;
const MOST_BODY_BYTES = 64 * 1024 * 1024;
const MAX_PENDING = 10_000;
const MOST_PENDING = 1_000_000;
/** Elements of one batch. */
const MAX_BATCH = 1000;

/**
 * Listens for HTTP requests (POST or PUT), such as webhooks; each is an element. An unbounded collection, whose timestamps and
 * watermark are the time of day. It ends when the pipeline is drained.
 *
 * On restart: nothing that was acknowledged is lost with `acknowledge: 'committed'`. A request whose answer did not arrive, because the
 * process was killed or the pipeline went back to a checkpoint (503), is to be sent again by its client, and may then be there twice:
 * `deduplicate` by an id of the client's makes it once. With `'received'`, requests since the last checkpoint are lost when the process
 * is killed, the pipeline goes back or the job is cancelled, and none when it is stopped with a `checkpointDir` or drained: those that
 * are not answered by then get 503.
 *
 * @throws PipelineError `OPTION_INVALID`; when it runs, IoError `HTTP_LISTEN`
 */
export function httpSource<T = unknown>(options: HttpSourceOptions<T>): PTransform<Pipeline, PCollection<T>> {
  const name = 'HttpSource';
  checkOptions(options, OPTIONS, name);
  checkListen(options, name);
  const settings = settingsOf(options, name);
  const coder = options.coder ?? (coders.default() as Coder<T>);
  return {
    name,
    expand: (pipeline) =>
      pipeline.create([null]).apply(splittableParDo('Listen', httpFn(settings, coder))) as PCollection<T>,
  };
}

function httpFn<T>(
  settings: InletSettings<T>,
  coder: Coder<T>,
): SplittableDoFn<null, Positioned<null>, Positioned<null>, T> {
  let inlet: HttpInlet<T> | undefined;
  /** A server that is opened again stays where clients have found it. */
  let port = settings.listen.port;
  return {
    unbounded: true,
    watermark: 'wallTime',
    coder,
    restriction: {
      coder: coders.default() as Coder<Positioned<null>>,
      initial: () => ({ at: null, over: false }),
      tracker: (position) => new PositionTracker(position),
    },
    async *process(_, { signal, processingTime, afterBundleCommit }) {
      if (inlet === undefined) {
        const opened = new HttpInlet({ ...settings, listen: { ...settings.listen, port } });
        port = await opened.open();
        inlet = opened;
      }
      const server = inlet;
      server.begin(signal);
      for (;;) {
        const taken = await server.take(MAX_BATCH);
        // The rest was taken back, or the run is over: there is no more to it than to go on listening.
        if (taken.length === 0) return resume();
        const now = processingTime();
        yield { values: taken.map(({ element }) => element), timestamps: taken.map(() => now) };
        // Not before: they have gone through the pipeline by now, so the next commit has them.
        if (settings.acknowledge === 'committed') afterBundleCommit(() => server.acknowledge(taken));
      }
    },
    async teardown() {
      const open = inlet;
      inlet = undefined;
      await open?.close();
    },
  };
}

function settingsOf<T>(options: HttpSourceOptions<T>, transform: string): InletSettings<T> {
  const {
    maxBodyBytes = MAX_BODY_BYTES,
    maxPending = MAX_PENDING,
    acknowledge = 'committed',
    decode = decodeJson,
  } = options;
  checkIntegerOption('maxBodyBytes', maxBodyBytes, 1, MOST_BODY_BYTES, transform);
  checkIntegerOption('maxPending', maxPending, 1, MOST_PENDING, transform);
  checkChoiceOption('acknowledge', acknowledge, ['committed', 'received'], transform);
  const { authorize } = options;
  return {
    listen: options,
    maxBodyBytes,
    maxPending,
    acknowledge,
    authorize,
    decode: decode as (request: HttpRequest) => T,
  };
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

function decodeJson({ body }: HttpRequest): unknown {
  return JSON.parse(utf8.decode(body));
}
