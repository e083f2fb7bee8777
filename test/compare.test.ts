// Two builds compared: the verdict, the bytes that differ and what they are, and the facts that changed.

import { describe, expect, it } from 'vitest';
import { compare } from '../src/compare/compare.ts';
import { PT, SHF, SHT } from '../src/elf/constants.ts';
import { isBinspectError } from '../src/errors.ts';
import { inspectSync } from '../src/inspect/inspect.ts';
import { mapFile } from '../src/inspect/map-file.ts';
import { CS_SLOT, LC } from '../src/macho/constants.ts';
import type { Comparison, FactChange } from '../src/model/comparison.ts';
import type { Region } from '../src/model/regions.ts';
import { buildElf } from './build/elf.ts';
import type { SectionPlan } from './build/elf.ts';
import { codeDirectory, codeSignature } from './build/code-signature.ts';
import { buildFat } from './build/fat.ts';
import { buildMachO, segment } from './build/macho.ts';
import { buildPe, rsds, versionBlock, words } from './build/pe.ts';
import { fixtureBytes, fixtureNames } from './fixtures.ts';
import { random } from './random.ts';

const filled = (size: number, value: number): Uint8Array => new Uint8Array(size).fill(value);

/** An ELF program with a build id, code and data, and headers of sections for them. */
function elf({ id = 1, code = filled(64, 0x90), data = filled(32, 7), more = [] as readonly SectionPlan[] } = {}): Uint8Array {
  return buildElf({
    notes: id === 0 ? [] : [{ owner: 'GNU', type: 3, data: filled(20, id) }],
    segments: [{ type: PT.GNU_STACK, flags: 6 }],
    sections: [
      { name: '.text', type: SHT.PROGBITS, flags: SHF.ALLOC | SHF.EXECINSTR, data: code },
      { name: '.data', type: SHT.PROGBITS, flags: SHF.ALLOC | SHF.WRITE, data },
      ...more,
    ],
  });
}

function flipped(bytes: Uint8Array, ...places: readonly number[]): Uint8Array {
  const copy = bytes.slice();
  for (const at of places) copy[at] = (copy[at] as number) ^ 0xff;
  return copy;
}

/** A comparison as the other order has it. */
function mirrored(comparison: Comparison): unknown {
  const swap = { added: 'removed', removed: 'added', changed: 'changed' } as const;
  return {
    ...comparison,
    a: comparison.b,
    b: comparison.a,
    facts: comparison.facts.map((fact): FactChange => ({ ...fact, change: swap[fact.change], a: fact.b, b: fact.a, worse: fact.worse === null ? null : !fact.worse })),
    regions: comparison.regions.map((region) => ({ ...region, a: region.b, b: region.a, runs: region.runs.map((one) => ({ ...one, a: one.b, b: one.a, bytes: { a: one.bytes.b, b: one.bytes.a } })) })),
    values: comparison.values.map((value) => ({ ...value, offset: value.offsetB, offsetB: value.offset, a: value.b, b: value.a })),
    remarks: [],
    warnings: [],
    description: [],
  };
}

/** Compares both ways, which must say the same. */
async function both(a: Uint8Array, b: Uint8Array): Promise<Comparison> {
  const [one, other] = [await compare(a, b), await compare(b, a)];
  expect({ ...other, remarks: [], warnings: [], description: [] }).toEqual(mirrored(one));
  return one;
}

const runsOf = ({ regions }: Comparison): unknown[] => regions.flatMap(({ path, runs }) => runs.map(({ size, what }) => [path, size, what]));

