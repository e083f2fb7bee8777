// URLs as inputs, against a server on the loopback that does what servers do, and what they should not.

import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { SHT } from '../src/elf/constants.ts';
import { inspectImages } from '../src/files/images.ts';
import { inspectMembers } from '../src/files/inspect-members.ts';
import { scan } from '../src/files/scan.ts';
import { verifyFiles } from '../src/files/verify-files.ts';
import { hash } from '../src/inspect/hash.ts';
import { inspect, inspectSync } from '../src/inspect/inspect.ts';
import type { MemberItem } from '../src/model/container.ts';
import { buildElf } from './build/elf.ts';
import { buildLayout, imageTar, sha256 } from './build/image.ts';
import { AMD64, ARM64, padded } from './build/programs.ts';
import { served, sparse, startServer } from './build/server.ts';
import type { ServedPlan, TestServer } from './build/server.ts';
import { buildTar } from './build/tar.ts';
import { buildZip } from './build/zip.ts';
import { run } from './terminal.ts';

const FOLDER = mkdtempSync(join(tmpdir(), 'binspect-urls-'));
const files = new Map<string, ServedPlan>();
let server: TestServer;
beforeAll(async () => {
  server = await startServer((path) => files.get(path.replace(/\?.*/, '')) ?? null);
});
beforeEach(() => {
  files.clear();
  server.sent = 0;
  server.requests.length = 0;
});
afterAll(async () => {
  await server.close();
  rmSync(FOLDER, { recursive: true });
});

function serve(path: string, plan: Uint8Array | ServedPlan): URL {
  files.set(path, plan instanceof Uint8Array ? { file: served(plan) } : plan);
  return new URL(server.origin + path);
}

const LARGE = padded(200_000);
const TAR = buildTar([{ name: 'bin/app', mode: 0o755, data: AMD64 }, { name: 'bin/large', mode: 0o755, data: LARGE }]);

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** What is said of members, without where they lie. */
function facts(items: readonly MemberItem[], archive: string): unknown[] {
  return items.map((item) => ('inspection' in item ? { ...item.inspection, path: item.path.slice(archive.length) } : 'container' in item ? { ...item.container, path: '' } : item));
}

describe('a file', () => {
  it('is the same as at home, by parts', async () => {
    const url = serve('/app', LARGE);
    expect(await inspect(url, { hash: true, facts: 'all' })).toEqual({ ...(await inspect(LARGE, { hash: true, facts: 'all' })), path: url.href });
    expect(await hash(url)).toBe(sha256(LARGE));
    expect(server.requests.every(({ method, headers }) => method === 'GET' && headers.cookie === undefined && headers.authorization === undefined && headers['accept-encoding'] === 'identity')).toBe(true); // nothing secret, nothing encoded
    expect(server.requests[1]?.headers['if-range']).toBe('"1"');
  });

  it('of two gigabytes costs kilobytes: ELF', async () => {
    const size = 2 * 1024 ** 3 + 12345;
    const plain = buildElf({ sections: [{ name: '.text', type: SHT.NOBITS }] });
    const head = plain.slice();
    const view = new DataView(head.buffer);
    const at = Number(view.getBigUint64(40, true));
    const table = plain.subarray(at);
    view.setBigUint64(40, BigInt(size - table.length), true); // e_shoff: the sections lie at the end
    const url = serve('/large', { file: sparse(size, [[0, head], [size - table.length, table]]) });
    expect(await inspect(url, { facts: 'all' })).toMatchObject({ size, format: 'elf' });
    expect(server.sent).toBeLessThan(200_000);
    const { out, status, err } = await run(['--json', url.href]);
    expect(status).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ size, sha256: null });
    expect(err).toContain('--hash computes it');
    expect(server.sent).toBeLessThan(400_000);
  });

  it('of two gigabytes costs kilobytes: zip', async () => {
    const zip = buildZip([{ name: 'app.exe', data: AMD64 }, { name: 'other', data: ARM64 }]);
    const hole = 2 * 1024 ** 3;
    const url = serve('/large.zip', { file: sparse(hole + zip.length, [[hole, zip]]) }); // with what was put before it
    expect(facts(await collect(inspectMembers(url)), url.href)).toMatchObject([{ path: '!/app.exe' }, { path: '!/other' }, { members: 2, complete: true }]);
    expect(server.sent).toBeLessThan(200_000);
  });

  it('a path within it', async () => {
    const url = serve('/app.tar', TAR);
    const inside = new URL(`${url.href}!/bin/app`);
    expect(await inspect(inside)).toEqual({ ...(await inspect(AMD64)), path: inside.href });
    expect(await hash(new URL(`${serve('/app.tar.gz', gzipSync(TAR)).href}?x=1!/bin/large`))).toBe(sha256(LARGE));
    await expect(inspect(new URL(`${url.href}!/nope`))).rejects.toMatchObject({ code: 'io', path: `${url.href}!/nope` });
  });

  it('is refused at once where nobody waits', () => {
    expect(() => inspectSync(serve('/app', AMD64))).toThrow(expect.objectContaining({ code: 'invalid-argument' }) as Error);
    expect(server.requests).toEqual([]);
  });

  it('a text stays a path', async () => {
    await expect(inspect(serve('/app', AMD64).href)).rejects.toMatchObject({ code: 'io', cause: { code: 'ENOENT' } });
    expect(server.requests).toEqual([]);
  });
});

