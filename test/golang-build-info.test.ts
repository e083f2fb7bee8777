// The blob as Go's own reader finds it: every form, every container, every reason to refuse.

import { describe, expect, it } from 'vitest';
import { readBytes } from '../src/bytes/input.ts';
import { scanSync } from '../src/bytes/search.ts';
import { MemorySource } from '../src/bytes/source.ts';
import { decodeText, encodeText } from '../src/bytes/text.ts';
import { goView } from '../src/golang/facts.ts';
import { readBuildInfo, uvarint } from '../src/golang/build-info.ts';
import { LIMITS } from '../src/limits.ts';
import { coffSymbol, command, concat, elf, ELF_FIELD, fat, framed, inlineBlob, machO, MAGIC, patched, pe, PE_DATA, pointerBlob, varint, xcoff } from './build/go.ts';
import type { ElfPlan, MachOPlan, PePlan } from './build/go.ts';

const UNRECOGNIZED = 'unrecognized file format';
const NOT_GO = 'not a Go executable';
const UNREADABLE = 'unexpected read from section with uninitialized data';

/** What Go's reader says of a file: version and module text, or its refusal. */
function said(file: Uint8Array): string {
  const view = readBytes(file, goView, LIMITS);
  if (typeof view === 'string') return UNRECOGNIZED;
  const bounds = { searched: 2 * file.length, text: file.length };
  const stored = scanSync(new MemorySource(file), { at: 0, length: file.length }, readBuildInfo(view, bounds));
  return typeof stored === 'string' ? stored : `${decodeText(stored.version)}|${decodeText(stored.modules)}`;
}

const TEXT = 'path\tx.org/p\n';
const MODULES = framed(TEXT);
const FOUND = `go1.27.0|${TEXT}`;
const BLOB = inlineBlob({ modules: MODULES });
const ADDRESS = 0x50_0000n;

const elfOf = (data: Uint8Array, plan: Partial<ElfPlan> = {}, address = ADDRESS): Uint8Array =>
  elf({ ...plan, pieces: [{ name: '.go.buildinfo', address, data, writable: true }] }).file;
const machOOf = (data: Uint8Array, plan: Partial<MachOPlan> = {}, address = ADDRESS): Uint8Array =>
  machO({ ...plan, pieces: [{ name: '__go_buildinfo', address, data, writable: true }] }).file;
const peOf = (data: Uint8Array, plan: Partial<PePlan> = {}): Uint8Array => pe({ ...plan, sections: [{ name: '.data', address: 0x1000, data }] }).file;

/** Every container in every encoding, and the address at which its data lie. */
const CONTAINERS: readonly (readonly [string, (data: Uint8Array) => Uint8Array, { wide: boolean; little: boolean; address: bigint }])[] = [
  ...[true, false].flatMap((wide) =>
    [true, false].map((little) => [`ELF${wide ? 64 : 32} ${little ? 'little' : 'big'}`, (data: Uint8Array) => elfOf(data, { wide, little }), { wide, little, address: ADDRESS }] as const),
  ),
  ...[true, false].flatMap((wide) =>
    [true, false].map((little) => [`Mach-O ${wide ? 64 : 32} ${little ? 'little' : 'big'}`, (data: Uint8Array) => machOOf(data, { wide, little }), { wide, little, address: ADDRESS }] as const),
  ),
  ['PE32', (data) => peOf(data, { wide: false }), { wide: false, little: true, address: 0x40_1000n }],
  ['PE32+', (data) => peOf(data), { wide: true, little: true, address: 0x1_4000_1000n }],
];

describe.each(CONTAINERS)('%s', (_, carry, { wide, little, address }) => {
  it('carries the inline form', () => {
    expect(said(carry(BLOB))).toBe(FOUND);
    expect(said(carry(inlineBlob({ version: 'devel x' })))).toBe('devel x|');
  });

  it('carries the pointer form', () => {
    const pointerSize = wide ? 8 : 4;
    expect(said(carry(pointerBlob(address, { little, pointerSize, modules: MODULES })))).toBe(`go1.17.6|${TEXT}`);
    expect(said(carry(pointerBlob(address, { little, pointerSize })))).toBe('go1.17.6|');
  });

  it('carries the blob behind other data', () => {
    expect(said(carry(concat(new Uint8Array(160), BLOB)))).toBe(FOUND);
  });

  it('without a blob is no Go program', () => {
    expect(said(carry(new Uint8Array(400)))).toBe(NOT_GO);
  });
});

describe('which container it is', () => {
  it.each<[string, Uint8Array, string]>([
    ['nothing', new Uint8Array(), UNRECOGNIZED],
    ['fewer than 16 bytes', elfOf(BLOB).subarray(0, 15), UNRECOGNIZED],
    ['ELF of 16 bytes', elfOf(BLOB).subarray(0, 16), UNRECOGNIZED],
    ['a text', encodeText('#!/bin/sh\necho hello\n'), UNRECOGNIZED],
    ['an archive', encodeText('!<arch>\n'.padEnd(64)), UNRECOGNIZED],
    ['WebAssembly', concat(encodeText('\0asm'), new Uint8Array(60)), UNRECOGNIZED],
    ['a Java class', concat(Uint8Array.of(0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, 65), new Uint8Array(60)), UNRECOGNIZED],
    ['the magic number of no Mach-O file', concat(Uint8Array.of(0xfe, 0xed, 0xfa, 0xcd), new Uint8Array(60)), UNRECOGNIZED],
    ['the same in the other order', concat(Uint8Array.of(0xcc, 0xfa, 0xed, 0xfe), new Uint8Array(60)), UNRECOGNIZED],
    ['a program of Plan 9', concat(Uint8Array.of(0, 0, 0x8a, 0x97), new Uint8Array(60)), NOT_GO],
  ])('%s', (_, file, expected) => {
    expect(said(file)).toBe(expected);
  });
});