describe('ELF', () => {
  it('the same bytes', async () => {
    expect(await both(elf(), elf())).toMatchObject({ verdict: 'identical', equal: true, regions: [], facts: [] });
  });

  it('another build id', async () => {
    const found = await both(elf({ id: 1 }), elf({ id: 2 }));
    expect(found).toMatchObject({ verdict: 'identical-but-identity', equal: false, explained: 20, unexplained: 0 });
    expect(found.values).toMatchObject([{ what: 'build id', size: 20, a: '01'.repeat(20), b: '02'.repeat(20) }]);
    expect(found.facts).toMatchObject([{ fact: 'buildId', change: 'changed', worse: null }]);
    expect((await compare(elf({ id: 1 }), elf({ id: 2 }), { ignore: ['identity'] })).equal).toBe(true);
    expect((await compare(elf({ id: 1 }), elf({ id: 2 }), { ignore: ['signature'] })).equal).toBe(false);
  });

  it('no build id in one', async () => {
    const found = await both(elf(), elf({ id: 0 }));
    expect(found.verdict).toBe('differs');
    expect((await compare(elf({ id: 0 }), elf())).remarks).toContain('A has no build id');
  });

  it('a byte of code and the build id', async () => {
    const code = filled(64, 0x90);
    code[7] = 0xcc;
    const found = await both(elf(), elf({ id: 2, code }));
    expect(found).toMatchObject({ verdict: 'differs', explained: 20, unexplained: 1 });
    expect(runsOf(found)).toContainEqual(['.text', 1, null]);
  });

  it('a section that grew: what headers say of it is a consequence', async () => {
    const found = await both(elf(), elf({ data: filled(48, 7) }));
    expect(found.regions.find(({ path }) => path === '.data')).toMatchObject({ commonStart: 32, commonEnd: 0, differing: 16, consequence: false });
    expect(found.regions.find(({ path }) => path === 'section headers')?.consequence).toBe(true);
  });

  it('two sections of one name, and one more', async () => {
    const section = (value: number): { name: string; type: number; data: Uint8Array } => ({ name: '.twice', type: SHT.PROGBITS, data: filled(24, value) });
    const found = await both(elf({ more: [section(1), section(2)] }), elf({ more: [section(1), section(3), section(4)] }));
    expect(found.regions.filter(({ path }) => path.startsWith('.twice')).map(({ path, differing, a }) => [path, differing, a === null])).toEqual([['.twice (2)', 24, false], ['.twice (3)', 24, true]]);
  });

  it('a note that calls code a build id is not believed', async () => {
    const note = Uint8Array.of(4, 0, 0, 0, 20, 0, 0, 0, 3, 0, 0, 0, 0x47, 0x4e, 0x55, 0);
    const code = (value: number): Uint8Array => Uint8Array.from([...note, ...filled(20, value)]);
    const whole = (value: number): Uint8Array => {
      const bytes = elf({ id: 0, code: code(value) });
      const at = Buffer.from(bytes).indexOf(Buffer.from(note));
      return buildElf({ segments: [{ type: PT.NOTE, offset: at, fileSize: 36 }], sections: [{ name: '.text', type: SHT.PROGBITS, flags: SHF.ALLOC | SHF.EXECINSTR, data: code(value) }] });
    };
    expect((await both(whole(1), whole(2))).verdict).toBe('differs');
  });

  it('a loss of protection is marked', async () => {
    const stack = (flags: number): Uint8Array => buildElf({ interpreter: '/lib64/ld-linux-x86-64.so.2', segments: [{ type: PT.GNU_STACK, flags }] });
    const found = await both(stack(6), stack(7));
    expect(found.facts).toContainEqual({ fact: 'hardening.nonExecutableStack', name: null, slice: null, change: 'changed', a: 'true', b: 'false', worse: true });
  });

  it('another machine, another kind, another format', async () => {
    expect((await both(buildElf({ machine: 62 }), buildElf({ machine: 183 }))).verdict).toBe('incomparable');
    expect((await compare(buildElf({ machine: 62 }), buildElf({ machine: 183 }))).remarks).toEqual(['A is linux/amd64, B is linux/arm64']);
    expect((await both(buildElf(), buildPe())).verdict).toBe('incomparable');
    expect((await both(buildElf({ interpreter: '/x' }), fixtureBytes('elf-x86_64-library'))).verdict).toBe('incomparable');
  });
});

/** A copy in which a text stands in place of another of its length, the first time that it occurs. */
function renamed(bytes: Uint8Array, from: string, to: string): Uint8Array {
  const at = Buffer.from(bytes).indexOf(`\0${from}\0`, 0, 'latin1');
  if (at === -1 || from.length !== to.length) throw new Error(`${from} is not there`);
  const copy = bytes.slice();
  copy.set(Buffer.from(to, 'latin1'), at + 1);
  return copy;
}

describe('exports', () => {
  it.each([
    ['elf-x86_64-library', 'twice', 'twixe', true],
    ['macho-x86_64-dylib', '_twice', '_twixe', true],
    ['pe-x86_64.dll', 'answer', 'anzwer', true],
  ])('%s: a symbol that is gone from a library is a loss', async (fixture, from, to, worse) => {
    const bytes = fixtureBytes(fixture);
    const { facts } = await both(bytes, renamed(bytes, from, to));
    const names = facts.filter(({ fact }) => fact === 'exports').map((one) => [one.change, one.name?.split('@')[0], one.worse]);
    expect(names).toEqual([['removed', from, worse], ['added', to, !worse]]); // prettier-ignore
  });
});

