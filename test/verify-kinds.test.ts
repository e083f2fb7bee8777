// Files whose machine or system is not the whole answer: .NET code, installers, snapshots, universal files, hybrids.

import { describe, expect, it } from 'vitest';
import { DT, EM, ET } from '../src/elf/constants.ts';
import { inspectSync } from '../src/inspect/inspect.ts';
import type { Binary } from '../src/model/binary.ts';
import { COMIMAGE, MACHINE, READY_TO_RUN_SYSTEMS } from '../src/pe/constants.ts';
import { parseTarget } from '../src/verify/targets/target.ts';
import { verify } from '../src/verify/verify.ts';
import { buildElf } from './build/elf.ts';
import { buildPe, text, words } from './build/pe.ts';
import { fixtureBytes, fixtureNames } from './fixtures.ts';

function status(bytes: Uint8Array, path: string): string {
  const { findings } = verify({ ...inspectSync(bytes), path }, { targetFromName: true });
  return findings.some((one) => one.status === 'fail') ? 'fail' : findings.some((one) => one.status === 'unknown') ? 'unknown' : 'pass';
}

const only = (bytes: Uint8Array): Binary => inspectSync(bytes).binaries[0] as Binary;

describe('.NET', () => {
  const anyCpu = buildPe({ wide: false, machine: MACHINE.I386, clr: { flags: COMIMAGE.ILONLY } });
  const x64 = buildPe({ wide: true, machine: MACHINE.AMD64, clr: { flags: COMIMAGE.ILONLY } });
  const only32 = buildPe({ wide: false, machine: MACHINE.I386, clr: { flags: COMIMAGE.ILONLY | COMIMAGE['32BITREQUIRED'] } });
  const mixed = buildPe({ wide: false, machine: MACHINE.I386, clr: { flags: 0 } });
  const linux = READY_TO_RUN_SYSTEMS.find(([, os]) => os === 'linux')?.[0] ?? 0;
  const ready = buildPe({ wide: true, machine: MACHINE.AMD64 ^ linux });

  it.each([
    [anyCpu, 'publish/linux-x64/App.dll', 'pass'],
    [anyCpu, 'publish/osx-arm64/App.dll', 'pass'],
    [anyCpu, 'publish/win-x64/App.dll', 'pass'],
    [anyCpu, 'darwin/arm64/MonoEmbedding.exe', 'pass'],
    [x64, 'publish/linux-x64/App.dll', 'pass'],
    [x64, 'publish/linux-arm64/App.dll', 'fail'],
    [only32, 'publish/win-x86/App.dll', 'pass'],
    [only32, 'publish/win-x64/App.dll', 'fail'],
    [mixed, 'publish/linux-x86/App.dll', 'fail'], // C++ beside it: Windows only
    [ready, 'publish/linux-x64/App.dll', 'pass'],
    [ready, 'publish/osx-x64/App.dll', 'fail'],
    [ready, 'publish/win-x64/App.dll', 'fail'],
  ])('%# %s', (bytes, path, expected) => {
    expect(status(bytes, path)).toBe(expected);
  });

  it('is il-only, native, or none of it', () => {
    const managed = (bytes: Uint8Array): unknown => (only(bytes) as { pe?: { managed: unknown } }).pe?.managed;
    expect([anyCpu, x64, only32, mixed, ready, buildPe()].map(managed)).toEqual(['il-only', 'il-only', 'il-only', 'native', 'native', null]);
  });
});

/** Bytes of a text, one a character. */
const latin1 = (value: string): number[] => Array.from(value, (character) => character.charCodeAt(0));

/** Squirrel's resource of the named type 'DATA': the name's place is known once the tree is laid out. */
function squirrel(): Uint8Array {
  const name = [4, 0, ...Array.from('DATA', (character) => [character.charCodeAt(0), 0]).flat()];
  const zip = [...latin1('PK\x03\x04'), ...new Array<number>(0x1_0000).fill(0)];
  const build = (at: number): Uint8Array => buildPe({ resources: { 24: { 1: { 1033: name } }, [at]: { 131: { 1033: zip } } }, content: { name: '.rsrc' } });
  const draft = Buffer.from(build(0x8000_beef));
  const base = draft.indexOf(Buffer.from(words(0x8000_beef))) - 24; // behind the directory's header and one entry
  return build(0x8000_0000 + draft.indexOf(Buffer.from(name)) - base);
}