describe('an archive', () => {
  const local = (bytes: Uint8Array): Promise<MemberItem[]> => collect(inspectMembers(bytes, { hash: true, name: 'x.tar.gz' }));

  it.each([
    ['compressed, in one stream', '/app.tar.gz', gzipSync(TAR, { level: 0 }), {}, 2],
    ['compressed, from a server without ranges, in the one answer', '/app.tar.gz', gzipSync(TAR, { level: 0 }), { ranges: false }, 1],
    ['from a server that does not say how much it is', '/app.tar.gz', gzipSync(TAR), { ranges: false, chunked: true }, 1],
  ] as [string, string, Uint8Array, ServedPlan, number][])('%s', async (_, path, bytes, plan, requests) => {
    const url = serve(path, { file: served(bytes), ...plan });
    const found = facts(await collect(inspectMembers(url, { hash: true })), url.href);
    expect(found).toEqual(facts(await local(bytes), 'x.tar.gz'));
    expect(server.requests).toHaveLength(requests);
    expect(server.sent).toBeLessThan(bytes.length + 20_000);
  });

  it('an image behind a URL', async () => {
    const image = imageTar(buildLayout([{ platform: 'linux/arm64', layers: [[{ name: 'app', mode: 0o755, data: ARM64 }]], entrypoint: ['/app'] }]));
    const url = serve('/image.tar', image);
    expect((await collect(inspectImages(url))).map(({ path }) => path)).toEqual([`${url.href}!/linux/arm64`]);
    expect((await run([url.href])).out).toContain('/app  linux/arm64');
    expect((await run(['verify', url.href])).out).toContain('without (/app asks for /lib/ld-linux-aarch64.so.1');
  });
});

