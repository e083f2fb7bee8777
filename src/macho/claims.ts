// What the load commands of a Mach-O file say of its bytes: segments and their sections, and the tables in __LINKEDIT.

import type { Input } from '../bytes/input.ts';
import { fixed } from '../model/arrange.ts';
import type { Claim } from '../model/arrange.ts';
import { permissionsText } from '../model/regions.ts';
import type { Content } from '../model/regions.ts';
import type { Segment } from './commands.ts';
import { LC, MH, VM_PROT } from './constants.ts';
import { openMachO } from './file.ts';
import type { MachOFile } from './file.ts';
import { RELOCATION_SIZE, symbolSize } from './linkedit.ts';
import type { DataRange } from './linkedit.ts';
import { FAT_HEADER_SIZE, headerSize, sliceSize } from './structures.ts';
import type { Section } from './structures.ts';

/** All that the headers of a thin Mach-O file claim. Throws `malformed` and `truncated` where there is no header to go by. */
export function machOClaims(plain: Input): Claim[] {
  const file = openMachO(plain);
  const { input, header, segments } = file;
  const size = headerSize(input.encoding.wide);
  return [
    fixed('Mach-O header', 'header', 'headers', 0, size),
    fixed('load commands', 'table', 'headers', size, header.commandsSize),
    ...segments.flatMap((segment) => segmentClaims(segment, header.fileType)),
    ...relocationClaims(segments),
    ...tableClaims(file),
  ];
}

/** What a universal file's own header and table take. */
export function fatClaim(wide: boolean, slices: number): Claim {
  return fixed('universal header', 'header', 'headers', 0, FAT_HEADER_SIZE + slices * sliceSize(wide));
}

/** SECTION_TYPE: what a section's flags say it is. Zero-filled ones have an offset all the same with some linkers. */
const SECTION_TYPE = {
  MASK: 0xff,
  ZEROFILL: 0x1,
  NON_LAZY_POINTERS: 0x6,
  LAZY_POINTERS: 0x7,
  INIT_POINTERS: 0x9,
  TERM_POINTERS: 0xa,
  GB_ZEROFILL: 0xc,
  THREAD_ZEROFILL: 0x12,
  INIT_OFFSETS: 0x16,
} as const;

/** SECTION_ATTRIBUTES: the other bits of a section's flags. */
const SECTION_ATTRIBUTE = { SOME_INSTRUCTIONS: 0x400, DEBUG: 0x200_0000, PURE_INSTRUCTIONS: 0x8000_0000 } as const;

const ZERO_FILLED: ReadonlySet<number> = new Set([SECTION_TYPE.ZEROFILL, SECTION_TYPE.GB_ZEROFILL, SECTION_TYPE.THREAD_ZEROFILL]);
const POINTERS: ReadonlySet<number> = new Set([
  SECTION_TYPE.NON_LAZY_POINTERS, SECTION_TYPE.LAZY_POINTERS, SECTION_TYPE.INIT_POINTERS, SECTION_TYPE.TERM_POINTERS, SECTION_TYPE.INIT_OFFSETS,
]); // prettier-ignore

function protectionText(protection: number): string {
  return permissionsText((protection & VM_PROT.READ) !== 0, (protection & VM_PROT.WRITE) !== 0, (protection & VM_PROT.EXECUTE) !== 0);
}

/** A segment and its sections. An object has one segment for all, whose protection nobody enforces; a debug file has most of them without their bytes. */
function segmentClaims({ header, sections }: Segment, fileType: number): Claim[] {
  const mapped = fileType !== MH.OBJECT && fileType !== MH.DSYM;
  const { name, address, offset, fileSize, protection } = header;
  const memorySize = numberOf(header.memorySize);
  const permissions = mapped ? protectionText(protection) : null;
  const inFile = fileSize > 0;
  const segment: Claim = {
    name: name === '' ? 'all sections' : name,
    kind: 'segment',
    content: segmentContent(name, permissions),
    offset,
    size: inFile ? fileSize : 0,
    inFile,
    holds: true,
    within: null,
    address: mapped ? address : null,
    memorySize,
    permissions,
    note: name === '__PAGEZERO' ? 'reserved: it catches null pointers' : inFile || fileType !== MH.DSYM ? null : 'its bytes are in another file',
    children: [],
  };
  return [segment, ...sections.map((section) => sectionClaim(section, segment, mapped))];
}

function sectionClaim(section: Section, segment: Claim, mapped: boolean): Claim {
  const { name, address, size, offset } = section;
  const inFile = segment.inFile && offset !== 0 && !ZERO_FILLED.has(section.flags & SECTION_TYPE.MASK);
  return {
    name: segment.name === section.segment ? name : `${section.segment},${name}`,
    kind: 'section',
    content: sectionContent(section, segment.permissions),
    offset: inFile ? offset : segment.offset + segment.size,
    size: inFile ? size : 0,
    inFile,
    holds: false,
    within: inFile ? null : segment,
    address: mapped ? address : null,
    memorySize: size,
    permissions: segment.permissions,
    note: inFile || segment.inFile ? null : segment.note,
    children: [],
  };
}

