// What is there for debuggers: COFF symbols, DWARF, a reference to a PDB; and the identity that such a reference gives the image.

import { DEBUG_TYPE } from '../constants.ts';
import { entryOf } from '../debug.ts';
import type { DebugDirectory } from '../debug.ts';
import type { PeFile } from '../file.ts';

/** Sections of DWARF that debuggers start from (DWARF 5, 7.1), plain and in GNU's old compressed form. */
const DWARF = /^\.z?debug_(info|line|types)$/;

/** The DWARF section that is there; null where none is; undefined where a section's name can't be read, so that one may be. */
export function dwarfSection(names: readonly (string | null)[]): string | null | undefined {
  const found = names.find((name) => name !== null && DWARF.test(name));
  return found ?? (names.includes(null) ? undefined : null);
}

interface Symbols {
  readonly stripped: boolean | null;
  readonly debugInfo: boolean | null;
  readonly buildId: string | null;
}

/**
 * Debug information and identity. Whether a PE file is stripped is no question: Windows' linkers never leave symbols in it. Where others
 * did, `because` says so. The flags that seem to tell (IMAGE_FILE_DEBUG_STRIPPED and related ones) are set at random. A linker that was asked
 * for a build id, and for no PDB, writes a CodeView entry with an empty path: an identity, and no debug information.
 */
export function symbols(file: PeFile, dwarf: string | null | undefined, debug: DebugDirectory, because: Record<string, string>): Symbols {
  const { symbolsOffset, symbolCount } = file.coff;
  const count = symbolsOffset === 0 ? 0 : symbolCount;
  because['stripped'] = `does not apply: a PE image has no symbol table by nature; this one has ${count === 0 ? 'no' : count} COFF symbols`;
  const { entries, complete, codeView } = debug;
  const buildId = codeView?.identity ?? null;
  if (buildId !== null) because['buildId'] = `${codeView?.form === 'RSDS' ? 'GUID' : 'time stamp'} and age of the PDB, in a CodeView entry`;
  const told = (debugInfo: boolean | null, reason: string): Symbols => {
    because['debugInfo'] = reason;
    return { stripped: null, debugInfo, buildId };
  };
  if (typeof dwarf === 'string') return told(true, `section ${dwarf}`);
  if (codeView !== null && codeView.path !== '') {
    return told(true, `a CodeView ${codeView.form} entry ${codeView.path === null ? 'holds it' : 'refers to a PDB'}`);
  }
  if (entryOf(entries, DEBUG_TYPE.EMBEDDED_PORTABLE_PDB) !== undefined) return told(true, 'an embedded portable PDB');
  if (entryOf(entries, DEBUG_TYPE.CODEVIEW) !== undefined && codeView === null) return told(null, 'unknown: the CodeView entry can\'t be read');
  if (!complete || !file.complete) return told(null, 'unknown: the debug directory, or the section headers, can\'t be read');
  if (dwarf === undefined) return told(null, 'unknown: a section\'s name can\'t be read, and it may hold DWARF');
  return told(false, 'neither DWARF nor a reference to a PDB');
}
