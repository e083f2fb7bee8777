// What an ELF file's headers say of its bytes: PT_LOAD segments and the sections in them, the tables, and what only other segments name.

import type { Input } from '../bytes/input.ts';
import { fixed } from '../model/arrange.ts';
import type { Claim } from '../model/arrange.ts';
import { nameOf } from '../model/names.ts';
import { permissionsText } from '../model/regions.ts';
import type { Content } from '../model/regions.ts';
import { ET, PF, PT, SHF, SHT } from './constants.ts';
import { openElf, sectionNames } from './file.ts';
import type { ElfFile } from './file.ts';
import { headerSize, sectionSize, segmentSize } from './structures.ts';
import type { Section, Segment } from './structures.ts';

/** sh_flags that say something of a section's place, and not of its permissions. */
const SHF_TLS = 0x400;
const SHF_COMPRESSED = 0x800;

/**
 * All that the headers of an ELF file claim. `elsewhere`: the bytes of its segments are in another file, as a separate debug file says that they
 * are by leaving its code out. Throws `malformed` and `truncated` where there is no header to go by.
 */
export function elfClaims(plain: Input, elsewhere: boolean): Claim[] {
  const file = openElf(plain);
  const { input, header, segments, sections } = file;
  const { wide } = input.encoding;
  const claims = [fixed('ELF header', 'header', 'headers', 0, headerSize(wide))];
  const segmentStride = Math.max(header.segmentSize, segmentSize(wide));
  if (segments.length > 0) claims.push(fixed('program headers', 'table', 'headers', header.segmentsOffset, segments.length * segmentStride));
  if (sections === null || sections.length > 0) {
    const count = sections?.length ?? header.sectionCount;
    claims.push(fixed('section headers', 'table', 'headers', header.sectionsOffset, count * Math.max(header.sectionSize, sectionSize(wide))));
  }
  const loads = segments.filter(({ type }) => type === PT.LOAD).map((segment) => ({ segment, claim: loadClaim(segment, elsewhere) }));
  for (const { claim } of loads) claims.push(claim);
  claims.push(...sectionClaims(file, loads), ...otherSegments(file, elsewhere));
  return claims;
}

interface Load {
  readonly segment: Segment;
  readonly claim: Claim;
}

function loadClaim({ flags, offset, address, fileSize, memorySize }: Segment, elsewhere: boolean): Claim {
  const inFile = fileSize > 0 && !elsewhere;
  return {
    name: 'LOAD',
    kind: 'segment',
    content: contentOf((flags & PF.X) !== 0, (flags & PF.W) !== 0),
    offset,
    size: inFile ? fileSize : 0,
    inFile,
    holds: true,
    within: null,
    address,
    memorySize,
    permissions: permissionsText((flags & PF.R) !== 0, (flags & PF.W) !== 0, (flags & PF.X) !== 0),
    note: elsewhere ? 'its bytes are in another file' : null,
    children: [],
  };
}

function contentOf(executable: boolean, writable: boolean): Content {
  return executable ? 'code' : writable ? 'data' : 'constants';
}

/** The sections. What has no bytes in the file belongs to the segment that it is loaded with. */
function sectionClaims(file: ElfFile, loads: readonly Load[]): Claim[] {
  const names = sectionNames(file);
  const relro = file.segments.filter(({ type }) => type === PT.GNU_RELRO);
  const byAddress = loads.toSorted((a, b) => (a.segment.address < b.segment.address ? -1 : 1));
  const claims: Claim[] = [];
  for (const [index, section] of (file.sections ?? []).entries()) {
    if (section.type === SHT.NULL) continue;
    const { type, flags, address, offset, size } = section;
    const name = names[index] ?? '';
    const loaded = (flags & SHF.ALLOC) !== 0;
    const inFile = type !== SHT.NOBITS;
    claims.push({
      name: name === '' ? `section ${index}` : name,
      kind: 'section',
      content: sectionContent(name, section),
      offset,
      size: inFile ? size : 0,
      inFile,
      holds: false,
      within: inFile || !loaded ? null : loadOf(byAddress, section),
      address: loaded && file.header.type !== ET.REL ? address : null,
      memorySize: loaded ? size : null,
      permissions: loaded ? permissionsText(true, (flags & SHF.WRITE) !== 0, (flags & SHF.EXECINSTR) !== 0) : null,
      note: sectionNote(section, relro),
      children: [],
    });
  }
  return claims;
}