describe('the blob', () => {
  const at = (data: Uint8Array, address = ADDRESS): string => said(elfOf(data, {}, address));
  const after = (gap: number, ...parts: readonly Uint8Array[]): Uint8Array => concat(new Uint8Array(gap), ...parts);

  it('must be aligned by its address', () => {
    for (let gap = 1; gap < 16; gap++) expect(at(after(gap, BLOB)), `a gap of ${gap}`).toBe(NOT_GO);
    expect(at(after(8, BLOB), ADDRESS + 8n)).toBe(FOUND);
    expect(at(BLOB, ADDRESS + 8n)).toBe(NOT_GO);
  });

  it('is read at too low an address behind a misaligned magic, as Go since 1.24 does', () => {
    // The search moves on to the next 16 and forgets by how much: the header is then looked for 16 bytes too early.
    expect(at(after(4, MAGIC, new Uint8Array(14), BLOB))).toBe(NOT_GO);
    const text = patched(patched(BLOB, 16, 1, 1), 17, 0x76, 1); // what then stands for the texts: 'v', and an empty one
    const flags = concat(new Uint8Array(29), Uint8Array.of(2));
    expect(at(after(4, MAGIC, flags, text))).toBe('v|');
  });

  it('is the first aligned one: a decoy before it hides it', () => {
    const decoy = after(0, MAGIC, Uint8Array.of(8, 0), new Uint8Array(16));
    expect(at(after(0, decoy, BLOB))).toBe(NOT_GO);
    expect(at(after(0, inlineBlob({ version: 'hello', padding: 32 - ('hello'.length + 34) % 16 }), BLOB))).toBe('hello|');
  });

  it('is found in a later chunk, and across the end of one', () => {
    expect(at(after(1024 * 1024, BLOB))).toBe(FOUND);
    expect(at(after(1024 * 1024 - 16, BLOB))).toBe(FOUND);
    expect(at(after(3 * 1024 * 1024 + 16, BLOB))).toBe(FOUND);
  });

  it('needs 32 bytes of its range', () => {
    const section = (size: number): Uint8Array => {
      const { file, sections } = elf({ pieces: [{ name: '.go.buildinfo', address: ADDRESS, data: BLOB, writable: true }] });
      return patched(file, sections + 64 + 32, size, 8);
    };
    expect(said(section(32))).toBe(FOUND); // the texts may lie behind the section, in the same segment
    expect(said(section(31))).toBe(NOT_GO);
    expect(said(section(0))).toBe(NOT_GO);
    expect(at(MAGIC)).toBe(NOT_GO);
  });

  it('has texts of any length that is there, and no other', () => {
    const blob = (plan: Parameters<typeof inlineBlob>[0]): string => at(inlineBlob(plan));
    expect(blob({ version: 'a'.repeat(1000) })).toBe(`${'a'.repeat(1000)}|`);
    expect(blob({ version: '' })).toBe(NOT_GO);
    expect(blob({ version: encodeText('\udcff\udcfe\n\u001b[1m') })).toBe('\udcff\udcfe\n\u001b[1m|');
    expect(blob({ version: 'go1.2', versionLength: Uint8Array.of(0x85, 0x80, 0x80, 0) })).toBe('go1.2|'); // longer than need be
    expect(blob({ versionLength: varint(100_000) })).toBe(NOT_GO);
    expect(blob({ versionLength: varint(2n ** 63n) })).toBe(NOT_GO);
    expect(blob({ versionLength: new Uint8Array(10).fill(0x80) })).toBe(NOT_GO); // has no end
    expect(blob({ versionLength: concat(new Uint8Array(9).fill(0xff), Uint8Array.of(2)) })).toBe(NOT_GO); // 65 bits
    expect(blob({ modules: MODULES, modulesLength: varint(MODULES.length + 1000) })).toBe(NOT_GO);
  });

  it('wants ten bytes for a length, however few it takes', () => {
    expect(at(inlineBlob({ version: 'go1.2', padding: 9 }))).toBe('go1.2|');
    expect(at(inlineBlob({ version: 'go1.2', padding: 8 }))).toBe(NOT_GO);
    expect(at(inlineBlob({ version: 'go', padding: 0 }))).toBe(NOT_GO);
  });

  it('has flags of which two count', () => {
    expect(at(inlineBlob({ flags: 0xff }))).toBe('go1.27.0|');
    expect(at(inlineBlob({ flags: 3, pointerSize: 77 }))).toBe('go1.27.0|');
    expect(at(pointerBlob(ADDRESS, { flags: 0xfc }))).toBe('go1.17.6|'); // since 1.24 only the lowest bit says big-endian
    expect(at(pointerBlob(ADDRESS, { flags: 1 }))).toBe(NOT_GO);
    for (const pointerSize of [0, 1, 2, 16]) expect(at(patched(pointerBlob(ADDRESS), 14, pointerSize, 1)), `pointers of ${pointerSize} bytes`).toBe(NOT_GO);
  });

  it('that points nowhere has no version, or no modules', () => {
    expect(at(pointerBlob(ADDRESS, { versionHeader: 0n }))).toBe(NOT_GO);
    expect(at(pointerBlob(ADDRESS, { versionText: 0n }))).toBe(NOT_GO);
    expect(at(pointerBlob(ADDRESS, { modules: MODULES, modulesHeader: 0xffff_ffff_ffff_fff8n }))).toBe('go1.17.6|');
    expect(at(pointerBlob(ADDRESS, { modules: MODULES, modulesText: 0x10_0000_0000_0000n }))).toBe('go1.17.6|');
    expect(at(pointerBlob(ADDRESS, { modules: MODULES, modulesLength: 2n ** 64n - 1n }))).toBe('go1.17.6|');
  });

  it('keeps a module text only in a frame', () => {
    expect(at(inlineBlob({ modules: encodeText(TEXT) }))).toBe('go1.27.0|');
    expect(at(inlineBlob({ modules: encodeText('0123456789abcdef\n0123456789abcdef') }))).toBe('go1.27.0|\n');
  });
});