describe('what servers do', () => {
  const io = (message: RegExp): unknown => expect.objectContaining({ code: 'io', message: expect.stringMatching(message) as string });

  it('redirects are followed, five of them', async () => {
    serve('/app', AMD64);
    for (let i = 0; i < 9; i++) files.set(`/r${i}`, { handle: (_, response) => (response.writeHead(302, { location: i === 0 ? '/app' : `r${i - 1}` }).end(), true) });
    expect(await inspect(new URL(`${server.origin}/r4`))).toMatchObject({ format: 'elf', path: `${server.origin}/r4` });
    await expect(inspect(new URL(`${server.origin}/r5`))).rejects.toEqual(io(/more than 5 redirects/));
    const circle = serve('/circle', { handle: (_, response) => (response.writeHead(301, { location: '/circle' }).end(), true) });
    await expect(inspect(circle)).rejects.toEqual(io(/more than 5 redirects/));
    for (const location of ['file:///etc/passwd', 'ftp://x/', 'http://name:word@127.0.0.1/', 'data:,x']) {
      await expect(inspect(serve('/away', { handle: (_, response) => (response.writeHead(302, { location }).end(), true) }))).rejects.toMatchObject({ code: 'io' });
    }
  });

  it('never from https to http', async () => {
    execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', join(FOLDER, 'key.pem'), '-out', join(FOLDER, 'cert.pem'), '-days', '2', '-subj', '/CN=localhost'], { stdio: 'ignore' });
    const target = serve('/app', AMD64).href;
    const tls = createTlsServer({ key: readFileSync(join(FOLDER, 'key.pem')), cert: readFileSync(join(FOLDER, 'cert.pem')) }, (_, response) => void response.writeHead(302, { location: target }).end());
    await new Promise<void>((resolve) => tls.listen(0, '127.0.0.1', resolve));
    const url = `https://127.0.0.1:${(tls.address() as AddressInfo).port}/app`;
    await expect(inspect(new URL(url))).rejects.toEqual(io(/self.signed/));
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
    try {
      await expect(inspect(new URL(url))).rejects.toEqual(io(/from https to http/));
    } finally {
      delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
      tls.closeAllConnections();
      tls.close();
    }
    expect(server.requests).toEqual([]);
  });

  it('a name and a password are not sent', async () => {
    await expect(inspect(new URL(serve('/app', AMD64).href.replace('//', '//name:word@')))).rejects.toMatchObject({ code: 'invalid-argument' });
    expect(server.requests).toEqual([]);
  });

  it('refuse', async () => {
    await expect(inspect(new URL(`${server.origin}/nothing`))).rejects.toMatchObject({ code: 'io', message: 'the server answers 404 (not found)', cause: { status: 404 } });
    await expect(inspect(serve('/e', { handle: (_, response) => (response.writeHead(503).end(), true) }))).rejects.toEqual(io(/503/));
    await expect(inspect(new URL('http://127.0.0.1:1/app'))).rejects.toMatchObject({ code: 'io' });
    expect((await inspect(serve('/empty', new Uint8Array(0))).catch((error: unknown) => error))).toMatchObject({ code: 'unrecognized' });
  });

  it('ignore ranges', async () => {
    await expect(inspect(serve('/app', { file: served(LARGE), ranges: false }))).rejects.toEqual(io(/ignores ranges/));
    await expect(inspect(serve('/small', { file: served(AMD64), ranges: false }))).rejects.toEqual(io(/ignores ranges/));
    expect(await hash(serve('/app', { file: served(LARGE), ranges: false }))).toBe(sha256(LARGE));
    await expect(collect(inspectMembers(serve('/app.zip', { file: served(buildZip([{ name: 'a', method: 0, data: LARGE }])), ranges: false })))).rejects.toEqual(io(/ignores ranges/));
    const later = serve('/later', { file: served(LARGE), handle: (request, _, count) => (count > 1 && delete request.headers.range, false) });
    await expect(hash(later)).rejects.toEqual(io(/ignores ranges/));
  });

  it('change the file between two requests', async () => {
    let etag = 0;
    await expect(hash(serve('/changing', { file: served(LARGE), get etag() { return `"${etag}"`; }, handle: () => (etag++, false) }))).rejects.toEqual(io(/was changed while it was read/));
    let size = LARGE.length;
    const grows = { get size() { return size; }, read: (offset: number, length: number) => LARGE.subarray(offset, offset + length) };
    await expect(hash(serve('/growing', { file: grows, etag: null, handle: (_, __, count) => ((size = LARGE.length - count), false) }))).rejects.toEqual(io(/was changed while it was read/));
    let modified = 0;
    await expect(hash(serve('/modified', { file: served(LARGE), etag: null, get headers() { return { 'last-modified': `Sat, 28 Nov 2026 05:42:1${modified++} GMT` }; } }))).rejects.toEqual(io(/was changed while it was read/));
  });

  it('lie about lengths and places', async () => {
    const send = (status: number, headers: Record<string, string | number>, body: Uint8Array): URL => serve('/lies', { handle: (_, response) => (response.writeHead(status, headers), response.write(body), response.socket?.end(), response.destroy(), true) });
    const half = LARGE.subarray(0, 5000);
    for (const [headers, body] of [
      [{ 'content-range': 'bytes 0-16383/200000', 'content-length': 16384 }, half],
      [{ 'content-range': 'bytes 0-4999/200000', 'content-length': 5000 }, half],
      [{ 'content-range': 'bytes 10-16393/200000' }, LARGE.subarray(0, 16384)],
      [{ 'content-range': 'bytes 0-16383/*' }, LARGE.subarray(0, 16384)],
      [{ 'content-range': 'bytes 0-16383/99999999999999999999' }, LARGE.subarray(0, 16384)],
      [{ 'content-type': 'multipart/byteranges; boundary=x' }, half],
      [{ 'content-range': 'bytes 0-16383/100' }, half],
    ] as [Record<string, string | number>, Uint8Array][]) {
      await expect(inspect(send(206, headers, body)), JSON.stringify(headers)).rejects.toMatchObject({ code: 'io' });
    }
    const long = serve('/long', { handle: (_, response) => (response.writeHead(206, { 'content-range': 'bytes 0-16383/200000' }).end(LARGE.subarray(0, 20_000)), true) });
    await expect(inspect(long)).rejects.toEqual(io(/another length/));
    await expect(hash(serve('/short', { file: { size: 300_000, read: (offset, length) => LARGE.subarray(offset, offset + length) } }), { limits: { stallMilliseconds: 300 } })).rejects.toMatchObject({ code: 'io' });
    await expect(inspect(serve('/encoded', { file: served(AMD64), headers: { 'content-encoding': 'gzip' } }))).rejects.toMatchObject({ code: 'io' });
  });

  it('stall: before the answer, within it, within a stream', async () => {
    const limits = { stallMilliseconds: 200 };
    await expect(inspect(serve('/never', { handle: () => true }), { limits })).rejects.toEqual(io(/no byte came for 0.2 seconds/));
    const within = serve('/within', { handle: (_, response) => (response.writeHead(206, { 'content-range': 'bytes 0-16383/200000' }), response.write(LARGE.subarray(0, 100)), true) });
    await expect(inspect(within, { limits })).rejects.toEqual(io(/no byte came/));
    const stream = serve('/stream.tar.gz', { handle: (_, response) => (response.writeHead(200, { 'content-length': 10_000_000 }), response.write(gzipSync(TAR, { level: 0 }).subarray(0, 30_000)), true) });
    const items: unknown[] = [];
    await expect((async () => { for await (const item of inspectMembers(stream, { limits })) items.push(item); })()).rejects.toEqual(io(/no byte came/));
    const { status, err } = await run(['--timeout', '0.2', serve('/never', { handle: () => true }).href]);
    expect(status).toBe(3);
    expect(err).toContain('no byte came for 0.2 seconds');
    expect((await run(['--timeout', 'x', 'y'])).status).toBe(2);
  });

  it('what is slow, and never stalls, is read to its end', async () => {
    const bytes = gzipSync(TAR, { level: 0 });
    const slow = serve('/slow.tar.gz', {
      handle: (_, response) => {
        response.writeHead(200, { 'content-length': bytes.length });
        let at = 0;
        const timer = setInterval(() => {
          response.write(bytes.subarray(at, (at += 40_000)));
          if (at < bytes.length) return;
          clearInterval(timer);
          response.end();
        }, 60);
        return true;
      },
    });
    expect((await collect(inspectMembers(slow, { limits: { stallMilliseconds: 250 } }))).at(-1)).toMatchObject({ container: { complete: true, members: 2 } });
  });

  it('end with the caller’s signal', async () => {
    const controller = new AbortController();
    const waiting = inspect(serve('/never', { handle: () => true }), { signal: controller.signal });
    setTimeout(() => controller.abort(), 50);
    await expect(waiting).rejects.toMatchObject({ code: 'aborted' });
  });
});

