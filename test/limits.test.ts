// Every limit: passing it is told as `limit-exceeded`, in an error or a warning, and a higher one takes that away.

import { describe, expect, it } from 'vitest';
import type { ByteSource } from '../src/bytes/source.ts';
import { isBinspectError } from '../src/errors.ts';
import { inspect } from '../src/inspect/inspect.ts';
import { LIMITS } from '../src/limits.ts';
import type { Limits } from '../src/limits.ts';
import { LC } from '../src/macho/constants.ts';
import { codeSignature } from './build/code-signature.ts';
import { buildElf } from './build/elf.ts';
import { buildFat } from './build/fat.ts';
import * as go from './build/go.ts';
import { buildMachO, dylib, numbers, segment, text } from './build/macho.ts';
import { buildPe } from './build/pe.ts';
import { buildComponent, buildWasm, custom, MODULE, producers, section } from './build/wasm.ts';

/** What a file comes to under limits: its warnings' codes, and its error's. */
async function codes(bytes: Uint8Array, limits: Partial<Limits>): Promise<string[]> {
  const source: ByteSource = { size: bytes.length, read: (offset, length) => Promise.resolve(bytes.slice(offset, offset + length)) };
  try {
    const { warnings, binaries } = await inspect(source, { facts: 'all', limits });
    return [...warnings, ...binaries.flatMap((binary) => binary.warnings)].map(({ code }) => code);
  } catch (error) {
    if (!isBinspectError(error)) throw error;
    return [error.code];
  }
}

const LIBRARIES = ['liba.so.1', 'libb.so.1', 'libc.so.6'];
const elf = buildElf({
  interpreter: '/lib64/ld-linux-x86-64.so.2',
  dynamic: [...LIBRARIES.map((name): [number, string] => [1, name]), [29, '/one:/two:/three']],
  notes: ['A', 'B', 'C'].map((owner) => ({ owner, type: 1, data: new Uint8Array(4) })),
  sections: [1, 2, 3].map((i) => ({ name: `.s${i}`, type: 1, data: new Uint8Array(8) })),
});
const SYSTEM = numbers(LC.BUILD_VERSION, 1, 0xb_0000, 0xd_0000, 0);
const machO = buildMachO({
  commands: [SYSTEM, segment('__TEXT', true, { fileSize: 0x100, sections: Array.from({ length: 12 }, (_, i) => ({ name: `__s${i}`, segment: '__TEXT' })) }), dylib('/usr/lib/libSystem.B.dylib'), dylib('/usr/lib/libz.dylib'), text(LC.RPATH, '@loader_path'), text(LC.RPATH, '/x')],
  symbols: [[], [{ type: 0x0f, name: '_main' }], [{ type: 1, name: '___stack_chk_fail' }, { type: 1, name: '___memcpy_chk' }]],
});
const pe = buildPe({ imports: LIBRARIES.map((name) => ({ name })), delayImports: LIBRARIES.map((name) => ({ name })), sections: [{ address: 0x4000, data: [1] }, { address: 0x5000, data: [1] }] });
const MODULES = go.framed(`path\texample.com/app\nmod\texample.com/app\tv1.2.3\th1:${'a'.repeat(200)}=\n`);
const goElf = go.elf({ pieces: [{ name: '.go.buildinfo', address: 0x41_0000n, data: go.inlineBlob({ modules: MODULES }), writable: true }] }).file;
const bare = go.elf({ pieces: [{ name: '.gopclntab', address: 0x41_0000n, data: new Uint8Array(64), writable: true }], buildId: 'a/b' }).file;
const goMachO = go.machO({ pieces: [{ name: '__go_buildinfo', address: 0x1000n, data: go.inlineBlob() }], symbols: ['_a', '_b', '_c'] }).file;
const goPe = go.pe({ sections: [{ name: '.data', address: 0x1000, data: go.inlineBlob() }], symbols: [go.coffSymbol('a'), go.coffSymbol('b')] }).file;
const fat = buildFat({ slices: [{ cpuType: 0x100_0007, bytes: machO }, { cpuType: 0x100_000c, bytes: buildMachO({ cpuType: 0x100_000c, commands: [SYSTEM] }) }] });

