// A file behind an http or https URL as a source: by ranges of it, and in one stream where it is read from one place on.

import { BinspectError, hex, refuseAborted } from '../errors.ts';
import { wordIn } from '../model/names.ts';
import { concatenated } from './bytes.ts';
import type { ByteSource } from './source.ts';

/** How a URL is read. */
export interface HttpOptions {
  /** Milliseconds without a byte after which a server is given up. */
  readonly stallMilliseconds: number;
  /** Bytes that are held of what a server sends without saying how much it is. */
  readonly spooledBytes: number;
  readonly signal?: AbortSignal | undefined;
}

const BLOCK = 16 * 1024; // the least that is asked for: what a request and its answer cost beside it
const BLOCKS = 64; // that are kept
const STREAMED = 256 * 1024; // a read of so much, where the last one ended or anywhere else, begins a stream
const REDIRECTS = 5;

const STATUSES: Readonly<Record<string, string>> = { 401: 'unauthorized', 403: 'forbidden', 404: 'not found', 410: 'gone', 416: 'range not satisfiable', 429: 'too many requests', 500: 'internal server error', 502: 'bad gateway', 503: 'service unavailable' };

/** One answer of a server. */
interface Answer {
  readonly response: Response;
  readonly url: URL;
  readonly body: Body;
}

/** Bytes of an answer as they come; a server that sends none for too long is given up. */
class Body {
  readonly #controller: AbortController;
  readonly #options: HttpOptions;
  #reader: ReadableStreamDefaultReader<Uint8Array> | null = null;
  #rest: Uint8Array = new Uint8Array(0);

  constructor(controller: AbortController, options: HttpOptions) {
    this.#controller = controller;
    this.#options = options;
  }

  from(response: Response): void {
    this.#reader = (response.body as ReadableStream<Uint8Array> | null)?.getReader() ?? null;
  }

  /** Waits for something that a server does, no longer than is allowed without a byte. Throws `io` and `aborted`. */
  async wait<T>(work: () => Promise<T>): Promise<T> {
    const { signal, stallMilliseconds } = this.#options;
    refuseAborted(signal);
    let stalled = false;
    const timer = setTimeout(() => {
      stalled = true;
      this.#controller.abort();
    }, stallMilliseconds);
    const end = (): void => this.#controller.abort();
    signal?.addEventListener('abort', end, { once: true });
    try {
      return await work();
    } catch (error) {
      refuseAborted(signal);
      if (stalled) throw new BinspectError('io', `no byte came for ${stallMilliseconds / 1000} seconds`, { cause: error });
      throw new BinspectError('io', failureText(error), { cause: error instanceof Error && error.cause instanceof Error ? error.cause : error });
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
    }
  }

  /** The next bytes; none at the end. */
  async next(): Promise<Uint8Array> {
    if (this.#rest.length > 0) {
      const rest = this.#rest;
      this.#rest = new Uint8Array(0);
      return rest;
    }
    const reader = this.#reader;
    if (reader === null) return this.#rest;
    for (;;) {
      const { done, value } = await this.wait(() => reader.read());
      if (done) return new Uint8Array(0);
      if (value.length > 0) return value;
    }
  }

  /** The next `length` bytes; fewer only where the answer ends before. */
  async take(length: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(length);
    let filled = 0;
    while (filled < length) {
      const next = await this.next();
      if (next.length === 0) return bytes.subarray(0, filled);
      const used = Math.min(next.length, length - filled);
      bytes.set(next.subarray(0, used), filled);
      filled += used;
      this.#rest = next.subarray(used);
    }
    return bytes;
  }

  close(): void {
    this.#controller.abort();
  }
}

/** What fetch says is behind its 'fetch failed'. */
function failureText(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  const words: Record<string, string> = {
    ENOTFOUND: 'no such host',
    EAI_AGAIN: 'the name of the host can not be looked up',
    ECONNREFUSED: 'connection refused',
    ECONNRESET: 'the connection was reset',
    ETIMEDOUT: 'the connection timed out',
    UND_ERR_SOCKET: 'the connection was closed before the answer ended',
    UND_ERR_CONNECT_TIMEOUT: 'the connection timed out',
    UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'the answer has another length than it says',
  };
  return wordIn(words, code) ?? (cause instanceof Error ? cause.message : String(cause));
}

