import { IoError } from '../../sdk/index.ts';
import {
  type FileInfo,
  type FileSystem,
  type FileWriter,
  type FolderEntry,
  type RandomAccessFile,
  UNKNOWN_SIZE,
} from './file-system.ts';
import { cutShort, discard, HttpClient, type HttpOptions, statusError } from './http-request.ts';
import { HttpStreamReader } from './http-stream.ts';
import { notFound, resourceAt } from './io-errors.ts';

/** A request costs a round trip, so remote blocks are large. */
const BLOCK_SIZE = 4 * 1024 * 1024;

/**
 * Files behind `http:` and `https:` URLs; read only, no globs. Servers that support byte ranges are read in ranges.
 * What breaks or is overloaded is asked again a few times. Every answer is held against what the server said when the
 * file was found, so that a file that changes, or a server that does other than it says, is an error.
 */
export class HttpFileSystem implements FileSystem {
  readonly #client: HttpClient;

  constructor(options: HttpOptions = {}) {
    this.#client = new HttpClient(options);
  }

  async match(url: string): Promise<FileInfo[]> {
    const info = await this.stat(url);
    return info === undefined ? [] : [info];
  }

  async stat(url: string): Promise<FileInfo | undefined> {
    const head = await this.#client.retry(() => this.#client.request(url, 'HEAD'));
    if (head.ok) {
      const length = head.headers.get('content-length');
      const size = length === null ? Number.NaN : Number(length);
      // Some servers say 0 where they do not know.
      const isKnown = Number.isSafeInteger(size) && size > 0 && !isEncoded(head);
      const seekable = isKnown && head.headers.get('accept-ranges')?.toLowerCase() === 'bytes';
      return infoOf(url, head, isKnown ? size : UNKNOWN_SIZE, seekable);
    }
    if (isMissing(head)) return undefined;
    // Some servers sign or route GET only: ask for one byte instead.
    if (![403, 405, 501].includes(head.status)) throw statusError(url, head.status);
    const probe = await this.#client.retry(() => this.#client.request(url, 'GET', 'bytes=0-0'));
    await discard(probe);
    if (isMissing(probe)) return undefined;
    const total = contentRangeOf(probe)?.total ?? Number.NaN;
    if (probe.status === 206 && Number.isSafeInteger(total)) return infoOf(url, probe, total, true);
    if (!probe.ok && probe.status !== 416) throw statusError(url, probe.status);
    return infoOf(url, probe, probe.status === 416 ? 0 : UNKNOWN_SIZE, false);
  }

  async open(url: string, known?: FileInfo): Promise<RandomAccessFile> {
    const info = known ?? (await this.stat(url));
    if (info === undefined) throw notFound(url);
    const client = this.#client;
    if (!info.seekable) {
      const reader = new HttpStreamReader(url, info.size, client.timeoutMillis, () => this.#whole(info));
      return {
        path: url,
        size: info.size,
        blockSize: reader.blockSize,
        read: (position, target) => client.retry(() => reader.read(position, target)),
        close: () => reader.close(),
      };
    }
    const read = async (position: number, target: Uint8Array): Promise<number> => {
      const end = Math.min(position + target.length, info.size);
      if (position >= end) return 0;
      return client.retry(() => this.#range(info, position, target.subarray(0, end - position)));
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
    throw new IoError('FILE_READ_ONLY', 'The folders of an HTTP server cannot be listed', {
      final: true,
      resource: url,
    });
  }

  async mkdirs(url: string): Promise<void> {
    throw readOnly(url);
  }

  async #range(info: FileInfo, position: number, target: Uint8Array): Promise<number> {
    const { path, size } = info;
    const response = await this.#client.request(path, 'GET', `bytes=${position}-${position + target.length - 1}`);
    const reader = new HttpStreamReader(path, size, this.#client.timeoutMillis, async () => response, position);
    try {
      checkRange(response, info, position);
      const count = await reader.read(position, target);
      if (count === target.length) return count;
      throw cutShort(path, position + count, count, target.length);
    } finally {
      await reader.close();
      await discard(response);
    }
  }

  /** All of a file. */
  async #whole(info: FileInfo): Promise<Response> {
    const response = await this.#client.request(info.path, 'GET');
    try {
      checkWhole(response, info);
      return response;
    } catch (error) {
      await discard(response);
      throw error;
    }
  }
}

function checkWhole(response: Response, info: FileInfo): void {
  if (!response.ok) throw statusError(info.path, response.status);
  checkVersion(response, info);
  if (info.size === UNKNOWN_SIZE) return;
  if (isEncoded(response)) {
    throw lied(info, 0, 'The server compresses what it sends, though it was told not to and has named another size');
  }
  const length = response.headers.get('content-length');
  if (length !== null && Number(length) !== info.size) throw changed(info, `${length} bytes`);
}

function checkRange(response: Response, info: FileInfo, position: number): void {
  if (response.status === 416) throw changed(info, 'fewer bytes');
  if (response.status === 200) {
    throw lied(info, position, 'The server announced byte ranges, but answers with the whole file');
  }
  if (response.status !== 206) throw statusError(info.path, response.status, position);
  checkVersion(response, info);
  const range = contentRangeOf(response);
  if (isEncoded(response) || range === undefined || range.start !== position) {
    const sent = response.headers.get('content-range') ?? 'bytes that it does not name';
    throw lied(info, position, `The server was asked for the bytes from ${position} on and sent ${sent}`);
  }
  // `*` stands for a size that the server does not tell.
  if (!Number.isNaN(range.total) && range.total !== info.size) throw changed(info, `${range.total} bytes`);
}

/** Where the server tells versions apart, all parts of a file must be of one. */
function checkVersion(response: Response, info: FileInfo): void {
  const version = response.headers.get('etag') ?? undefined;
  if (info.version !== undefined && version !== undefined && version !== info.version) {
    throw changed(info, `the version ${version}`, info.version);
  }
}

function infoOf(path: string, response: Response, size: number, seekable: boolean): FileInfo {
  const time = Date.parse(response.headers.get('last-modified') ?? '');
  const version = response.headers.get('etag');
  return {
    path,
    size,
    modified: Number.isNaN(time) ? 0 : time,
    seekable,
    ...(version === null ? {} : { version }),
  };
}

function contentRangeOf(response: Response): { readonly start: number; readonly total: number } | undefined {
  const match = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(response.headers.get('content-range') ?? '');
  return match === null ? undefined : { start: Number(match[1]), total: Number(match[2]) };
}

function isEncoded(response: Response): boolean {
  const encoding = response.headers.get('content-encoding');
  return encoding !== null && encoding !== 'identity';
}

function isMissing({ status }: Response): boolean {
  return status === 404 || status === 410;
}

function changed({ path, size }: FileInfo, now: string, before = `${size} bytes`): IoError {
  return new IoError('FILE_CHANGED', `The file has ${now}, but had ${before} when it was found`, {
    resource: path,
    hint: 'Read it when it does not change any more, or from a URL that names one version.',
  });
}

function lied({ path }: FileInfo, offset: number, summary: string): IoError {
  return new IoError('HTTP_SERVER', summary, { resource: resourceAt(path, offset), hint: 'Download the file first.' });
}

function readOnly(url: string): IoError {
  return new IoError('FILE_READ_ONLY', 'Files behind HTTP cannot be written', { final: true, resource: url });
}