describe('PE', () => {
  const guid = (value: number): number[] => [...filled(16, value)];
  const pe = (time: number, value: number, more: Parameters<typeof buildPe>[0] = {}): Uint8Array => buildPe({ timestamp: time, exportName: 'a.dll', debug: [{ type: 2, data: rsds(guid(value), 1, 'a.pdb') }], ...more });

  it('time stamps and the PDB id', async () => {
    const found = await both(pe(1, 1), pe(2, 2));
    expect(found).toMatchObject({ verdict: 'identical-but-identity', unexplained: 0 });
    expect(found.values.map(({ what, size, a, b }) => [what, size, a, b])).toEqual([
      ['time stamp', 4, '1970-01-01 00:00:01 UTC', '1970-01-01 00:00:02 UTC'],
      ['PDB id', 16, '01'.repeat(16), '02'.repeat(16)],
    ]);
  });

  it('a version resource is explained', async () => {
    const version = (text: string): Uint8Array => pe(1, 1, { resources: { 16: { 1: { 1033: versionBlock('VS_VERSION_INFO', [], [versionBlock('StringFileInfo', [], [versionBlock('040904b0', [], [versionBlock('FileVersion', text)])])]) } } } });
    const found = await both(version('1.2.3'), version('1.2.4'));
    expect(found).toMatchObject({ verdict: 'explained', explained: 1, unexplained: 0 });
    expect(found.facts).toContainEqual(expect.objectContaining({ fact: 'identity.version.fileVersion', a: '1.2.3', b: '1.2.4' }));
  });

  /** A PE file with a certificate table behind it, and a checksum, as signing sets it. */
  function signed(plain: Uint8Array, size: number, value: number): Uint8Array {
    const at = Math.ceil(plain.length / 8) * 8;
    const bytes = new Uint8Array(at + size);
    bytes.set(plain);
    bytes.set(words(size), at);
    bytes.set([0, 2, 2, 0], at + 4);
    bytes.fill(value, at + 8);
    const view = new DataView(bytes.buffer);
    const optional = view.getUint32(0x3c, true) + 24;
    view.setUint32(optional + 0x40, 0x1234 + value, true);
    const directories = optional + (view.getUint16(optional, true) === 0x20b ? 112 : 96);
    view.setUint32(directories + 32, at, true);
    view.setUint32(directories + 36, size, true);
    return bytes;
  }

  it('signed against unsigned, and against another signature', async () => {
    expect(await both(pe(1, 1), signed(pe(1, 1), 64, 1))).toMatchObject({ verdict: 'identical-but-signature', unexplained: 0 });
    expect(await both(signed(pe(1, 1), 64, 2), signed(pe(1, 1), 96, 3))).toMatchObject({ verdict: 'identical-but-signature', unexplained: 0 });
    expect(await both(signed(pe(1, 1), 64, 2), signed(pe(1, 1), 64, 3))).toMatchObject({ verdict: 'identical-but-signature', unexplained: 0 });
    expect(await both(signed(pe(1, 1), 64, 2), signed(pe(2, 1), 96, 3))).toMatchObject({ verdict: 'identical-but-identity', unexplained: 0 });
    expect((await compare(pe(1, 1), signed(pe(1, 1), 64, 1), { ignore: ['signature'] })).equal).toBe(true);
    expect((await compare(pe(1, 1), signed(pe(1, 1), 64, 1))).facts).toContainEqual(expect.objectContaining({ fact: 'signature', change: 'added', worse: false }));
  });

  it('a signature behind which more lies is not removed', async () => {
    const more = (bytes: Uint8Array): Uint8Array => Uint8Array.from([...bytes, ...filled(32, 9)]);
    const found = await compare(more(signed(pe(1, 1), 64, 2)), more(signed(pe(1, 1), 64, 3)));
    expect(found.verdict).toBe('differs');
    expect(found.remarks).toContain('A: the certificate table does not end where the file does, so it is not removed');
  });

  it('a byte changed under a stale signature', async () => {
    const bytes = signed(pe(1, 1), 64, 1);
    const { regions } = await mapFile(bytes);
    const section = regions.find(({ kind }) => kind === 'section') as Region;
    expect((await both(bytes, flipped(bytes, (section.offset as number) + section.size - 1))).verdict).toBe('differs');
  });
});