/** Asks for a URL, and goes where it is redirected to. Throws `io`, `aborted`, and `invalid-argument` for a URL that is not fetched. */
async function ask(first: URL, headers: Readonly<Record<string, string>>, options: HttpOptions): Promise<Answer> {
  let url = first;
  for (let redirects = 0; ; redirects++) {
    const controller = new AbortController();
    const body = new Body(controller, options);
    const response = await body.wait(() => fetch(url, {
      redirect: 'manual',
      credentials: 'omit',
      headers: { ...('range' in headers ? {} : { 'accept-encoding': 'identity' }), 'user-agent': 'binspect', ...headers }, // with a range fetch says 'identity' itself
      signal: controller.signal,
    }));
    const location = response.headers.get('location');
    if (response.status < 300 || response.status > 399 || response.status === 304 || location === null) {
      body.from(response);
      return { response, url, body };
    }
    body.close();
    if (redirects === REDIRECTS) throw new BinspectError('io', `more than ${REDIRECTS} redirects`);
    url = redirected(url, location);
  }
}

function redirected(from: URL, location: string): URL {
  const to = URL.canParse(location, from.href) ? new URL(location, from.href) : null;
  if (to === null || (to.protocol !== 'http:' && to.protocol !== 'https:')) throw new BinspectError('io', `a redirect to ${location.slice(0, 200)}, which is not an http or https URL`);
  if (from.protocol === 'https:' && to.protocol === 'http:') throw new BinspectError('io', `a redirect from https to http (${to.host}) is not followed`);
  if (to.username !== '' || to.password !== '') throw new BinspectError('io', 'a redirect to a URL with a name and a password is not followed');
  return to;
}

function refusal({ status, statusText }: Response): BinspectError {
  const text = wordIn(STATUSES, String(status)) ?? statusText;
  return new BinspectError('io', `the server answers ${status}${text === '' ? '' : ` (${text})`}`, { cause: Object.assign(new Error(`HTTP ${status}`), { status }) });
}

function refuseEncoded({ headers }: Response): void {
  const encoding = headers.get('content-encoding');
  if (encoding !== null && encoding.toLowerCase() !== 'identity') throw new BinspectError('io', `the server sends it encoded (${encoding.slice(0, 40)}), although that was not asked for`);
}

/** What tells one state of a file from another: what later requests are held against. */
interface Validator {
  /** Goes with requests, so that a server that has another file now sends no part of it; null where the server gives nothing for that. */
  readonly ifRange: string | null;
  readonly etag: string | null;
  readonly modified: string | null;
}

function validatorOf({ headers }: Response): Validator {
  const etag = headers.get('etag');
  const strong = etag !== null && !etag.startsWith('W/') ? etag : null;
  const modified = headers.get('last-modified');
  return { ifRange: strong ?? modified, etag: strong, modified };
}

/** The bytes of an answer to a request for a range. Throws `io` where it is for another one. */
function rangeOf(response: Response): { readonly start: number; readonly end: number; readonly size: number } {
  const text = response.headers.get('content-range') ?? '';
  const found = /^bytes (\d{1,16})-(\d{1,16})\/(\d{1,16}|\*)$/i.exec(text.trim());
  if (found === null) throw new BinspectError('io', `the server sends a part, and does not say which (Content-Range: ${text.slice(0, 80)})`);
  const [start, end, size] = [Number(found[1]), Number(found[2]) + 1, Number(found[3])];
  if (!Number.isSafeInteger(size)) throw new BinspectError('io', 'the server does not say how large the file is');
  if (start >= end || end > size) throw new BinspectError('io', `the server sends a part that can not be (Content-Range: ${text.slice(0, 80)})`);
  return { start, end, size };
}

/** A stream that is being read. */
interface Stream {
  readonly body: Body;
  position: number;
}

/** A remote file. */
export class HttpSource implements ByteSource {
  readonly size: number;
  /** The URL that was asked for. */
  readonly path: string;
  /** Whether the server sends parts. Where it does not, the bytes come once, in order. */
  readonly ranged: boolean;
  readonly #url: URL;
  readonly #options: HttpOptions;
  readonly #validator: Validator;
  readonly #blocks: { readonly at: number; readonly bytes: Uint8Array }[] = [];
  #stream: Stream | null;
  #last: Promise<unknown> = Promise.resolve();

