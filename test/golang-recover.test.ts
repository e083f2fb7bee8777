// Go where Go's own reader sees none: what is recovered, what is not believed, and how it joins the other facts.

import { describe, expect, it } from 'vitest';
import { scanSync } from '../src/bytes/search.ts';
import { MemorySource } from '../src/bytes/source.ts';
import { encodeText } from '../src/bytes/text.ts';
import { joinGo } from '../src/golang/facts.ts';
import { pclntabAt, releasesText } from '../src/golang/pclntab.ts';
import { findHeaders } from '../src/golang/string-headers.ts';
import { targetOf } from '../src/golang/target.ts';
import { inspectSync } from '../src/inspect/inspect.ts';
import type { Binary, GoBuild } from '../src/model/binary.ts';
import { NO_HARDENING } from '../src/model/hardening.ts';
import { platformOf } from '../src/model/platform.ts';
import { verify } from '../src/verify/verify.ts';
import { elf as elfBinary, file, goBuild, machO as machOBinary } from './build/binary.ts';
import { buildElf } from './build/elf.ts';
import { coffSymbol, concat, elf, fat, framed, inlineBlob, machO, patched, pe, PE_DATA, pointerBlob, runtimeMemory, witnesses } from './build/go.ts';
import type { ElfPlan, Piece } from './build/go.ts';

const TEXT = 'path\tx.org/p\nmod\tx.org/p\tv1.2.3\t\nbuild\tGOARCH=amd64\nbuild\tGOOS=linux\n';
const MODULES = framed(TEXT);
const CODE = 0x40_0000n;
const DATA = 0x50_0000n;

const one = (file: Uint8Array): Binary => inspectSync(file, { facts: 'all' }).binaries[0] as Binary;
const goOf = (file: Uint8Array): GoBuild | null => one(file).go;
const brief = (file: Uint8Array): unknown => {
  const go = goOf(file);
  return go === null ? null : [go.version, go.buildInfo, go.path];
};

interface Memory {
  texts: Uint8Array;
  variables: Uint8Array;
}

const memory = (plan: Parameters<typeof runtimeMemory>[1] = {}): Memory => runtimeMemory(CODE, { version: 'go1.26.5', modules: MODULES, ...plan });
const pieces = ({ texts, variables }: Memory, extra: Uint8Array = new Uint8Array()): Piece[] => [
  { name: '.gopclntab', address: CODE, data: concat(texts, extra) },
  { name: '.data', address: DATA, data: variables, writable: true },
];
const elfOf = (plan: Memory, more: Partial<ElfPlan> = {}, extra?: Uint8Array): Uint8Array => elf({ pieces: pieces(plan, extra), ...more }).file;

