// What can be handed in, on Node and in the face for browsers, which Node can run too; the browsers themselves are in test/browser.

import { createReadStream } from 'node:fs';
import { pathToFileURL } from 'node:url';
import vm from 'node:vm';
import { describe, expect, it, vi } from 'vitest';
import * as browser from '../src/browser.ts';
import type { ByteSource, Input } from '../src/index.ts';
import * as index from '../src/index.ts';
import { fixtureBytes, fixtureNames } from './fixtures.ts';

const bytes = fixtureBytes('macho-arm64-hardened');

function sourceOf(all: Uint8Array, size = all.length): ByteSource {
  return { size, read: (offset, length) => Promise.resolve(all.slice(offset, offset + length)) };
}

describe('the face for browsers', () => {
  it.each(fixtureNames())('%s gives what Node gives', async (name) => {
    const all = fixtureBytes(name);
    const answer = (work: Promise<object>): Promise<string> => work.then(index.toJSON, (error: unknown) => index.toJSON({ error: { ...(error as object), container: null }, message: (error as Error).message })); // Node says more finely which archive it is
    const options = { hash: true, facts: 'all' } as const;
    const expected = await answer(index.inspect(all, options));
    for (const input of [all, all.slice().buffer, new Blob([all as Uint8Array<ArrayBuffer>]), sourceOf(all)]) expect(await answer(browser.inspect(input, options))).toBe(expected);
  });

  it('says at once what needs no digest, and that one is left out', () => {
    expect(browser.inspectSync(bytes)).toEqual(index.inspectSync(bytes));
    const [binary] = browser.inspectSync(bytes, { facts: 'all' }).binaries;
    expect(binary?.signature?.cdHash).toBe(null);
    expect(binary?.warnings.map(({ code }) => code)).toContain('unsupported');
    expect(browser.inspectSync(bytes, { hash: true })).toEqual(index.inspectSync(bytes, { hash: true }));
  });

  it.each(['app', pathToFileURL('/app'), new URL('https://example.org/app')])('has no disk for %s', async (input) => {
    const refused = { code: 'unsupported', path: String(input) };
    await expect(browser.inspect(input)).rejects.toMatchObject(refused);
    await expect(browser.hash(input)).rejects.toMatchObject(refused);
    expect(() => browser.inspectSync(input)).toThrow(expect.objectContaining(refused));
  });

  it('hashes in pieces', async () => {
    const large = new Uint8Array(9 * 1024 * 1024).fill(1);
    const steps: number[] = [];
    expect(await browser.hash(sourceOf(large), { onProgress: (done) => steps.push(done) })).toBe(await index.hash(large));
    expect(steps).toEqual([4, 8, 9].map((size) => size * 1024 * 1024));
    expect(await browser.hash(new Uint8Array())).toBe(await index.hash(new Uint8Array()));
  });

  it('hashes without Web Crypto', async () => {
    const large = Uint8Array.from({ length: 5 * 1024 * 1024 }, (_, i) => i * 7);
    vi.stubGlobal('crypto', undefined);
    try {
      expect(await browser.hash(sourceOf(large))).toBe(await index.hash(large));
    } finally {
      vi.unstubAllGlobals();
    }
  });

  it('ends a hash between two pieces, and refuses a source that shrinks', async () => {
    const large = new Uint8Array(9 * 1024 * 1024);
    const controller = new AbortController();
    const ended = browser.hash(sourceOf(large), { signal: controller.signal, onProgress: () => controller.abort('enough') });
    await expect(ended).rejects.toMatchObject({ code: 'aborted', cause: 'enough' });
    await expect(browser.hash(sourceOf(large, large.length + 1))).rejects.toMatchObject({ code: 'io' });
  });
});

describe.each(Object.entries({ index, browser }))('%s', (_, face) => {
  it('takes bytes from another realm, for which instanceof says no', async () => {
    const foreign = vm.runInNewContext('new Uint8Array(from)', { from: bytes }) as Uint8Array;
    expect(foreign instanceof Uint8Array).toBe(false);
    const expected = face.toJSON(await face.inspect(bytes));
    for (const input of [foreign, foreign.buffer as ArrayBuffer]) expect(face.toJSON(await face.inspect(input))).toBe(expected);
    expect(face.toJSON(face.inspectSync(foreign))).toBe(expected);
  });

  it.each([
    [undefined, 'undefined'],
    [null, 'null'],
    [7, 'number'],
    [{}, 'Object'],
    [{ size: -1, read: () => bytes }, 'Object'],
    [new DataView(new ArrayBuffer(4)), 'DataView'],
    [Object.create(null), 'object'],
    [createReadStream('package.json'), 'ReadStream'],
  ])('refuses %s', async (input, word) => {
    const refused = { code: 'invalid-argument', message: expect.stringMatching(new RegExp(`is wanted, not ${word}$`)) as string };
    await expect(face.inspect(input as Input)).rejects.toMatchObject(refused);
    await expect(face.hash(input as Input)).rejects.toMatchObject(refused);
    expect(() => face.inspectSync(input as Uint8Array)).toThrow(expect.objectContaining(refused));
  });
});

describe('one path where a list of paths is wanted', () => {
  it('is one path, and not a list of characters', async () => {
    const items = [];
    for await (const item of index.scan('package.json')) items.push(item);
    expect(items).toMatchObject([{ path: 'package.json', error: { code: 'unrecognized' } }]);
    const { files } = await index.verifyFiles({ version: 1, defaults: { pie: true } }, { paths: 'package.json' });
    expect(files.map(({ path }) => path)).toEqual(['package.json']);
  });
});
