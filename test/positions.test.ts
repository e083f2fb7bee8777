// Where things are: every position counts from the file's start, padding is nothing appended, and what points out of its place is said.

import { describe, expect, it } from 'vitest';
import { DT, PT } from '../src/elf/constants.ts';
import { inspect, inspectSync } from '../src/inspect/inspect.ts';
import { mapFile } from '../src/inspect/map-file.ts';
import type { Binary } from '../src/model/binary.ts';
import { renderInspection } from '../src/render/text.ts';
import { CS_SLOT } from '../src/macho/constants.ts';
import { codeDirectory, codeSignature } from './build/code-signature.ts';
import type { DirectoryPlan } from './build/code-signature.ts';
import { buildElf } from './build/elf.ts';
import { buildFat } from './build/fat.ts';
import { concat, framed, machO as goMachO, runtimeMemory } from './build/go.ts';
import { buildMachO, segment } from './build/macho.ts';

const one = (bytes: Uint8Array): Binary => inspectSync(bytes, { facts: 'all' }).binaries[0] as Binary;

/** The offsets of an answer, by their paths. */
function offsets(value: unknown, path = ''): [string, number][] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => (key === 'offset' && typeof inner === 'number' ? [[`${path}/${key}`, inner] as [string, number]] : offsets(inner, `${path}/${key}`)));
}

describe('positions in a slice', () => {
  const plain = (() => {
    const bytes = buildMachO({ commands: [segment('__TEXT', true, { offset: 0n, fileSize: 400n })], size: 400 });
    return concat(bytes.subarray(0, 400), new Uint8Array(10).fill(7));
  })();

  it('count from the start of the file, wherever they stand', async () => {
    const file = buildFat({ slices: [{ cpuType: 0x0100_0007, bytes: plain }, { cpuType: 0x0100_000c, bytes: plain }] });
    const alone = one(plain);
    const inspection = inspectSync(file, { facts: 'all' });
    for (const binary of inspection.binaries) {
      expect(binary.overlay).toMatchObject({ offset: binary.offset + (alone.overlay?.offset ?? NaN), size: 10 });
      expect(offsets(binary).filter(([path]) => path !== '/offset' && !path.startsWith('/warnings')).map(([, offset]) => offset - binary.offset)).toEqual(offsets(alone).filter(([path]) => path !== '/offset' && !path.startsWith('/warnings')).map(([, offset]) => offset));
      expect(renderInspection(inspection, 'x', { color: false, unicode: true, columns: 200, verbose: true })).toContain(`at 0x${(binary.overlay?.offset ?? 0).toString(16)}`);
    }
    const { regions } = await mapFile(file);
    const appended = regions.flatMap(({ children }) => children).filter(({ kind }) => kind === 'appended');
    expect(appended.map(({ offset }) => offset)).toEqual(inspection.binaries.map(({ overlay }) => overlay?.offset));
  });

  it('are said as they are in messages and reasons', async () => {
    const cut = buildMachO({ commands: [segment('__TEXT', true, { offset: 0x1000n, fileSize: 0x1000n })], size: 400 });
    const file = buildFat({ slices: [{ cpuType: 0x0100_0007, bytes: plain }, { cpuType: 0x0100_000c, bytes: cut }] });
    const [, second] = (await inspect(file, { facts: 'all' })).binaries;
    const start = second?.offset ?? 0;
    expect(second?.warnings.map(({ message }) => message).join()).toContain(`bytes wanted at 0x${(start + 0x1000).toString(16)}, the file ends at 0x${(start + 400).toString(16)}`);
    const { texts, variables } = runtimeMemory(0x40_0000n, { version: 'go1.26.5', modules: framed('path\tp\n') });
    const go = goMachO({ pieces: [{ name: '__gopclntab', address: 0x40_0000n, data: texts, writable: false }, { name: '__data', address: 0x50_0000n, data: variables }] }).file;
    const places = (binary: Binary | undefined): number[] => Array.from((binary?.because['go'] ?? '').matchAll(/0x([0-9a-f]+)/g), ([, digits]) => parseInt(digits as string, 16));
    const slice = inspectSync(buildFat({ slices: [{ cpuType: 0x0100_0007, bytes: go }, { cpuType: 0x0100_000c, bytes: go }] }), { facts: 'all' }).binaries[1] as Binary;
    expect(places(one(go)).length).toBeGreaterThan(0);
    expect(places(slice)).toEqual(places(one(go)).map((place) => place + slice.offset));
  });
});

describe('zeros behind an ELF file', () => {
  /** A program whose last byte lies at 0x1003, and a tail. */
  const program = (tail: number, { fill = 0, alignment = 0x1000 }: { fill?: number; alignment?: number } = {}): Uint8Array => {
    const bytes = buildElf({ segments: [{ type: PT.LOAD, flags: 5, offset: 0, fileSize: 0x1003, memorySize: 0x1003, alignment }], dynamic: [[DT.FLAGS, 0n]] });
    const all = new Uint8Array(0x1003 + tail).fill(fill);
    all.fill(0, 0, 0x1003);
    all.set(bytes.subarray(0, 0x1003));
    return all;
  };

  it('up to the last page are padding, here and in the map', async () => {
    const padded = program(0xffd);
    expect(one(padded)).toMatchObject({ overlay: null });
    expect((await mapFile(padded)).regions.at(-1)).toMatchObject({ kind: 'padding', offset: 0x1003, size: 0xffd });
    expect(one(program(0xeffd, { alignment: 0x10_000 })).overlay).toBeNull();
  });

  it.each([
    ['that do not end with a page', program(0xffc), 0xffc],
    ['of a page and more', program(0x1ffd), 0x1ffd],
    ['that are none', program(0xffd, { fill: 1 }), 0xffd],
    ['behind segments without alignment', program(0xffd, { alignment: 0 }), 0xffd],
  ])('%s are appended', (_, bytes, size) => {
    expect(one(bytes).overlay).toMatchObject({ offset: 0x1003, size });
  });
});

describe('a code directory', () => {
  const warnings = (plan: DirectoryPlan): string[] => {
    const signature = codeSignature({ blobs: [[CS_SLOT.CODE_DIRECTORY, codeDirectory(plan)]] });
    return one(buildMachO({ data: [{ type: 0x1d, bytes: signature }] }))
      .warnings.filter(({ code }) => code === 'code-directory')
      .map(({ message }) => message);
  };

  it.each<[string, DirectoryPlan, RegExp | null]>([
    ['in order', {}, null],
    ['with a team', { team: 'TEAM' }, null],
    ['whose identifier lies outside', { identifierOffset: 0x1000 }, /identifier is said to lie at 4096 of \d+ bytes/],
    ['whose identifier lies in its own header', { identifierOffset: 8 }, /identifier is said to lie at 8 of/],
    ['whose team lies outside', { team: 'TEAM', teamOffset: 0x2000 }, /team is said to lie at 8192 of/],
    ['of an unknown hash', { hashType: 9 }, /hash type is 9, which stands for no digest/],
    ['of an unknown version', { version: 0x3_0000 }, /version is 0x30000/],
  ])('%s', (_, plan, message) => {
    const said = warnings(plan);
    expect(said).toHaveLength(message === null ? 0 : 1);
    if (message !== null) expect(said[0]).toMatch(message);
  });
});
