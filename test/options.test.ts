// What callers hand in: sources that fail in every way, options that are mistyped or ignored.

import { describe, expect, it } from 'vitest';
import { checkSums } from '../src/checksums/check.ts';
import { formatChecksums } from '../src/checksums/format.ts';
import { parseChecksums } from '../src/checksums/parse.ts';
import { isBinspectError } from '../src/errors.ts';
import type { BinspectError } from '../src/errors.ts';
import { scan } from '../src/files/scan.ts';
import { verifyFiles } from '../src/files/verify-files.ts';
import { hash } from '../src/inspect/hash.ts';
import * as web from '../src/inspect/inspect-web.ts';
import { inspect, inspectSync } from '../src/inspect/inspect.ts';
import { formatGoVersion } from '../src/render/go-version.ts';
import { verify } from '../src/verify/verify.ts';
import { elf as elfBinary, file } from './build/binary.ts';
import { buildElf } from './build/elf.ts';
import { fixtureBytes } from './fixtures.ts';

async function failure(work: () => unknown): Promise<BinspectError> {
  try {
    await work();
  } catch (error) {
    if (isBinspectError(error)) return error;
    throw error;
  }
  throw new Error('it did not fail');
}

const BYTES = fixtureBytes('elf-x86_64-pie');
const sourceOf = (read: (offset: number, length: number) => unknown): never => ({ size: BYTES.length, read }) as never;
const proper = (offset: number, length: number): Promise<Uint8Array> => Promise.resolve(BYTES.slice(offset, offset + length));

describe('a source of the caller’s', () => {
  const down = new Error('net down');
  const WRONG: readonly (readonly [name: string, read: (offset: number, length: number) => unknown, message: RegExp])[] = [
    ['rejects', () => Promise.reject(down), /^the source failed: net down$/],
    ['throws', () => { throw down; }, /^the source failed: net down$/],
    ['rejects with no error', () => Promise.reject('no'), /^the source failed: no$/],
    ['gives an ArrayBuffer', (_, length) => Promise.resolve(new ArrayBuffer(length)), /gave ArrayBuffer in place of a Uint8Array/],
    ['gives an array', (_, length) => Promise.resolve(new Array(length).fill(0)), /gave Array in place/],
    ['gives nothing', () => Promise.resolve(undefined), /gave undefined in place/],
    ['gives null', () => null, /gave null in place/],
    ['gives a text', () => 'x', /gave string in place/],
    ['gives no bytes', () => Promise.resolve(new Uint8Array()), /gave 0 bytes where \d+ bytes from 0 on were asked for/],
    ['gives too few', (_, length) => proper(0, length - 1), /gave \d+ bytes where/],
    ['gives too many', (offset, length) => Promise.resolve(Uint8Array.from({ length: length + 1 }, (_, i) => BYTES[offset + i] ?? 0)), /gave \d+ bytes where/],
    ['gives the whole for a range', () => Promise.resolve(new Uint8Array(BYTES.length + 1)), /gave \d+ bytes where/],
  ]; // prettier-ignore

  it.each(WRONG)('that %s is io, with the cause', async (_, read, message) => {
    for (const work of [() => inspect(sourceOf(read)), () => inspect(sourceOf(read), { hash: true, facts: 'all' }), () => hash(sourceOf(read)), () => web.inspect(sourceOf(read)), () => web.hash(sourceOf(read))]) {
      const error = await failure(work);
      expect([error.code, error.message]).toEqual(['io', expect.stringMatching(message)]);
      expect(error.cause).toBeDefined();
      if (message.source.includes('net down')) expect(error.cause).toBe(down);
    }
  });

  it('is io also where it fails later', async () => {
    const large = new Uint8Array(1024 * 1024);
    large.set(BYTES);
    let reads = 0;
    const read = (offset: number, length: number): Promise<Uint8Array> => Promise.resolve(large.slice(offset, offset + length + (reads++ === 2 ? 1 : 0)));
    expect((await failure(() => hash({ size: 5 * large.length, read: (offset, length) => (offset === 0 ? Promise.resolve(new Uint8Array(length)) : read(0, length)) }))).code).toBe('io');
    let last = 0;
    const failing = (offset: number, length: number): Promise<Uint8Array> => (++last > 1 ? Promise.reject(down) : read(offset, length));
    expect((await failure(() => inspect({ size: large.length, read: failing }, { hash: true }))).cause).toBe(down);
  });

  it('is io where it can not say its size', async () => {
    const source = { get size(): number { throw down; }, read: proper }; // prettier-ignore
    expect(await failure(() => inspect(source))).toMatchObject({ code: 'io', cause: down });
  });

  it('that counts its size anew each time is read as large as it was', async () => {
    let asked = 0;
    const source = { get size(): number { return BYTES.length + asked++; }, read: proper }; // prettier-ignore
    expect((await inspect(source)).size).toBeGreaterThanOrEqual(BYTES.length);
  });

  it('that fails because of the signal is aborted', async () => {
    const controller = new AbortController();
    const read = (): Promise<never> => {
      controller.abort(new Error('enough'));
      return Promise.reject(new Error('the request was aborted'));
    };
    for (const work of [() => inspect(sourceOf(read), { signal: controller.signal }), () => hash(sourceOf(read), { signal: controller.signal }), () => web.hash(sourceOf(read), { signal: controller.signal })]) {
      expect((await failure(work)).code).toBe('aborted');
    }
  });

  it('may give bytes at once', async () => {
    const read = (offset: number, length: number): unknown => BYTES.slice(offset, offset + length);
    expect((await inspect(sourceOf(read), { hash: true })).sha256).toBe((await inspect(BYTES, { hash: true })).sha256);
  });
});