describe('installers', () => {
  const stub = { wide: false, machine: MACHINE.I386 } as const;
  it.each([
    ['NSIS', buildPe({ ...stub, trailer: [0, 0, 0, 0, 0xef, 0xbe, 0xad, 0xde, ...text('NullsoftInst'), ...new Array<number>(64).fill(0)] })],
    ['7-Zip SFX', buildPe({ ...stub, trailer: latin1('7z\xbc\xaf\x27\x1c\0\0') })],
    ['7-Zip SFX', buildPe({ ...stub, trailer: latin1(';!@Install@!UTF-8!\n') })],
    ['RAR SFX', buildPe({ ...stub, trailer: latin1('Rar!\x1a\x07\0') })],
    ['WiX Burn', buildPe({ ...stub, sections: [{ name: '.wixburn', address: 0x9000, data: [1] }] })],
    ['Inno Setup', buildPe({ ...stub, resources: { 10: { 5: { 0: [1] }, 11111: { 0: latin1('rDlPtS\xcd\xe6\xd7\x7b\x0b\x2a') } } }, trailer: [...latin1('zlb\x1a'), ...new Array<number>(600).fill(0)] })],
    ['Squirrel', squirrel()],
  ])('%s', (name, bytes) => {
    const { installer, because } = only(bytes);
    expect(installer).toBe(name);
    expect(because['installer']).toBeDefined();
    expect(status(bytes, 'App-1.0-arm64-setup.exe')).toBe('pass');
    expect(status(bytes, 'App-1.0-linux-amd64')).toBe('fail'); // its system holds
    const { findings } = verify({ ...inspectSync(bytes), path: 'App-1.0-arm64-setup.exe' }, { targetFromName: true });
    expect(findings.map(({ message }) => message).join('\n')).toContain('the architecture is not checked: it is an installer');
  });

  it.each([
    ['nothing', buildPe(stub)],
    ['other bytes', buildPe({ ...stub, trailer: latin1('NullsoftInst') })],
    ['a resource of another number', buildPe({ ...stub, resources: { 10: { 11112: { 0: latin1('rDlPtS') } } }, trailer: new Array<number>(600).fill(1) })],
  ])('%s is no installer', (_, bytes) => {
    expect(only(bytes).installer).toBeNull();
    expect(status(bytes, 'App-1.0-arm64-setup.exe')).toBe('fail');
  });
});

describe('what is assumed contradicts nothing', () => {
  const library = buildElf({ machine: EM.X86_64, type: ET.DYN, entry: 0n, dynamic: [[DT.SONAME, 'x']] });
  const dart = buildElf({ machine: EM.X86_64, type: ET.DYN, entry: 0n, dynamic: [[DT.SONAME, '_kDartSnapshotText']] }); // its text is in the table of names, where symbols have theirs

  it("a snapshot of Dart's is for any system, and for one processor", () => {
    expect(only(dart)).toMatchObject({ platform: { os: null, arch: 'amd64' }, assumed: [] });
    expect(['win32-x64/sass.snapshot', 'linux-x64/sass.snapshot', 'darwin-x64/sass.snapshot'].map((path) => status(dart, path))).toEqual(['pass', 'pass', 'pass']);
    expect(status(dart, 'win32-arm64/sass.snapshot')).toBe('fail');
  });

  it('a library that says nothing of its system is unknown elsewhere; a program of ELF is never for Windows', () => {
    expect(only(library)).toMatchObject({ platform: { os: 'linux' }, assumed: ['os'] });
    expect(status(library, 'freebsd-x64/x')).toBe('unknown');
    expect(status(library, 'linux-x64/x')).toBe('pass');
    expect(status(buildElf({ machine: EM.X86_64 }), 'win32-x64/x')).toBe('fail');
    expect(status(buildElf({ machine: EM.X86_64 }), 'freebsd-x64/x')).toBe('unknown');
  });
});

describe('a word that is not understood', () => {
  it.each(['app_linux_amd64v9', 'app-linux-arm64x2', 'app-linux-x8665', 'app_1.0_linux_riscv128', 'app-amd64v7.exe'])('%s is unknown, never a pass', (path) => {
    const bytes = path.endsWith('.exe') ? buildPe() : buildElf({ machine: EM.X86_64 });
    expect(status(bytes, path)).toBe('unknown');
  });
});

describe('spellings', () => {
  it.each(fixtureNames())('each that binspect prints of %s is accepted and passes', (name) => {
    let inspection;
    try {
      inspection = inspectSync(fixtureBytes(name));
    } catch {
      return; // a fixture that is no executable file
    }
    if (inspection.universal || inspection.warnings.length > 0) return;
    for (const { platform, warnings } of inspection.binaries) {
      if (warnings.some(({ code }) => code === 'truncated' || code === 'go-target-mismatch')) continue;
      for (const spelling of [platform.go, platform.node, platform.os === 'android' ? null : platform.oci, platform.triple]) {
        if (spelling === null) continue;
        expect(typeof parseTarget(spelling), `${spelling}: ${JSON.stringify(parseTarget(spelling))}`).toBe('object');
        expect(verify(inspection, { target: spelling }).findings.map((one) => one.status), spelling).toEqual(['pass']);
      }
    }
  });
});
