// Mach-O code signatures made for the purpose: that they are there, what they say of themselves, and what can be wrong with them.

import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { readBytes } from '../src/bytes/input.ts';
import { BinspectError } from '../src/errors.ts';
import { inspect, inspectSync } from '../src/inspect/inspect.ts';
import { LIMITS } from '../src/limits.ts';
import { CPU_TYPE, CS_FLAG, CS_HASH, CS_MAGIC, CS_SLOT, LC, MH, PLATFORM } from '../src/macho/constants.ts';
import { readMachO } from '../src/macho/facts/binary.ts';
import type { MachOBinary } from '../src/model/binary.ts';
import type { Signature } from '../src/model/identity.ts';
import { blob, cms, codeDirectory, codeSignature, entitlements } from './build/code-signature.ts';
import type { DirectoryPlan, SignaturePlan } from './build/code-signature.ts';
import { buildFat } from './build/fat.ts';
import { buildMachO, numbers } from './build/macho.ts';
import type { DataPlan, MachOPlan } from './build/macho.ts';
import { withinSync } from './cost.ts';

const MACOS = numbers(LC.BUILD_VERSION, PLATFORM.MACOS, 0x000b_0000, 0, 0);
const build = (bytes: Uint8Array, plan: MachOPlan = {}, place: Partial<DataPlan> = {}): Uint8Array =>
  buildMachO({ commands: [MACOS], data: [{ type: LC.CODE_SIGNATURE, bytes, ...place }], ...plan });
const read = (bytes: Uint8Array): MachOBinary => readBytes(bytes, readMachO, LIMITS);
const signed = (plan: SignaturePlan): MachOBinary => read(build(codeSignature(plan)));
const directory = (plan: DirectoryPlan): [number, Uint8Array] => [CS_SLOT.CODE_DIRECTORY, codeDirectory(plan)];
const alternate = (index: number, plan: DirectoryPlan): [number, Uint8Array] => [CS_SLOT.ALTERNATE_CODE_DIRECTORIES + index, codeDirectory(plan)];
const codes = ({ warnings }: MachOBinary): string[] => warnings.map(({ code }) => code);

describe('what a signature says', () => {
  it.each([
    ['linker-signed', CS_FLAG.ADHOC | CS_FLAG.LINKER_SIGNED, null, 'the flags adhoc, linker-signed'],
    ['adhoc', CS_FLAG.ADHOC, null, 'the flags adhoc'],
    ['adhoc', CS_FLAG.ADHOC, 0, 'the flags adhoc'],
    ['adhoc', CS_FLAG.ADHOC, 100, 'the flags adhoc'],
    ['adhoc', 0, null, 'no flags and no CMS message'],
    ['adhoc', 0, 0, 'no flags and no CMS message'],
    ['cms', 0, 100, 'no flags and a CMS message of 100 bytes'],
    ['cms', CS_FLAG.RUNTIME | CS_FLAG.FORCE_KILL, 7, 'the flags kill, runtime and a CMS message of 7 bytes'],
  ] as const)('is %s with flags %i and a CMS message of %s bytes', (kind, flags, size, reason) => {
    const { signature, because, warnings } = signed({ blobs: [directory({ flags }), ...(size === null ? [] : [cms(size)])] });
    expect(signature).toMatchObject({ kind, flags, identifier: 'program', teamId: null, cdHash: null });
    expect(because['signature']).toBe(`LC_CODE_SIGNATURE: a code directory with ${reason}`);
    expect(warnings).toEqual([]);
  });

  it('has a team where the version has the field', () => {
    const of = (plan: DirectoryPlan): string | null | undefined => signed({ blobs: [directory(plan)] }).signature?.teamId;
    expect(of({ team: '97JCY7859U' })).toBe('97JCY7859U');
    expect(of({ team: '97JCY7859U', version: 0x2_0100 })).toBeNull();
    expect(of({ team: '97JCY7859U', teamOffset: 0x7fff_ffff })).toBeNull();
    expect(of({})).toBeNull();
    expect(signed({ blobs: [directory({ identifierOffset: 0xffff_ffff })] }).signature).toMatchObject({ identifier: null });
  });

  it('goes by the code directory with the strongest digest, wherever it stands', () => {
    const sha1 = { hashType: CS_HASH.SHA1, identifier: 'one' };
    const truncated = { hashType: CS_HASH.SHA256_TRUNCATED, identifier: 'truncated' };
    const sha256 = { hashType: CS_HASH.SHA256, identifier: 'two' };
    const sha384 = { hashType: CS_HASH.SHA384, identifier: 'three' };
    const unlisted = { hashType: 99, identifier: 'unlisted' };
    const best = (...[first, ...others]: DirectoryPlan[]): string | null | undefined =>
      signed({ blobs: [directory(first ?? {}), ...others.map((plan, index) => alternate(index, plan))] }).signature?.identifier;
    expect(best(sha1, sha256)).toBe('two');
    expect(best(sha256, sha1)).toBe('two');
    expect(best(sha1, truncated)).toBe('truncated');
    expect(best(truncated, sha256, unlisted)).toBe('two');
    expect(best(sha1, truncated, sha256, sha384, unlisted)).toBe('three');
    expect(best(unlisted, sha1)).toBe('one');
    expect(best(unlisted)).toBe('unlisted');
  });

  it('takes a code directory alone, as the kernel does', () => {
    const binary = read(build(codeDirectory({ flags: CS_FLAG.RUNTIME })));
    expect(binary.signature).toMatchObject({ kind: 'adhoc', identifier: 'program' });
    expect(binary.hardening).toMatchObject({ hardenedRuntime: true, libraryValidation: true });
  });

  it('is null where no command names one', () => {
    const binary = read(buildMachO({ commands: [MACOS] }));
    expect(binary).toMatchObject({ signature: null, warnings: [] });
    expect(binary.because['signature']).toBeUndefined();
  });

  it('lies where the file has it, in a slice of a universal file too', () => {
    const bytes = build(codeSignature({ room: 40 }));
    const { offset, size } = inspectSync(bytes).binaries[0]?.signature as Signature;
    expect(new DataView(bytes.buffer).getUint32(offset)).toBe(CS_MAGIC.EMBEDDED_SIGNATURE);
    expect(offset + size).toBe(bytes.length);
    const fat = buildFat({ slices: [{ cpuType: CPU_TYPE.ARM64, bytes: buildMachO({ cpuType: CPU_TYPE.ARM64, fileType: MH.DYLIB }) }, { cpuType: CPU_TYPE.X86_64, bytes }] });
    const [first, second] = inspectSync(fat, { facts: 'all' }).binaries;
    expect(first?.signature).toBeNull();
    expect(second?.signature).toMatchObject({ offset: (second?.offset ?? 0) + offset, size });
    expect(second?.signature?.cdHash).toBe(inspectSync(bytes, { facts: 'all' }).binaries[0]?.signature?.cdHash);
  });
});

