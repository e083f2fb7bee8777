// What is appended to programs, or put into them, for them to run; signed kernel modules; what is hidden or encrypted.

import { describe, expect, it } from 'vitest';
import { ET, SHT } from '../src/elf/constants.ts';
import { inspectSync } from '../src/inspect/inspect.ts';
import { CPU_TYPE, MH } from '../src/macho/constants.ts';
import type { Binary, Inspection } from '../src/model/binary.ts';
import { verify } from '../src/verify/verify.ts';
import { buildElf } from './build/elf.ts';
import { buildFat } from './build/fat.ts';
import { buildMachO, numbers, segment } from './build/macho.ts';
import { buildPe } from './build/pe.ts';

const latin1 = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));
const join = (...parts: readonly (Uint8Array | string | readonly number[])[]): Uint8Array => {
  const all = parts.map((part) => (typeof part === 'string' ? latin1(part) : Uint8Array.from(part)));
  const bytes = new Uint8Array(all.reduce((sum, { length }) => sum + length, 0));
  all.reduce((at, part) => (bytes.set(part, at), at + part.length), 0);
  return bytes;
};
const be = (...values: number[]): number[] => values.flatMap((value) => [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255]);
const le = (...values: number[]): number[] => values.flatMap((value) => be(value).reverse());
const one = (bytes: Uint8Array): Binary => inspectSync(bytes, { facts: 'all' }).binaries[0] as Binary;

const PROGRAM = buildElf({ sections: [] });
const PE = buildPe({});
const IMAGE = ((): Uint8Array => {
  const bytes = PROGRAM.slice();
  bytes.set(latin1('AI\x02'), 8);
  return bytes;
})();
const cookie = (length: number): Uint8Array => join('MEI\x0c\x0b\x0a\x0b\x0e', be(length, 10, 20, 311), new Uint8Array(64));
const BUN = '\n---- Bun! ----\n';
const PRELUDE = '(function(process, require, console, EXECPATH_FD, PAYLOAD_POSITION, PAYLOAD_SIZE) { return 1;\n})';

describe('what is appended', () => {
  it.each([
    ['AppImage', IMAGE, join('hsqs', new Uint8Array(100))],
    ['AppImage', IMAGE, join('DWARFS', new Uint8Array(100))],
    ['PyInstaller', PROGRAM, join(new Uint8Array(100), cookie(188))],
    ['PyInstaller', PE, join(new Uint8Array(100), cookie(188), new Uint8Array(4))],
    ['Bun', PROGRAM, join('modules', BUN)],
    ['Bun', PROGRAM, join('modules', BUN, le(1000, 0))],
    ['Deno', PROGRAM, join('d3n0l4nd', 'data')],
    ['Deno', PROGRAM, join('bundle', 'd3n0l4nd', be(0, 100), be(0, 120))],
    ['pkg', PROGRAM, join('payload', PRELUDE)],
    ['pkg', PROGRAM, join('payload', 'x'.repeat(9000), ',"/snapshot/app/index.js",\n{},\n{},\n0\n);\n})')],
    // None of these is what it looks like.
    [null, PROGRAM, join('hsqs', new Uint8Array(100))],
    [null, IMAGE, join('PK', new Uint8Array(100))],
    [null, PROGRAM, join('see d3n0l4nd for more of it')],
    [null, PROGRAM, join('MEI\x0c\x0b\x0a\x0b\x0e', be(5000, 10, 20, 311), new Uint8Array(64))],
    [null, PROGRAM, join(BUN, 'and more text behind it')],
    [null, PROGRAM, join('text;\n})')],
  ])('%s', (kind, program, tail) => {
    const { overlay, because } = one(join(program, tail));
    expect(overlay).toEqual({ offset: program.length, size: tail.length, kind, inHeaders: false });
    expect(because['overlay']).toMatch(/^bytes /);
  });
});

