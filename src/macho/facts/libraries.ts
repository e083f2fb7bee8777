// The libraries that a Mach-O file asks for, and their versions.

import type { Auxiliary, Dependency, DependencyKind, SearchPath } from '../../model/binary.ts';
import type { Library } from '../commands.ts';
import { DYLIB_USE, LC } from '../constants.ts';
import type { MachOFile } from '../file.ts';
import type { PackedVersion } from '../structures.ts';

const KINDS: Readonly<Record<number, DependencyKind>> = {
  [LC.LOAD_WEAK_DYLIB]: 'weak',
  [LC.REEXPORT_DYLIB]: 'reexport',
  [LC.LOAD_UPWARD_DYLIB]: 'upward',
  [LC.LAZY_LOAD_DYLIB]: 'lazy',
};

/** A library's version as otool(1) prints it: 16.8.8 bits, always three numbers. */
function libraryVersion(version: PackedVersion): string {
  return `${version >>> 16}.${(version >>> 8) & 0xff}.${version & 0xff}`;
}

/** A system's version as otool(1) prints it: '11.0', '10.13.4'. */
export function systemVersion(version: PackedVersion): string {
  const patch = version & 0xff;
  return `${version >>> 16}.${(version >>> 8) & 0xff}${patch === 0 ? '' : `.${patch}`}`;
}

/** The command says it, or the flags that newer linkers write; of several, the one that says most about whether it will start. */
function dependencyKind({ command, use }: Library): DependencyKind {
  if (use !== null) {
    if ((use & DYLIB_USE.WEAK_LINK) !== 0) return 'weak';
    if ((use & DYLIB_USE.REEXPORT) !== 0) return 'reexport';
    if ((use & DYLIB_USE.UPWARD) !== 0) return 'upward';
    if ((use & DYLIB_USE.DELAYED_INIT) !== 0) return 'lazy';
  }
  return KINDS[command] ?? 'required';
}

/** All libraries in the file's order. A library that two commands name stands here twice, as it does in the file. */
export function dependencies({ libraries }: MachOFile): Dependency[] {
  return libraries.map((library) => ({
    name: library.name,
    kind: dependencyKind(library),
    currentVersion: library.currentVersion === null ? null : libraryVersion(library.currentVersion),
    compatibilityVersion: library.compatibilityVersion === null ? null : libraryVersion(library.compatibilityVersion),
  }));
}

/** The variables of dyld that name folders, and the one that names libraries (dyld(1)). */
const FOLDERS = /^DYLD_\w*(LIBRARY|FRAMEWORK)_PATH=/;
const INSERTED = /^DYLD_INSERT_LIBRARIES=/;

/** What a variable says, split at ':'. */
function valuesOf(environment: readonly string[], name: RegExp): string[] {
  return environment.filter((variable) => name.test(variable)).flatMap((variable) => variable.slice(variable.indexOf('=') + 1).split(':'));
}

/** LC_RPATH, then the folders of dyld's variables. Two that are alike are a warning: dyld of macOS 15.4 and later refuses the file. */
export function searchPaths({ searchPaths: paths, environment, input }: MachOFile): SearchPath[] {
  const seen = new Set<string>();
  const twice = paths.find((path) => seen.has(path) || !seen.add(path));
  if (twice !== undefined) input.warn('dyld-would-reject', `two LC_RPATH commands have the path ${twice}: dyld of macOS 15.4 and later refuses the file`);
  return [...paths.map((path): SearchPath => ({ path, from: 'LC_RPATH' })), ...valuesOf(environment, FOLDERS).map((path): SearchPath => ({ path, from: 'LC_DYLD_ENVIRONMENT' }))];
}

/** Libraries that dyld inserts. */
export function auxiliaries({ environment }: MachOFile): Auxiliary[] {
  return valuesOf(environment, INSERTED).filter((name) => name !== '').map((name) => ({ name, from: 'LC_DYLD_ENVIRONMENT' }));
}