describe('cdhash', () => {
  it.each([
    [CS_HASH.SHA1, 'sha1'],
    [CS_HASH.SHA256, 'sha256'],
    [CS_HASH.SHA256_TRUNCATED, 'sha256'],
    [CS_HASH.SHA384, 'sha384'],
  ] as const)('of hash type %i is %s', async (hashType, algorithm) => {
    const plan = codeDirectory({ hashType, team: 'TEAM' });
    const bytes = build(codeSignature({ blobs: [[CS_SLOT.CODE_DIRECTORY, plan], cms(20)], room: 9 }));
    const expected = createHash(algorithm).update(plan).digest('hex').slice(0, 40);
    expect(inspectSync(bytes, { facts: 'all' }).binaries[0]?.signature?.cdHash).toBe(expected);
    expect((await inspect(bytes, { facts: 'all' })).binaries[0]?.signature?.cdHash).toBe(expected);
    expect(inspectSync(bytes).binaries[0]?.signature).toMatchObject({ cdHash: null, teamId: 'TEAM' });
  });

  it('is unknown for a digest that nobody listed, and for more bytes than may be read', () => {
    const unlisted = build(codeSignature({ blobs: [directory({ hashType: 99 })] }));
    expect(inspectSync(unlisted, { facts: 'all' }).binaries[0]?.signature).toMatchObject({ cdHash: null });
    const limits = { fetchedBytes: 100 };
    expect(inspectSync(build(codeSignature()), { facts: 'all', limits }).binaries[0]?.signature).toMatchObject({ cdHash: null, kind: 'adhoc' });
  });
});

describe('what a signature asks of the system', () => {
  const hardened = CS_FLAG.RUNTIME;
  const LIBRARIES = 'com.apple.security.cs.disable-library-validation';

  it.each([
    ['no flag', [directory({ flags: CS_FLAG.ADHOC })], false, false],
    ['library validation', [directory({ flags: CS_FLAG.LIBRARY_VALIDATION })], false, true],
    ['the hardened runtime', [directory({ flags: hardened })], true, true],
    ['the hardened runtime, with entitlements', [directory({ flags: hardened }), entitlements('com.apple.security.cs.allow-jit')], true, true],
    ['the hardened runtime, with library validation disabled', [directory({ flags: hardened }), entitlements('com.apple.security.cs.allow-jit', LIBRARIES)], true, false],
    ['library validation, enabled and disabled', [directory({ flags: CS_FLAG.LIBRARY_VALIDATION }), entitlements(LIBRARIES)], false, true],
    ['library validation, not disabled', [directory({ flags: hardened }), [5, blob(CS_MAGIC.ENTITLEMENTS, `<key>${LIBRARIES}</key><false/>`)] as const], true, true],
    ['too many entitlements', [directory({ flags: hardened }), [5, blob(CS_MAGIC.ENTITLEMENTS, ' '.repeat(70_000))] as const], true, null],
  ] as const)('%s', (_, blobs, hardenedRuntime, libraryValidation) => {
    const { hardening, because } = signed({ blobs });
    expect(hardening).toMatchObject({ hardenedRuntime, libraryValidation });
    expect(because['hardening.hardenedRuntime']).toBeTruthy();
    expect(because['hardening.libraryValidation']).toBeTruthy();
  });

  it('is no question for libraries, nor for other systems than macOS', () => {
    const of = (plan: MachOPlan): unknown => {
      const { hardening, because } = read(build(codeSignature({ blobs: [directory({ flags: hardened })] }), plan));
      return [hardening?.hardenedRuntime, hardening?.libraryValidation, because['hardening.hardenedRuntime']];
    };
    const on = (platform: number): MachOPlan => ({ cpuType: CPU_TYPE.ARM64, commands: [numbers(LC.BUILD_VERSION, platform, 0, 0, 0)] });
    expect(of({ fileType: MH.DYLIB })).toEqual([null, null, undefined]);
    expect(of(on(PLATFORM.IOS))).toEqual([null, null, undefined]);
    expect(of(on(PLATFORM.MACCATALYST))).toEqual([true, true, 'the code directory has the flag runtime']);
  });

  it('is not asked by a program without a signature', () => {
    const { hardening, because } = read(buildMachO({ commands: [MACOS] }));
    expect(hardening).toMatchObject({ hardenedRuntime: false, libraryValidation: false });
    expect(because['hardening.hardenedRuntime']).toBe('there is no code signature');
    expect(read(buildMachO({ commands: [MACOS], header: { ncmds: 9 } })).hardening).toMatchObject({ hardenedRuntime: null, libraryValidation: null });
  });
});

