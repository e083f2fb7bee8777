// What an ELF file is, in the model's words; each fact with what in the file told it.

import type { Input } from '../../bytes/input.ts';
import { hexText } from '../../bytes/text.ts';
import type { Auxiliary, Dependency, ElfBinary, Facts, Kind, SearchPath } from '../../model/binary.ts';
import { certainty } from '../../model/certainty.ts';
import { NO_IDENTITY } from '../../model/identity.ts';
import { nameOf, prefixedNameOf } from '../../model/names.ts';
import { platformOf } from '../../model/platform.ts';
import { DT, EM, EM_ALPHA_REGISTERED, ET, NT_GNU, OSABI } from '../constants.ts';
import { dynamicTexts } from '../dynamic.ts';
import { openElf } from '../file.ts';
import type { ElfFile } from '../file.ts';
import { readNotes } from '../notes.ts';
import type { Note } from '../notes.ts';
import { abiOf, extensions } from './abi.ts';
import { moduleSignature, overlay } from './appended.ts';
import { hardening } from './hardening.ts';
import { identity, packer, systemMinimums } from './identity.ts';
import { kindAndPosition } from './kind.ts';
import { linkage } from './linkage.ts';
import { platformSeed } from './platform.ts';
import { pageSize, x86Level } from './processor.ts';
import { providedVersions } from './provided.ts';
import { symbols } from './symbols.ts';
import { warnOfUnversioned } from './undefined.ts';
import { minimumVersions, neededVersions } from './versions.ts';

/** Reads an ELF file and says what it is. Throws `malformed` or `truncated` where it has no header to go by. */
export function readElf(plain: Input, depth: Facts = 'main'): ElfBinary {
  const file = openElf(plain);
  const { input, ident, header, segments, sections, interpreter } = file;
  const because: Record<string, string> = {};
  const notes = readNotes(file);
  const needed = dynamicTexts(file, DT.NEEDED, 'DT_NEEDED');
  const sonames = dynamicTexts(file, DT.SONAME, 'DT_SONAME');
  const needs = neededVersions(file);
  const abi = abiOf(file, needed);
  const { kind, pie } = kindAndPosition(file, because);
  const packedWith = packer(file, because);
  const packed = packedWith !== null; // what the packer hides is not known: it stands in the bytes that it will unpack
  const { stripped, debugInfo } = packed ? { stripped: null, debugInfo: null } : symbols(file, kind, because);
  const platform = platformSeed(file, { kind, notes, needed, sonames, versions: needs ?? [] }, because);
  warnOfUnversioned(file, { kind, os: platform.os, needed }, needs === null || needs.some(({ version }) => version.startsWith('GLIBC_')));
  const buildId = gnuBuildId(file, notes);
  if (buildId !== null) because['buildId'] = 'an NT_GNU_BUILD_ID note';
  const all = depth === 'all';
  const loaded = kind === 'shared-library' || (kind === 'executable' && interpreter !== null);
  const versions = minimumVersions(file, { needed: packed ? null : needs, libc: platform.libc, os: platform.os, loaded, all }, because);
  const system = systemMinimums(file, notes, because);
  const minimums = {
    glibc: versions.glibc,
    glibcxx: versions.glibcxx,
    cxxabi: versions.cxxabi,
    os: system.os,
    kernel: system.kernel,
    cpu: minimumCpu(file, notes, because),
    pageSize: minimumPage(file, kind, because),
  };
  const signed = moduleSignature(file, kind, because);
  const appended = overlay(file, kind, notes, signed, all, because);
  const { unknown, assumed } = certainty(because, platform);
  return {
    format: 'elf',
    offset: input.start,
    size: input.size,
    bits: input.encoding.wide ? 64 : 32,
    endianness: input.encoding.little ? 'little' : 'big',
    machine: { value: header.machine, name: machineName(header.machine) },
    platform: platformOf(packed ? { ...platform, libc: null } : platform),
    kind,
    pie,
    linkage: packed ? null : linkage(file, kind, needed, because),
    interpreter: interpreter === '' ? null : interpreter,
    libraryName: sonames.at(-1) ?? null,
    dependencies: needed.map(dependency),
    auxiliaries: auxiliaries(file),
    searchPaths: searchPaths(file, DT.RPATH, 'DT_RPATH').concat(searchPaths(file, DT.RUNPATH, 'DT_RUNPATH')),
    entryPoint: header.entry === 0n ? null : header.entry,
    stripped,
    debugInfo,
    buildId,
    minimums,
    hardening: packed ? null : hardening(file, kind, notes, all, because),
    identity: all ? identity(file, because) : NO_IDENTITY,
    overlay: appended,
    signature: signed,
    packer: packedWith,
    installer: null,
    go: null,
    signatureCheck: null,
    components: [],
    unknown,
    assumed,
    because,
    warnings: input.warnings,
    elf: {
      type: header.type,
      typeName: prefixedNameOf('ET_', ET, header.type),
      osAbi: ident.osAbi,
      osAbiName: prefixedNameOf('ELFOSABI_', OSABI, ident.osAbi),
      abiVersion: ident.abiVersion,
      flags: header.flags,
      extensions: extensions(file),
      abi: abi.abi,
      floatAbi: abi.floatAbi,
      neededVersions: (needs ?? []).map(({ library, version }) => ({ library, version })),
      providedVersions: depth === 'all' ? providedVersions(file) : null,
      segments: segments.length,
      sections: sections?.length ?? 0,
    },
  };
}

