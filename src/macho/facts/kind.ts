// Program, library, object or another; whether the kernel may load it anywhere, and whether it needs the dynamic loader.

import type { Kind, Linkage } from '../../model/binary.ts';
import { prefixedNameOf } from '../../model/names.ts';
import { CPU_SUBTYPE_MASK, CPU_TYPE, MH, MH_FLAG, SUBTYPE_ARM } from '../constants.ts';
import type { MachOFile } from '../file.ts';

const KINDS: Readonly<Record<number, Kind>> = {
  [MH.OBJECT]: 'relocatable',
  [MH.EXECUTE]: 'executable',
  [MH.FVMLIB]: 'shared-library',
  [MH.CORE]: 'core',
  [MH.PRELOAD]: 'executable', // firmware and boot loaders: programs that run without a kernel
  [MH.DYLIB]: 'shared-library',
  [MH.DYLINKER]: 'shared-library', // dyld itself: what ld.so is among ELF files
  [MH.BUNDLE]: 'bundle',
  [MH.DYLIB_STUB]: 'shared-library', // one without its code, to link with
  [MH.DSYM]: 'debug-symbols',
  [MH.KEXT_BUNDLE]: 'driver',
};

/** The file type says it; kernel collections, graphics code and what nobody listed are of kind 'other'. */
export function kind({ header }: MachOFile, because: Record<string, string>): Kind {
  because['kind'] = `filetype is ${prefixedNameOf('MH_', MH, header.fileType) ?? header.fileType}`;
  return KINDS[header.fileType] ?? 'other';
}

/** Machines on which the kernel refuses a program that must lie at a fixed address (XNU, pie_required). */
function needsPie(cpuType: number, cpuSubtype: number): boolean {
  if (cpuType === CPU_TYPE.ARM64 || cpuType === CPU_TYPE.ARM64_32) return true;
  return cpuType === CPU_TYPE.ARM && (cpuSubtype & CPU_SUBTYPE_MASK) === SUBTYPE_ARM.ARM_V7K;
}

/** MH_PIE, which says something of MH_EXECUTE alone: libraries and bundles are loaded anywhere whatever it says. */
export function pie({ input, header }: MachOFile, because: Record<string, string>): boolean | null {
  if (header.fileType !== MH.EXECUTE) return null;
  const set = (header.flags & MH_FLAG.PIE) !== 0;
  because['pie'] = set ? 'MH_PIE is set in the header' : 'MH_PIE is not set in the header';
  if (!set && needsPie(header.cpuType, header.cpuSubtype)) {
    const message = `a program for ${prefixedNameOf('CPU_TYPE_', CPU_TYPE, header.cpuType)} without MH_PIE, which the kernel does not run`;
    input.warn('kernel-would-reject', message);
  }
  return set;
}

/** Whether dyld has a part in it. Everything is linked with libSystem on macOS; static are kernels, firmware and old Go programs. */
export function linkage(file: MachOFile, kind: Kind, because: Record<string, string>): Linkage | null {
  const { input, header, interpreter, libraries, complete } = file;
  const told = (value: Linkage | null, reason: string): Linkage | null => {
    because['linkage'] = reason;
    return value;
  };
  if (kind === 'shared-library') return told('dynamic', 'it is a shared library');
  if (kind === 'bundle') return told('dynamic', 'it is a bundle');
  if (kind !== 'executable') return null;
  if (interpreter !== null) return told('dynamic', 'LC_LOAD_DYLINKER names the dynamic loader');
  if ((header.flags & MH_FLAG.DYLDLINK) !== 0) return told('dynamic', 'MH_DYLDLINK is set in the header');
  if (libraries.length > 0) {
    input.warn('libraries-without-dyld', `${libraries.length} libraries, and neither LC_LOAD_DYLINKER nor MH_DYLDLINK to load them`);
    return told('dynamic', 'it names libraries, though no dynamic loader');
  }
  if (!complete) return told(null, 'unknown: not all load commands could be read');
  return told('static', 'there is neither MH_DYLDLINK nor LC_LOAD_DYLINKER');
}
