// Programs that show a loader something else than a reader who goes by offsets, sizes and sections: what is said of each, and that no rule passes.

import { describe, expect, it } from 'vitest';
import { DT, ET, PT } from '../src/elf/constants.ts';
import { inspectSync } from '../src/inspect/inspect.ts';
import type { Binary } from '../src/model/binary.ts';
import type { Expectations } from '../src/model/verdict.ts';
import { verify } from '../src/verify/verify.ts';
import { buildElf } from './build/elf.ts';
import { buildFat } from './build/fat.ts';
import * as go from './build/go.ts';
import { buildMachO, dylib, numbers } from './build/macho.ts';
import { buildPe } from './build/pe.ts';
import { mappedNeeds } from './mapped-reader.ts';

const one = (bytes: Uint8Array): Binary => inspectSync(bytes).binaries[0] as Binary;
const codes = (binary: Binary): string[] => binary.warnings.map(({ code }) => code);
const statuses = (bytes: Uint8Array, asked: Expectations): Record<string, string> => Object.fromEntries(verify(inspectSync(bytes), asked).findings.map(({ rule, status }) => [rule, status]));

const GLIBC = '/lib64/ld-linux-x86-64.so.2';
const PLAIN = { interpreter: GLIBC, dynamic: [[DT.NEEDED, 'libc.so.6']] as const, sections: [] };

describe('what an ELF file says twice', () => {
  it('the stack: the last counts, and is in doubt', () => {
    const binary = one(buildElf({ ...PLAIN, segments: [{ type: PT.GNU_STACK, flags: 6 }, { type: PT.GNU_STACK, flags: 7 }] }));
    expect(binary.hardening?.nonExecutableStack).toBe(false);
    expect(codes(binary)).toEqual(['several-stacks']);
  });

  it('the interpreter: the first counts, and is in doubt', () => {
    const data = new TextEncoder().encode('/lib/ld-musl-x86_64.so.1\0');
    const bytes = buildElf({ ...PLAIN, segments: [{ type: PT.INTERP, data }] });
    expect(one(bytes).interpreter).toBe(GLIBC);
    expect(statuses(bytes, { interpreter: GLIBC, target: 'linux/amd64', libc: 'glibc' })).toEqual({ interpreter: 'unknown', target: 'unknown', libc: 'unknown' });
  });

  it('a tag: ld.so takes the last', () => {
    const bytes = buildElf({ ...PLAIN, dynamic: [[DT.NEEDED, 'libc.so.6'], [DT.SONAME, 'liba.so'], [DT.SONAME, 'libb.so']] });
    expect(one(bytes).libraryName).toBe('libb.so');
    expect(codes(one(bytes))).toContain('dynamic-tag-twice');
    expect(statuses(bytes, { onlyNeeds: 'libc.so.6', noSearchPaths: true })).toEqual({ onlyNeeds: 'unknown', noSearchPaths: 'unknown' });
  });
});

describe('what contradicts itself', () => {
  it('the system by EI_OSABI and by the interpreter', () => {
    expect(statuses(buildElf({ ...PLAIN, osAbi: 9 }), { target: 'freebsd/amd64' })).toEqual({ target: 'unknown' });
  });

  it('an interpreter whose folder nobody knows', () => {
    const bytes = buildElf({ ...PLAIN, interpreter: 'evildir/ld-linux-x86-64.so.2' });
    expect(statuses(bytes, { libc: 'glibc', noSearchPaths: true })).toEqual({ libc: 'unknown', noSearchPaths: 'fail' });
  });

  it('PT_PHDR, from which ld.so counts all addresses', () => {
    const bytes = buildElf({ ...PLAIN, type: ET.DYN, segments: [{ type: PT.PHDR, offset: 64, address: 0x1000n, fileSize: 56 }] });
    expect(codes(one(bytes))).toContain('program-headers-elsewhere');
    expect(statuses(bytes, { onlyNeeds: '*', linkage: 'dynamic' })).toEqual({ onlyNeeds: 'unknown', linkage: 'unknown' });
  });
});

describe('base relocations', () => {
  const NAME = 0x6000;
  const name = [...new TextEncoder().encode('evil.dll\0')];
  const block = (page: number, ...entries: readonly number[]): number[] => {
    const bytes = new Uint8Array(8 + 2 * entries.length);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, page, true);
    view.setUint32(4, bytes.length, true);
    entries.forEach((entry, i) => view.setUint16(8 + 2 * i, entry, true));
    return [...bytes];
  };
  const program = (relocations: readonly number[]): Uint8Array =>
    buildPe({
      imports: [{ name: NAME }],
      sections: [{ address: NAME, data: name }, { name: '.reloc', address: 0x7000, data: relocations }],
      directories: { 5: [0x7000, relocations.length] },
    });
  const asked: Expectations = { onlyNeeds: 'evil.dll', noSearchPaths: true };

  it.each([
    ['over a name', block(NAME, 0xa000), 'unknown'],
    ['that ends in a name', block(NAME - 0x1000, 0xaffc), 'unknown'],
    ['beside a name', block(NAME, 0xa009), 'pass'],
    ['of no kind', block(NAME, 0x0000), 'pass'],
  ])('%s', (_, relocations, status) => {
    expect(statuses(program(relocations), asked)).toEqual({ onlyNeeds: status, noSearchPaths: status });
  });
});