describe('a program whose blob is gone', () => {
  it.each([true, false].flatMap((wide) => [true, false].map((little) => [wide, little] as const)))('ELF, wide %s, little %s', (wide, little) => {
    expect(brief(elfOf(memory({ wide, little }), { wide, little }))).toEqual(['go1.26.5', 'recovered', 'x.org/p']);
  });

  it.each([true, false])('Mach-O, wide %s', (wide) => {
    const { texts, variables } = memory({ wide });
    const { file } = machO({
      wide,
      pieces: [
        { name: '__gopclntab', address: CODE, data: texts, writable: false },
        { name: '__data', address: DATA, data: variables },
      ],
    });
    expect(brief(file)).toEqual(['go1.26.5', 'recovered', 'x.org/p']);
  });

  it.each([true, false])('PE, wide %s', (wide) => {
    const imageBase = wide ? 0x1_4000_0000n : 0x40_0000n;
    const { texts, variables } = runtimeMemory(imageBase + 0x1000n, { version: 'go1.26.5', modules: MODULES, wide });
    const { file } = pe({
      wide,
      sections: [
        { name: '.rdata', address: 0x1000, data: texts, flags: 0x4000_0040 },
        { name: '.data', address: 0x8000, data: variables },
        { name: '.symtab', address: 0x9000, data: new Uint8Array(4), flags: 0x4200_0000 },
      ],
    });
    expect(brief(file)).toEqual(['go1.26.5', 'recovered', 'x.org/p']);
  });

  it('every slice of a universal file', () => {
    const slice = (version: string): Uint8Array => {
      const { texts, variables } = memory({ version });
      return machO({
        pieces: [
          { name: '__gopclntab', address: CODE, data: texts, writable: false },
          { name: '__data', address: DATA, data: variables },
        ],
      }).file;
    };
    const { binaries } = inspectSync(fat([{ cpuType: 0x100_0007, file: slice('go1.24.1') }, { cpuType: 0x100_000c, file: slice('go1.24.2') }]));
    expect(binaries.map(({ go }) => go?.version)).toEqual(['go1.24.1', 'go1.24.2']);
  });

  it('says what told it', () => {
    const { because } = one(elfOf(memory()));
    expect(because['go']).toMatch(/^the module text at 0x[0-9a-f]+, which the string variable at 0x[0-9a-f]+ points at; go version says: not a Go executable$/);
    expect(because['goVersion']).toMatch(/^the string variable at 0x[0-9a-f]+, whose text stands at 0x[0-9a-f]+$/);
  });

  it('without modules is known by its version', () => {
    const file = elfOf(memory({ modules: new Uint8Array() }));
    expect(brief(file)).toEqual(['go1.26.5', 'absent', null]);
  });

  it.each(['go1.12.9', 'go1.27', 'go1.21rc2', 'devel go1.25-2c12f3b1d9 Mon Mar 6 2023', 'go1.20.3 X:nocoverageredesign', 'go1.26.4-X:nodwarf5', 'go1.24.4 (Red Hat 1.24.4-1.el9)', 'go1.25-20250209-RC00 cl/724970549 +ff27d270c9 X:fieldtrack,boringcrypto'])(
    'version %s',
    (version) => {
      expect(goOf(elfOf(memory({ version })))?.version).toBe(version);
    },
  );

  it('in an object file, which has no addresses, is known by its blob', () => {
    const blob = { name: '.go.buildinfo', address: 0n, data: inlineBlob({ modules: MODULES }) };
    const { file } = elf({ type: 1, pieces: [], unmapped: [blob] });
    expect(brief(file)).toEqual(['go1.27.0', 'recovered', 'x.org/p']);
  });

  it('whose blob stands where Go doesn’t look', () => {
    const { file } = elf({ pieces: [{ name: '.gopclntab', address: CODE, data: new Uint8Array(64) }, { name: '.data', address: DATA, data: inlineBlob({ modules: MODULES }), writable: true }] });
    expect(brief(file)).toEqual(['go1.27.0', 'recovered', 'x.org/p']);
    expect(one(file).because['goVersion']).toMatch(/^a build information blob at 0x/);
  });

  it('whose container Go refuses', () => {
    const { file, sections } = elf({ pieces: [{ name: '.go.buildinfo', address: DATA, data: inlineBlob({ modules: MODULES }), writable: true }] });
    const { go, warnings } = one(patched(file, sections + 64, 0x1_0000, 4));
    expect(go).toMatchObject({ version: 'go1.27.0', buildInfo: 'recovered' });
    expect(warnings.map(({ message }) => message)).toContain("Go's own reader refuses this file: section 1 has no name");
  });

  it('whose pointers are chained fixups', () => {
    const base = 0x1_0000_0000n;
    const make = (stored: (address: bigint) => bigint): Uint8Array => {
      const { texts, variables } = runtimeMemory(base + 0x1000n, { version: 'go1.17.6', modules: MODULES });
      const view = new DataView(variables.buffer);
      for (let at = 16; at + 16 < variables.length; at += 16) view.setBigUint64(at, stored(view.getBigUint64(at, true)), true);
      return machO({
        pieces: [
          { name: '__header', address: base, data: new Uint8Array(16), writable: false },
          { name: '__gopclntab', address: base + 0x1000n, data: texts, writable: false },
          { name: '__data', address: base + 0x8000n, data: variables },
        ],
      }).file;
    };
    const next = 0x0010_0000_0000_0000n; // the distance to the next pointer of the chain
    expect(brief(make((address) => address | next))).toEqual(['go1.17.6', 'recovered', 'x.org/p']);
    expect(brief(make((address) => (address - base) | next))).toEqual(['go1.17.6', 'recovered', 'x.org/p']);
  });

  it('whose pointers stand in relocations', () => {
    const { texts, variables } = memory();
    const view = new DataView(variables.buffer);
    const relocations = new Uint8Array(24 * 2);
    const table = new DataView(relocations.buffer);
    for (const [i, at] of [16, 32].entries()) {
      table.setBigUint64(24 * i, DATA + BigInt(at), true); // r_offset
      table.setBigUint64(24 * i + 8, 8n, true); // R_X86_64_RELATIVE
      table.setBigUint64(24 * i + 16, view.getBigUint64(at, true), true);
      view.setBigUint64(at, 0n, true);
    }
    const dynamic = new DataView(new ArrayBuffer(48));
    for (const [i, value] of [7n, 0x60_0000n, 8n, BigInt(relocations.length), 0n, 0n].entries()) dynamic.setBigUint64(8 * i, value, true);
    const image = elf({
      pieces: [
        ...pieces({ texts, variables }),
        { name: '.rela.dyn', address: 0x60_0000n, data: relocations },
        { name: '.dynamic', address: 0x61_0000n, data: new Uint8Array(dynamic.buffer), writable: true },
      ],
      before: [[2, 0x61_0000n, 48]],
    });
    const file = patched(image.file, image.programs + 8, image.offsets[3] as number, 8);
    expect(brief(file)).toEqual(['go1.26.5', 'recovered', 'x.org/p']);
  });

  it('and whose version is in no pattern, by its symbol', () => {
    const { texts, variables } = memory({ version: 'unknown' });
    expect(brief(elfOf({ texts, variables }))).toEqual([null, 'recovered', 'x.org/p']);
    const symbols = [['main.main', CODE] as const, ['runtime.buildVersion', DATA + 16n] as const];
    expect(brief(elfOf({ texts, variables }, { symbols }))).toEqual(['unknown', 'recovered', 'x.org/p']);
    expect(one(elfOf({ texts, variables }, { symbols })).because['goVersion']).toContain('the symbol runtime.buildVersion');
  });

  it('the same in PE, where a symbol counts from its section', () => {
    const { texts, variables } = runtimeMemory(0x1_4000_1000n, { version: 'unknown' });
    const strings = concat(Uint8Array.of(25, 0, 0, 0), encodeText('runtime.buildVersion\0'));
    const { file } = pe({
      sections: [
        { name: '.rdata', address: 0x1000, data: texts, flags: 0x4000_0040 },
        { name: '.data', address: 0x8000, data: variables, flags: PE_DATA },
        { name: '.symtab', address: 0x9000, data: new Uint8Array(4), flags: 0x4200_0000 },
      ],
      symbols: [coffSymbol('runtime', 4, 1), coffSymbol(4, 16, 2)],
      strings,
    });
    expect(brief(file)).toEqual(['unknown', 'absent', null]);
  });
});