/** A signed Mach-O file whose segment __LINKEDIT holds the signature. */
function machO({ uuid = 1, code = 0x90, signature = 1 as number | null, size = 0 } = {}): Uint8Array {
  const blob = signature === null ? null : codeSignature({ blobs: [[CS_SLOT.CODE_DIRECTORY, codeDirectory({ identifier: `id${signature}` })]], room: size });
  const make = (from: number, length: number, total: number): Uint8Array =>
    buildMachO({
      commands: [
        segment('__TEXT', true, { fileSize: 0x100, offset: 0x200, sections: [{ name: '__text', segment: '__TEXT', offset: 0x200 }] }),
        segment('__LINKEDIT', true, { offset: from, fileSize: length, memorySize: BigInt(signature === null ? 0x4000 : Math.ceil(length / 0x4000) * 0x4000), protection: 1 }),
        { type: LC.UUID, write: (writer) => writer.raw(filled(16, uuid)) },
      ],
      data: [{ type: LC.FUNCTION_STARTS, bytes: filled(0x40, 5), offset: 0x300 }, ...(blob === null ? [] : [{ type: LC.CODE_SIGNATURE, bytes: blob, offset: total - blob.length, size: blob.length }])],
      size: total,
    });
  const total = 0x340 + (blob?.length ?? 0);
  const bytes = make(0x300, total - 0x300, total).slice(0, total);
  const whole = new Uint8Array(total);
  whole.set(bytes.subarray(0, 32 + new DataView(bytes.buffer).getUint32(20, true)));
  whole.fill(code, 0x200, 0x300);
  whole.fill(5, 0x300, 0x340);
  if (blob !== null) whole.set(blob, 0x340);
  return whole;
}

describe('Mach-O', () => {
  it('is what it should be', () => {
    expect(inspectSync(machO()).binaries[0]).toMatchObject({ format: 'mach-o', signature: { identifier: 'id1' } });
  });

  it('another UUID', async () => {
    expect(await both(machO(), machO({ uuid: 2 }))).toMatchObject({ verdict: 'identical-but-identity', explained: 16, values: [{ what: 'UUID' }] });
  });

  it('another signature, of the same length, of another, and none', async () => {
    expect(await both(machO(), machO({ signature: 2 }))).toMatchObject({ verdict: 'identical-but-signature', unexplained: 0 });
    expect(await both(machO(), machO({ signature: 2, size: 64 }))).toMatchObject({ verdict: 'identical-but-signature', unexplained: 0 });
    expect(await both(machO(), machO({ signature: null }))).toMatchObject({ verdict: 'identical-but-signature', unexplained: 0 });
    expect(await both(machO(), machO({ signature: null, uuid: 2 }))).toMatchObject({ verdict: 'identical-but-identity', unexplained: 0 });
  });

  it('a byte of code under a signature that was not renewed', async () => {
    expect(await both(machO(), flipped(machO(), 0x210))).toMatchObject({ verdict: 'differs', unexplained: 1 });
  });

  it('a byte within the code directory', async () => {
    expect(await both(machO(), flipped(machO(), 0x340 + 40))).toMatchObject({ verdict: 'identical-but-signature', explained: 1 });
  });

  it('a universal file: slices are compared, whatever moves', async () => {
    const slices = (size: number, code = 0x90): Uint8Array => buildFat({ slices: [{ cpuType: 0x100_0007, bytes: machO({ size }) }, { cpuType: 0x100_000c, bytes: machO({ code }) }] });
    const found = await both(slices(0), slices(64));
    expect(found).toMatchObject({ verdict: 'identical-but-signature', unexplained: 0 });
    expect((await both(slices(0), slices(64, 0x91))).verdict).toBe('differs');
  });
});

describe('whatever the files are', () => {
  it.each(fixtureNames())('%s is itself', async (name) => {
    const bytes = fixtureBytes(name);
    expect(await compare(bytes, bytes.slice())).toMatchObject({ verdict: 'identical', equal: true, regions: [] });
  });

  /** The names of the region that has a byte, from the outside in. */
  function namesAt(regions: readonly Region[], at: number): string[] {
    const inside = regions.find(({ offset, size, shared }) => offset !== null && at >= offset && at < offset + size && size > shared);
    return inside === undefined ? [] : [inside.name, ...namesAt(inside.children, at)];
  }

  it.each(fixtureNames().filter((name) => !name.startsWith('error-') && fixtureBytes(name).length > 64))('%s: a flipped byte is found in its region', async (name) => {
    const bytes = fixtureBytes(name);
    const chance = random(7);
    const { regions } = await mapFile(bytes);
    let compared = 0;
    for (let i = 0; i < 12; i++) {
      const at = Math.floor(chance() * bytes.length);
      let found: Comparison;
      try {
        found = await both(bytes, flipped(bytes, at));
      } catch (error) {
        if (!isBinspectError(error)) throw error;
        continue; // it is no executable any more
      }
      if (found.verdict === 'incomparable') continue;
      compared++;
      const runs = found.regions.flatMap((region) => region.runs.map((run) => [run.a, run.b, run.size]));
      const moved = found.regions.some(({ a, b }) => a === null || b === null || a.size !== b.size);
      if (moved) continue; // the byte was one of the headers that say where regions are
      expect(runs).toEqual([[at, at, 1]]);
      const [region] = found.regions;
      const innermost = namesAt(regions, at).at(-1) as string;
      expect(region?.path).toContain(innermost);
    }
    expect(compared).toBeGreaterThan(0);
  });
});