function machineName(value: number): string | null {
  const name = nameOf(EM, value === EM_ALPHA_REGISTERED ? EM.ALPHA : value);
  return name === null ? null : `EM_${name}`;
}

/** The level of x86-64 that the loader asks for; null where it asks for none. */
function minimumCpu(file: ElfFile, notes: readonly Note[], because: Record<string, string>): string | null {
  const level = x86Level(file, notes);
  if (level !== null) because['minimums.cpu'] = level.because;
  return level?.value ?? null;
}

/** The largest page with which it can be mapped. */
function minimumPage(file: ElfFile, kind: Kind, because: Record<string, string>): number | null {
  const page = pageSize(file, kind);
  if (page !== null) because['minimums.pageSize'] = page.because;
  return page?.value ?? null;
}

/** DT_NEEDED, in the file's order. A name with a slash in it is a path from the current directory, not a library to search for. */
function dependency(name: string): Dependency {
  return { name, kind: 'required', currentVersion: null, compatibilityVersion: null };
}

const AUXILIARY_TAGS: ReadonlySet<number> = new Set([DT.FILTER, DT.AUXILIARY, DT.AUDIT, DT.DEPAUDIT]);

/** Libraries that ld.so loads for or beside this one; those that audit are lists, with ':' between. */
function auxiliaries(file: ElfFile): Auxiliary[] {
  if (file.dynamic?.entries.some(({ tag }) => AUXILIARY_TAGS.has(tag)) !== true) return [];
  const named = (tag: number, from: Auxiliary['from']): Auxiliary[] => dynamicTexts(file, tag, from).map((name) => ({ name, from }));
  const listed = (tag: number, from: Auxiliary['from']): Auxiliary[] => named(tag, from).flatMap(({ name }) => name.split(':').filter((one) => one !== '').map((one) => ({ name: one, from })));
  const all = [...named(DT.FILTER, 'DT_FILTER'), ...named(DT.AUXILIARY, 'DT_AUXILIARY'), ...listed(DT.AUDIT, 'DT_AUDIT'), ...listed(DT.DEPAUDIT, 'DT_DEPAUDIT')];
  const most = file.input.limits.dependencies;
  if (all.length > most) file.input.warn('limit-exceeded', `more than ${most} filters and auditors; the rest are left out`);
  return all.slice(0, most);
}

/** DT_RPATH and DT_RUNPATH as written, split at ':'. An empty element means the current directory, so it stays. */
function searchPaths(file: ElfFile, tag: number, from: 'DT_RPATH' | 'DT_RUNPATH'): SearchPath[] {
  const { input } = file;
  const most = input.limits.dependencies;
  const paths: SearchPath[] = [];
  for (const list of dynamicTexts(file, tag, from)) {
    for (const path of list.split(':')) {
      if (paths.length === most) {
        input.warn('limit-exceeded', `${from}: more than ${most} search paths; the rest are left out`);
        return paths;
      }
      paths.push({ path, from });
    }
  }
  return paths;
}

/** NT_GNU_BUILD_ID as hex: 20 bytes of SHA-1, 16 of MD5 or a UUID, 8 of LLD's fast hash, or whatever the linker was given. */
function gnuBuildId({ input }: ElfFile, notes: readonly Note[]): string | null {
  const note = notes.find(({ owner, type }) => owner === 'GNU' && type === NT_GNU.BUILD_ID);
  if (note === undefined || note.size === 0) return null;
  const bytes = input.readUpTo(note.offset, Math.min(note.size, input.limits.stringBytes), 'GNU build-id').bytes();
  return hexText(bytes);
}
