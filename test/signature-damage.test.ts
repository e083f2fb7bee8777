// Damaged signatures: every flipped bit is noticed but where nobody signs, every truncation gives an answer, and hostile files cost little.

import { describe, expect, it } from 'vitest';
import { BinspectError } from '../src/errors.ts';
import { inspectSync } from '../src/inspect/inspect.ts';
import type { SignatureCheck } from '../src/model/signature.ts';
import type { SignatureOptions } from '../src/signature/settings.ts';
import { authenticodeMessage, certificateEntry, fieldsOf, parties, plainPe, signPe, withTable } from './build/authenticode.ts';
import type { AuthenticodeOptions } from './build/authenticode.ts';
import { buildFat } from './build/fat.ts';
import { buildPe } from './build/pe.ts';
import { attribute, house } from './build/pki.ts';
import { designated, developer, entitlementsDer, entitlementsXml, sealedMachO } from './build/seal.ts';

const AT = '2025-01-01';

function checkOf(bytes: Uint8Array, options: SignatureOptions): SignatureCheck | null {
  try {
    return inspectSync(bytes, { signatures: options }).binaries[0]?.signatureCheck ?? null;
  } catch (error) {
    if (error instanceof BinspectError) return null;
    throw error;
  }
}

const answer = (found: SignatureCheck | null): string => JSON.stringify(found, (key, value: unknown) => (key === 'problems' ? (value as SignatureCheck['problems']).map(({ code }) => code) : value));

/** The positions at which a flipped bit changes nothing that is said. */
function unseen(bytes: Uint8Array, from: number, to: number, options: SignatureOptions, step = 1): number[] {
  const good = answer(checkOf(bytes, options));
  const positions: number[] = [];
  for (let at = from; at < to; at += step) {
    const copy = bytes.slice();
    copy[at] = (copy[at] as number) ^ (1 << at % 8);
    if (answer(checkOf(copy, options)) === good) positions.push(at);
  }
  return positions;
}

/** Positions outside of ranges. */
const outside = (positions: readonly number[], ...ranges: readonly (readonly [start: number, size: number])[]): number[] => positions.filter((at) => !ranges.some(([start, size]) => at >= start && at < start + size));

describe('one bit', () => {
  it.each<[string, AuthenticodeOptions, number]>([
    ['a certificate table', {}, 1],
    ['a table with a time stamp, page hashes and a nested signature', { stamps: ['rfc3161'], pages: true, nested: ['sha384'] }, 11],
  ])('of %s is noticed, but in the copy of the root', { timeout: 120_000 }, (_, plan, step) => {
    const people = house('p256');
    const image = buildPe({ sections: [{ address: 0x1000, data: [1, 2, 3] }] });
    const bytes = signPe(image, { parties: people, ...plan });
    const options: SignatureOptions = { roots: people.root.der, tsaRoots: people.stampRoot.der, at: AT };
    expect(checkOf(bytes, options)).toMatchObject({ levels: { intact: 'yes', signed: 'yes', anchored: 'yes', inTime: 'yes' }, problems: [] });
    const missed = unseen(bytes, image.length, bytes.length, options, step);
    const whole = Buffer.from(bytes);
    const copies: [number, number][] = [];
    for (const { der } of [people.root, people.stampRoot]) for (let at = whole.indexOf(der); at !== -1; at = whole.indexOf(der, at + 1)) copies.push([at, der.length]);
    expect(outside(missed, ...copies)).toEqual([]);
    expect(copies.length).toBeGreaterThan(0);
  });

  it('of an image is noticed, all but none', { timeout: 60_000 }, () => {
    const people = house('p256');
    const bytes = signPe(plainPe(), { parties: people });
    const { checksum } = fieldsOf(bytes);
    const options: SignatureOptions = { roots: people.root.der, at: AT };
    expect(unseen(bytes, 0, 0x400, options, 5)).toEqual([]);
    expect(checkOf(bytes.map((byte, at) => (at === checksum ? byte ^ 1 : byte)), options)?.levels.intact).toBe('yes');
  });

  it('of a Mach-O file is noticed, but in the reserve and in the copy of the root', { timeout: 120_000 }, () => {
    const people = developer('p256');
    const blobs = new Map<number, Uint8Array>([[2, designated('com.example')], [5, entitlementsXml('a')], [7, entitlementsDer('a')]]);
    const { bytes, signature, seal } = sealedMachO({ people, blobs, stamp: 'rfc3161', kinds: [1, 2], codeSize: 0x1800 });
    const options: SignatureOptions = { roots: people.root.der, tsaRoots: people.stampRoot.der, at: AT };
    expect(checkOf(bytes, options)).toMatchObject({ levels: { intact: 'yes', signed: 'yes', anchored: 'yes', inTime: 'yes' }, problems: [] });
    const root = signature + seal.indexOf(people.root.der);
    const missed = unseen(bytes, signature - 0x20, bytes.length, options, 3);
    expect(outside(missed, [root, people.root.der.length], [signature + seal.length, bytes.length])).toEqual([]);
  });
});

