// Program, library, object, core or debug file; and whether the kernel may load it anywhere.

import type { Kind } from '../../model/binary.ts';
import { DF_1, DT, DT_MIPS, EM, ET, PT } from '../constants.ts';
import { hasTag, lastValue } from '../dynamic.ts';
import type { ElfFile } from '../file.ts';
import { isHollow } from '../hollow.ts';

/** Machines whose ET_DYN files are code for another machine's memory, loaded by a runtime and not by a kernel. */
const GUESTS: ReadonlySet<number> = new Set([EM.BPF, EM.SBF, EM.CUDA, EM.AMDGPU]);

/** Why a fact that a missing part would tell is null. */
export const CUT = 'unknown: the file ends before its program headers or its dynamic section do';

interface KindAndPosition {
  readonly kind: Kind;
  readonly pie: boolean | null;
}

/**
 * ET_DYN alone does not tell a program from a library. DF_1_PIE does since 2015 (binutils 2.26; LLD since 2020), and glibc
 * refuses to dlopen a file that has it. Before that only a mix of hints does: a library has a DT_SONAME, and only a program gets
 * a DT_DEBUG from the linker. An interpreter says nothing: glibc's libc.so.6 has one, so that it can be run and says its version.
 */
export function kindAndPosition(file: ElfFile, because: Record<string, string>): KindAndPosition {
  const { type, machine } = file.header;
  const told = (kind: Kind, pie: boolean | null, reason: string): KindAndPosition => {
    because['kind'] = reason;
    if (pie !== null) because['pie'] = reason;
    return { kind, pie };
  };
  if ((type === ET.EXEC || type === ET.DYN) && isDebugFile(file)) return told('debug-symbols', null, 'its code sections are SHT_NOBITS: the code is in another file');
  switch (type) {
    case ET.REL:
      return told('relocatable', null, 'e_type is ET_REL');
    case ET.CORE:
      return told('core', null, 'e_type is ET_CORE');
    case ET.EXEC:
      return told('executable', false, 'e_type is ET_EXEC: it is linked to fixed addresses');
    case ET.DYN:
      return GUESTS.has(machine) ? told('other', null, 'e_type is ET_DYN, of a machine that runs inside another') : sharedObject(file, because, told);
    default:
      return told('other', null, `e_type is ${type}`);
  }
}

function sharedObject(file: ElfFile, because: Record<string, string>, told: (kind: Kind, pie: boolean | null, reason: string) => KindAndPosition): KindAndPosition {
  const { header, dynamic, segments } = file;
  const entry = header.entry !== 0n;
  if (((lastValue(dynamic?.entries ?? [], DT.FLAGS_1) ?? 0n) & BigInt(DF_1.PIE)) !== 0n) {
    return told('executable', true, 'DF_1_PIE is set in DT_FLAGS_1');
  }
  if (hasTag(file, DT.SONAME)) return told('shared-library', null, 'DT_SONAME is there');
  if (!file.complete) {
    because['pie'] = CUT;
    return told('other', null, CUT);
  }
  if (dynamic === null || (dynamic.entries.length === 0 && !segments.some((segment) => segment.type === PT.DYNAMIC))) {
    return entry
      ? told('executable', true, 'e_type is ET_DYN, with an entry point and no dynamic section')
      : told('shared-library', null, 'e_type is ET_DYN, with neither entry point nor dynamic section');
  }
  const debug = hasTag(file, DT.DEBUG) || (header.machine === EM.MIPS && (hasTag(file, DT_MIPS.RLD_MAP) || hasTag(file, DT_MIPS.RLD_MAP_REL)));
  if (entry && debug) return told('executable', true, 'DT_DEBUG, which linkers put into programs only, and no DT_SONAME');
  return told('shared-library', null, 'e_type is ET_DYN, with neither DF_1_PIE nor DT_DEBUG');
}

/**
 * A separate debug file keeps all section headers of its program, but not the contents of those that are loaded. Sections don't matter where
 * segments say that it runs: where the first instruction is in the file, and what the kernel or ld.so needs before it can be made out too.
 */
function isDebugFile(file: ElfFile): boolean {
  const { input, interpreter, dynamic, sections, sectionNames } = file;
  if (file.hollow) return true;
  if (!isHollow(input, sections, sectionNames)) return false;
  const runs = interpreter !== null ? /^\.{0,2}\/?[ -~]+$/.test(interpreter) : dynamic === null || dynamic.strings !== null;
  if (runs) input.warn('sections-contradict-segments', 'the section headers say that the code is in another file, and the segments have it');
  return !runs;
}