/** 2^53 - 1 for more, as offsets and sizes read. */
function numberOf(value: bigint): number {
  return value > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(value);
}

function segmentContent(name: string, permissions: string | null): Content {
  if (name === '__LINKEDIT') return 'linking';
  if (name === '__DWARF') return 'debug';
  if (permissions === null || permissions === '---') return 'other';
  return permissions.includes('x') ? 'code' : permissions.includes('w') ? 'data' : 'constants';
}

const GO = /^__(gopclntab|go_buildinfo|gosymtab|typelink|itablink|go_fipsinfo)$/;

/** By flags, and by the names that linkers give: a segment's protection says little of the sections in it. */
function sectionContent({ name, segment, flags }: Section, permissions: string | null): Content {
  if (GO.test(name)) return 'go';
  if (segment === '__DWARF' || (flags & SECTION_ATTRIBUTE.DEBUG) !== 0) return 'debug';
  if ((flags & (SECTION_ATTRIBUTE.PURE_INSTRUCTIONS | SECTION_ATTRIBUTE.SOME_INSTRUCTIONS)) !== 0) return 'code';
  if (POINTERS.has(flags & SECTION_TYPE.MASK)) return 'linking';
  if (segment === '__TEXT' || segment.startsWith('__DATA_CONST') || segment.startsWith('__AUTH_CONST')) return 'constants';
  if (segment.startsWith('__DATA') || segment.startsWith('__AUTH')) return name === '__const' || name === '__cfstring' ? 'constants' : 'data';
  return permissions === null ? 'other' : segmentContent(segment, permissions);
}

/** The relocations of objects: each section has its own, one behind the other; those that lie together are one region. */
function relocationClaims(segments: readonly Segment[]): Claim[] {
  const ranges = segments
    .flatMap(({ sections }) => sections)
    .filter(({ relocations }) => relocations > 0)
    .map(({ relocationsOffset, relocations }): DataRange => ({ offset: relocationsOffset, size: relocations * RELOCATION_SIZE }))
    .sort((a, b) => a.offset - b.offset);
  const joined: { offset: number; size: number }[] = [];
  for (const { offset, size } of ranges) {
    const last = joined.at(-1);
    if (last !== undefined && last.offset + last.size === offset) last.size += size;
    else joined.push({ offset, size });
  }
  return joined.map(({ offset, size }) => fixed('relocations', 'table', 'linking', offset, size));
}

/** The tables of LC_DYSYMTAB, in its order. */
const GROUP_TABLES = ['table of contents', 'modules', 'references', 'indirect symbols', 'external relocations', 'local relocations'];

const DATA_NAMES: Readonly<Record<number, readonly [name: string, content: Content]>> = {
  [LC.CODE_SIGNATURE]: ['code signature', 'signature'],
  [LC.SEGMENT_SPLIT_INFO]: ['segment split info', 'linking'],
  [LC.FUNCTION_STARTS]: ['function starts', 'debug'],
  [LC.DATA_IN_CODE]: ['data in code', 'debug'],
  [LC.DYLIB_CODE_SIGN_DRS]: ["libraries' signing requirements", 'signature'],
  [LC.LINKER_OPTIMIZATION_HINT]: ['linker optimization hints', 'linking'],
  [LC.DYLD_EXPORTS_TRIE]: ['exports', 'linking'],
  [LC.DYLD_CHAINED_FIXUPS]: ['chained fixups', 'linking'],
  [LC.ATOM_INFO]: ['atom info', 'linking'],
  [LC.FUNCTION_VARIANTS]: ['function variants', 'linking'],
  [LC.FUNCTION_VARIANT_FIXUPS]: ['function variant fixups', 'linking'],
  [LC.TWOLEVEL_HINTS]: ['two-level hints', 'linking'],
  [LC.NOTE]: ['note', 'other'],
};

/** What linkers leave for dyld, for debuggers and for codesign. */
function tableClaims({ input, symbolTable, symbolGroups, dyldInfo, data }: MachOFile): Claim[] {
  const claims: Claim[] = [];
  const add = (name: string, content: Content, { offset, size }: DataRange): void => {
    if (size > 0) claims.push(fixed(name, 'table', content, offset, size));
  };
  if (symbolTable !== null) {
    add('symbol table', 'symbols', { offset: symbolTable.offset, size: symbolTable.count * symbolSize(input.encoding.wide) });
    add('string table', 'symbols', { offset: symbolTable.stringsOffset, size: symbolTable.stringsSize });
  }
  (symbolGroups?.tables ?? []).forEach((range, index) => add(GROUP_TABLES[index] as string, index === 3 ? 'symbols' : 'linking', range));
  if (dyldInfo !== null) {
    add('rebase program', 'linking', dyldInfo.rebase);
    add('bind program', 'linking', dyldInfo.bind);
    add('weak bind program', 'linking', dyldInfo.weakBind);
    add('lazy bind program', 'linking', dyldInfo.lazyBind);
    add('exports', 'linking', dyldInfo.exports);
  }
  for (const { command, range } of data) {
    const [name, content] = DATA_NAMES[command] ?? ['data', 'other'];
    add(name, content, range);
  }
  return claims;
}
