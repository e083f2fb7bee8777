// An assembled WebAssembly file: its sections, found by their headers alone, and the contents of the few that facts are made of.

import type { Bytes, Cursor } from '../bytes/bytes.ts';
import type { Input } from '../bytes/input.ts';
import { decodeText } from '../bytes/text.ts';
import { BinspectError, hex } from '../errors.ts';
import { COMPONENT_SECTION, CUSTOM, PREAMBLE, SECTION, SECTION_ORDER, WASM_MAGIC } from './constants.ts';
import { isUtf8, left, readSectionHeader, readSubsectionHeader, readU32, SECTION_HEADER_SIZE } from './structures.ts';
import type { SectionHeader } from './structures.ts';

/** A section. Positions count from the beginning of the module or component. */
export interface Section {
  readonly id: number;
  /** Where its header begins. */
  readonly offset: number;
  /** Where its contents begin; of a custom section behind its name. */
  readonly contentOffset: number;
  /** Bytes of its contents, as far as the file has them. */
  readonly contentSize: number;
  /** Where it ends, by its header. */
  readonly end: number;
  /** A custom section's name; null for the others, and where the name is longer than the section. */
  readonly name: string | null;
}

/** Everything that facts are made from. */
export interface WasmFile {
  readonly input: Input;
  readonly version: number;
  readonly layer: number;
  readonly isComponent: boolean;
  readonly sections: readonly Section[];
  /** The custom sections by their names, the first of each. */
  readonly customs: ReadonlyMap<string, Section>;
  /** Whether the sections end where the file does. If not, what is behind the last of them is not known. */
  readonly complete: boolean;
}

/** Bytes of the preamble. */
export const PREAMBLE_SIZE = 8;

const MOST_NAMELESS = 64; // custom sections whose name can't be read: no engine takes a module with one
const BATCH = 512; // sections that are walked at once; a rerun of the reader does not walk them again

/** What stands behind the magic. Throws `truncated`, `malformed` where it is no WebAssembly, and `unsupported` for a version that nobody reads. */
export function openWasm(input: Input): WasmFile {
  const preamble = input.read(0, PREAMBLE_SIZE, 'WebAssembly preamble');
  const cursor = preamble.cursor();
  const version = preamble.u16(4);
  const layer = preamble.u16(6);
  if (cursor.u8() !== 0 || !preamble.begins(1, 'asm')) {
    throw new BinspectError('malformed', `there is no WebAssembly magic number (${hex(WASM_MAGIC)}) at ${hex(input.start)}`, { offset: input.start });
  }
  const isComponent = layer === PREAMBLE.component.layer;
  if (version !== (isComponent ? PREAMBLE.component : PREAMBLE.module).version || (layer !== PREAMBLE.module.layer && !isComponent)) {
    throw new BinspectError('unsupported', `WebAssembly of version ${version}, layer ${layer}: only modules of version 1 and components of version 13 are read`, {
      detected: 'webassembly',
      offset: input.start + 4,
    });
  }
  const sections: Section[] = [];
  let customs = 0;
  let nameless = 0;
  let complete = true;
  for (let at: number | null = PREAMBLE_SIZE; at !== null && at < input.size; ) {
    const from: number = at;
    const room = { sections: Math.min(BATCH, input.limits.tableEntries - sections.length), customs: input.limits.customSections - customs, nameless: MOST_NAMELESS - nameless };
    const batch = input.once(`sections from ${from}`, () => walk(input, from, room));
    for (const section of batch.sections) sections.push(section);
    customs += batch.customs;
    nameless += batch.nameless;
    complete &&= batch.complete;
    at = batch.next;
  }
  if (!isComponent) checkOrder(input, sections);
  return { input, version, layer, isComponent, sections, customs: customSections(input, sections), complete };
}

interface Batch {
  readonly sections: readonly Section[];
  readonly customs: number;
  /** Custom sections whose name can't be read. */
  readonly nameless: number;
  /** Where the next section begins; null where nothing more can be read. */
  readonly next: number | null;
  readonly complete: boolean;
}

/** Sections from a position on, one header after the other. */
function walk(input: Input, from: number, room: { readonly sections: number; readonly customs: number; readonly nameless: number }): Batch {
  const sections: Section[] = [];
  let at = from;
  let customs = 0;
  let nameless = 0;
  while (at < input.size && sections.length < BATCH) {
    if (sections.length >= room.sections || customs > room.customs) {
      const what = customs > room.customs ? `${input.limits.customSections} custom sections` : `${input.limits.tableEntries} sections`;
      input.warn('limit-exceeded', `more than ${what}; those from ${hex(input.start + at)} on are left out`, at);
      return { sections, customs, nameless, next: null, complete: false };
    }
    const start = at;
    const section = input.attempt(() => readSection(input, start));
    if (section !== null && section.id === SECTION.CUSTOM && section.name === null) nameless++;
    if (section === null || nameless > room.nameless) {
      input.warn('sections-cut', `the sections from ${hex(input.start + start)} on can not be read`, start);
      return { sections, customs, nameless, next: null, complete: false };
    }
    if (section.id === SECTION.CUSTOM) customs++;
    sections.push(section);
    at = section.end;
    if (at > input.size) {
      input.warn('truncated', `section ${section.name ?? section.id}: it should end at ${hex(at)}, the ${input.start === 0 ? 'file' : 'part'} ends at ${hex(input.size)}`, start);
      return { sections, customs, nameless, next: null, complete: false };
    }
  }
  return { sections, customs, nameless, next: at, complete: true };
}