describe('a PE file', () => {
  it('that is a path to its libraries, or whose names are no ASCII', () => {
    const bytes = buildPe({ imports: [{ name: 'KERNEL32.dll' }, { name: 'sub\\vcruntime140.dll' }, { name: '\u212aernel32.dll' }] });
    expect(statuses(bytes, { noNeeds: 'vcruntime*', onlyNeeds: 'kernel32.dll', noSearchPaths: true })).toEqual({ noNeeds: 'fail', onlyNeeds: 'fail', noSearchPaths: 'fail' });
    const [, finding] = verify(inspectSync(bytes), { noNeeds: 'none.dll', onlyNeeds: ['kernel32.dll', 'x'] }).findings;
    expect(finding?.message).toMatch(/\\u212aernel32\.dll|\\xe2|\\u/);
  });

  it('that a shell would run as well', () => {
    expect(codes(one(buildPe({ dosProgram: [] })))).not.toContain('also-script');
    const bytes = buildPe({});
    bytes.set(new TextEncoder().encode("MZqFpD='"));
    expect(codes(one(bytes))).toContain('also-script');
  });
});

describe('a universal file that looks like a Java class', () => {
  it('is read, and in doubt', () => {
    const program = buildMachO({ commands: [numbers(0x32, 1, 0xb_0000, 0xb_0000, 0), dylib('/usr/lib/libSystem.B.dylib')] });
    const empty = (cpuType: number): { cpuType: number; cpuSubtype: number; offset: number; size: number } => ({ cpuType, cpuSubtype: 1, offset: 0x3000, size: 0 });
    const bytes = buildFat({ slices: [empty(0x0022_0100), { cpuType: 0x100_0007, bytes: program }, ...Array.from({ length: 50 }, (_, i) => empty(0x4000_0000 + i))] });
    const inspection = inspectSync(bytes);
    expect(inspection.universal).toBe(true);
    expect(inspection.binaries.some(({ platform }) => platform.arch === 'amd64')).toBe(true);
    expect(inspection.warnings.map(({ code }) => code)).toContain('java-class-look');
    expect(verify(inspection, { target: 'darwin/amd64' }).ok).toBe(false);
  });
});

describe("Go's build information", () => {
  const text = (modified: string): Uint8Array => go.framed(`path\texample.com/app\nmod\texample.com/app\tv1.2.3\t\nbuild\tCGO_ENABLED=0\nbuild\tvcs=git\nbuild\tvcs.modified=${modified}\n`);
  const blob = (modules: Uint8Array): go.Piece => ({ name: '.go.buildinfo', address: 0x50_0000n, data: go.inlineBlob({ version: 'go1.26.5', modules }), writable: true });
  const asked: Expectations = { go: '>=1.24', goModule: 'example.com/app', goSettings: ['CGO_ENABLED=0'], goVcsClean: true };
  const all = (status: string): Record<string, string> => ({ go: status, goModule: status, goSettings: status, goVcsClean: status });
  const clean = text('false');

  it.each([true, false])('passes with its witnesses, 64 bits %s', (wide) => {
    expect(statuses(go.elf({ wide, pieces: [blob(clean), ...go.witnesses(0x60_0000n, { modules: clean, wide })] }).file, asked)).toEqual(all('pass'));
  });

  it('alone proves nothing', () => {
    expect(statuses(go.elf({ pieces: [blob(clean)] }).file, asked)).toEqual(all('unknown'));
  });

  it('of another content than the copy that the program gives', () => {
    const bytes = go.elf({ pieces: [blob(clean), ...go.witnesses(0x60_0000n, { modules: text('true ') })] }).file;
    expect(codes(one(bytes))).toContain('go-copies-differ');
    expect(statuses(bytes, asked)).toEqual(all('unknown'));
  });

  it('of another release than its function table', () => {
    expect(statuses(go.elf({ pieces: [blob(clean), ...go.witnesses(0x60_0000n, { modules: clean, magic: 0xffff_fff0 })] }).file, asked)).toEqual(all('unknown'));
  });

  it('with a setting of two values', () => {
    const twice = go.framed('path\texample.com/app\nmod\texample.com/app\tv1.2.3\t\nbuild\tCGO_ENABLED=1\nbuild\tCGO_ENABLED=0\nbuild\tvcs=git\nbuild\tvcs.modified=true\nbuild\tvcs.modified=false\n');
    const bytes = go.elf({ pieces: [blob(twice), ...go.witnesses(0x60_0000n, { modules: twice })] }).file;
    expect(statuses(bytes, asked)).toEqual({ go: 'pass', goModule: 'pass', goSettings: 'fail', goVcsClean: 'fail' });
  });

  it('with two main modules', () => {
    const twice = go.framed('path\texample.com/app\nmod\texample.com/evil\tv1.2.3\t\nmod\texample.com/app\tv1.2.3\t\n');
    expect(statuses(go.elf({ pieces: [blob(twice), ...go.witnesses(0x60_0000n, { modules: twice })] }).file, { goModule: 'example.com/app' })).toEqual({ goModule: 'unknown' });
  });
});

describe('the second reader', () => {
  it.each([PLAIN, { ...PLAIN, dynamic: [[DT.NEEDED, 'liba.so'], [DT.NEEDED, 'libb.so'], [DT.RUNPATH, '/x']] as const }])('finds in memory what is asked for (%#)', (plan) => {
    const bytes = buildElf(plan);
    expect(mappedNeeds(bytes)).toEqual(one(bytes).dependencies.map((library) => library.name));
  });
});