  constructor(path: string, url: URL, size: number, validator: Validator, head: Uint8Array, stream: Stream | null, options: HttpOptions) {
    this.path = path;
    this.size = size;
    this.ranged = stream === null;
    this.#url = url;
    this.#options = options;
    this.#validator = validator;
    this.#blocks.push({ at: 0, bytes: head });
    this.#stream = stream;
  }

  /** One read after the other: they may share a stream. */
  read(offset: number, length: number): Promise<Uint8Array> {
    const read = this.#last.then(() => this.#read(offset, Math.max(0, Math.min(length, this.size - offset))));
    this.#last = read.catch(() => {}); // whoever asked hears of it
    return read;
  }

  async #read(offset: number, length: number): Promise<Uint8Array> {
    refuseAborted(this.#options.signal);
    const kept = this.#blocks.find(({ at, bytes }) => at <= offset && offset + length <= at + bytes.length);
    if (kept !== undefined) return kept.bytes.subarray(offset - kept.at, offset - kept.at + length);
    const stream = await this.#streamAt(offset, length);
    if (stream === null) return this.#range(offset, length);
    const head = this.#blocks[0] as { at: number; bytes: Uint8Array };
    const before = this.ranged ? new Uint8Array(0) : head.bytes.subarray(offset, Math.max(offset, stream.position)); // what was read at once and is kept
    const bytes = await stream.body.take(length - before.length);
    stream.position += bytes.length;
    if (bytes.length < length - before.length) throw new BinspectError('io', `the answer ends at ${hex(stream.position)}, and the file has ${this.size} bytes`, { offset: stream.position });
    if (before.length === 0) return bytes;
    const both = new Uint8Array(length);
    both.set(before);
    both.set(bytes, before.length);
    return both;
  }

  /** The stream that stands at a position; null where a range is to be asked for. */
  async #streamAt(offset: number, length: number): Promise<Stream | null> {
    const stream = this.#stream;
    if (!this.ranged) {
      const head = (this.#blocks[0] as { bytes: Uint8Array }).bytes.length;
      if (stream !== null && (stream.position === offset || (stream.position === head && offset < head))) return stream;
      throw new BinspectError('io', `${length} bytes wanted at ${hex(offset)}: the server ignores ranges, so only what is read from end to end can be read`, { offset });
    }
    if (stream !== null && stream.position === offset) return stream;
    if (length < STREAMED) return null;
    this.#end();
    this.#stream = { body: (await this.#part(offset, this.size)).body, position: offset };
    return this.#stream;
  }

  async #range(offset: number, length: number): Promise<Uint8Array> {
    const end = Math.min(this.size, offset + Math.max(length, BLOCK));
    const { body } = await this.#part(offset, end);
    const bytes = await body.take(end - offset);
    if (bytes.length < end - offset) throw new BinspectError('io', `${end - offset} bytes were asked for at ${hex(offset)}, and ${bytes.length} came`, { offset });
    if ((await body.next()).length > 0) {
      body.close();
      throw new BinspectError('io', `more than the ${end - offset} bytes that were asked for at ${hex(offset)} came`, { offset });
    }
    if (bytes.length <= 4 * BLOCK) {
      this.#blocks.push({ at: offset, bytes });
      if (this.#blocks.length > BLOCKS) this.#blocks.splice(1, 1);
    }
    return bytes.subarray(0, length);
  }

  /** Asks for a part. Throws `io` where another one comes, or one of another file. */
  async #part(start: number, end: number): Promise<Answer> {
    const { ifRange, etag, modified } = this.#validator;
    const answer = await ask(this.#url, { range: `bytes=${start}-${end - 1}`, ...(ifRange === null ? {} : { 'if-range': ifRange }) }, this.#options);
    const { response, body } = answer;
    try {
      if (response.status === 200) throw new BinspectError('io', ifRange === null ? 'the server ignores ranges' : 'the file was changed while it was read, or the server ignores ranges', { offset: start });
      if (response.status === 412 || response.status === 416) throw new BinspectError('io', 'the file was changed while it was read', { offset: start });
      if (response.status !== 206) throw refusal(response);
      refuseEncoded(response);
      const range = rangeOf(response);
      const now = validatorOf(response);
      const differs = range.size !== this.size || (etag !== null && now.etag !== null && now.etag !== etag) || (etag === null && modified !== null && now.modified !== null && now.modified !== modified);
      if (differs) throw new BinspectError('io', 'the file was changed while it was read', { offset: start });
      if (range.start !== start || range.end !== end) throw new BinspectError('io', `bytes ${start} to ${end - 1} were asked for, and ${range.start} to ${range.end - 1} came`, { offset: start });
      return answer;
    } catch (error) {
      body.close();
      throw error;
    }
  }