describe('what is not believed', () => {
  const decoys = concat(MODULES, encodeText('go1.2.3\0'));

  it('another program that this one carries', () => {
    const inner = elfOf(memory());
    const plain = (name: string): Uint8Array => elf({ pieces: [{ name, address: CODE, data: inner }, { name: '.data', address: DATA, data: new Uint8Array(256), writable: true }] }).file;
    expect(brief(plain('.rodata'))).toBeNull();
    expect(brief(plain('.gopclntab'))).toBeNull();
  });

  it('nor where the carrier is Go’s itself', () => {
    const inner = elf({ pieces: [{ name: '.go.buildinfo', address: DATA, data: inlineBlob({ modules: MODULES }), writable: true }] }).file;
    const file = elfOf(memory({ modules: new Uint8Array() }), {}, concat(new Uint8Array(64), inner));
    expect(brief(file)).toEqual(['go1.26.5', 'absent', null]);
    expect(one(file).warnings.map(({ message }) => message).join()).toMatch(/1 module texts stand in the file, the first at 0x[0-9a-f]+, and nothing tells which is its own/);
  });

  it('a version that nothing points at', () => {
    expect(brief(elfOf({ texts: decoys, variables: new Uint8Array(64) }))).toBeNull();
  });

  it('a version among several', () => {
    const first = runtimeMemory(CODE, { version: 'go1.22.1' });
    const second = runtimeMemory(CODE, { version: 'go1.17', prefix: first.texts });
    const both = { texts: second.texts, variables: concat(first.variables, second.variables) };
    expect(brief(elfOf(both))).toBeNull();
    const table = new Uint8Array(96);
    table.set([0xf1, 0xff, 0xff, 0xff, 0, 0, 1, 8, 100]); // a function table of Go 1.20 or later
    for (const [i, word] of [4, 0x40_1000, 0x60, 0x80, 0x90, 0xa0, 0xb0].entries()) new DataView(table.buffer).setBigUint64(16 + 8 * i, BigInt(word), true);
    expect(brief(elfOf(both, {}, table))).toEqual(['go1.22.1', 'absent', null]);
  });

  it.each(['go1.21 or later is needed', 'go1.21, go1.22', 'go1.x', 'go1.21\n'])('%j for a version', (version) => {
    expect(brief(elfOf(memory({ version, modules: new Uint8Array() })))).toBeNull();
  });

  it.each<[string, Uint8Array]>([
    ['a frame without its end', MODULES.subarray(0, MODULES.length - 1)],
    ['a text that ends in no line', framed('path\tx')],
    ['a text that says nothing', framed('hello\n')],
    ['a text that Go’s parser refuses', framed('path\tx\nbuild\tx\n')],
  ])('%s', (_, modules) => {
    expect(brief(elfOf(memory({ modules })))).toEqual(['go1.26.5', 'absent', null]);
  });

  it('names of sections alone: null, and a warning', () => {
    const { file } = elf({ pieces: [{ name: '.go.buildinfo', address: DATA, data: new Uint8Array(256), writable: true }] });
    const { go, warnings } = one(file);
    expect(go).toBeNull();
    expect(warnings.map(({ code, message }) => `${code}: ${message}`)).toContain("go-build-info: Go's own reader finds nothing where its build information should be, and says: not a Go executable");
  });

  it('a blob cut anywhere: null, or its version, and no more', () => {
    const blob = inlineBlob({ modules: MODULES });
    for (let size = 0; size < blob.length - 16; size++) {
      const { file } = elf({ pieces: [{ name: '.go.buildinfo', address: DATA, data: blob.subarray(0, size), writable: true }] });
      const { go, warnings } = one(file);
      expect(go === null || go.buildInfo !== 'present', `cut at ${size}`).toBe(true);
      expect(warnings.some(({ code }) => code === 'go-build-info'), `cut at ${size}`).toBe(true);
    }
  });
});

