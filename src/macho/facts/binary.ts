// What a Mach-O file is, in the model's words; each fact with what in the file told it.

import type { Input } from '../../bytes/input.ts';
import { hexText } from '../../bytes/text.ts';
import type { Facts, Kind, MachOBinary } from '../../model/binary.ts';
import { certainty } from '../../model/certainty.ts';
import { NO_IDENTITY } from '../../model/identity.ts';
import { flagNames, prefixedNameOf } from '../../model/names.ts';
import { platformOf } from '../../model/platform.ts';
import { commandName } from '../commands.ts';
import { CPU_SUBTYPE, CPU_SUBTYPE_MASK, CPU_TYPE, MH, MH_FLAG, PLATFORM , SUBTYPE_ARM64 } from '../constants.ts';
import { openMachO } from '../file.ts';
import type { MachOFile } from '../file.ts';
import { hardening } from './hardening.ts';
import { kind as kindOf, linkage as linkageOf, pie } from './kind.ts';
import { auxiliaries, dependencies, searchPaths, systemVersion } from './libraries.ts';
import { overlay } from './overlay.ts';
import { packer } from './packer.ts';
import { namedSystem, platformSeed } from './platform.ts';
import { codeSignature, signature } from './signature.ts';
import { symbols } from './symbols.ts';

/**
 * Reads a thin Mach-O file, which may be a slice of a universal one, and says what it is. Symbols are looked into with `all` only.
 * Throws `malformed` or `truncated` where it has no header to go by.
 */
export function readMachO(plain: Input, depth: Facts = 'main'): MachOBinary {
  const file = openMachO(plain);
  const { input, header, uuid } = file;
  const { cpuType, cpuSubtype, fileType, flags } = header;
  const because: Record<string, string> = {};
  const kind = kindOf(file, because);
  const packedWith = packer(file, because);
  const packed = packedWith !== null; // what the packer hides is not known: it stands in the bytes that it will unpack
  const linkage = packed ? null : linkageOf(file, kind, because);
  const seed = platformSeed(file, kind, because);
  const platform = platformOf(packed ? { ...seed, libc: null } : seed);
  if (packed) delete because['libc'];
  if (file.encrypted !== null) because['go'] = `unknown: ${file.encrypted.size} bytes at 0x${file.encrypted.offset.toString(16)} are encrypted`;
  if (file.encrypted !== null) because['machO.encrypted'] = `LC_ENCRYPTION_INFO: cryptid is ${file.encrypted.scheme}, for ${file.encrypted.size} bytes at 0x${file.encrypted.offset.toString(16)}`;
  const { unknown, assumed } = certainty(because, platform);
  const system = namedSystem(file);
  const minimumOs = system === null ? null : systemVersion(system.version.minimum);
  if (system !== null) because['minimums.os'] = commandName(system.version.command);
  const { stripped, debugInfo } = packed ? { stripped: null, debugInfo: null } : symbols(file, kind, because);
  if (uuid !== null) because['buildId'] = 'LC_UUID';
  const signed = codeSignature(file);
  if (signed === 'unsigned') warnOfMissingSignature(file, kind, platform.os);
  return {
    format: 'mach-o',
    offset: input.start,
    size: input.size,
    bits: input.encoding.wide ? 64 : 32,
    endianness: input.encoding.little ? 'little' : 'big',
    machine: { value: cpuType, name: prefixedNameOf('CPU_TYPE_', CPU_TYPE, cpuType) },
    platform,
    kind,
    pie: pie(file, because),
    linkage,
    interpreter: file.interpreter,
    libraryName: file.identity?.name ?? null,
    dependencies: dependencies(file),
    auxiliaries: auxiliaries(file),
    searchPaths: searchPaths(file),
    entryPoint: entryPoint(file),
    stripped,
    debugInfo,
    buildId: uuid === null ? null : uuidText(uuid),
    minimums: { glibc: null, glibcxx: null, cxxabi: null, os: minimumOs, kernel: null, cpu: null, pageSize: null },
    hardening: packed ? null : hardening(file, { kind, linkage, os: platform.os, signed, all: depth === 'all' }, because),
    identity: NO_IDENTITY,
    overlay: overlay(file, kind, depth === 'all', because),
    signature: signature(file, signed, because),
    packer: packedWith,
    installer: null,
    go: null,
    signatureCheck: null,
    components: [],
    unknown,
    assumed,
    because,
    warnings: input.warnings,
    machO: {
      cpuSubtype,
      cpuSubtypeName: prefixedNameOf('CPU_SUBTYPE_', CPU_SUBTYPE[cpuType] ?? {}, cpuSubtype & CPU_SUBTYPE_MASK),
      pointerAuthentication: pointerAuthentication(cpuType, cpuSubtype),
      fileType,
      fileTypeName: prefixedNameOf('MH_', MH, fileType),
      flags,
      flagNames: flagNames(MH_FLAG, flags).map((name) => `MH_${name}`),
      platform: system?.platform ?? null,
      platformName: system === null ? null : prefixedNameOf('PLATFORM_', PLATFORM, system.platform),
      minimumOs,
      sdk: system === null || system.version.sdk === 0 ? null : systemVersion(system.version.sdk),
      loadCommands: header.commandCount,
      encrypted: file.encrypted !== null,
    },
  };
}

/** LC_UUID as dwarfdump(1), otool(1) and crash reports print it: in capitals, with dashes. */
function uuidText(uuid: Uint8Array): string {
  const digits = hexText(uuid).toUpperCase();
  return [digits.slice(0, 8), digits.slice(8, 12), digits.slice(12, 16), digits.slice(16, 20), digits.slice(20)].join('-');
}

/**
 * The address of the first instruction: LC_MAIN counts from the header, which the segment maps that begins where the file does;
 * LC_UNIXTHREAD, in older and in static programs, has the address itself.
 */
function entryPoint({ segments, mainOffset, programCounter }: MachOFile): bigint | null {
  if (mainOffset === null) return programCounter;
  const text = segments.find(({ header: { offset, fileSize } }) => offset === 0 && fileSize > 0);
  return text === undefined ? null : BigInt.asUintN(64, text.header.address + mainOffset);
}

/** Macs with Apple's own processors end an unsigned program at once; others run it. */
function warnOfMissingSignature(file: MachOFile, kind: Kind, os: string | null): void {
  if (os !== 'darwin' || file.header.cpuType !== CPU_TYPE.ARM64) return;
  if (kind === 'executable') file.input.warn('kernel-would-reject', 'a program for arm64 Macs without LC_CODE_SIGNATURE, which they do not run');
  else if (kind === 'shared-library' || kind === 'bundle') file.input.warn('kernel-would-reject', 'a library for arm64 Macs without LC_CODE_SIGNATURE, which they do not load');
}

/** The capability byte of an arm64e file (mach/machine.h): the highest bit says that the rest is a version. */
function pointerAuthentication(cpuType: number, cpuSubtype: number): { version: number; kernel: boolean } | null {
  const isArm64e = cpuType === CPU_TYPE.ARM64 && (cpuSubtype & CPU_SUBTYPE_MASK) === SUBTYPE_ARM64.ARM64E;
  const capability = cpuSubtype >>> 24;
  return !isArm64e || (capability & 0x80) === 0 ? null : { version: capability & 0x0f, kernel: (capability & 0x40) !== 0 };
}
