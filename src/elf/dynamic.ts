// The dynamic section as ld.so finds it: by address, through what is mapped, to its DT_NULL.

import type { AddressSpace } from '../bytes/address-space.ts';
import type { Input } from '../bytes/input.ts';
import { DT, PT, SHT } from './constants.ts';
import { dynamicEntrySize, readDynamicEntry } from './structures.ts';
import type { DynamicEntry, Section, Segment } from './structures.ts';

/** Where strings lie in the file. */
export interface StringTable {
  readonly offset: number;
  readonly size: number;
}

/** The dynamic section: what the loader reads. */
export interface Dynamic {
  readonly entries: readonly DynamicEntry[];
  /** Whether all of it is in the file. */
  readonly complete: boolean;
  readonly strings: StringTable | null;
}

/** A file whose dynamic section can be asked. */
interface Asked {
  readonly input: Input;
  readonly dynamic: Dynamic | null;
}

/** Tags of which ld.so keeps one value: the last. */
const ONCE: ReadonlySet<number> = new Set([
  DT.HASH, DT.STRTAB, DT.SYMTAB, DT.STRSZ, DT.SONAME, DT.RPATH, DT.RUNPATH, DT.FLAGS, DT.FLAGS_1, DT.GNU_HASH, DT.VERSYM, DT.VERNEED,
]); // prettier-ignore

/**
 * The dynamic section, as ld.so finds it: where the address of PT_DYNAMIC is mapped, of several the last, whatever its offset and its size say.
 * A section of type SHT_DYNAMIC is believed only in a file without program headers. What other readers would take for it is a warning.
 */
export function dynamicOf(input: Input, segments: readonly Segment[], sections: readonly Section[], memory: AddressSpace): Dynamic | null {
  const stated = segments.filter(({ type }) => type === PT.DYNAMIC);
  const segment = stated.at(-1);
  const section = sections.find(({ type }) => type === SHT.DYNAMIC);
  if (segment === undefined) {
    if (section === undefined) return null;
    if (segments.length === 0) return bySection(input, section, sections);
    input.warn('dynamic-section-only', 'a section is an SHT_DYNAMIC, and no segment is a PT_DYNAMIC: the loader sees no dynamic section', section.offset);
    return null;
  }
  if (stated.some(({ address, offset }) => address !== segment.address || offset !== segment.offset)) {
    input.warn('several-dynamic', `${stated.length} PT_DYNAMIC segments: ld.so takes the last, at 0x${segment.address.toString(16)}`, segment.offset);
  }
  const complete = input.available(segment.offset, segment.fileSize) === segment.fileSize;
  if (!complete) {
    const { fileSize, offset } = segment;
    input.warn('truncated', `dynamic section: ${fileSize} bytes wanted at 0x${offset.toString(16)}, the file ends at 0x${input.size.toString(16)}`, offset);
  }
  if (!memory.isMapped(segment.address)) return unmapped(input, segment, complete, memory);
  const entries = entriesInMemory(input, memory, segment);
  const strings = dynamicStrings(input, entries, memory);
  warnOfMismatch(input, segment, entries, strings, section, sections, memory);
  warnOfSeveral(input, entries, segment.offset);
  return { entries, complete, strings };
}

/** Of a file that nothing loads, as it stands there. */
function bySection(input: Input, { offset, size, link }: Section, sections: readonly Section[]): Dynamic {
  const complete = input.available(offset, size) === size;
  if (!complete) input.warn('truncated', `dynamic section: ${size} bytes wanted at 0x${offset.toString(16)}, the file ends at 0x${input.size.toString(16)}`, offset);
  const linked = sections[link];
  const strings = linked !== undefined && linked.type === SHT.STRTAB ? tableWithin(input, linked.offset, linked.size, 'dynamic strings') : null;
  return { entries: entriesInFile(input, offset, size), complete, strings };
}

/** Of a file whose PT_DYNAMIC no loader finds, what stands at its offset: other readers take that. */
function unmapped(input: Input, { address, offset, fileSize }: Segment, complete: boolean, memory: AddressSpace): Dynamic {
  input.warn('dynamic-unmapped', `PT_DYNAMIC is at 0x${address.toString(16)}, which no segment maps`, offset);
  const entries = entriesInFile(input, offset, fileSize);
  return { entries, complete, strings: dynamicStrings(input, entries, memory) };
}