describe('what is told without a version', () => {
  const table = (magic: number, words: readonly number[], { wide = true, little = true, quantum = 1 } = {}): Uint8Array => {
    const bytes = new Uint8Array(96);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, magic, little);
    bytes[6] = quantum;
    bytes[7] = wide ? 8 : 4;
    for (const [i, word] of words.entries()) {
      if (wide) view.setBigUint64(8 + 8 * i, BigInt(word), little);
      else view.setUint32(8 + 4 * i, word, little);
    }
    return bytes;
  };
  const releases = (bytes: Uint8Array, wide = true, little = true): string | null => {
    const found = pclntabAt(bytes, 0, 0, wide ? 64 : 32, little);
    return found === null ? null : releasesText(found.releases);
  };

  it('the releases that write such a function table', () => {
    expect(releases(table(0xffff_fffb, [10, 0x40_1000, 0x200, 0x40_1010, 0x240]))).toBe('go1.2 to go1.15');
    expect(releases(table(0xffff_fffa, [10, 5, 0x40, 0x80, 0x90, 0xa0, 0xb0]))).toBe('go1.16 to go1.17');
    expect(releases(table(0xffff_fff0, [10, 5, 0x40_1000, 0x60, 0x80, 0x90, 0xa0, 0xb0]))).toBe('go1.18 to go1.19');
    expect(releases(table(0xffff_fff1, [10, 5, 0x40_1000, 0x60, 0x80, 0x90, 0xa0, 0xb0]))).toBe('go1.20 to go1.25');
    expect(releases(table(0xffff_fff1, [10, 5, 0, 0x60, 0x80, 0x90, 0xa0, 0xb0]))).toBe('go1.20 to go1.25');
    expect(releases(table(0xffff_fff1, [10, 5, 0, 0x48, 0x80, 0x90, 0xa0, 0xb0]))).toBe('go1.26 or later');
    expect(releases(table(0xffff_fff1, [10, 5, 0, 0x28, 0x80, 0x90, 0xa0, 0xb0], { wide: false }), false)).toBe('go1.26 or later');
    expect(releases(table(0xffff_fff1, [10, 5, 0x1000, 0x28, 0x80, 0x90, 0xa0, 0xb0], { wide: false, little: false, quantum: 4 }), false, false)).toBe('go1.20 to go1.25');
  });

  it.each<[string, Uint8Array]>([
    ['another magic', table(0xffff_fff2, [10, 5, 0, 0x60, 0x80, 0x90, 0xa0, 0xb0])],
    ['no functions', table(0xffff_fff1, [0, 5, 0, 0x60, 0x80, 0x90, 0xa0, 0xb0])],
    ['too many functions', table(0xffff_fff1, [10_000_001, 5, 0, 0x60, 0x80, 0x90, 0xa0, 0xb0])],
    ['an unknown step', table(0xffff_fff1, [10, 5, 0, 0x60, 0x80, 0x90, 0xa0, 0xb0], { quantum: 3 })],
    ['pointers of another size', table(0xffff_fff1, [10, 5, 0, 0x60, 0x80, 0x90, 0xa0, 0xb0], { wide: false })],
    ['offsets out of order', table(0xffff_fff1, [10, 5, 0, 0x60, 0x50, 0x90, 0xa0, 0xb0])],
    ['offsets into the head', table(0xffff_fff0, [10, 5, 0, 0x40, 0x80, 0x90, 0xa0, 0xb0])],
    ['a head that is cut', table(0xffff_fff1, [10, 5, 0, 0x60]).subarray(0, 79)],
  ])('not with %s', (_, bytes) => {
    expect(releases(bytes)).toBeNull();
  });

  it('are Go by other evidence', () => {
    const file = elfOf({ texts: table(0xffff_fff1, [10, 5, 0, 0x48, 0x80, 0x90, 0xa0, 0xb0]), variables: new Uint8Array(64) });
    expect(brief(file)).toEqual([null, 'absent', null]);
    expect(one(file).because['goVersion']).toMatch(/^the function table at 0x[0-9a-f]+ is laid out as by go1\.26 or later$/);
  });

  it('a build id', () => {
    const buildId = 'aaaaaaaaaaaaaaaaaaaa/bbbbbbbbbbbbbbbbbbbb/cccccccccccccccccccc/dddddddddddddddddddd';
    expect(goOf(elf({ pieces: [{ name: '.data', address: DATA, data: new Uint8Array(64), writable: true }], buildId }).file)).toMatchObject({ version: null, buildInfo: 'absent', buildId });
    expect(goOf(elf({ pieces: [{ name: '.data', address: DATA, data: new Uint8Array(64), writable: true }], buildId, bare: true }).file)).toMatchObject({ buildInfo: 'absent', buildId });
    expect(goOf(elfOf(memory(), { buildId }))).toMatchObject({ buildInfo: 'recovered', buildId });
    const mark = encodeText(`\udcff Go build ID: "${buildId}"\n \udcff`);
    const code = { name: '.text', address: 0x1000, data: concat(mark, new Uint8Array(64)), flags: 0x6000_0020 };
    expect(goOf(pe({ sections: [code, { name: '.data', address: 0x8000, data: inlineBlob() }] }).file)).toMatchObject({ version: 'go1.27.0', buildInfo: 'present', buildId });
    expect(goOf(pe({ sections: [code] }).file)).toMatchObject({ version: null, buildInfo: 'absent', buildId });
    expect(goOf(pe({ sections: [{ ...code, data: mark.subarray(0, 60) }] }).file)).toBeNull();
  });

  it('system and architecture, by the runtime’s own files', () => {
    const of = (names: readonly string[], little = true): unknown => {
      const { os, arch } = targetOf(names, little);
      return [os?.word, arch?.word];
    };
    expect(of(['rt0_linux_amd64.s', 'os_linux.go'])).toEqual(['linux', 'amd64']);
    expect(of(['rt0_linux_arm64.s', 'rt0_android_arm64.s', 'sys_linux_arm64.s'])).toEqual(['android', 'arm64']);
    expect(of(['sys_solaris_amd64.s', 'os_solaris.go', 'os_illumos.go'])).toEqual(['illumos', 'amd64']);
    expect(of(['rt0_linux_mipsx.s'], false)).toEqual(['linux', 'mips']);
    expect(of(['rt0_linux_mipsx.s'])).toEqual(['linux', 'mipsle']);
    expect(of(['rt0_linux_ppc64le.s', 'sys_linux_ppc64x.s'])).toEqual(['linux', 'ppc64le']);
    expect(of(['os_windows.go', 'sys_x86.go'])).toEqual(['windows', undefined]);
    expect(of(['os_nonopenbsd.go', 'sys_libc.go'])).toEqual([undefined, undefined]);
    expect(of(['rt0_linux_arm64.s', 'rt0_linux_amd64.s'])).toEqual(['linux', undefined]);
    expect(of(['rt0_linux_amd64.s', 'rt0_freebsd_amd64.s', 'os_linux.go'])).toEqual([undefined, 'amd64']);
    expect(of(['rt0_linux_toString.s', 'sys_linux_constructor.s'])).toEqual(['linux', undefined]);
  });
});