describe('addresses in ELF', () => {
  const piece = { name: '.go.buildinfo', address: ADDRESS, data: BLOB, writable: true };

  it('an empty header at 0 holds every address, and has no bytes', () => {
    const empty = [0x6474_e551, 0n, 0] as const;
    expect(said(elf({ pieces: [piece], before: [empty] }).file)).toBe(NOT_GO);
    expect(said(elf({ pieces: [piece], before: [[0x6474_e551, 1n, 0]] }).file)).toBe(FOUND);
  });

  it('the first header of any type counts', () => {
    expect(said(elf({ pieces: [piece], before: [[7, ADDRESS - 16n, BLOB.length]] }).file)).toBe(NOT_GO); // other bytes
    expect(said(elf({ pieces: [piece], before: [[7, ADDRESS + 0x1000n, 64]] }).file)).toBe(FOUND);
  });

  it('a section that nothing maps can’t be read', () => {
    const file = elf({ pieces: [{ name: '.text', address: 0x40_0000n, data: new Uint8Array(64) }], unmapped: [piece] }).file;
    expect(said(file)).toBe(UNRECOGNIZED);
  });

  it('the first section of the name counts, and no other place is tried', () => {
    expect(said(elf({ pieces: [{ ...piece, name: '.data' }] }).file)).toBe(NOT_GO);
    expect(said(elf({ pieces: [{ ...piece, address: 0x60_0000n, data: new Uint8Array(64) }, piece] }).file)).toBe(NOT_GO);
    expect(said(elf({ pieces: [{ ...piece, name: '.go.buildinfo.x' }] }).file)).toBe(NOT_GO);
  });

  it('a range that leaves 64 bits is refused', () => {
    const sized = (address: bigint, size: bigint): string => {
      const { file, sections } = elf({ pieces: [{ ...piece, address }] });
      return said(patched(file, sections + 64 + 32, size, 8));
    };
    expect(sized(2n ** 63n, 2n ** 63n - 1n)).toBe(FOUND);
    expect(sized(2n ** 63n + 16n, 2n ** 63n - 17n)).toBe(FOUND);
    expect(sized(2n ** 63n + 16n, 2n ** 63n - 16n)).toBe(UNRECOGNIZED); // its end is 0
    expect(sized(2n ** 63n + 16n, 2n ** 63n - 1n)).toBe(UNRECOGNIZED);
  });

  it('a range that begins behind the last 16th of 64 bits goes on from 0', () => {
    const { file, sections } = elf({ pieces: [{ ...piece, address: 0n }] });
    expect(said(patched(patched(file, sections + 64 + 16, 2n ** 64n - 8n, 8), sections + 64 + 32, 4, 8))).toBe(FOUND);
  });

  it('a segment may end at the last address', () => {
    const address = 2n ** 64n - BigInt(BLOB.length);
    const { file, sections } = elf({ pieces: [{ ...piece, address: address - (address % 16n), data: concat(BLOB, new Uint8Array(Number(address % 16n))) }] });
    expect(said(patched(file, sections + 64 + 32, 64, 8))).toBe(FOUND);
  });

  it('what the file lacks is the end of the data', () => {
    const { file, programs } = elf({ pieces: [piece] });
    expect(said(patched(file, programs + 8, file.length - 8, 8))).toBe(NOT_GO); // p_offset
    expect(said(patched(file, programs + 8, file.length, 8))).toBe(NOT_GO);
  });
});