const wasm = buildWasm({
  imports: LIBRARIES.map((name) => [name, 'f']),
  exports: LIBRARIES,
  last: [producers({ language: [['Rust', '1.98.0']] }), custom('a'), custom('b'), custom('c')],
});
const component = buildComponent([section(1, MODULE), section(1, MODULE)]);

/** A file for a limit, one that it does not bear, and one that it does. */
type Row = readonly [limit: keyof Limits, what: string, bytes: Uint8Array, low: number, high: number];

const NOTHING = 1;
const ROWS: readonly Row[] = [
  ['fetches', 'reads', elf, NOTHING, 20],
  ['fetchedBytes', 'bytes of all reads', elf, 512, 64 * 1024],
  ['tableEntries', 'segments and sections', elf, 2, 20],
  ['tableEntries', 'load commands', machO, 2, 20],
  ['tableEntries', 'sections of a command', machO, 9, 20],
  ['tableEntries', 'section headers', pe, 2, 20],
  ['stringBytes', 'an interpreter', elf, 10, 100],
  ['stringBytes', "a library's name", machO, 10, 100],
  ['stringBytes', "a module's name", pe, 4, 100],
  ['nameBytes', "libraries' names", elf, 12, 100],
  ['nameBytes', "libraries' names, search paths", machO, 4, 100],
  ['nameBytes', 'imports, delay imports', pe, 12, 100],
  ['symbolNameBytes', "symbols' names", machO, 20, 1000],
  ['dependencies', 'libraries', elf, 2, 3],
  ['dependencies', 'libraries, search paths', machO, 1, 2],
  ['dependencies', 'imports, delay imports', pe, 2, 4],
  ['slices', 'slices', fat, 1, 2],
  ['notes', 'notes', elf, 2, 4],
  ['interfaceEntries', 'imports, exports', wasm, 2, 10],
  ['interfaceBytes', 'imports, exports', wasm, 10, 1000],
  ['customSections', 'custom sections', wasm, 1, 10],
  ['customSectionBytes', 'producers', wasm, 10, 1000],
  ['parts', 'modules in a component', component, 1, 2],
  ['warnings', 'warnings', elf.subarray(0, elf.length - 300), 1, 100],
  ['goSearchBytes', 'a search for Go', bare, 100, bare.length],
  ['goTextBytes', "Go's module text", goElf, 100, 1000],
  ['goTableBytes', 'symbols, load commands', goMachO, 100, 1000],
  ['goTableBytes', 'symbols, section headers', goPe, 30, 300],
  ['goTableBytes', 'section headers', goElf, 100, 1000],
];

describe('limits', () => {
  it.each(ROWS)('%s: %s', async (limit, _what, bytes, low, high) => {
    const window = { windowBytes: 128 };
    expect(await codes(bytes, { ...window, [limit]: low })).toContain('limit-exceeded');
    expect(await codes(bytes, { ...window, fetches: 1000, [limit]: high })).not.toContain('limit-exceeded');
    expect(await codes(bytes, {})).not.toContain('limit-exceeded');
  });

  it('are all here: a window bounds nothing, standard input is the command\'s, and archives and URLs have tests of their own', () => {
    const archives = ['archiveBytes', 'archiveDepth', 'archiveRatio', 'dictionaryBytes', 'headerBytes', 'layers', 'memberBytes', 'members', 'metadataBytes', 'metadataTotalBytes'];
    expect([...new Set(ROWS.map(([limit]) => limit)), ...archives, 'spooledBytes', 'stallMilliseconds', 'windowBytes'].sort()).toEqual(Object.keys(LIMITS).sort());
  });

  it('hold for a signature, whose blobs are bounded by its own bytes', async () => {
    const signed = buildMachO({ commands: [SYSTEM], data: [{ type: LC.CODE_SIGNATURE, bytes: codeSignature({ count: 0xffff_ffff }) }] });
    expect(await codes(signed, {})).toContain('signature-blobs');
  });
});