describe('headers of strings', () => {
  it('are found across chunks, and only where they are aligned', () => {
    const size = 1024 * 1024 + 64;
    const file = new Uint8Array(size + 64);
    const view = new DataView(file.buffer);
    const layout = {
      bits: 64,
      little: true,
      ranges: [
        { address: 0x1000n, offset: 0, size: 64, writable: false },
        { address: 0x10_0000n, offset: 64, size, writable: true },
      ],
      fixupBase: null,
      relocations: [],
      buildIdNote: null,
      code: null,
      symbols: null,
    } as const;
    const sought = [{ at: 16, least: 4, most: 8 }];
    const found = (): number[] => scanSync(new MemorySource(file), { at: 0, length: file.length }, findHeaders(layout, sought, size)).map(({ at }) => at);
    for (const at of [64, 64 + 1024 * 1024 - 8, 64 + 1024 * 1024, size + 64 - 16]) {
      view.setBigUint64(at, 0x1010n, true);
      view.setBigUint64(at + 8, 6n, true);
      expect(found(), `at ${at}`).toEqual([at]);
      view.setBigUint64(at + 8, 9n, true);
      expect(found(), `of 9 at ${at}`).toEqual([]);
      file.fill(0);
    }
    view.setBigUint64(68, 0x1010n, true);
    view.setBigUint64(76, 6n, true);
    expect(found()).toEqual([]);
  });
});