describe('truncations', () => {
  it('of both formats give an answer or an error', { timeout: 60_000 }, () => {
    const pe = signPe(plainPe(), { parties: house('p256'), stamps: ['rfc3161'] });
    const machO = sealedMachO({ people: developer('p256') }).bytes;
    for (const bytes of [pe, machO]) {
      for (let length = 0; length < bytes.length; length += 37) {
        const found = checkOf(bytes.subarray(0, length), { roots: parties().root.der, at: AT });
        if (found !== null) expect([found.state, found.levels.intact === 'yes']).not.toEqual(['certificate', true]);
      }
    }
  });
});

describe('hostile files, at full size', () => {
  const roots: SignatureOptions = { roots: parties().root.der, at: AT };
  const timed = (bytes: Uint8Array, most: number): SignatureCheck | null => {
    const start = performance.now();
    const found = checkOf(bytes, roots);
    expect(performance.now() - start).toBeLessThan(most);
    return found;
  };

  it('a table of thousands of small entries, and one of megabytes that is no message', { timeout: 60_000 }, () => {
    const entry = certificateEntry(new Uint8Array(0), 2);
    expect(timed(withTable(plainPe(), Buffer.concat(new Array<Uint8Array>(200_000).fill(entry))), 3000)?.state).toBe('damaged');
    expect(timed(withTable(plainPe(), certificateEntry(Buffer.alloc(16 * 1024 * 1024, 0x30))), 3000)?.state).toBe('damaged');
    expect(timed(withTable(plainPe(), certificateEntry(Buffer.alloc(16 * 1024 * 1024, Buffer.from([0x30, 0x80])))), 3000)?.state).toBe('damaged');
  });

  it('many sections over the same bytes, with page hashes for them', { timeout: 60_000 }, () => {
    const sections = Array.from({ length: 2000 }, (_, index) => ({ address: 0x1000 * (index + 1), offset: 0x2_0000, fileSize: 0x80_0000, data: [] }));
    const image = Buffer.concat([buildPe({ sections }), Buffer.alloc(0x84_0000)]);
    const found = timed(signPe(Uint8Array.from(image), { pageTable: Buffer.alloc(36 * 100), image: Buffer.alloc(32) }), 8000);
    expect(found?.signatures[0]?.pageHashes).toMatchObject({ count: 0 });
  });

  it('pages of one byte, and more slots than code', { timeout: 60_000 }, () => {
    expect(timed(sealedMachO({ pageShift: 1, cms: 'none' }).bytes, 3000)?.levels.intact).toBe('unknown');
    const { bytes, signature, seal, directories } = sealedMachO({ cms: 'none', codeSize: 0x20_0000, pageShift: 9 });
    expect(timed(bytes, 5000)?.levels.intact).toBe('yes');
    const copy = Buffer.from(bytes);
    copy.writeUInt32BE(0xffff_fff0, signature + seal.indexOf(directories[0] as Buffer) + 32); // codeLimit
    expect(timed(copy, 5000)?.levels.intact).toBe('no');
  });

  it('slices that lie over one another', { timeout: 60_000 }, () => {
    const { bytes } = sealedMachO({ cms: 'none', codeSize: 0x40_0000 });
    const count = 200;
    const offset = Math.ceil((8 + (count + 1) * 20) / 64) * 64;
    const fat = buildFat({ slices: [{ bytes, cpuType: 0x0100_0007 }, ...Array.from({ length: count }, (_, index) => ({ cpuType: 0x0100_0007, cpuSubtype: index, offset, size: bytes.length }))] });
    const start = performance.now();
    const checks = inspectSync(fat, { signatures: roots }).binaries.map(({ signatureCheck }) => signatureCheck?.levels.intact);
    expect(performance.now() - start).toBeLessThan(8000);
    expect([checks.filter((level) => level === 'yes').length, checks.filter((level) => level === 'unknown').length]).toEqual([2, count - 1]);
  });

  it('sixteen nested signatures, each with eight stamps', { timeout: 60_000 }, () => {
    const people = house('p256');
    const unsigned = Array.from({ length: 16 }, () => attribute('1.2.840.113549.1.9.6', Buffer.from('300306012a', 'hex')));
    const nested = Array.from({ length: 40 }, () => attribute('1.3.6.1.4.1.311.2.4.1', authenticodeMessage(plainPe(), { parties: people, unsigned })));
    const found = timed(signPe(plainPe(), { parties: people, unsigned: nested }), 8000);
    expect(found?.signatures.length).toBe(16);
    expect(found?.levels.intact).toBe('unknown');
  });
});
