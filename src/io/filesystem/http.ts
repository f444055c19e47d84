import { IoError } from '../../sdk/index.ts';
import {
  type FileInfo,
  type FileSystem,
  type FileWriter,
  type FolderEntry,
  type RandomAccessFile,
  UNKNOWN_SIZE,
} from './file-system.ts';
import { HttpStreamReader } from './http-stream.ts';
import { notFound, resourceAt, toIoError } from './io-errors.ts';

/** A server that says nothing for this long has failed. */
const TIMEOUT_MILLIS = 60_000;
/** A request costs a round trip, so remote blocks are large. */
const BLOCK_SIZE = 4 * 1024 * 1024;

/** Files behind `http:` and `https:` URLs; read only, no globs. Servers that support byte ranges are read in ranges. */
export class HttpFileSystem implements FileSystem {
  async match(url: string): Promise<FileInfo[]> {
    const info = await this.stat(url);
    return info === undefined ? [] : [info];
  }

  async stat(url: string): Promise<FileInfo | undefined> {
    const head = await request(url, 'HEAD');
    if (head.ok) {
      const size = Number(head.headers.get('content-length') ?? Number.NaN);
      const known = Number.isSafeInteger(size) && head.headers.get('content-encoding') === null;
      return {
        path: url,
        size: known ? size : UNKNOWN_SIZE,
        modified: modifiedOf(head),
        seekable: known && head.headers.get('accept-ranges')?.toLowerCase() === 'bytes',
      };
    }
    if (head.status === 404 || head.status === 410) return undefined;
    // Some servers sign or route GET only: ask for one byte instead.
    if (![403, 405, 501].includes(head.status)) throw failed(url, head.status);
    const probe = await request(url, 'GET', 'bytes=0-0');
    await probe.body?.cancel();
    if (probe.status === 404 || probe.status === 410) return undefined;
    const total = Number(/\/(\d+)$/.exec(probe.headers.get('content-range') ?? '')?.[1] ?? Number.NaN);
    if (probe.status === 206 && Number.isSafeInteger(total)) {
      return { path: url, size: total, modified: modifiedOf(probe), seekable: true };
    }
    if (!probe.ok && probe.status !== 416) throw failed(url, probe.status);
    return { path: url, size: probe.status === 416 ? 0 : UNKNOWN_SIZE, modified: modifiedOf(probe), seekable: false };
  }

  async open(url: string): Promise<RandomAccessFile> {
    const info = await this.stat(url);
    if (info === undefined) throw notFound(url);
    if (!info.seekable) return new HttpStreamReader(url, info.size, (from) => getFrom(url, from));
    const read = async (position: number, target: Uint8Array): Promise<number> => {
      const end = Math.min(position + target.length, info.size);
      if (position >= end) return 0;
      const response = await request(url, 'GET', `bytes=${position}-${end - 1}`);
      if (response.status !== 206) {
        await response.body?.cancel();
        throw failed(url, response.status, position);
      }
      const reader = new HttpStreamReader(url, info.size, async () => response, position);
      try {
        const count = await reader.read(position, target.subarray(0, end - position));
        if (count === end - position) return count;
        throw new IoError('FILE_IO', `The server sent ${count} of ${end - position} bytes`, {
          resource: resourceAt(url, position + count),
        });
      } finally {
        await reader.close();
      }
    };
    return { path: url, size: info.size, blockSize: BLOCK_SIZE, read, close: () => {} };
  }

  async create(url: string): Promise<FileWriter> {
    throw readOnly(url);
  }

  async rename(from: string): Promise<void> {
    throw readOnly(from);
  }

  async remove(url: string): Promise<void> {
    throw readOnly(url);
  }

  async list(url: string): Promise<FolderEntry[]> {
    throw new IoError('FILE_READ_ONLY', 'The folders of an HTTP server cannot be listed', { resource: url });
  }

  async mkdirs(url: string): Promise<void> {
    throw readOnly(url);
  }
}

async function getFrom(url: string, _from: number): Promise<Response> {
  const response = await request(url, 'GET');
  if (!response.ok) throw failed(url, response.status);
  return response;
}

async function request(url: string, method: string, range?: string): Promise<Response> {
  // identity: ranges and sizes are those of the stored bytes, not of what a proxy makes of them.
  const headers: Record<string, string> = { 'accept-encoding': 'identity' };
  if (range !== undefined) headers.range = range;
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(new Error(`no answer within ${TIMEOUT_MILLIS} ms`)), TIMEOUT_MILLIS);
  try {
    return await fetch(url, { method, headers, signal: abort.signal });
  } catch (cause) {
    const reason = (cause as { cause?: unknown }).cause ?? cause;
    throw toIoError(reason, method === 'HEAD' ? 'look up the file' : 'read the file', url);
  } finally {
    clearTimeout(timer);
  }
}

function modifiedOf(response: Response): number {
  const time = Date.parse(response.headers.get('last-modified') ?? '');
  return Number.isNaN(time) ? 0 : time;
}

function failed(url: string, status: number, offset?: number): IoError {
  if (status === 404 || status === 410) return notFound(url);
  const code = status === 401 || status === 403 ? 'FILE_ACCESS' : 'FILE_IO';
  return new IoError(code, `The server answered with HTTP status ${status}`, { resource: resourceAt(url, offset) });
}

function readOnly(url: string): IoError {
  return new IoError('FILE_READ_ONLY', 'Files behind HTTP cannot be written', { resource: url });
}
