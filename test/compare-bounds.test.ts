// Comparisons of hostile and of large files: what is read and kept is bounded, and what is left out is counted.

import { describe, expect, it } from 'vitest';
import { compare } from '../src/compare/compare.ts';
import { SHT } from '../src/elf/constants.ts';
import { buildElf } from './build/elf.ts';
import { within } from './cost.ts';

/** An ELF file with so many sections of 16 bytes, in this order, written by hand: the builder's lists would take seconds. */
function manySections(count: number, order: (index: number) => number, fill: (index: number) => number): Uint8Array {
  const head = buildElf({ sections: [{ name: '.a', type: SHT.PROGBITS, data: new Uint8Array(16) }] });
  const contents = 4096;
  const table = contents + 16 * count;
  const bytes = new Uint8Array(table + 64 * (count + 1));
  bytes.set(head.subarray(0, 64));
  const view = new DataView(bytes.buffer);
  view.setUint16(56, 0, true); // e_phnum
  view.setBigUint64(40, BigInt(table), true);
  view.setUint16(60, 0, true); // e_shnum stands in section 0
  view.setUint16(62, 0, true);
  view.setBigUint64(table + 32, BigInt(count + 1), true);
  for (let i = 0; i < count; i++) {
    const at = table + 64 * (i + 1);
    view.setUint32(at + 4, SHT.PROGBITS, true);
    view.setBigUint64(at + 24, BigInt(contents + 16 * order(i)), true);
    view.setBigUint64(at + 32, 16n, true);
    bytes.fill(fill(i), contents + 16 * order(i), contents + 16 * order(i) + 16);
  }
  return bytes;
}

/** A file's bytes as a source that counts what is asked of it. */
function counting(bytes: Uint8Array): { source: { size: number; read(offset: number, length: number): Promise<Uint8Array> }; read: () => { bytes: number; reads: number } } {
  const done = { bytes: 0, reads: 0 };
  const read = (offset: number, length: number): Promise<Uint8Array> => {
    done.bytes += length;
    done.reads++;
    return Promise.resolve(bytes.subarray(offset, offset + length));
  };
  return { source: { size: bytes.length, read }, read: () => done };
}

describe('bounds', () => {
  it('100,000 sections, in any order: nothing is read more than some times', { timeout: 60_000 }, async () => {
    const count = 100_000;
    const one = manySections(count, (i) => i, () => 1);
    const other = manySections(count, (i) => (i * 7919) % count, () => 2);
    const limits = { tableEntries: 200_000 };
    const [a, b] = [counting(one), counting(other)];
    const found = await within(20_000, () => compare(a.source, b.source, { limits }));
    expect(found.verdict).toBe('differs');
    expect(found.regions.length).toBeLessThanOrEqual(10_000);
    expect(found.regions.length + found.regionsLeftOut).toBeGreaterThanOrEqual(count);
    expect(found.regions.reduce((sum, { runs }) => sum + runs.length, 0)).toBeLessThanOrEqual(10_000);
    expect(b.read().bytes).toBeLessThan(count * 4096 + 16 * other.length);
    expect(found.explained + found.unexplained).toBeGreaterThanOrEqual(16 * count);
  });

  it('a million runs: counted, the first of them kept', { timeout: 60_000 }, async () => {
    const size = 16 * 1024 * 1024;
    const file = (step: number): Uint8Array => {
      const bytes = new Uint8Array(4096 + size);
      const head = buildElf({ sections: [{ name: '.data', type: SHT.PROGBITS, offset: 4096, size }] });
      bytes.set(head);
      for (let at = 4096; at < bytes.length; at += 16) bytes[at] = step;
      return bytes;
    };
    const found = await within(20_000, () => compare(file(1), file(2)));
    const region = found.regions.find(({ path }) => path === 'section 1' || path === '.data');
    expect(region?.runs.length).toBe(1000);
    expect(region?.runsLeftOut).toBe(size / 16 - 1000);
    expect(found.unexplained).toBe(size / 16);
  });

  it('large files are read twice, whatever they are', async () => {
    const bytes = new Uint8Array(32 * 1024 * 1024);
    bytes.set(buildElf({ sections: [{ name: '.data', type: SHT.PROGBITS, offset: 4096, size: bytes.length - 4096 }] }));
    const changed = bytes.slice();
    changed[bytes.length - 5] = 1;
    const [a, b] = [counting(bytes), counting(changed)];
    const found = await compare(a.source, b.source);
    expect(found.unexplained).toBe(1);
    expect(a.read().bytes).toBeLessThan(2.2 * bytes.length);
  });

  it('a byte that ends a chunk, and a run across it', async () => {
    const size = 3 * 1024 * 1024;
    const bytes = new Uint8Array(4096 + size);
    bytes.set(buildElf({ sections: [{ name: '.data', type: SHT.PROGBITS, offset: 4096, size }] }));
    const changed = bytes.slice();
    const edge = 4096 + 1024 * 1024;
    changed.fill(7, edge - 3, edge + 40);
    const { regions } = await compare(bytes, changed);
    expect(regions[0]?.runs).toEqual([{ a: edge - 3, b: edge - 3, size: 43, what: null, class: null, bytes: { a: '00'.repeat(32), b: '07'.repeat(32) } }]);
  });

  it('ends when the signal fires', async () => {
    await expect(compare(buildElf(), buildElf({ machine: 3 }), { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'aborted' });
  });
});
