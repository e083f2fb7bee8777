// The versions of libraries that a file asks for, and so the oldest C and C++ library that will do.

import type { Minimums } from '../../model/binary.ts';
import { DT, EM } from '../constants.ts';
import { dynamicText, hasTag, lastValue } from '../dynamic.ts';
import type { ElfFile } from '../file.ts';
import { NEEDED_VERSION_SIZE, readNeededVersion, readSymbol, readVersionNeed, symbolSize, VERSION_NEED_SIZE } from '../structures.ts';
import { dynamicSymbols } from '../symbol-names.ts';
import type { SymbolTable } from '../symbol-names.ts';
import { isOfGlibc } from './glibc.ts';
import { lackingSymbols } from './undefined.ts';

/** vna_flags: ld.so starts the program without the version too, and ends it where a symbol that is not weak itself asks for it. */
const VER_FLG_WEAK = 2;

/** Versions that name a feature, and the release that brought it. */
const FEATURES: ReadonlyMap<string, string> = new Map([['GLIBC_ABI_DT_RELR', '2.36'], ['CXXABI_TM_1', '1.3.6'], ['CXXABI_FLOAT128', '1.3.9']]); // prettier-ignore

/** Versions of another floating point format, which are counted with the others. */
const FORMATS = /^(GLIBCXX|CXXABI)_(LDBL|IEEE128)_/;

const DOT = 0x2e;
const ZERO = 0x30;

/** Of a symbol's version, the bits that are its index; the highest says that it is hidden. */
const VERSYM_VERSION = 0x7fff;

/** A version that a file needs, and the library that has to have it. */
export interface Needed {
  readonly version: string;
  readonly library: string;
  /** By which symbols name it (vna_other). */
  readonly index: number;
}

/**
 * What DT_VERNEED asks for, in the file's order; of weak versions those that a symbol asks for which is not weak. The links are followed
 * as the loader follows them, to the one that is 0, whatever the counts say. They only go forwards, so the segment's end bounds them. Null,
 * with a warning, where the table can't be read to its end.
 */
export function neededVersions(file: ElfFile): Needed[] | null {
  const { input, memory, dynamic } = file;
  const address = lastValue(dynamic?.entries ?? [], DT.VERNEED);
  if (address === null) return [];
  const start = memory.offsetOf(address);
  const size = memory.backed(address);
  const bad = (why: string): null => {
    input.warn('version-table', `DT_VERNEED 0x${address.toString(16)}: ${why}`, start);
    return null;
  };
  if (start === null) return bad('it is in no segment');
  const needed: Needed[] = [];
  const weak = new Set<number>();
  let entries = 0;
  let length = 0;
  for (let at = 0, next = -1; next !== 0; at += next) {
    if (at + VERSION_NEED_SIZE > size) return bad(`a library's entry lies at 0x${at.toString(16)}, ${size} bytes follow in the segment`);
    const need = readVersionNeed(input.read(start + at, VERSION_NEED_SIZE, 'version needs').cursor());
    if (need.version !== 1) return bad(`an entry of the form ${need.version}, which ld.so refuses: it knows the form 1`);
    const library = dynamicText(file, need.file, 'library of a symbol version');
    for (let versionAt = at + need.firstVersion, link = -1; link !== 0; versionAt += link) {
      if (++entries > input.limits.tableEntries) return bad(`more than ${input.limits.tableEntries} versions`);
      if (versionAt + NEEDED_VERSION_SIZE > size) return bad(`a version lies at 0x${versionAt.toString(16)}, ${size} bytes follow in the segment`);
      const one = readNeededVersion(input.read(start + versionAt, NEEDED_VERSION_SIZE, 'needed version').cursor());
      const version = dynamicText(file, one.name, 'symbol version');
      if (library === null || version === null) return bad('a name in it can not be read');
      length += library.length + version.length;
      if (length > input.limits.nameBytes) {
        input.warn('limit-exceeded', `symbol versions: more than ${input.limits.nameBytes} bytes of names`, start);
        return null;
      }
      needed.push({ version, library, index: one.other });
      if ((one.flags & VER_FLG_WEAK) !== 0) weak.add(one.other);
      link = one.next;
    }
    next = need.next;
  }
  if (weak.size === 0) return needed;
  const lacking = lackingSymbols(file);
  return needed.filter(({ index }) => !weak.has(index) || lacking?.versions.has(index) === true);
}

