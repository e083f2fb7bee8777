// A short run of the fuzzer, the same every time. `npm run fuzz -- --minutes 10` goes on for longer.

import { describe, expect, it } from 'vitest';
import { casesOf, shrink } from './cases.ts';
import { corpus } from './corpus.ts';
import { apply } from './mutate.ts';
import { runCase } from './targets.ts';

const SEED = 1;
const CASES = 3000;
const PARTS = 6;

describe('damaged files', () => {
  const caseAt = casesOf(SEED, { only: null, folder: null });

  it.each(Array.from({ length: PARTS }, (_, part) => part))(`part ${'%i'} of ${PARTS}: every case gives an answer or an error of ours`, { timeout: 60_000 }, async (part) => {
    for (let index = part; index < CASES; index += PARTS) {
      const { subject, bytes } = caseAt(index);
      try {
        await runCase(subject.target, bytes, { index, all: false });
      } catch (error) {
        throw new Error(`npm run fuzz -- --seed ${SEED} --case ${index}`, { cause: error });
      }
    }
  });

  it('an undamaged file passes every check', { timeout: 60_000 }, async () => {
    for (const { target, bytes } of corpus()) await runCase(target, bytes, { index: 0, all: true });
  });
});

describe('the fuzzer', () => {
  it('finds the fields that readers read', () => {
    const elf = corpus('elf-x86_64-pie')[0];
    if (elf === undefined) throw new Error('the fixture is gone');
    const places = new Set(elf.fields.map(({ at, size }) => `${at}+${size}`));
    for (const field of ['16+2', '18+2', '56+2', '60+2', '62+2', '64+4']) expect(places).toContain(field); // e_type, e_machine, e_phnum, e_shnum, e_shstrndx, p_type
    expect(DataView.prototype.getUint32).toBe(Object.getOwnPropertyDescriptor(DataView.prototype, 'getUint32')?.value);
    expect(String(DataView.prototype.getUint32)).toContain('[native code]');
  });

  it('makes the same case of the same numbers, and another of others', () => {
    const [one, again, other] = [casesOf(7, { only: null, folder: null }), casesOf(7, { only: null, folder: null }), casesOf(8, { only: null, folder: null })];
    for (const index of [0, 1, 99]) {
      expect(one(index).bytes).toEqual(again(index).bytes);
      expect(one(index).bytes).not.toEqual(other(index).bytes);
    }
  });

  it('takes back what a failure does not need', async () => {
    const [subject] = corpus('built-pe-64');
    if (subject === undefined) throw new Error('the file is gone');
    const edits = [
      { at: 10, remove: 4, insert: Uint8Array.of(1, 2, 3, 4), what: 'a' },
      { at: 0x88, remove: 2, insert: Uint8Array.of(0xde, 0xad), what: 'b' },
      { at: 0x200, remove: 0, insert: new Uint8Array(100), what: 'c' },
    ];
    const needs = (bytes: Uint8Array): Promise<boolean> => Promise.resolve(bytes[0x89] === 0xad);
    const shrunk = await shrink({ index: 0, subject, edits, bytes: apply(subject.bytes, edits) }, needs);
    expect(shrunk.edits.map(({ what }) => what)).toEqual(['b']);
    expect(shrunk.bytes.length).toBe(0x8a);
    expect(shrunk.bytes[0x88]).toBe(subject.bytes[0x88]);
  });
});
