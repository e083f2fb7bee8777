// What a PE file is, in the model's words; each fact with what in the file told it.

import type { Input } from '../../bytes/input.ts';
import type { Dependency, DependencyKind, Facts, PeBinary } from '../../model/binary.ts';
import { certainty } from '../../model/certainty.ts';
import { flagNames, prefixedNameOf } from '../../model/names.ts';
import { platformOf } from '../../model/platform.ts';
import { DLL_CHARACTERISTICS, FILE, MACHINE, SUBSYSTEM } from '../constants.ts';
import { readDebugDirectory } from '../debug.ts';
import { openPe, sectionNames } from '../file.ts';
import type { PeFile } from '../file.ts';
import { exportName, NO_IMPORTS, readDelayImports, readImports } from '../imports.ts';
import { readLoadConfiguration } from '../load-config.ts';
import { readManaged } from '../managed.ts';
import { warnOfRelocated } from '../relocations.ts';
import { OPTIONAL_END } from '../structures.ts';
import { imageEnd, overlay, signature } from './appended.ts';
import { hardening } from './hardening.ts';
import { identity } from './identity.ts';
import { installer } from './installer.ts';
import { kind as kindOf, position } from './kind.ts';
import { linkage } from './linkage.ts';
import { packer } from './packer.ts';
import { managedKind, platformSeed } from './platform.ts';
import { dwarfSection, symbols } from './symbols.ts';

/** Reads a PE file and says what it is. Throws `malformed` or `truncated` where it has no header to go by. */
export function readPe(plain: Input, depth: Facts = 'main'): PeBinary {
  const file = openPe(plain);
  const { input, coff, optional } = file;
  const because: Record<string, string> = {};
  const packedWith = packer(file, because);
  const packed = packedWith !== null; // what the packer hides is not known: it stands in the bytes that it will unpack
  const imports = readImports(file);
  const delayed = packed ? NO_IMPORTS : readDelayImports(file); // packers leave the directory pointing at what they packed
  warnOfScript(input);
  if (!packed) warnOfRelocated(file, [...imports.ranges, ...delayed.ranges]);
  const modules = [...imports.names, ...delayed.names];
  const dwarf = dwarfSection(sectionNames(file));
  const kind = kindOf(file, imports.names, typeof dwarf === 'string', because);
  const debug = readDebugDirectory(file);
  const { config, complete: configComplete } = readLoadConfiguration(file);
  const managed = readManaged(file, modules);
  const { stripped, debugInfo, buildId } = symbols(file, dwarf, debug, because);
  const seed = platformSeed(file, { modules, config, managed }, because);
  const platform = platformOf(packed ? { ...seed, libc: null, abi: null } : seed);
  const linked = linkage(kind, imports, delayed, because);
  const end = imageEnd(file, debug);
  const signed = signature(file, end, because);
  const appended = overlay(file, kind, end, signed, depth === 'all', because);
  if (packed) for (const fact of ['linkage', 'debugInfo', 'libc'] as const) because[fact] = `unknown: ${packedWith} hides it`;
  return {
    format: 'pe',
    offset: input.start,
    size: input.size,
    bits: input.encoding.wide ? 64 : 32,
    endianness: 'little',
    machine: { value: coff.machine, name: prefixedNameOf('IMAGE_FILE_MACHINE_', MACHINE, coff.machine) },
    platform,
    kind,
    pie: position(file, kind, because),
    linkage: packed ? null : linked,
    interpreter: null,
    libraryName: exportName(file),
    dependencies: [...imports.names.map(dependency('required')), ...delayed.names.map(dependency('delay'))],
    auxiliaries: [],
    searchPaths: [],
    entryPoint: entryPoint(file),
    stripped,
    debugInfo: packed ? null : debugInfo,
    buildId,
    minimums: { glibc: null, glibcxx: null, cxxabi: null, os: minimumWindows(file, platform.os, because), kernel: null, cpu: null, pageSize: null },
    hardening: packed ? null : hardening(file, kind, { debug, config, configComplete, managed }, because),
    identity: identity(file, debug, packedWith, depth === 'all', because),
    overlay: appended,
    signature: signed,
    packer: packedWith,
    installer: installer(file, appended?.inHeaders === true ? null : appended, because),
    go: null,
    signatureCheck: null,
    components: [],
    ...certainty(because, platform),
    because,
    warnings: input.warnings,
    pe: {
      magic: optional.magic,
      characteristics: coff.characteristics,
      characteristicsNames: flagNames(FILE, coff.characteristics).map((name) => `IMAGE_FILE_${name}`),
      dllCharacteristics: optional.dllCharacteristics,
      dllCharacteristicsNames: flagNames(DLL_CHARACTERISTICS, optional.dllCharacteristics).map((name) => `IMAGE_DLLCHARACTERISTICS_${name}`),
      subsystem: optional.subsystem,
      subsystemName: prefixedNameOf('IMAGE_SUBSYSTEM_', SUBSYSTEM, optional.subsystem),
      subsystemVersion: `${optional.subsystemMajor}.${optional.subsystemMinor}`,
      managed: managedKind(file, managed),
      imageBase: optional.imageBase,
      timestamp: coff.timestamp,
      sections: file.sections.length,
    },
  };
}

const SCRIPT = /^MZ\w{0,14}=['"]/;

/** Warns of a program that a shell would run too, and as something else: what begins like the setting of a variable. */
function warnOfScript(input: Input): void {
  const head = input.readUpTo(0, 20, 'DOS header').bytes();
  if (SCRIPT.test(String.fromCharCode(...head))) input.warn('also-script', 'it begins like a shell script too, and a shell would run it as one', 0);
}

/** A module as it is written: names are compared without regard to case, and one without an extension means a DLL. */
function dependency(kind: DependencyKind): (name: string) => Dependency {
  return (name) => ({ name, kind, currentVersion: null, compatibilityVersion: null });
}

/** The oldest Windows that the loader takes this on: 6.1 is Windows 7. Elsewhere the subsystem's version means nothing. */
function minimumWindows({ optional }: PeFile, os: string | null, because: Record<string, string>): string | null {
  if (os !== 'windows') return null;
  because['minimums.os'] = 'the subsystem\'s version';
  return `${optional.subsystemMajor}.${optional.subsystemMinor}`;
}

/** Where the image asks to be started. 0 is none: a DLL need not have one. */
function entryPoint({ optional, optionalBytes }: PeFile): bigint | null {
  return optional.entry === 0 || optionalBytes < OPTIONAL_END.IMAGE_BASE ? null : optional.imageBase + BigInt(optional.entry);
}