/**
 * The two or three numbers of a version as one that orders it (2.9 is older than 2.17), from a position of a text on; -1 for what is
 * no version. No number has more than four digits.
 */
function rankOf(text: string, start: number): number {
  let rank = 0;
  let part = 0;
  let parts = 1;
  let digits = 0;
  for (let at = start; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === DOT && digits > 0) {
      rank = rank * 10_000 + part;
      parts++;
      part = digits = 0;
    } else if (code >= ZERO && code <= ZERO + 9 && digits < 4) {
      part = part * 10 + code - ZERO;
      digits++;
    } else return -1;
  }
  if (digits === 0 || parts < 2 || parts > 3) return -1;
  rank = rank * 10_000 + part;
  return parts === 2 ? rank * 10_000 : rank;
}

/** The newest of some versions, and the first that nobody can place among them. */
interface Newest {
  readonly newest: { readonly number: string; readonly needed: Needed } | null;
  readonly strange: Needed | null;
}

/** What follows a version's prefix, as a number where it is one: '2.34'. */
function numberOf(version: string, prefix: string): string {
  const first = version.charCodeAt(prefix.length);
  if (first >= ZERO && first <= ZERO + 9) return version.slice(prefix.length);
  return FEATURES.get(version) ?? version.replace(FORMATS, '$1_').slice(prefix.length);
}

/** The newest of the versions that begin with a prefix. */
function newestOf(needed: readonly Needed[], prefix: string): Newest {
  let newest: Newest['newest'] = null;
  let strange: Needed | null = null;
  let highest = -1;
  for (const one of needed) {
    if (!one.version.startsWith(prefix)) continue;
    const number = numberOf(one.version, prefix);
    const rank = rankOf(number, 0);
    if (rank === -1) strange ??= one;
    if (rank <= highest) continue;
    highest = rank;
    newest = { number, needed: one };
  }
  return { newest, strange };
}

/** What is known of a file when its minimums are asked for. */
export interface VersionClues {
  /** Null where the table can't be read. */
  readonly needed: readonly Needed[] | null;
  readonly libc: string | null;
  readonly os: string | null;
  /** Whether a loader of the system brings it into memory: a library, or a program with an interpreter. */
  readonly loaded: boolean;
  /** Whether a symbol is looked up for each. */
  readonly all: boolean;
}

type VersionFact = 'minimums.glibc' | 'minimums.glibcxx' | 'minimums.cxxabi';

const NO_MINIMUMS = { glibc: null, glibcxx: null, cxxabi: null } as const;

/** The glibc that reads DT_RELR. */
const RELATIVE_RELOCATIONS = '2.36';

/** EI_ABIVERSION on MIPS, and the glibc that has what each stands for (sysdeps/mips/libc-abis). */
const MIPS_ABI_VERSIONS = ['2.0', '2.9', '2.11', '2.21', '2.28', '2.31'] as const;

/**
 * The oldest glibc, and the newest GLIBCXX_ and CXXABI_ versions, that the loader will look for: '2.34', '3.4.29', '1.3.11'. Null where none is
 * asked for, and `because` says so; where something is asked for that has no place among the versions, or is bound to one release, and `because` begins
 * with 'unknown'; or where the table can't be read, and `because` says nothing. What a program looks up while it runs is not in it.
 */