/** The last segment that begins at or before a section's address, if the section ends within it. Zeros of threads take no room there. */
function loadOf(byAddress: readonly Load[], { flags, address, size }: Section): Claim | null {
  let low = 0;
  let high = byAddress.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((byAddress[middle] as Load).segment.address <= address) low = middle + 1;
    else high = middle;
  }
  const load = byAddress[low - 1];
  const room = (flags & SHF_TLS) === 0 ? BigInt(size) : 0n;
  return load !== undefined && address + room <= load.segment.address + BigInt(load.segment.memorySize) ? load.claim : null;
}

function sectionNote({ type, flags, address }: Section, relro: readonly Segment[]): string | null {
  if ((flags & SHF_COMPRESSED) !== 0) return 'compressed';
  if (type === SHT.NOBITS && (flags & SHF_TLS) !== 0) return 'for each thread';
  const protects = (segment: Segment): boolean => address >= segment.address && address < segment.address + BigInt(segment.memorySize);
  return (flags & SHF.ALLOC) !== 0 && (flags & SHF.WRITE) !== 0 && relro.some(protects) ? 'read-only once relocated' : null;
}

const DEBUG = /^\.(z?debug|gdb_index|gnu_debug|stab|line$|gnu\.debuglto)/;
const GO = /^\.(gopclntab|go\.|gosymtab|typelink|itablink|note\.go\.)|^\.data\.rel\.ro\.(gopclntab|typelink|itablink)/;
const LINKING = /^\.(interp|dyn|gnu\.(hash|version|liblist)|hash$|rela?[.$]|relr|got|plt|iplt|note|init_array|fini_array|preinit_array|ctors|dtors|group$)/;
const SYMBOLS = /^\.(symtab|strtab|shstrtab|dynsym|dynstr)/;
const LINKING_TYPES: ReadonlySet<number> = new Set([SHT.DYNAMIC, SHT.REL, SHT.RELA, SHT.HASH, SHT.NOTE]);
const SYMBOL_TYPES: ReadonlySet<number> = new Set([SHT.SYMTAB, SHT.DYNSYM, SHT.STRTAB]);

/** By type where that shows, by the names that linkers give where it doesn't, by flags for the rest. */
function sectionContent(name: string, { type, flags }: Section): Content {
  if (GO.test(name)) return 'go';
  if (DEBUG.test(name)) return 'debug';
  if (SYMBOL_TYPES.has(type) || SYMBOLS.test(name)) return 'symbols';
  if ((flags & SHF.EXECINSTR) !== 0) return 'code';
  if (LINKING_TYPES.has(type) || LINKING.test(name)) return 'linking';
  return (flags & SHF.ALLOC) === 0 ? 'other' : contentOf(false, (flags & SHF.WRITE) !== 0);
}

/** Segments that name a part of what PT_LOAD maps, or, in a core, all that there is. */
const NAMED_SEGMENTS: ReadonlySet<number> = new Set([PT.DYNAMIC, PT.INTERP, PT.NOTE, PT.GNU_EH_FRAME]);

/** Those where no section says the same: section headers can be stripped off. */
function otherSegments({ segments, sections }: ElfFile, elsewhere: boolean): Claim[] {
  const named = new Set((sections ?? []).filter(({ type }) => type !== SHT.NULL).map(({ offset }) => offset));
  const wanted = segments.filter(({ type, offset, fileSize }) => NAMED_SEGMENTS.has(type) && fileSize > 0 && !named.has(offset) && !elsewhere);
  return wanted.map(({ type, flags, offset, address, fileSize, memorySize }) => ({
    name: nameOf(PT, type) ?? '',
    kind: 'segment',
    content: type === PT.GNU_EH_FRAME ? 'constants' : 'linking',
    offset,
    size: fileSize,
    inFile: true,
    holds: false,
    within: null,
    address: memorySize === 0 ? null : address,
    memorySize: memorySize === 0 ? null : memorySize,
    permissions: memorySize === 0 ? null : permissionsText((flags & PF.R) !== 0, (flags & PF.W) !== 0, (flags & PF.X) !== 0),
    note: null,
    children: [],
  }));
}