describe('inspectSync', () => {
  it.each([['a file', 'testdata/elf-x86_64-pie'], ['bytes', BYTES]] as const)('honours signal and onProgress for %s', (_, input) => {
    const controller = new AbortController();
    const seen: [number, number][] = [];
    const { sha256 } = inspectSync(input, { hash: true, signal: controller.signal, onProgress: (done, total) => void seen.push([done, total]) });
    expect(sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(seen.at(-1)).toEqual([BYTES.length, BYTES.length]);
    expect(() => inspectSync(input, { hash: true, signal: controller.signal, onProgress: () => controller.abort() })).toThrowError(expect.objectContaining({ code: 'aborted' }) as Error);
    expect(() => inspectSync(input, { signal: controller.signal })).toThrowError(expect.objectContaining({ code: 'aborted' }) as Error);
    if (typeof input !== 'string') expect(() => web.inspectSync(input, { signal: controller.signal })).toThrowError(expect.objectContaining({ code: 'aborted' }) as Error);
  });
});

describe('options', () => {
  const inspection = file(elfBinary());
  const list = parseChecksums('');
  const all = async (items: AsyncIterable<unknown>): Promise<void> => {
    for await (const _ of items);
  };
  const FUNCTIONS: readonly (readonly [name: string, option: string, call: (options: never) => unknown])[] = [
    ['inspect', 'hash', (options) => inspect(BYTES, options)],
    ['inspectSync', 'signal', (options) => inspectSync(BYTES, options)],
    ['hash', 'onProgress', (options) => hash(BYTES, options)],
    ['inspect in a browser', 'facts', (options) => web.inspect(BYTES, options)],
    ['inspectSync in a browser', 'limits', (options) => web.inspectSync(BYTES, options)],
    ['hash in a browser', 'signal', (options) => web.hash(BYTES, options)],
    ['scan', 'onSkip', (options) => all(scan([], options))],
    ['parseChecksums', 'mixed', (options) => parseChecksums('', options)],
    ['formatChecksums', 'zero', (options) => formatChecksums([], 'text', options)],
    ['checkSums', 'directory', (options) => all(checkSums(list, options))],
    ['verify', 'packageJson', (options) => verify(inspection, { pie: true }, options)],
    ['verifyFiles', 'paths', (options) => verifyFiles({ version: 1 }, options)],
    ['formatGoVersion', 'modules', (options) => formatGoVersion(inspection, options)],
  ];

  it.each(FUNCTIONS)('of %s: a typo is refused with the nearest word', async (_, option, call) => {
    const typo = option.slice(0, -1);
    const error = await failure(() => call({ [typo]: true } as never));
    expect([error.code, error.message]).toEqual(['invalid-argument', `unknown option "${typo}"; did you mean "${option}"?`]);
    expect((await failure(() => call({ constructor: true } as never))).message).toContain('unknown option "constructor"');
    expect((await failure(() => call(null as never))).message).toBe('options are an object, not null');
    expect((await failure(() => call('x' as never))).code).toBe('invalid-argument');
    await call({ [option]: undefined } as never);
  });

  it.each([
    [{ hash: 'yes' }, 'the option hash is true or false, not "yes"'],
    [{ onProgress: 1 }, 'the option onProgress is a function, not number'],
    [{ signal: {} }, 'the option signal is an AbortSignal, not object'],
    [{ facts: 'al' }, 'facts is \'main\' or \'all\', not "al"'],
    [{ limits: { fetch: 1 } }, 'there is no limit called "fetch"; did you mean fetches?'],
    [{ limits: 7 }, 'limits are an object: { fetches: 100 }'],
  ])('%j', async (options, message) => {
    expect(await failure(() => inspect(buildElf(), options as never))).toMatchObject({ code: 'invalid-argument', message });
    expect(await failure(() => inspectSync(buildElf(), options as never))).toMatchObject({ code: 'invalid-argument', message });
  });
});