describe('ELF headers that Go refuses', () => {
  for (const wide of [true, false]) {
    const field = ELF_FIELD[wide ? 'wide' : 'narrow'];
    const word = wide ? 8 : 4;
    const { file, programs, sections } = elf({ wide, pieces: [{ name: '.go.buildinfo', address: ADDRESS, data: BLOB, writable: true }] });
    const entry = wide ? 64 : 40;
    const names = sections + 2 * entry;
    const offsetAt = wide ? 24 : 16; // sh_offset
    const sizeAt = wide ? 32 : 20; // sh_size
    const flagsAt = 8; // sh_flags
    const cases: (readonly [string, Uint8Array, string])[] = [
      ['nothing wrong', file, FOUND],
      ['class 3', patched(file, 4, 3, 1), UNRECOGNIZED],
      ['class 0', patched(file, 4, 0, 1), UNRECOGNIZED],
      ['data encoding 0', patched(file, 5, 0, 1), UNRECOGNIZED],
      ['data encoding 3', patched(file, 5, 3, 1), UNRECOGNIZED],
      ['identification version 2', patched(file, 6, 2, 1), UNRECOGNIZED],
      ['e_version 2', patched(file, field.version, 2, 4), UNRECOGNIZED],
      ['e_version 0x101, of which one byte counts', patched(file, field.version, 0x101, 4), FOUND],
      ['any OS ABI, type and machine', patched(patched(file, 7, 99, 1), 16, 0xffff_ffff, 4), FOUND],
      ['a header that is cut', file.subarray(0, wide ? 63 : 51), UNRECOGNIZED],
      ['e_shoff 0 with sections', patched(file, field.shoff, 0, word), UNRECOGNIZED],
      ['e_shoff 0 without', patched(patched(file, field.shoff, 0, word), field.shnum, 0, 2), NOT_GO],
      ['e_shstrndx of no section', patched(file, field.shstrndx, 3, 2), UNRECOGNIZED],
      ['e_shstrndx 0: no names', patched(file, field.shstrndx, 0, 2), NOT_GO],
      ['e_shstrndx of a section that holds no strings', patched(file, field.shstrndx, 1, 2), UNRECOGNIZED],
      ['e_phentsize too small', patched(file, field.phentsize, (wide ? 56 : 32) - 1, 2), UNRECOGNIZED],
      ['e_phentsize too small of no entries', patched(patched(file, field.phentsize, 1, 2), field.phnum, 0, 2), UNRECOGNIZED], // nothing maps the blob
      ['e_shentsize too small', patched(file, field.shentsize, entry - 1, 2), UNRECOGNIZED],
      ['e_shentsize 0', patched(file, field.shentsize, 0, 2), UNRECOGNIZED],
      ['program headers that leave the file', patched(file, field.phoff, file.length - 8, word), UNRECOGNIZED],
      ['section headers that leave the file', file.subarray(0, file.length - 1), UNRECOGNIZED],
      ['more section headers than the file has', patched(file, field.shnum, 4, 2), UNRECOGNIZED],
      ['a section name that is none', patched(file, sections + entry, 0x1_0000, 4), UNRECOGNIZED],
      ['a section name at the end of the strings', patched(file, names, 32, 4), UNRECOGNIZED],
      ['section names that leave the file', patched(file, names + sizeAt, file.length, word), UNRECOGNIZED],
      ['compressed section names', patched(file, names + flagsAt, 0x800, word), UNRECOGNIZED],
      ['a compressed section with a header', patched(file, sections + entry + flagsAt, 0x803, word), FOUND], // its size is what the header says: much
      ['a compressed section too small for a header', patched(patched(file, sections + entry + flagsAt, 0x803, word), sections + entry + sizeAt, 11, word), UNRECOGNIZED],
      ['a compressed section beyond the file', patched(patched(file, sections + entry + flagsAt, 0x803, word), sections + entry + offsetAt, file.length, word), UNRECOGNIZED],
      ['no sections, counted in section 0', patched(patched(file, field.shnum, 0, 2), field.shstrndx, 0, 2), UNRECOGNIZED], // it says 0, and 0xff00 is the least
      ['section 0 of a type', patched(patched(file, field.shnum, 0, 2), sections + 4, 1, 4), UNRECOGNIZED],
      ['program headers counted in section 0', patched(patched(file, field.phnum, 0xffff, 2), sections + (wide ? 44 : 28), 0xffff, 4), UNRECOGNIZED],
      ['program headers counted there below 0xffff', patched(patched(file, field.phnum, 0xffff, 2), sections + (wide ? 44 : 28), 1, 4), UNRECOGNIZED],
    ];
    if (wide) {
      cases.push(
        ['a negative e_shoff', patched(file, field.shoff, 2n ** 63n, 8), UNRECOGNIZED],
        ['a negative e_phoff', patched(file, field.phoff, 2n ** 63n, 8), UNRECOGNIZED],
        ['a negative p_offset', patched(file, programs + 8, 2n ** 63n, 8), UNRECOGNIZED],
        ['a negative p_filesz', patched(file, programs + 32, 2n ** 63n, 8), UNRECOGNIZED],
        ['the largest p_filesz', patched(file, programs + 32, 2n ** 63n - 1n, 8), FOUND],
        ['a negative sh_offset', patched(file, sections + offsetAt, 2n ** 63n, 8), UNRECOGNIZED],
        ['a negative sh_size', patched(file, sections + sizeAt, 2n ** 63n, 8), UNRECOGNIZED],
      );
    }
    describe(`ELF${wide ? 64 : 32}`, () => {
      it.each(cases)('%s', (_, damaged, expected) => {
        expect(said(damaged)).toBe(expected);
      });
    });
  }

  it('larger entries than need be are fine', () => {
    const { file, sections } = elf({ pieces: [{ name: '.go.buildinfo', address: ADDRESS, data: BLOB, writable: true }] });
    const header = file.slice(0, sections);
    const rows = [0, 1, 2].map((i) => concat(file.subarray(sections + 64 * i, sections + 64 * (i + 1)), new Uint8Array(8)));
    expect(said(patched(concat(header, ...rows), ELF_FIELD.wide.shentsize, 72, 2))).toBe(FOUND);
  });

  it('counts beyond 16 bits are those of section 0', () => {
    const many = 0xff00;
    const { file, sections } = elf({ pieces: [{ name: '.go.buildinfo', address: ADDRESS, data: BLOB, writable: true }], section0: { size: many, link: many - 1 }, header: { shnum: 0, shstrndx: 0xffff } });
    const strings = file.subarray(sections + 128, sections + 192);
    const full = concat(file.subarray(0, sections + 128), new Uint8Array((many - 3) * 64), strings);
    expect(said(full)).toBe(UNRECOGNIZED); // sh_link must be 0xff00 or more, and below the count
    const more = concat(patched(patched(full, sections + 32, many + 2, 8), sections + 40, many + 1, 4), new Uint8Array(64), strings);
    expect(said(more)).toBe(FOUND);
  });
});