function readSection(input: Input, at: number): Section {
  const head = input.readUpTo(at, SECTION_HEADER_SIZE, 'section header').cursor();
  const { id, size } = readSectionHeader(head);
  const start = at + head.at;
  const end = start + size;
  const plain: Section = { id, offset: at, contentOffset: start, contentSize: input.available(start, size), end, name: null };
  if (id !== SECTION.CUSTOM) return plain;
  return input.attempt(() => named(input, plain)) ?? plain;
}

const NAME_LENGTH = 5; // bytes that a name's length takes at most

/** A custom section, with its name taken from its contents. */
function named(input: Input, section: Section): Section {
  const { id, offset, contentOffset, contentSize, end } = section;
  const head = input.read(contentOffset, Math.min(contentSize, NAME_LENGTH), 'custom section').cursor();
  const length = readU32(head);
  const start = contentOffset + head.at;
  if (start + length > end) {
    throw new BinspectError('malformed', `a custom section of ${end - contentOffset} bytes with a name of ${length}`, { offset: input.start + offset });
  }
  if (length > input.limits.stringBytes) {
    throw new BinspectError('limit-exceeded', `a custom section with a name of ${length} bytes, more than ${input.limits.stringBytes}`, { offset: input.start + offset });
  }
  const name = decodeText(input.read(start, length, "custom section's name").bytes()); // a NUL is a character like others
  return { id, offset, contentOffset: start + length, contentSize: input.available(start + length, end - start - length), end, name };
}

/** What engines refuse: sections that they don't know, that stand twice, or in another order. */
function checkOrder(input: Input, sections: readonly Section[]): void {
  const seen = new Set<number>();
  let last = -1;
  for (const { id, offset } of sections) {
    if (id === SECTION.CUSTOM) continue;
    const rank = SECTION_ORDER.indexOf(id);
    if (rank === -1) input.warn('unknown-section', `section ${id} is none that modules have; no engine loads it`, offset);
    else if (seen.has(id)) input.warn('duplicate-section', `section ${id} stands twice; the first counts, and no engine loads it`, offset);
    else if (rank < last) input.warn('section-order', `section ${id} stands behind one that it should precede; no engine loads it`, offset);
    seen.add(id);
    last = Math.max(last, rank);
  }
}

/** The first section of a kind; null where there is none. */
export function sectionOf({ sections }: WasmFile, id: number): Section | null {
  return sections.find((section) => section.id === id) ?? null;
}

/** Custom sections that tools read once. */
const SINGLE: ReadonlySet<string> = new Set(Object.values(CUSTOM).filter((name) => name !== CUSTOM.DEBUG_INFO));

function customSections(input: Input, sections: readonly Section[]): ReadonlyMap<string, Section> {
  const first = new Map<string, Section>();
  for (const section of sections) {
    const { id, name, offset } = section;
    if (id !== SECTION.CUSTOM || name === null) continue;
    if (!isUtf8(name)) input.warn('invalid-name', `the name of a custom section is not valid UTF-8: no engine loads it`, offset);
    if (!first.has(name)) first.set(name, section);
    else if (SINGLE.has(name)) input.warn('duplicate-section', `the custom section ${name} stands twice; the first counts`, offset);
  }
  return first;
}

/** The contents of a section, of which `most` bytes are read; a warning says so where it has more. */
export function contentsOf(input: Input, { contentOffset, contentSize }: Section, what: string, most: number): Bytes {
  if (contentSize > most) input.warn('limit-exceeded', `${what}: ${contentSize} bytes, of which ${most} are read`, contentOffset);
  return input.read(contentOffset, Math.min(contentSize, most), what);
}

/** What a reader of entries gives, with whether it came to the end. */
export interface Entries<T> {
  readonly items: readonly T[];
  /** Entries that the section says it has. */
  readonly count: number;
  readonly complete: boolean;
}

/** The entries of a vector: a count, and as many as there are bytes for. Damage ends them with a warning. */
export function readVector<T>(input: Input, cursor: Cursor, most: number, read: (cursor: Cursor) => T): Entries<T> {
  const items: T[] = [];
  const count = input.attempt(() => readU32(cursor));
  if (count === null) return { items, count: 0, complete: false };
  const whole = input.attempt(() => {
    while (items.length < count && items.length < most) items.push(read(cursor));
    return true;
  });
  if (whole !== null && count > most) input.warn('limit-exceeded', `${cursor.bytes.what}: ${count} entries, of which ${most} are read`);
  return { items, count, complete: whole !== null && count <= most };
}

/** A subsection, and where its contents begin, counted from the range that it was read from. */
export interface Subsection extends SectionHeader {
  readonly at: number;
}

/** The subsections of a custom section from a cursor on, as far as they are there; damage ends them with a warning. */
export function subsections(input: Input, cursor: Cursor): readonly Subsection[] {
  const found: Subsection[] = [];
  input.attempt(() => {
    while (left(cursor) > 0 && found.length < input.limits.tableEntries) {
      const { id, size } = readSubsectionHeader(cursor);
      found.push({ id, size, at: cursor.at });
      cursor.skip(size);
    }
  });
  return found;
}

/** A binary inside a component: of what kind it is, and the section that holds it. */
export interface Nested {
  readonly kind: 'module' | 'component';
  readonly section: Section;
}

/** Where the binaries inside a component lie. */
export function nestedSections({ isComponent, sections }: WasmFile): Nested[] {
  if (!isComponent) return [];
  return sections.flatMap((section): Nested[] => {
    if (section.id === COMPONENT_SECTION.CORE_MODULE) return [{ kind: 'module', section }];
    return section.id === COMPONENT_SECTION.COMPONENT ? [{ kind: 'component', section }] : [];
  });
}