/** A string table cut to what the file has. */
export function tableWithin(input: Input, offset: number, size: number, what: string): StringTable {
  const here = input.available(offset, size);
  if (here < size) input.warn('truncated', `${what}: ${size} bytes wanted at 0x${offset.toString(16)}, the file ends at 0x${input.size.toString(16)}`, offset);
  return { offset, size: here };
}

function entriesInFile(input: Input, offset: number, size: number): DynamicEntry[] {
  const entrySize = dynamicEntrySize(input.encoding.wide);
  const count = Math.min(Math.floor(input.available(offset, size) / entrySize), input.limits.tableEntries);
  const entries: DynamicEntry[] = [];
  if (count === 0) return entries;
  const cursor = input.read(offset, count * entrySize, 'dynamic section').cursor();
  for (let i = 0; i < count; i++) {
    const entry = readDynamicEntry(cursor);
    if (entry.tag === DT.NULL) return entries;
    entries.push(entry);
  }
  input.warn('no-dt-null', `the dynamic section has no DT_NULL within its ${size} bytes`, offset);
  return entries;
}

const MORE = 64; // entries that are read at a time where PT_DYNAMIC's size is no guide

/** The entries up to DT_NULL, across neighbouring segments. Zeros are a DT_NULL. */
function entriesInMemory(input: Input, memory: AddressSpace, { address, offset, fileSize }: Segment): DynamicEntry[] {
  const entrySize = dynamicEntrySize(input.encoding.wide);
  const most = input.limits.tableEntries;
  const stated = Math.floor(fileSize / entrySize);
  const entries: DynamicEntry[] = [];
  for (let at = address; entries.length < most; ) {
    const backed = Math.floor(memory.backed(at) / entrySize);
    const wanted = Math.max(1, Math.min(backed, entries.length < stated ? stated - entries.length : MORE, most - entries.length));
    const bytes = memory.read(at, wanted * entrySize, 'dynamic section');
    if (bytes === null) break;
    const cursor = bytes.cursor();
    for (let i = 0; i < wanted; i++) {
      const entry = readDynamicEntry(cursor);
      if (entry.tag === DT.NULL) {
        if (entries.length > stated) {
          input.warn('no-dt-null', `the dynamic section has ${entries.length} entries before its DT_NULL, PT_DYNAMIC has ${fileSize} bytes, which is room for ${stated}`, offset);
        }
        return entries;
      }
      entries.push(entry);
    }
    at += BigInt(wanted * entrySize);
  }
  const why = entries.length < most ? 'no DT_NULL before what is mapped ends' : `more than ${most} entries`;
  input.warn(entries.length < most ? 'no-dt-null' : 'limit-exceeded', `the dynamic section has ${why}`, offset);
  return entries;
}

/** DT_STRTAB is an address. */
function dynamicStrings(input: Input, entries: readonly DynamicEntry[], memory: AddressSpace): StringTable | null {
  const address = lastValue(entries, DT.STRTAB);
  const stated = lastValue(entries, DT.STRSZ);
  if (address === null) return null;
  const offset = memory.offsetOf(address);
  if (offset === null) {
    input.warn('string-table-unmapped', `DT_STRTAB 0x${address.toString(16)} is in no segment`);
    return null;
  }
  const backed = memory.backed(address);
  if (stated !== null && stated > BigInt(backed)) {
    input.warn('string-table-size', `DT_STRSZ is ${stated}, only ${backed} bytes follow in the segment`, offset);
  }
  return { offset, size: stated === null || stated > BigInt(backed) ? backed : Number(stated) };
}