describe('addresses in Mach-O', () => {
  const piece = { name: '__go_buildinfo', address: ADDRESS, data: BLOB, writable: true };

  it('no segment counts as __PAGEZERO, whatever it holds', () => {
    const zero = { name: '__PAGEZERO', address: ADDRESS, data: new Uint8Array(64) };
    expect(said(machO({ pieces: [zero, piece] }).file)).toBe(FOUND);
    expect(said(machO({ pieces: [{ ...zero, name: '__other' }, piece] }).file)).toBe(NOT_GO);
  });

  it('the first section of the name counts, in whatever segment, and no other place is tried', () => {
    expect(said(machO({ pieces: [{ ...piece, name: '__data' }] }).file)).toBe(NOT_GO);
    expect(said(machO({ pieces: [{ ...piece, address: 0x60_0000n, data: new Uint8Array(64) }, piece] }).file)).toBe(NOT_GO);
    expect(said(machO({ pieces: [{ ...piece, writable: false }] }).file)).toBe(FOUND);
  });

  it('an address that nothing maps can’t be read', () => {
    const { file, commands } = machO({ pieces: [piece] });
    expect(said(patched(file, (commands[0] as number) + 24, 0x60_0000, 8))).toBe(UNRECOGNIZED);
  });
});

describe('load commands that Go refuses', () => {
  const piece = { name: '__go_buildinfo', address: ADDRESS, data: BLOB, writable: true };
  const plain = machO({ pieces: [piece], symbols: ['_main', '_other'] });
  const with_ = (...after: readonly Uint8Array[]): Uint8Array => machO({ pieces: [piece], symbols: ['_main', '_other'], after }).file;
  const segment = plain.commands[0] as number;
  const symbols = plain.commands[1] as number;
  const { file } = plain;
  const dynamic = (values: Readonly<Record<number, number>> = {}): Uint8Array => command(0xb, Array.from({ length: 18 }, (_, i) => values[i] ?? 0));

  it.each<[string, Uint8Array, string]>([
    ['nothing wrong', file, FOUND],
    ['a header that is cut', file.subarray(0, 27), UNRECOGNIZED],
    ['commands that leave the file', patched(file, 20, file.length, 4), UNRECOGNIZED],
    ['more commands than their size has', patched(file, 16, 3, 4), UNRECOGNIZED],
    ['fewer commands than their size has', patched(file, 16, 1, 4), FOUND],
    ['no command', patched(file, 16, 0, 4), NOT_GO],
    ['a command of 7 bytes', patched(file, segment + 4, 7, 4), UNRECOGNIZED],
    ['a command that leaves the area', patched(file, symbols + 4, 25, 4), UNRECOGNIZED],
    ['an unknown command', with_(command(0x99, [1, 2])), FOUND],
    ['a command of an odd size', with_(command(0x99, [1, 2], true, 13).subarray(0, 13)), FOUND],
    ['LC_RPATH', with_(command(0x8000_001c, [12, 0])), FOUND],
    ['LC_RPATH with its path outside', with_(command(0x8000_001c, [16, 0])), UNRECOGNIZED],
    ['LC_RPATH too small', with_(command(0x8000_001c, [])), UNRECOGNIZED],
    ['LC_LOAD_DYLIB', with_(command(0xc, [23, 0, 0, 0])), FOUND],
    ['LC_LOAD_DYLIB with its name outside', with_(command(0xc, [24, 0, 0, 0])), UNRECOGNIZED],
    ['LC_LOAD_DYLIB too small', with_(command(0xc, [0, 0, 0])), UNRECOGNIZED],
    ['LC_LOAD_WEAK_DYLIB, which is not looked into', with_(command(0x8000_0018, [999])), FOUND],
    ['symbols that leave the file', patched(file, symbols + 8, file.length, 4), UNRECOGNIZED],
    ['more symbols than the file has', patched(file, symbols + 12, 1_000_000, 4), UNRECOGNIZED],
    ['strings that leave the file', patched(file, symbols + 16, file.length, 4), UNRECOGNIZED],
    ['a symbol whose name is outside', machO({ pieces: [piece], symbols: ['_main'], nameOffset: 7 }).file, UNRECOGNIZED],
    ['a symbol whose name is the last byte', machO({ pieces: [piece], symbols: ['_main'], nameOffset: 6 }).file, FOUND],
    ['no symbols, anywhere', patched(patched(patched(patched(file, symbols + 8, 0xffff_ffff, 4), symbols + 12, 0, 4), symbols + 16, 0xffff_ffff, 4), symbols + 20, 0, 4), FOUND],
    ['LC_SYMTAB too small', patched(patched(file, symbols + 4, 20, 4), 20, 72 + 80 + 20, 4), UNRECOGNIZED],
    ['LC_DYSYMTAB', with_(dynamic({ 4: 1, 5: 1 })), FOUND],
    ['LC_DYSYMTAB with all symbols undefined', with_(dynamic({ 4: 0, 5: 2 })), FOUND],
    ['LC_DYSYMTAB with too many undefined symbols', with_(dynamic({ 4: 1, 5: 2 })), UNRECOGNIZED],
    ['LC_DYSYMTAB whose first undefined symbol is none', with_(dynamic({ 4: 3 })), UNRECOGNIZED],
    ['LC_DYSYMTAB whose sum leaves 32 bits', with_(dynamic({ 4: 2, 5: 0xffff_ffff })), FOUND],
    ['LC_DYSYMTAB too small', with_(dynamic().subarray(0, 0), command(0xb, new Array<number>(17).fill(0))), UNRECOGNIZED],
    ['LC_DYSYMTAB before LC_SYMTAB', machO({ pieces: [piece], symbols: [], before: [dynamic()] }).file, UNRECOGNIZED],
    ['LC_DYSYMTAB without LC_SYMTAB', machO({ pieces: [piece], after: [dynamic()] }).file, UNRECOGNIZED],
    ['indirect symbols', with_(dynamic({ 12: 0, 13: 4 })), FOUND],
    ['indirect symbols that leave the file', with_(dynamic({ 12: 0, 13: 0x4000_0000 })), UNRECOGNIZED],
    ['more sections than the command has', patched(file, segment + 64, 2, 4), UNRECOGNIZED],
    ['relocations', patched(file, segment + 72 + 60, 1, 4), FOUND],
    ['relocations that leave the file', patched(patched(file, segment + 72 + 56, file.length, 4), segment + 72 + 60, 1, 4), UNRECOGNIZED],
    ['a segment at a negative offset', patched(file, segment + 40, 2n ** 63n, 8), UNRECOGNIZED],
    ['a segment of a negative size', patched(file, segment + 48, 2n ** 63n, 8), UNRECOGNIZED],
    ['a segment of 32 bits in a file of 64', with_(concat(command(1, [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]))), FOUND],
    ['a segment too small', with_(command(0x19, new Array<number>(15).fill(0))), UNRECOGNIZED],
  ])('%s', (_, damaged, expected) => {
    expect(said(damaged)).toBe(expected);
  });
});