export function minimumVersions(file: ElfFile, clues: VersionClues, because: Record<string, string>): Pick<Minimums, 'glibc' | 'glibcxx' | 'cxxabi'> {
  const { needed, libc, all } = clues;
  if (file.dynamic === null || needed === null) return NO_MINIMUMS;
  const table = hasTag(file, DT.VERNEED);
  const told = (fact: VersionFact, prefix: string, list: readonly Needed[]): string | null => {
    because[fact] = table ? `no ${prefix} version is among the symbol versions that it asks for` : 'it asks for no symbol versions: there is no DT_VERNEED';
    const { newest, strange } = newestOf(list, prefix);
    if (strange !== null) {
      const why = strange.version === 'GLIBC_PRIVATE' ? 'which only the very release has that it was built with' : 'which is no number';
      const least = newest === null ? '' : `; at least ${newest.number} it is`;
      because[fact] = `unknown: it asks for ${strange.version} from ${strange.library}, ${why}${least}`;
      return null;
    }
    if (newest === null) return null;
    const { version, library, index } = newest.needed;
    const symbol = all ? symbolOfVersion(file, index) : null;
    because[fact] = `${version} from ${library}${symbol === null ? '' : `, for ${symbol}`}`;
    return newest.number;
  };
  const own = needed.filter(({ library, version }) => version.startsWith('GLIBC_') && isOfGlibc(library));
  const glibc = told('minimums.glibc', 'GLIBC_', own);
  const versions = { glibcxx: told('minimums.glibcxx', 'GLIBCXX_', needed), cxxabi: told('minimums.cxxabi', 'CXXABI_', needed) };
  if (libc !== null && libc !== 'glibc') {
    const [first] = own;
    because['minimums.glibc'] = first === undefined ? `it is made for ${libc}` : `unknown: it is made for ${libc}, and asks for ${first.version} from ${first.library}`;
    return { glibc: null, ...versions };
  }
  return { glibc: byMarks(file, clues, own, glibc, because), ...versions };
}

/** The minimum, raised by what else ld.so of glibc has to understand. */
function byMarks(file: ElfFile, { libc, os, loaded }: VersionClues, own: readonly Needed[], glibc: string | null, because: Record<string, string>): string | null {
  const { ident, header, input } = file;
  if (!loaded || (os !== 'linux' && os !== 'hurd')) return glibc;
  const raised = (number: string, reason: string): void => {
    if (because['minimums.glibc']?.startsWith('unknown') === true || (minimum !== null && rankOf(minimum, 0) >= rankOf(number, 0))) return;
    minimum = number;
    because['minimums.glibc'] = reason;
  };
  let minimum = glibc;
  if (hasTag(file, DT.RELR)) {
    raised(RELATIVE_RELOCATIONS, `DT_RELR: glibc has relative relocations of this form since ${RELATIVE_RELOCATIONS}`);
    if (own.some(({ library }) => library.startsWith('libc.so.')) && !own.some(({ version }) => version === 'GLIBC_ABI_DT_RELR')) {
      input.warn('relr-without-version', 'DT_RELR is there, and GLIBC_ABI_DT_RELR is not asked for: glibc refuses such a file, or does not relocate it', null, ['minimums.glibc']);
    }
  }
  if (libc === 'glibc' && ident.abiVersion !== 0) {
    const release = header.machine === EM.MIPS ? MIPS_ABI_VERSIONS[ident.abiVersion] : undefined;
    if (release !== undefined) raised(release, `EI_ABIVERSION is ${ident.abiVersion}, which glibc knows since ${release}`);
    else {
      minimum = null;
      because['minimums.glibc'] = `unknown: EI_ABIVERSION is ${ident.abiVersion}`;
    }
  }
  return minimum;
}

/** The first symbol that asks for a version: DT_VERSYM has a number for each entry of the dynamic symbol table, in the same order. */
function symbolOfVersion(file: ElfFile, index: number): string | null {
  const { input, memory, dynamic } = file;
  const table = dynamicSymbols(file);
  const address = lastValue(dynamic?.entries ?? [], DT.VERSYM);
  const offset = address === null ? null : memory.offsetOf(address);
  if (table === null || offset === null || address === null) return null;
  const count = Math.min(table.count, Math.floor(memory.backed(address) / 2), input.limits.tableEntries);
  const versions = input.readUpTo(offset, count * 2, 'symbol versions');
  for (let i = 1; i * 2 + 2 <= versions.size; i++) {
    if ((versions.u16(i * 2) & VERSYM_VERSION) === index) return symbolName(file, table, i);
  }
  return null;
}

function symbolName(file: ElfFile, { offset, strings }: SymbolTable, i: number): string | null {
  const { input } = file;
  const size = symbolSize(input.encoding.wide);
  if (input.available(offset + i * size, size) < size) return null;
  const { name } = readSymbol(input.read(offset + i * size, size, 'symbol').cursor());
  if (name >= strings.size) return null;
  const { text } = input.text(strings.offset + name, strings.size - name, 'symbol name');
  return text === '' ? null : text;
}