/** Warns where a reader that goes by offsets, or by section headers, finds another dynamic section than the loader does. */
function warnOfMismatch(
  input: Input,
  { address, offset, fileSize }: Segment,
  entries: readonly DynamicEntry[],
  strings: StringTable | null,
  section: Section | undefined,
  sections: readonly Section[],
  memory: AddressSpace,
): void {
  const place = memory.offsetOf(address);
  if (place === null) return; // zeros
  const lies = `its address lies at 0x${place.toString(16)}`;
  if (place !== offset) {
    input.warn('dynamic-offset-mismatch', `PT_DYNAMIC says offset 0x${offset.toString(16)}, ${lies}`, offset);
    return;
  }
  if (section === undefined || fileSize === 0) return;
  const linked = sections[section.link];
  if (section.offset !== place || section.size < entries.length * dynamicEntrySize(input.encoding.wide)) {
    input.warn('dynamic-offset-mismatch', `the section SHT_DYNAMIC has ${section.size} bytes at 0x${section.offset.toString(16)}, PT_DYNAMIC has ${fileSize} at 0x${place.toString(16)}`, section.offset);
  } else if (linked !== undefined && strings !== null && linked.type === SHT.STRTAB && linked.offset !== strings.offset) {
    input.warn('dynamic-offset-mismatch', `DT_STRTAB lies at 0x${strings.offset.toString(16)}, the section SHT_DYNAMIC has its strings at 0x${linked.offset.toString(16)}`, linked.offset);
  }
}

/** Warns of a tag that is there twice with two values. */
function warnOfSeveral(input: Input, entries: readonly DynamicEntry[], offset: number): void {
  const tags = entries.filter(({ tag }) => ONCE.has(tag));
  if (tags.length <= ONCE.size && tags.every(({ tag }, i) => tags.findIndex((other) => other.tag === tag) === i)) return; // as good as always
  const seen = new Map<number, bigint>();
  for (const { tag, value } of tags) {
    const before = seen.get(tag);
    if (before !== undefined && before !== value) {
      input.warn('dynamic-tag-twice', `the dynamic section has the tag 0x${tag.toString(16)} twice, with 0x${before.toString(16)} and 0x${value.toString(16)}: ld.so takes the last`, offset);
      return;
    }
    seen.set(tag, value);
  }
}

/** The value of a tag, as the loader takes it: of several, the last. */
export function lastValue(entries: readonly DynamicEntry[], tag: number): bigint | null {
  for (let i = entries.length - 1; i >= 0; i--) {
    const entry = entries[i] as DynamicEntry;
    if (entry.tag === tag) return entry.value;
  }
  return null;
}

/** Whether a tag is there at all. */
export function hasTag({ dynamic }: Pick<Asked, 'dynamic'>, tag: number): boolean {
  if (dynamic === null) return false;
  for (const entry of dynamic.entries) if (entry.tag === tag) return true;
  return false;
}

/** A string that a dynamic entry points at; null, with a warning, where there is none. */
export function dynamicText({ input, dynamic }: Asked, index: number, what: string): string | null {
  const strings = dynamic?.strings ?? null;
  if (strings === null) {
    input.warn('no-string', `${what}: there is no string table`);
    return null;
  }
  if (index >= strings.size) {
    input.warn('no-string', `${what}: string ${index} wanted, the string table has ${strings.size} bytes`, strings.offset);
    return null;
  }
  const { text, complete } = input.text(strings.offset + index, strings.size - index, what);
  if (!complete) input.warn('string-cut', `${what}: no NUL within the string table, or the limit of ${input.limits.stringBytes} bytes`, strings.offset + index);
  return text;
}

/** The strings of all entries with a tag, in order; those that can't be read are left out, with a warning. */
export function dynamicTexts(file: Asked, tag: number, what: string): string[] {
  const { dependencies, nameBytes } = file.input.limits;
  const texts: string[] = [];
  let length = 0;
  for (const entry of file.dynamic?.entries ?? []) {
    if (entry.tag !== tag) continue;
    if (texts.length === dependencies || length >= nameBytes) {
      const most = texts.length === dependencies ? `${dependencies} entries` : `${nameBytes} bytes`;
      file.input.warn('limit-exceeded', `${what}: more than ${most}; the rest are left out`);
      break;
    }
    const text = dynamicText(file, Number(entry.value), what);
    if (text === null) continue;
    texts.push(text);
    length += text.length;
  }
  return texts;
}