describe('universal files', () => {
  const of = (version: string, plan: Partial<MachOPlan> = {}): Uint8Array => machOOf(inlineBlob({ version }), plan);
  const first = { cpuType: 0x100_0007, file: of('go1.1') };
  const second = { cpuType: 0x100_000c, file: of('go1.2') };
  const whole = fat([first, second]);

  it.each<[string, Uint8Array, string]>([
    ['the first slice is read', whole, 'go1.1|'],
    ['the first, not the one that has something', fat([{ ...first, file: machO({ pieces: [] }).file }, second]), NOT_GO],
    ['the table of 64 bits is not known', fat([first, second], 0xcafe_babf), UNRECOGNIZED],
    ['no slice', fat([]), UNRECOGNIZED],
    ['a table that is cut', whole.subarray(0, 40), UNRECOGNIZED],
    ['more slices than there are', patched(whole, 4, 5, 4, false), UNRECOGNIZED],
    ['a slice that is none', fat([first, { ...second, file: encodeText('!<arch>\n'.padEnd(64)) }]), UNRECOGNIZED],
    ['a slice that leaves the file', patched(whole, 8 + 20 + 8, 0xffff_0000, 4, false), UNRECOGNIZED],
    ['a slice that Go refuses alone', fat([first, { ...second, file: patched(of('go1.2'), 16, 9, 4) }]), UNRECOGNIZED],
    ['two slices for one machine', fat([first, { ...second, cpuType: first.cpuType }]), UNRECOGNIZED],
    ['two subtypes', fat([first, { ...second, cpuType: first.cpuType, cpuSubtype: 8 }]), 'go1.1|'],
    ['two types of file', fat([first, { ...second, file: of('go1.2', { fileType: 6 }) }]), UNRECOGNIZED],
    ['a slice that ends before its data', patched(whole, 20, first.file.length - 40, 4, false), NOT_GO],
  ])('%s', (_, file, expected) => {
    expect(said(file)).toBe(expected);
  });
});