describe('the commands', () => {
  it('inspect and scan', async () => {
    const url = serve('/app', AMD64);
    const json = JSON.parse((await run(['--json', url.href])).out) as unknown;
    expect(json).toMatchObject({ path: url.href, sha256: sha256(AMD64) });
        const tar = serve('/app.tar.gz', gzipSync(TAR));
    expect((await run([tar.href])).out).toMatch(/app\.tar\.gz!\/bin\/large\n.*app\.tar\.gz {2}tar\.gz · 2 members, 2 binaries/);
    expect((await collect(scan([url, new URL(`${server.origin}/no`), 'testdata/elf-armv7']))).map((item) => ('error' in item ? item.error.code : item.inspection.format))).toEqual(['elf', 'io', 'elf']);
    const list = join(FOLDER, 'list');
    writeFileSync(list, `${url.href}\ntestdata/elf-armv7\n`);
    expect((await run(['--fields', 'path', '--files-from', list])).out).toBe(`${url.href}\ntestdata/elf-armv7\n`);
    expect((await run(['http://'])).status).toBe(2);
  });

  it('map, sbom and diff', async () => {
    const url = serve('/app', AMD64);
    expect((await run(['map', '--json', url.href])).out).toContain(`"path":"${url.href}"`);
    expect((await run(['sbom', url.href])).out).toContain(sha256(AMD64));
    expect((await run(['diff', url.href, serve('/same', AMD64).href])).status).toBe(0);
    expect((await run(['diff', url.href, serve('/other', ARM64).href])).status).toBe(2); // of another machine: they can't be compared
  });

  it('verify: names, bytes, lists', async () => {
    const right = serve('/v1/app_linux_amd64', AMD64);
    const wrong = serve('/v1/app_linux_arm64', AMD64);
    const { out, status } = await run(['verify', `${right.href}?token=linux-arm64`, wrong.href]);
    expect(status).toBe(1);
    expect(out).toContain(`✓ ${right.href}?token=linux-arm64`);
    expect(out).toContain(`✗ ${wrong.href}`);
    const sums = serve('/v1/SHA256SUMS', new TextEncoder().encode(`${sha256(AMD64)}  app_linux_amd64\n${sha256(ARM64)}  app_linux_arm64\n`));
    expect((await run(['verify', '--sums', sums.href, right.href, '--coverage', 'present'])).status).toBe(0);
    expect((await run(['verify', '--sums', sums.href, right.href, wrong.href])).out).toMatch(/app_linux_arm64 {2}1 problem[^]*sums/);
    writeFileSync(join(FOLDER, 'app_linux_amd64'), AMD64);
    writeFileSync(join(FOLDER, 'app_linux_arm64'), ARM64);
    const local = ['app_linux_amd64', 'app_linux_arm64'].map((name) => join(FOLDER, name));
    expect(await run(['verify', '--sums', sums.href, ...local])).toMatchObject({ status: 0 });
    writeFileSync(join(FOLDER, 'app_linux_arm64'), AMD64);
    expect((await run(['verify', '--sums', sums.href, ...local])).status).toBe(1);
    expect((await run(['verify', '--sums', `${server.origin}/nothing`, ...local])).status).toBe(3);
    expect((await verifyFiles({ version: 1, defaults: { maxSize: 10 } }, { paths: [right] })).files[0]?.findings[0]).toMatchObject({ rule: 'maxSize', status: 'fail' });
    expect((await run(['verify', `${server.origin}/nothing`])).status).toBe(3);
    const archive = serve('/v1/app_linux_amd64.tar.gz', gzipSync(buildTar([{ name: 'app', mode: 0o755, data: ARM64 }])));
    expect((await run(['verify', archive.href])).out).toContain('contents');
    expect((await run(['verify', serve('/v1/app_linux_arm64.tar.gz', gzipSync(buildTar([{ name: 'app', mode: 0o755, data: ARM64 }]))).href])).status).toBe(0);
  });
});
