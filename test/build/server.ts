// A server on the loopback for tests: it sends ranges of bytes, or misbehaves as it is told.

import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A file of the server's: bytes, or what says them by position. */
export interface ServedFile {
  readonly size: number;
  read(offset: number, length: number): Uint8Array;
}

export function served(bytes: Uint8Array): ServedFile {
  return { size: bytes.length, read: (offset, length) => bytes.subarray(offset, offset + length) };
}

/** Zeros with some bytes in them. */
export function sparse(size: number, parts: readonly (readonly [at: number, bytes: Uint8Array])[]): ServedFile {
  return {
    size,
    read: (offset, length) => {
      const all = new Uint8Array(length);
      for (const [at, bytes] of parts) {
        const from = Math.max(at, offset);
        const to = Math.min(at + bytes.length, offset + length);
        if (from < to) all.set(bytes.subarray(from - at, to - at), from - offset);
      }
      return all;
    },
  };
}

export interface ServedPlan {
  readonly file?: ServedFile;
  readonly ranges?: boolean;
  /** Null sends none. */
  readonly etag?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
  readonly chunked?: boolean;
  /** Takes a request over, with its number. True: it has answered. */
  readonly handle?: (request: IncomingMessage, response: ServerResponse, count: number) => boolean;
}

export interface TestServer {
  readonly origin: string;
  /** Bytes of bodies that were sent. */
  sent: number;
  /** Requests, with their headers. */
  readonly requests: { url: string; headers: IncomingMessage['headers']; method: string }[];
  plan: (path: string) => ServedPlan | null;
  close(): Promise<void>;
}

const CHUNK = 256 * 1024;

export async function startServer(plan: (path: string) => ServedPlan | null): Promise<TestServer> {
  const counts = new Map<string, number>();
  const http = createServer((request, response) => void answer(request, response));
  const server: TestServer = {
    origin: '',
    sent: 0,
    requests: [],
    plan,
    close: () =>
      new Promise((resolve) => {
        http.close(() => resolve());
        http.closeAllConnections();
      }),
  };
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? '';
    server.requests.push({ url: path, headers: request.headers, method: request.method ?? '' });
    const count = (counts.get(path) ?? 0) + 1;
    counts.set(path, count);
    const one = server.plan(path);
    if (one === null) return void response.writeHead(404).end('nothing here');
    if (one.handle?.(request, response, count) === true) return;
    const file = one.file as ServedFile;
    const headers: Record<string, string | number> = { ...(one.etag === null ? {} : { etag: one.etag ?? '"1"' }), ...one.headers };
    const range = one.ranges === false ? null : /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
    const matches = request.headers['if-range'] === undefined || request.headers['if-range'] === (one.etag ?? '"1"') || request.headers['if-range'] === one.headers?.['last-modified'];
    let [start, end] = [0, file.size];
    if (range !== null && matches) {
      start = Number(range[1]);
      end = Math.min(file.size, range[2] === '' ? file.size : Number(range[2]) + 1);
      if (start >= file.size) return void response.writeHead(416, { ...headers, 'content-range': `bytes */${file.size}` }).end();
      headers['content-range'] = `bytes ${start}-${end - 1}/${file.size}`;
    }
    if (one.chunked !== true) headers['content-length'] = end - start;
    response.writeHead(range !== null && matches ? 206 : 200, headers);
    for (let at = start; at < end && !response.destroyed; at += CHUNK) {
      const bytes = file.read(at, Math.min(CHUNK, end - at));
      server.sent += bytes.length;
      if (!response.write(bytes)) await new Promise<void>((resolve) => {
        response.once('drain', resolve);
        response.once('close', resolve);
      });
    }
    response.end();
  }
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  return Object.assign(server, { origin: `http://127.0.0.1:${(http.address() as AddressInfo).port}` });
}