describe('PE sections', () => {
  const data = BLOB;
  const of = (...sections: PePlan['sections']): string => said(pe({ sections }).file);
  const text = { name: '.text', address: 0x800, data: new Uint8Array(32), flags: 0x6000_0020 };

  it('the first of initialised data that may be read and written, by whatever name', () => {
    expect(of(text, { name: 'x', address: 0x1000, data })).toBe('go1.27.0|path\tx.org/p\n');
    expect(of({ name: '.rdata', address: 0x1000, data, flags: 0x4000_0040 })).toBe(NOT_GO);
    expect(of({ name: '.go', address: 0x3000, data: new Uint8Array(64) }, { name: '.data', address: 0x1000, data })).toBe(NOT_GO);
  });

  it.each<[number, string]>([
    [0xc000_0040, FOUND],
    [0xc020_0040, FOUND],
    [0xc040_0040, FOUND],
    [0xc060_0040, FOUND],
    [0xc010_0040, NOT_GO],
    [0xc030_0040, NOT_GO],
    [0xc050_0040, NOT_GO],
    [0xc070_0040, NOT_GO],
    [0xe000_0040, NOT_GO],
    [0xc200_0040, NOT_GO],
    [0xc000_00c0, NOT_GO],
    [0xc000_0060, NOT_GO],
    [0x8000_0040, NOT_GO],
  ])('flags 0x%x', (flags, expected) => {
    expect(of({ name: '.data', address: 0x1000, data, flags })).toBe(expected);
  });

  it('a section at address 0, or of no size, is none', () => {
    expect(of({ name: '.data', address: 0, data })).toBe(NOT_GO);
    expect(of({ name: '.data', address: 0x1000, data, size: 0 })).toBe(NOT_GO);
    expect(of({ name: '.data', address: 0x1000, data, virtualSize: 0 })).toBe(NOT_GO);
  });

  it('is searched by its size in memory, and read by its size in the file', () => {
    const empty = new Uint8Array(256);
    expect(of({ name: '.data', address: 0x1000, data: empty, virtualSize: 1024 * 1024 })).toBe(NOT_GO);
    expect(of({ name: '.data', address: 0x1000, data: empty, virtualSize: 1024 * 1024 + 1 })).toBe(UNRECOGNIZED); // the next chunk lies nowhere
    expect(of({ name: '.data', address: 0x1000, data, virtualSize: 32 })).toBe(FOUND);
    expect(of({ name: '.data', address: 0x1000, data, virtualSize: 31 })).toBe(NOT_GO);
    expect(of({ name: '.data', address: 0x1000, data, size: 40 })).toBe(NOT_GO);
  });

  it('one without a place in the file can’t be read', () => {
    expect(of({ name: '.data', address: 0x1000, data, offset: 0 })).toBe(UNREADABLE);
  });

  it('addresses are taken with the image base, in 64 bits that wrap', () => {
    const imageBase = 2n ** 64n - 0x1000n;
    expect(said(pe({ imageBase, sections: [{ name: '.data', address: 0x2000, data: pointerBlob(0x1000n, { modules: MODULES }) }] }).file)).toBe(`go1.17.6|${TEXT}`);
  });

  it('sizes are added up in 32 bits', () => {
    expect(of({ name: '.data', address: 0xffff_ff00, data, size: 0x200 })).toBe(UNRECOGNIZED);
    expect(of({ name: '.data', address: 0xffff_ff00, data: concat(data, new Uint8Array(0x100 - data.length)) })).toBe(FOUND);
  });
});