describe('damage', () => {
  const whole = codeSignature();

  it.each([
    ['M23: outside the file', build(whole, {}, { offset: 0xffff_fff0 }), 'truncated'],
    ['M23: longer than the file', build(whole, {}, { size: whole.length + 1 }), 'truncated'],
    ['M23: of no bytes', build(whole, {}, { size: 0 }), 'malformed'],
    ['M23: with another magic', build(codeSignature({ magic: 0xfade_0cc1 })), 'malformed'],
    ['longer than its place', build(codeSignature({ size: 10_000 })), 'malformed'],
    ['shorter than its header', build(codeSignature({ size: 7 })), 'malformed'],
    ['shorter than its count', build(codeSignature({ size: 8 })), 'malformed'],
    ['without blobs', build(codeSignature({ blobs: [] })), 'malformed'],
    ['without a code directory', build(codeSignature({ blobs: [cms(10)] })), 'malformed'],
    ['with a code directory that begins outside', build(codeSignature({ offsets: [0xffff_fff8] })), 'malformed'],
    ['with a code directory that ends outside', build(codeSignature({ blobs: [directory({ size: 10_000 })] })), 'malformed'],
    ['with a short code directory', build(codeSignature({ blobs: [directory({ size: 43 })] })), 'malformed'],
    ['with something else for a code directory', build(codeSignature({ blobs: [directory({ magic: CS_MAGIC.CMS })] })), 'malformed'],
  ])('%s', (_, bytes, code) => {
    const binary = read(bytes);
    expect(binary.signature).toBeNull();
    expect(codes(binary)).toEqual([code]);
    expect(binary.hardening).toMatchObject({ hardenedRuntime: null, libraryValidation: null, nonExecutableStack: true });
    expect(binary.because['hardening.hardenedRuntime']).toMatch(/^unknown: /);
  });

  it('reads the blobs that there is room for', () => {
    const binary = signed({ count: 0xffff_ffff });
    expect(binary.signature).toMatchObject({ identifier: 'program' });
    expect(codes(binary)).toEqual(['signature-blobs']);
  });

  it('knows of no CMS message and of no entitlements that lie outside', () => {
    const binary = signed({ blobs: [directory({ flags: CS_FLAG.RUNTIME }), cms(10), entitlements()], offsets: [36, 0x1000_0000, 0x1000_0000] });
    expect(binary.signature?.kind).toBe('adhoc');
    expect(binary.hardening?.libraryValidation).toBe(true);
    expect(codes(binary)).toEqual(['malformed', 'malformed']);
  });

  it('is too short a command to name one', () => {
    const binary = read(buildMachO({ commands: [MACOS, { type: LC.CODE_SIGNATURE, size: 8 }] }));
    expect(binary).toMatchObject({ signature: null, hardening: { hardenedRuntime: null } });
    expect(codes(binary)).toEqual(['lc-too-small']);
  });

  it('survives every flipped byte, and a table of blobs as long as the limits allow', () => {
    const bytes = build(codeSignature({ blobs: [directory({ team: 'TEAM', flags: CS_FLAG.RUNTIME }), entitlements('a'), cms(9)] }));
    const outcome = (damaged: Uint8Array): void => {
      try {
        inspectSync(damaged, { facts: 'all' });
      } catch (error) {
        if (!(error instanceof BinspectError)) throw error;
      }
    };
    for (let at = 32; at < bytes.length; at++) {
      for (const value of [0, 1, 0x7f, 0x80, 0xff, (bytes[at] as number) ^ 1]) {
        const damaged = bytes.slice();
        damaged[at] = value;
        outcome(damaged);
      }
    }
    const many = Array.from({ length: LIMITS.tableEntries + 10 }, () => [0x1000, new Uint8Array(0)] as const);
    const crowded = build(codeSignature({ blobs: many }));
    withinSync(1000, () => outcome(crowded));
  });
});
