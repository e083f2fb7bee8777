// Whether the contents of a file's sections are in another file, as in files of debug symbols.

import type { Input } from '../bytes/input.ts';
import { ET, PT, SHF, SHT } from './constants.ts';
import type { StringTable } from './dynamic.ts';
import { holdsEntry } from './memory.ts';
import type { Header, Section, Segment } from './structures.ts';

/** Sections that have bytes in every file that is loaded. */
const FILLED =
  /^\.(dynsym|dynstr|dynamic|interp|hash|gnu\.hash|gnu\.version(_[rd])?|rodata(\..*)?|eh_frame(_hdr)?|rela?(\..*)?|relr\.dyn|(pre)?init_array|fini_array|ctors|dtors|data(\.rel\.ro(\.local)?)?|tdata|got(\.plt)?|plt(\.\w+)?|gcc_except_table)$/;

const LONGEST = 32; // bytes of a name that is compared

/** Whether the section headers say that what is loaded lies in another file: all code, or where there is none, what else always has bytes. */
export function isHollow(input: Input, sections: readonly Section[] | null, names: StringTable | null): boolean {
  let code = false;
  const empty: Section[] = [];
  for (const section of sections ?? []) {
    if ((section.flags & SHF.ALLOC) === 0 || section.size === 0) continue;
    const hollow = section.type === SHT.NOBITS;
    if ((section.flags & SHF.EXECINSTR) === 0) {
      if (hollow) empty.push(section);
      continue;
    }
    if (!hollow) return false;
    code = true;
  }
  if (code || names === null) return code;
  return empty.some(({ name }) => name < names.size && FILLED.test(input.text(names.offset + name, Math.min(LONGEST, names.size - name), 'section name').text));
}

/** Whether a file has nothing that could be loaded: its sections are hollow, and no segment has the first instruction. */
export function isDebugOnly(input: Input, header: Header, segments: readonly Segment[], sections: readonly Section[] | null, names: StringTable | null): boolean {
  if (header.type !== ET.EXEC && header.type !== ET.DYN) return false;
  return isHollow(input, sections, names) && (header.entry === 0n || !holdsEntry(input, header, segments));
}

const PATH = /^[ -~]*\/[ -~]+$/;

/**
 * Whether a file whose sections are hollow belongs to a program whose loader it can't name: elfutils leaves the places of the segments as they were, and other sections lie
 * there, so that the first instruction seems to be in the file. What the kernel could start names its loader.
 */
export function isDebugOfProgram(input: Input, header: Header, segments: readonly Segment[], sections: readonly Section[] | null, names: StringTable | null): boolean {
  const loader = segments.find(({ type }) => type === PT.INTERP);
  if ((header.type !== ET.EXEC && header.type !== ET.DYN) || loader === undefined || !isHollow(input, sections, names)) return false;
  const size = Math.min(loader.fileSize, input.limits.stringBytes);
  return input.available(loader.offset, size) < size || !PATH.test(input.text(loader.offset, size, 'interpreter').text);
}