  #end(): void {
    this.#stream?.body.close();
    this.#stream = null;
  }

  close(): Promise<void> {
    this.#end();
    return Promise.resolve();
  }
}

/** What a URL leads to: a source with ranges or a stream, or all bytes where the server does not say how many there are. */
export type OpenedUrl = { readonly source: HttpSource } | { readonly bytes: Uint8Array };

/**
 * Opens a URL. Throws `invalid-argument` for one that is not fetched, `io` for what the server refuses, for a redirect that is not followed, and for a server that
 * sends nothing, and `aborted`. Asks for the beginning only.
 */
export async function openUrl(url: URL, options: HttpOptions): Promise<OpenedUrl> {
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw new BinspectError('invalid-argument', `only file:, http: and https: URLs can be read, not ${url.protocol}`, { path: url.href });
  if (url.username !== '' || url.password !== '') throw new BinspectError('invalid-argument', 'a URL with a name and a password is not fetched: nothing secret is sent');
  const { response, url: last, body } = await ask(url, { range: `bytes=0-${BLOCK - 1}` }, options);
  try {
    if (response.status === 416 && /^bytes \*\/0$/i.test(response.headers.get('content-range') ?? '')) {
      body.close();
      return { bytes: new Uint8Array(0) };
    }
    if (response.status !== 200 && response.status !== 206) throw refusal(response);
    refuseEncoded(response);
    if (response.status === 206) {
      const { start, end, size } = rangeOf(response);
      if (start !== 0 || end !== Math.min(size, BLOCK)) throw new BinspectError('io', `bytes 0 to ${BLOCK - 1} were asked for, and ${start} to ${end - 1} came`);
      const head = await body.take(end);
      if (head.length < end || (await body.next()).length > 0) throw new BinspectError('io', 'the answer has another length than it says');
      return { source: new HttpSource(url.href, last, size, validatorOf(response), head, null, options) };
    }
    const written = response.headers.get('content-length');
    const size = written !== null && /^\d{1,16}$/.test(written) ? Number(written) : null;
    if (size === null) return { bytes: await spool(body, options.spooledBytes) };
    const head = await body.take(Math.min(size, BLOCK));
    if (head.length < Math.min(size, BLOCK)) throw new BinspectError('io', 'the answer has another length than it says');
    return { source: new HttpSource(url.href, last, size, validatorOf(response), head, { body, position: head.length }, options) };
  } catch (error) {
    body.close();
    throw error;
  }
}

/** All bytes of an answer. Throws `limit-exceeded`. */
async function spool(body: Body, most: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (let next = await body.next(); next.length > 0; next = await body.next()) {
    chunks.push(next);
    size += next.length;
    if (size > most) throw new BinspectError('limit-exceeded', `the server does not say how much it sends, and it is more than ${most} bytes (the limit spooledBytes)`);
  }
  return concatenated(chunks);
}

/** All bytes behind a URL, such as a list's: no range is asked for. Throws as `openUrl`, and `limit-exceeded` for more than `most` bytes. */
export async function fetchBytes(url: URL, most: number, options: HttpOptions): Promise<Uint8Array> {
  if (url.username !== '' || url.password !== '') throw new BinspectError('invalid-argument', 'a URL with a name and a password is not fetched: nothing secret is sent');
  const { response, body } = await ask(url, {}, options);
  try {
    if (response.status !== 200) throw refusal(response);
    refuseEncoded(response);
    const bytes = await spool(body, most);
    const written = response.headers.get('content-length');
    if (written !== null && Number(written) !== bytes.length) throw new BinspectError('io', 'the answer has another length than it says');
    return bytes;
  } finally {
    body.close();
  }
}