describe('what stands in notes, sections and resources of its own', () => {
  const SEA = Uint8Array.from([...le(0x0143_da20), ...new Uint8Array(12)]);
  const bun = (): Uint8Array => join(le(7 + BUN.length, 0), 'modules', BUN, new Uint8Array(32));

  it("Node's blob", () => {
    expect(one(buildElf({ notes: [{ owner: 'NODE_SEA_BLOB', type: 0, data: SEA }] })).overlay).toMatchObject({ size: 16, kind: 'Node SEA', inHeaders: true });
    expect(one(buildElf({ notes: [{ owner: 'NODE_SEA_BLOB', type: 0, data: new Uint8Array(16) }] })).overlay).toBeNull();
  });

  it("Bun's modules", () => {
    expect(one(buildElf({ sections: [{ name: '.bun', type: SHT.PROGBITS, data: bun() }] })).overlay).toMatchObject({ kind: 'Bun', inHeaders: true });
    expect(one(buildElf({ sections: [{ name: '.bun', type: SHT.PROGBITS, data: new Uint8Array(64) }] })).overlay).toBeNull();
    expect(one(buildPe({ sections: [{ name: '.bun', address: 0x5000, data: bun() }] })).overlay).toMatchObject({ kind: 'Bun', inHeaders: true });
  });

  it("Deno's data in a note", () => {
    const data = join([8, 0], 'd3n0l4nd', 'd3n0l4nd', 'data');
    expect(one(buildElf({ notes: [{ owner: 'SUI', type: 0x5355_4901, data }] })).overlay).toMatchObject({ size: 12, kind: 'Deno', inHeaders: true });
  });

  it('sections of Mach-O files', () => {
    const held = (segmentName: string, name: string, data: Uint8Array): Binary => {
      const offset = 0x400;
      const bytes = new Uint8Array(offset + data.length);
      bytes.set(buildMachO({ commands: [segment(segmentName, true, { offset, fileSize: data.length, sections: [{ name, segment: segmentName, offset }] })] }));
      bytes.set(data, offset);
      new DataView(bytes.buffer).setBigUint64(32 + 72 + 40, BigInt(data.length), true); // the section's size
      return one(bytes);
    };
    expect(held('NODE_SEA', '__NODE_SEA_BLOB', SEA).overlay).toMatchObject({ offset: 0x400, kind: 'Node SEA', inHeaders: true });
    expect(held('__BUN', '__bun', bun()).overlay).toMatchObject({ kind: 'Bun', inHeaders: true });
    expect(held('__SUI', 'd3n0l4nd', latin1('d3n0l4nd and data')).overlay).toMatchObject({ kind: 'Deno', inHeaders: true });
    expect(held('__BUN', '__bun', new Uint8Array(64)).overlay).toBeNull();
  });

  it("PyInstaller's package in a section", () => {
    const data = join(new Uint8Array(100), cookie(188));
    expect(one(buildElf({ sections: [{ name: 'pydata', type: SHT.PROGBITS, data }] })).overlay).toMatchObject({ size: 188, kind: 'PyInstaller', inHeaders: true });
  });
});

describe('a kernel module', () => {
  const module = buildElf({ type: ET.REL, entry: 0n, sections: [{ name: '.modinfo', type: SHT.PROGBITS, data: latin1('license=GPL\0') }] });
  const trailer = (length: number): Uint8Array => join([0, 0, 2, 0, 0, 0, 0, 0], be(length), '~Module signature appended~\n');

  it('is signed by what is appended, and nothing else is', () => {
    const binary = one(join(module, new Uint8Array(400), trailer(400)));
    expect(binary.signature).toMatchObject({ kind: 'module', offset: module.length, size: 440 });
    expect(binary.because['signature']).toMatch(/PKCS#7/);
    expect(binary.overlay).toBeNull();
    expect(one(module).signature).toBeNull();
  });

  it('is not, with a length that the file does not have', () => {
    const binary = one(join(module, new Uint8Array(400), trailer(1e6)));
    expect(binary.signature).toBeNull();
    expect(binary.warnings.map(({ code }) => code)).toContain('module-signature');
  });
});

describe('Mach-O files', () => {
  it('that are encrypted say so, and nothing is denied of what that hides', () => {
    const encrypted = one(buildMachO({ commands: [numbers(0x2c, 0x1000, 0x1000, 1, 0)] }));
    expect(encrypted).toMatchObject({ machO: { encrypted: true }, go: null });
    expect(encrypted.unknown).toContain('go');
    expect(one(buildMachO({ commands: [numbers(0x2c, 0x1000, 0x1000, 0, 0)] }))).toMatchObject({ machO: { encrypted: false } });
  });

  it('with a slice behind the count of slices warn of it', () => {
    const slice = (cpuType: number): { cpuType: number; bytes: Uint8Array } => ({ cpuType, bytes: buildMachO({ cpuType, fileType: MH.EXECUTE }) });
    const both = { slices: [slice(CPU_TYPE.X86_64), slice(CPU_TYPE.ARM64)] };
    const codes = (inspection: Inspection): string[] => inspection.warnings.map(({ code }) => code);
    expect(codes(inspectSync(buildFat({ ...both, count: 1 })))).toContain('hidden-slice');
    expect(codes(inspectSync(buildFat(both)))).not.toContain('hidden-slice');
  });

  it('of static libraries have the architectures of their table, and are unknown, not wrong', () => {
    const archive = latin1('!<arch>\n');
    const file = inspectSync(buildFat({ slices: [{ cpuType: CPU_TYPE.X86_64, bytes: archive }, { cpuType: CPU_TYPE.ARM64, cpuSubtype: 0, bytes: archive }] }));
    expect(file.binaries.map(({ platform }) => platform.arch)).toEqual(['amd64', 'arm64']);
    expect(verify(file, { target: 'darwin/universal' }).findings.map(({ status }) => status)).toEqual(['unknown']);
    expect(verify(file, { target: 'darwin/arm64' }).findings.map(({ status }) => status)).toEqual(['unknown']);
  });
});
