// The face for browsers in a real one: files that are chosen on a page give what Node gives for the same files.

import { mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'tsup';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BinspectError } from '../../src/errors.ts';
import * as face from '../../src/browser.ts';
import type { InspectOptions } from '../../src/index.ts';
import { hash, inspect, toJSON } from '../../src/index.ts';
import { fixtureNames } from '../fixtures.ts';
import { findChromium, launch } from './chromium.ts';
import type { Browser, Page } from './chromium.ts';

const chromium = findChromium();
if (chromium === null && process.env['CI'] !== 'true') console.warn('no Chromium is on the path: the tests in a browser are skipped (with CI=true that is a failure)');

/** What the page should answer: Node's own answer, without the path. */
async function expected(path: string, options: InspectOptions): Promise<string> {
  try {
    return toJSON({ ...(await inspect(path, options)), path: null });
  } catch (error) {
    if (!(error instanceof BinspectError)) throw error;
    const { code, message, offset, detected } = error;
    return toJSON({ error: { code, message, offset, detected, path: null } });
  }
}

describe.skipIf(chromium === null && process.env['CI'] !== 'true')('in Chromium', () => {
  let folder = '';
  const pages: Readonly<Record<string, readonly [type: string, path: () => string]>> = {
    '/': ['text/html', () => 'test/browser/page.html'],
    '/page.js': ['text/javascript', () => 'test/browser/page.js'],
    '/browser.js': ['text/javascript', () => join(folder, 'browser.js')],
  };
  const server = createServer(({ url = '' }, response) => {
    const [type, path] = pages[url] ?? [];
    if (type === undefined || path === undefined) response.writeHead(404).end();
    else response.writeHead(200, { 'content-type': type, 'content-security-policy': "default-src 'self'" }).end(readFileSync(path()));
  });
  let browser: Browser;
  let page: Page;
  const port = (): number => (server.address() as AddressInfo).port;
  const call = async (name: string, ...values: unknown[]): Promise<string> =>
    (await page.evaluate(`page.${name}(${values.map((value) => JSON.stringify(value)).join(', ')})`)) as string;
  const failure = async (name: string, ...values: unknown[]): Promise<unknown> => (JSON.parse(await call(name, ...values)) as { error: unknown }).error;
  const fixture = (name: string): string => resolve('testdata', name);

  beforeAll(async () => {
    if (chromium === null) throw new Error('Chromium is missing: apt-get install chromium, or say in $CHROMIUM where it is');
    folder = mkdtempSync(join(tmpdir(), 'binspect-browser-'));
    await build({ config: false, silent: true, entry: { browser: 'src/browser.ts' }, outDir: folder, format: ['esm'], target: 'es2022', dts: false, minify: true });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    browser = await launch(chromium);
    page = await browser.open(`http://127.0.0.1:${port()}/`);
  }, 60_000);

  afterAll(async () => {
    await browser?.close();
    server.close();
    rmSync(folder, { recursive: true, force: true });
  }, 20_000);

  it('has all of its names', async () => {
    expect(await page.evaluate('page.names')).toEqual(Object.keys(face).sort());
  });

  it.each(fixtureNames())('%s, chosen on the page, gives what Node gives', async (name) => {
    await page.choose('#file', fixture(name));
    for (const options of [{}, { facts: 'all' }, { hash: true, facts: 'all' }] as const) {
      const answer = await expected(fixture(name), options);
      expect(await call('inspectFile', options)).toBe(answer);
      expect(await call('inspectBytes', options)).toBe(answer);
    }
    expect(await call('inspectBytesSync')).toBe(await expected(fixture(name), {}));
  });

  it('a Go program of megabytes gives what Node gives', async () => {
    const path = resolve(`node_modules/@esbuild/${process.platform}-${process.arch}/bin/esbuild`);
    await page.choose('#file', path);
    const answer = await expected(path, { hash: true, facts: 'all' });
    expect(answer).toContain('"go":{"version":"go1.');
    expect(await call('inspectFile', { hash: true, facts: 'all' })).toBe(answer);
  });

  it('takes bytes of another realm', async () => {
    await page.choose('#file', fixture('macho-universal'));
    expect(await call('inspectFrameBytes')).toBe(await expected(fixture('macho-universal'), {}));
  });

  it('hashes as Node does, with word of how far it is, and can be ended', async () => {
    const large = join(folder, 'large');
    writeFileSync(large, new Uint8Array(9 * 1024 * 1024 + 1).fill(7));
    for (const path of [fixture('elf-aarch64-musl'), large]) {
      await page.choose('#file', path);
      expect(JSON.parse(await call('hashFile'))).toBe(await hash(path));
    }
    const steps = JSON.parse(await call('progressOf')) as number[][];
    expect(steps.length).toBe(3);
    expect(steps.at(-1)).toEqual([9 * 1024 * 1024 + 1, 9 * 1024 * 1024 + 1]);
    expect(await failure('hashAborted')).toMatchObject({ code: 'aborted' });
  });

  it('says that it has no disk', async () => {
    for (const name of ['inspectPath', 'inspectPathSync']) {
      expect(await failure(name, '/bin/sh')).toMatchObject({ code: 'unsupported', path: '/bin/sh', message: expect.stringContaining('a path can be read only where there is a disk') });
    }
    expect(await failure('inspectUrl', 'file:///bin/sh')).toMatchObject({ code: 'unsupported', path: 'file:///bin/sh' });
    expect(await failure('inspectUrl', 'https://example.org/app')).toMatchObject({ code: 'unsupported' });
  });

  it('hashes at once', async () => {
    await page.choose('#file', fixture('elf-aarch64-musl'));
    expect(await call('inspectBytesSync', { hash: true })).toBe(await expected(fixture('elf-aarch64-musl'), { hash: true }));
  });

  it('says that a file changed after it was chosen', async () => {
    const path = join(folder, 'changing');
    writeFileSync(path, readFileSync(fixture('elf-aarch64-musl')));
    await page.choose('#file', path);
    // Chromium notes the time of a chosen file on its own thread, some time after the choice; a first reading waits for that.
    expect(await call('inspectFile')).toBe(await expected(path, {}));
    writeFileSync(path, readFileSync(fixture('macho-universal')));
    utimesSync(path, new Date(), new Date(Date.now() + 60_000));
    expect(await failure('inspectFile')).toMatchObject({ code: 'io' });
    expect(await failure('hashFile')).toMatchObject({ code: 'io' });
  });

  it('inspects and hashes without Web Crypto, and says what it can not compute', async () => {
    const secure = page;
    page = await browser.open(`http://insecure.test:${port()}/`);
    expect(await page.evaluate('isSecureContext')).toBe(false);
    const signed = fixture('macho-arm64-hardened');
    await page.choose('#file', signed);
    expect(await call('inspectFile')).toBe(await expected(signed, {}));
    const { binaries } = JSON.parse(await call('inspectFile', { facts: 'all' })) as { binaries: [{ signature: { cdHash: unknown }; warnings: unknown[] }] };
    expect(binaries[0].signature.cdHash).toBe(null);
    expect(binaries[0].warnings).toContainEqual({ code: 'unsupported', message: 'no cdhash: this runtime offers no digest for it here', offset: null, doubts: [] });
    expect(await call('inspectFile', { hash: true })).toBe(await expected(signed, { hash: true }));
    page = secure;
  });
});
