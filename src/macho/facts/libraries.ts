// The libraries that a Mach-O file asks for, and their versions.

import type { Dependency, DependencyKind } from '../../model/binary.ts';
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