describe('PE headers that Go refuses', () => {
  const section = { name: '.data', address: 0x1000, data: BLOB };
  const { file, header, optional, sections } = pe({ sections: [section] });
  const strings = concat(Uint8Array.of(12, 0, 0, 0), encodeText('longname'));
  const symbolic = (symbols: readonly Uint8Array[], table: Uint8Array = strings): Uint8Array => pe({ sections: [section], symbols, strings: table }).file;
  const named = (name: string, table: Uint8Array = strings): Uint8Array => pe({ sections: [{ ...section, name }], symbols: [coffSymbol('a')], strings: table }).file;
  const machine = (value: number): Uint8Array => pe({ machine: value, sections: [section] }).file;

  it.each<[string, Uint8Array, string]>([
    ['nothing wrong', file, FOUND],
    ['fewer than 96 bytes', file.subarray(0, 95), UNRECOGNIZED],
    ['no signature', patched(file, header - 4, 0x4551, 4), UNRECOGNIZED],
    ['a signature beyond the file', patched(file, 0x3c, file.length, 4), UNRECOGNIZED],
    ['a COFF header that is cut', file.subarray(0, header + 19), UNRECOGNIZED],
    ...[0, 0x14c, 0x1c4, 0x8664, 0xaa64, 0x5032, 0x5064, 0x5128].map((value): [string, Uint8Array, string] => [`machine 0x${value.toString(16)}`, machine(value), FOUND]),
    ...[0x200, 0x1c0, 0xebc, 0xa641, 0x6264].map((value): [string, Uint8Array, string] => [`machine 0x${value.toString(16)}`, machine(value), UNRECOGNIZED]),
    ['symbols', symbolic([coffSymbol('short'), coffSymbol(4)]), FOUND],
    ['a long name at the end of the strings', symbolic([coffSymbol(12)]), FOUND],
    ['a long name behind them', symbolic([coffSymbol(13)]), UNRECOGNIZED],
    ['a long name before them', symbolic([coffSymbol(3)]), UNRECOGNIZED],
    ['a symbol of zeros', symbolic([new Uint8Array(18)]), UNRECOGNIZED],
    ['zeros in an auxiliary symbol', symbolic([coffSymbol('a', 0, 1, 1), new Uint8Array(18)]), FOUND],
    ['an auxiliary symbol that is missing', symbolic([coffSymbol('a', 0, 1, 1)]), UNRECOGNIZED],
    ['symbols that leave the file', patched(symbolic([coffSymbol('a')]), header + 12, 1000, 4), UNRECOGNIZED],
    ['a string table that leaves the file', symbolic([coffSymbol('a')], Uint8Array.of(5, 0, 0, 0)), UNRECOGNIZED],
    ['a string table of 4 bytes', symbolic([coffSymbol('a')], Uint8Array.of(4, 0, 0, 0)), FOUND],
    ['a string table of 0 bytes', symbolic([coffSymbol('a'), coffSymbol(4)], Uint8Array.of(0, 0, 0, 0)), FOUND],
    ['a string table without its size', symbolic([coffSymbol('a')], Uint8Array.of(4, 0, 0)), UNRECOGNIZED],
    ['symbols without a place', patched(symbolic([new Uint8Array(18)]), header + 8, 0, 4), FOUND],
    ['a section name in the strings', named('/4'), FOUND],
    ['one with a sign', named('/+12'), FOUND],
    ['one at their end', named('/12'), FOUND],
    ['one behind them', named('/13'), UNRECOGNIZED],
    ['one before them', named('/0'), UNRECOGNIZED],
    ['one below zero', named('/-4'), UNRECOGNIZED],
    ['one of no digits', named('/'), UNRECOGNIZED],
    ['one of base 64', named('//AAAAB'), UNRECOGNIZED],
    ['one without strings', pe({ sections: [{ ...section, name: '/9' }] }).file, UNRECOGNIZED],
    ['no optional header', pe({ optionalSize: 0, sections: [section] }).file, FOUND],
    ['an optional header of one byte', pe({ optionalSize: 1, sections: [section] }).file, UNRECOGNIZED],
    ['an optional header of a ROM image', patched(file, optional, 0x107, 2), UNRECOGNIZED],
    ['an optional header too small', pe({ optionalSize: 111, sections: [section] }).file, UNRECOGNIZED],
    ['one directory less than its size', patched(file, optional + 108, 15, 4), UNRECOGNIZED],
    ['one directory more', patched(file, optional + 108, 17, 4), UNRECOGNIZED],
    ['no directories', patched(pe({ optionalSize: 112, sections: [section] }).file, optional + 108, 0, 4), FOUND],
    ['more sections than the file has', patched(file, header + 2, 100, 2), UNRECOGNIZED],
    ['relocations', patched(file, sections + 32, 1, 2), FOUND],
    ['relocations that leave the file', patched(patched(file, sections + 24, file.length, 4), sections + 32, 1, 2), UNRECOGNIZED],
  ])('%s', (_, damaged, expected) => {
    expect(said(damaged)).toBe(expected);
  });

  it('the flags of Go’s linker are what is looked for', () => {
    expect(PE_DATA).toBe(0xc000_0040);
  });
});

describe('programs of AIX', () => {
  const aligned = { address: 0x2000_0000n };

  it.each([true, false])('with their symbols, wide %s', (wide) => {
    expect(said(xcoff(BLOB, { wide, ...aligned }))).toBe(FOUND);
    expect(said(xcoff(pointerBlob(0x2000_0000n, { little: false, pointerSize: wide ? 8 : 4, modules: MODULES }), { wide }))).toBe(`go1.17.6|${TEXT}`);
    expect(said(xcoff(new Uint8Array(64), { wide }))).toBe(NOT_GO);
    expect(said(xcoff(BLOB, { wide, type: 0x20 }))).toBe(NOT_GO);
  });

  it.each<[string, Uint8Array, string]>([
    ['stripped', xcoff(BLOB, { symbols: 0 }), UNRECOGNIZED],
    ['symbols that leave the file', patched(xcoff(BLOB), 20, 100, 4, false), UNRECOGNIZED],
    ['no string table', xcoff(BLOB).subarray(0, xcoff(BLOB).length - 1), UNRECOGNIZED],
    ['a string table that leaves the file', patched(xcoff(BLOB), xcoff(BLOB).length - 4, 5, 4, false), UNRECOGNIZED],
    ['more sections than the file has', patched(xcoff(BLOB), 2, 100, 2, false), UNRECOGNIZED],
    ['relocations', xcoff(BLOB, { relocations: 1 }), FOUND],
    ['relocations that leave the file', xcoff(BLOB, { relocations: 1000 }), UNRECOGNIZED],
    ['data without a place in the file', patched(xcoff(BLOB), 24 + 32, 0, 8, false), UNREADABLE],
    ['a header that is cut', xcoff(BLOB).subarray(0, 23), UNRECOGNIZED],
  ])('%s', (_, file, expected) => {
    expect(said(file)).toBe(expected);
  });
});

describe('lengths', () => {
  it('are read as Go reads them', () => {
    expect(uvarint(varint(300))).toEqual({ value: 300n, size: 2 });
    expect(uvarint(varint(2n ** 64n - 1n))).toEqual({ value: 2n ** 64n - 1n, size: 10 });
    expect(uvarint(new Uint8Array())).toBeNull();
    expect(uvarint(Uint8Array.of(0x80))).toBeNull();
    expect(uvarint(concat(new Uint8Array(10).fill(0x80), Uint8Array.of(1)))).toBeNull();
  });
});
