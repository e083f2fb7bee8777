// What a WebAssembly file's section headers say of its bytes: the preamble, the sections, and what is in the modules of a component.

import type { Input } from '../bytes/input.ts';
import { arrange, fixed } from '../model/arrange.ts';
import type { Claim } from '../model/arrange.ts';
import { nameOf } from '../model/names.ts';
import type { Content, Region } from '../model/regions.ts';
import { COMPONENT_SECTION, CUSTOM, SECTION } from './constants.ts';
import { nestedSections, openWasm, PREAMBLE_SIZE } from './file.ts';
import type { Nested, Section, WasmFile } from './file.ts';

/** Components in one another are shown so deep, and so many regions of what lies in them. */
const DEEPEST = 16;
const MOST_INNER = 10_000;

/** All that the headers of a module or a component claim. Throws `truncated`, `malformed` and `unsupported` as `readWasm` does. */
export function wasmClaims(input: Input): Claim[] {
  return claimsOf(input, 1, { left: MOST_INNER });
}

function claimsOf(input: Input, depth: number, room: { left: number }): Claim[] {
  const file = openWasm(input);
  const nested = new Map(nestedSections(file).map((one) => [one.section, one]));
  const preamble = fixed('preamble', 'header', 'headers', 0, PREAMBLE_SIZE);
  return [preamble, ...file.sections.map((section) => sectionClaim(file, section, nested.get(section) ?? null, depth, room))];
}

function sectionClaim(file: WasmFile, section: Section, nested: Nested | null, depth: number, room: { left: number }): Claim {
  const { offset, end } = section;
  return {
    name: sectionName(file, section),
    kind: 'section',
    content: file.isComponent ? componentContent(section) : moduleContent(section),
    offset,
    size: end - offset,
    inFile: true,
    holds: false,
    within: null,
    address: null,
    memorySize: null,
    permissions: null,
    note: nested === null ? null : `a ${nested.kind} of its own`,
    children: nested === null || depth > DEEPEST || room.left <= 0 ? [] : inner(file, section, depth, room),
  };
}

/** The regions of a binary inside a component, behind the header of the section that it lies in. Empty where it can't be read. */
function inner({ input }: WasmFile, { offset, contentOffset, contentSize }: Section, depth: number, room: { left: number }): Region[] {
  const part = input.part(contentOffset, contentSize);
  const regions = part.attempt(() => arrange(claimsOf(part, depth + 1, room), part.start, part.size));
  if (regions === null) return [];
  const header = arrange([fixed('section header', 'header', 'headers', 0, contentOffset - offset)], input.start + offset, contentOffset - offset);
  room.left -= regions.length;
  return [...header, ...regions];
}

/** 'code', 'name' of a custom section, 'core module' in a component. */
function sectionName({ isComponent }: WasmFile, { id, name }: Section): string {
  if (id === SECTION.CUSTOM) return name ?? 'custom section';
  const word = nameOf(isComponent ? COMPONENT_SECTION : SECTION, id);
  return word === null ? `section ${id}` : word.toLowerCase().replace('_', ' ');
}

function moduleContent(section: Section): Content {
  switch (section.id) {
    case SECTION.CUSTOM:
      return customContent(section.name ?? '');
    case SECTION.CODE:
      return 'code';
    case SECTION.DATA:
      return 'data';
    case SECTION.IMPORT:
    case SECTION.EXPORT:
    case SECTION.ELEMENT:
      return 'linking';
    default:
      return 'headers';
  }
}

function componentContent(section: Section): Content {
  switch (section.id) {
    case COMPONENT_SECTION.CUSTOM:
      return customContent(section.name ?? '');
    case COMPONENT_SECTION.CORE_MODULE:
    case COMPONENT_SECTION.COMPONENT:
      return 'code';
    case COMPONENT_SECTION.CORE_TYPE:
    case COMPONENT_SECTION.TYPE:
      return 'headers';
    default:
      return 'linking';
  }
}

const GO: ReadonlySet<string> = new Set([CUSTOM.GO_BUILD_ID, CUSTOM.GO_BUILD_ID_OLD]);
const SYMBOLS: ReadonlySet<string> = new Set([CUSTOM.NAME, CUSTOM.COMPONENT_NAME, CUSTOM.LINKING]);
const DEBUG: ReadonlySet<string> = new Set([CUSTOM.SOURCE_MAP, CUSTOM.EXTERNAL_DEBUG_INFO]);

/** By its name, which tools have agreed on. */
function customContent(name: string): Content {
  if (GO.has(name)) return 'go';
  if (SYMBOLS.has(name)) return 'symbols';
  if (DEBUG.has(name) || name.startsWith('.debug_')) return 'debug';
  return name.startsWith('reloc.') || name.startsWith('dylink') ? 'linking' : 'other';
}
