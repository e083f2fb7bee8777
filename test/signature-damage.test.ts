// Damaged signatures: every flipped bit is noticed but where nobody signs, every truncation gives an answer, and hostile files cost little.

import { describe, expect, it } from 'vitest';
import { BinspectError } from '../src/errors.ts';
import { inspectSync } from '../src/inspect/inspect.ts';
import type { SignatureCheck } from '../src/model/signature.ts';
import type { SignatureOptions } from '../src/signature/settings.ts';
import { fieldsOf, parties, plainPe, signPe } from './build/authenticode.ts';
import type { AuthenticodeOptions } from './build/authenticode.ts';
import { buildPe } from './build/pe.ts';
import { house } from './build/pki.ts';
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