describe('the platform', () => {
  const built = (settings: Readonly<Record<string, string>>, plan: Partial<ElfPlan> = {}): Binary => {
    const text = `path\tp\n${Object.entries(settings).map(([key, value]) => `build\t${key}=${value}\n`).join('')}`;
    const { wide = true } = plan;
    const confirmed = witnesses(DATA + 0x100_0000n, { modules: framed(text), wide });
    return one(elf({ pieces: [{ name: '.go.buildinfo', address: DATA, data: inlineBlob({ modules: framed(text) }), writable: true }, ...confirmed], ...plan }).file);
  };

  it('follows the settings', () => {
    const { platform, because, warnings } = built({ GOOS: 'dragonfly', GOARCH: 'amd64', GOAMD64: 'v3' });
    expect(platform).toMatchObject({ os: 'dragonfly', arch: 'amd64', variant: 'v3', go: 'dragonfly/amd64' });
    expect(because).toMatchObject({ os: "Go's setting GOOS=dragonfly", variant: "Go's setting GOAMD64=v3" });
    expect(warnings).toEqual([]);
  });

  it('has the variant of the setting in every spelling', () => {
    expect(built({ GOOS: 'linux', GOARCH: 'arm', GOARM: '6' }, { machine: 40, wide: false }).platform).toMatchObject({ variant: 'v6', oci: 'linux/arm/v6', go: 'linux/arm' });
    expect(built({ GOOS: 'linux', GOARCH: 'amd64', GOAMD64: 'v1' }).platform).toMatchObject({ variant: null, oci: 'linux/amd64' });
    expect(built({ GOOS: 'linux', GOARCH: 'amd64', GOAMD64: 'v2' }).platform.oci).toBe('linux/amd64/v2');
  });

  const codes = ({ warnings }: Binary): string[] => warnings.map(({ code, message }) => `${code}: ${message}`);
  const targets = (binary: Binary, ...asked: string[]): string[] => asked.map((target) => verify(file(binary), { target }).findings[0]?.status as string);

  it('is the headers’, whatever the settings say: that they disagree is a warning, and no target passes', () => {
    const binary = built({ GOOS: 'linux', GOARCH: 'arm64', GOARM64: 'v9.0' });
    expect(binary.platform).toMatchObject({ os: 'linux', arch: 'amd64', variant: null });
    expect(codes(binary)).toEqual(["go-target-mismatch: Go's setting GOARCH=arm64, but the headers are for amd64"]);
    expect(targets(binary, 'linux/arm64', 'linux/amd64', 'freebsd/amd64')).toEqual(['fail', 'fail', 'fail']);
    expect(verify(file(binary, { path: 'app_linux_arm64' }), { targetFromName: true }).findings.map(({ status }) => status)).toEqual(['fail']);
    expect(verify(file(binary, { path: 'app_linux_amd64' }), { targetFromName: true }).findings[0]?.message).toContain("Go's setting GOARCH=arm64, but the headers are for amd64");
    const packageJson = { path: 'package.json', os: ['linux'], cpu: null, libc: null };
    expect(verify(file(binary, { path: 'app' }), { targetFromName: true }, { packageJson }).ok).toBe(false);
  });

  it.each([
    ['another system', { osAbi: 9 }, 'linux', 'freebsd', 'the headers say freebsd: EI_OSABI is ELFOSABI_FREEBSD'],
    ['a word that means nothing', { osAbi: 9 }, 'valueOf', 'freebsd', 'the headers say freebsd: EI_OSABI is ELFOSABI_FREEBSD'],
    ['a system whose programs are PE', {}, 'windows', 'linux', 'the file is ELF'],
    ['a system whose programs are Mach-O', {}, 'darwin', 'linux', 'the file is ELF'],
    ['Android, but for glibc’s loader', { interpreter: '/lib64/ld-linux-x86-64.so.2' }, 'android', 'linux', 'the headers say linux: the interpreter /lib64/ld-linux-x86-64.so.2'],
  ])('does not become %s', (_, plan, GOOS, os, why) => {
    const headers = one(buildElf(plan));
    const go = goBuild({ settings: [{ key: 'GOOS', value: GOOS }, { key: 'GOARCH', value: 'amd64' }] });
    const binary = joinGo(headers, { go, because: {}, target: { os: null, arch: null }, warnings: [] });
    expect(binary.platform.os).toBe(os);
    expect(codes(binary)).toEqual([`go-target-mismatch: Go's setting GOOS=${GOOS}, but ${why}`]);
    expect(targets(binary, `${os}/amd64`)).toEqual(['fail']);
  });

  it.each([
    ['illumos for Solaris', 'solaris', 'EI_OSABI is ELFOSABI_SOLARIS', 'illumos', 'illumos'],
    ['Android for what is assumed', 'linux', 'assumed: nothing in the file says otherwise', 'android', 'android'],
    ['Android for a bare libc.so', 'linux', 'the library libc.so', 'android', 'android'],
    ['a new system for what is assumed', 'linux', 'assumed: nothing in the file says otherwise', 'zos', 'zos'],
    ['what nothing tells', null, 'unknown: nothing in the file says', 'netbsd', 'netbsd'],
  ])('has %s', (_, os, reason, GOOS, expected) => {
    const binary = elfBinary({ platform: platformOf({ os, arch: 'amd64', variant: null, libc: null, abi: null }), because: { os: reason } });
    const joined = joinGo(binary, { go: goBuild({ settings: [{ key: 'GOOS', value: GOOS }] }), because: {}, target: { os: null, arch: null }, warnings: [] });
    expect([joined.platform.os, codes(joined)]).toEqual([expected, []]);
  });

  it.each([
    ['iOS from before Go had a word for it', 'ios', null, 'darwin', 'go1.15.2', []],
    ['iOS since', 'ios', null, 'darwin', 'go1.16', ["go-target-mismatch: Go's setting GOOS=darwin, but the headers say ios: LC_X"]],
    ['Mac Catalyst', 'ios', 'macabi', 'darwin', 'go1.26.1', []],
    ['tvOS', 'tvos', null, 'ios', 'go1.26.1', []],
    ['macOS that says iOS', 'darwin', null, 'ios', 'go1.26.1', ["go-target-mismatch: Go's setting GOOS=ios, but the headers say darwin: LC_X"]],
  ])('stays as the load commands say: %s', (_, os, abi, GOOS, version, warnings) => {
    const binary = machOBinary({ platform: platformOf({ os, arch: 'arm64', variant: null, libc: 'libsystem', abi }), because: { os: 'LC_X' } });
    const joined = joinGo(binary, { go: goBuild({ version, settings: [{ key: 'GOOS', value: GOOS }] }), because: {}, target: { os: null, arch: null }, warnings: [] });
    expect([joined.platform.os, codes(joined)]).toEqual([os, warnings]);
  });

  it('has an architecture that only Go names, and no target passes by that', () => {
    const binary = built({ GOOS: 'linux', GOARCH: 'amd64' }, { machine: 0 });
    expect(binary.platform.arch).toBe('amd64');
    expect(codes(binary)).toEqual(["go-target-only: the headers name no architecture (machine 0): that it is amd64 is Go's word alone"]);
    expect(targets(binary, 'linux/amd64', 'linux/arm64', 'windows/amd64')).toEqual(['unknown', 'fail', 'fail']);
    const packageJson = { path: 'package.json', os: null, cpu: ['x64'], libc: null };
    expect(verify(file(binary, { path: 'app' }), { targetFromName: true }, { packageJson }).findings[0]?.status).toBe('unknown');
  });

  it('needs the higher of two levels, and stays an ABI of its own', () => {
    const join = (variant: string | null, arch: string, key: string, value: string): string | null => {
      const binary = elfBinary({ platform: platformOf({ os: 'linux', arch, variant, libc: null, abi: null }) });
      return joinGo(binary, { go: goBuild({ settings: [{ key: 'GOARCH', value: arch }, { key, value }] }), because: {}, target: { os: null, arch: null }, warnings: [] }).platform.variant;
    };
    expect(join('v6', 'arm', 'GOARM', '7')).toBe('v7');
    expect(join('v7', 'arm', 'GOARM', '5')).toBe('v7');
    expect(join('x32', 'amd64', 'GOAMD64', 'v3')).toBe('x32');
    expect(join(null, 'amd64', 'GOAMD64', 'v3')).toBe('v3');
  });

  it('keeps the triple of a program with a C library', () => {
    const go = goOf(elf({ pieces: [{ name: '.go.buildinfo', address: DATA, data: inlineBlob({ modules: framed('build\tGOOS=linux\nbuild\tGOARCH=arm\nbuild\tGOARM=7\n') }), writable: true }] }).file);
    const binary = one(elf({ pieces: [] }).file);
    const platform = platformOf({ os: 'linux', arch: 'arm', variant: 'v6', libc: 'glibc', abi: 'eabihf' });
    const joined = joinGo({ ...binary, platform }, { go, because: {}, target: { os: null, arch: null }, warnings: [] });
    expect(joined.platform.triple).toBe('armv7-unknown-linux-gnueabihf');
    expect(binary.platform).not.toBe(platform);
  });

  it('has no canary to miss where only Go is in it', () => {
    const go = goOf(elf({ pieces: [{ name: '.go.buildinfo', address: DATA, data: inlineBlob({ modules: framed('build\tGOOS=linux\n') }), writable: true }] }).file);
    const binary = one(elf({ pieces: [] }).file);
    const join = (stackCanary: boolean | null): Binary =>
      joinGo({ ...binary, hardening: { ...NO_HARDENING, stackCanary, fortify: false } }, { go, because: {}, target: { os: null, arch: null }, warnings: [] });
    expect(join(false).hardening).toMatchObject({ stackCanary: null, fortify: null });
    expect(join(false).because['hardening.stackCanary']).toContain('does not apply');
    expect(join(true).hardening).toMatchObject({ stackCanary: true, fortify: null });
    expect(join(null).hardening).toMatchObject({ stackCanary: null });
  });

  it('of a program without settings follows the runtime’s files', () => {
    const names = encodeText('\0/usr/lib/go/src/runtime/rt0_openbsd_amd64.s\0');
    const { platform, because } = one(elfOf(memory({ modules: new Uint8Array() }), {}, names));
    expect(platform.os).toBe('openbsd');
    expect(because['os']).toBe("Go's runtime has the file runtime/rt0_openbsd_amd64.s");
    const old = pointerBlob(DATA, { version: 'go1.14.2' });
    const before = elf({ pieces: [{ name: '.go.buildinfo', address: DATA, data: old, writable: true }, { name: '.gopclntab', address: CODE, data: names }] }).file;
    expect(one(before)).toMatchObject({ go: { version: 'go1.14.2', buildInfo: 'present' }, platform: { os: 'openbsd' } });
  });
});

describe('a module text that is none', () => {
  it('leaves the version, with a warning in Go’s words', () => {
    const { file } = elf({ pieces: [{ name: '.go.buildinfo', address: DATA, data: inlineBlob({ modules: framed('path\tp\nbuild\tx\n') }), writable: true }] });
    const { go, warnings } = one(file);
    expect(go).toMatchObject({ version: 'go1.27.0', buildInfo: 'absent', path: null, main: null, settings: [] });
    expect(warnings[0]?.message).toBe("could not parse Go build info: line 2: build line missing '=' after key; go version says no more of this file");
  });
});
