// What a PE file has that distinguishes one build from another: time stamps, its checksum, the PDB's id; and the text of its version resource.

import type { Bytes } from '../bytes/bytes.ts';
import type { Input } from '../bytes/input.ts';
import { DEBUG_TYPE, DIRECTORY, RESOURCE_TYPE } from '../pe/constants.ts';
import { readDebugDirectory } from '../pe/debug.ts';
import { directory, openPe } from '../pe/file.ts';
import type { PeFile } from '../pe/file.ts';
import { readImports } from '../pe/imports.ts';
import { firstResource } from '../pe/resources.ts';
import { COFF_HEADER_SIZE, DEBUG_ENTRY_SIZE, IMPORT_DESCRIPTOR_SIZE, readResourceCount, readResourceEntry, RESOURCE_DIRECTORY_SIZE, RESOURCE_ENTRY_SIZE } from '../pe/structures.ts';
import { hexText, identityRange, timeText } from './named-range.ts';
import type { NamedRange } from './named-range.ts';

const TIME = { COFF: 8, TABLE: 4 } as const; // TimeDateStamp: in the COFF header, and in every table that has one
const CHECKSUM_AT = 0x40; // in the optional header
const RSDS = { GUID: 4, GUID_SIZE: 16, AGE: 20, END: 24 } as const;
const NB10 = { TIME: 8, AGE: 12, END: 16 } as const;
const LONGEST_HASH = 64;
const LONGEST_VERSION = 65_536; // its size is a number of 16 bits
const MOST_DIRECTORIES = 256; // of resources

export function peRanges(image: Input): NamedRange[] {
  const file = openPe(image);
  const { input, headerOffset, coff, optionalBytes } = file;
  const ranges: NamedRange[] = [];
  const add = (offset: number, size: number, what: string, text: (bytes: Bytes) => string): void => {
    if (input.available(offset, size) === size) ranges.push(identityRange(input.start + offset, size, what, text(input.read(offset, size, what))));
  };
  const time = (offset: number | null, what: string): void => {
    if (offset !== null) add(offset, 4, what, (bytes) => timeText(bytes.u32(0)));
  };
  const at = (address: number): number | null => file.memory.offsetOf(BigInt(address));
  time(headerOffset + TIME.COFF, 'time stamp');
  if (optionalBytes >= CHECKSUM_AT + 4 && coff.optionalHeaderSize >= CHECKSUM_AT + 4) add(headerOffset + COFF_HEADER_SIZE + CHECKSUM_AT, 4, 'checksum', (bytes) => hex32(bytes));
  for (const [index, what] of [[DIRECTORY.EXPORT, 'time stamp of the exports'], [DIRECTORY.LOAD_CONFIG, 'time stamp of the load configuration']] as const) {
    const found = directory(file, index);
    if (found !== null) time(at(found.address + TIME.TABLE), what);
  }
  const imports = directory(file, DIRECTORY.IMPORT);
  if (imports !== null) {
    const { count } = readImports(file);
    for (let i = 0; i < count; i++) time(at(imports.address + i * IMPORT_DESCRIPTOR_SIZE + TIME.TABLE), `time stamp of import ${i + 1}`);
  }
  debugRanges(file, time, add, at);
  for (const [number, address] of resourceDirectories(file).entries()) time(at(address + TIME.TABLE), `time stamp of resource directory ${number + 1}`);
  const version = firstResource(file, RESOURCE_TYPE.VERSION);
  const versionAt = version === null ? null : at(version.address);
  if (version !== null && version.size <= LONGEST_VERSION && versionAt !== null && input.available(versionAt, version.size) === version.size) {
    ranges.push({ offset: input.start + versionAt, size: version.size, what: 'version resource', class: 'text', text: '', amongCode: false });
  }
  return ranges;
}

function hex32(bytes: Bytes): string {
  return `0x${bytes.u32(0).toString(16)}`;
}

/** The debug directory's entries, and of what they point at that which identifies the PDB and the build. */
function debugRanges(
  file: PeFile,
  time: (offset: number | null, what: string) => void,
  add: (offset: number, size: number, what: string, text: (bytes: Bytes) => string) => void,
  at: (address: number) => number | null,
): void {
  const found = directory(file, DIRECTORY.DEBUG);
  if (found === null) return;
  const seen = new Set<number>();
  for (const [index, { type, address, offset, size }] of readDebugDirectory(file).entries.entries()) {
    time(at(found.address + index * DEBUG_ENTRY_SIZE + TIME.TABLE), `time stamp of debug entry ${index + 1}`);
    const place = address === 0 ? offset : (at(address) ?? offset);
    if (seen.has(type)) continue; // the first of each type counts
    seen.add(type);
    if (type === DEBUG_TYPE.CODEVIEW && size >= NB10.END && file.input.available(place, size) === size) {
      const form = file.input.read(place, 4, 'CodeView entry').text();
      if (form === 'RSDS' && size >= RSDS.END) {
        add(place + RSDS.GUID, RSDS.GUID_SIZE, 'PDB id', (bytes) => hexText(bytes.bytes()));
        add(place + RSDS.AGE, 4, 'PDB age', (bytes) => String(bytes.u32(0)));
      } else if (form === 'NB10') {
        time(place + NB10.TIME, 'time stamp of the PDB');
        add(place + NB10.AGE, 4, 'PDB age', (bytes) => String(bytes.u32(0)));
      }
    } else if (type === DEBUG_TYPE.REPRO && size > 4 && size <= LONGEST_HASH) add(place, size, 'digest of the build (REPRO)', (bytes) => hexText(bytes.bytes()));
  }
}

/** The RVAs of the directories of resources: no more than real files have, each once. */
function resourceDirectories(file: PeFile): number[] {
  const found = directory(file, DIRECTORY.RESOURCE);
  if (found === null) return [];
  const addresses = new Set([found.address]);
  let entries = 0;
  for (const address of addresses) {
    const header = file.memory.read(BigInt(address), RESOURCE_DIRECTORY_SIZE, 'resource directory');
    const count = header === null ? 0 : readResourceCount(header.cursor());
    for (let i = 0; i < count && entries < 16 * MOST_DIRECTORIES && addresses.size < MOST_DIRECTORIES; i++, entries++) {
      const bytes = file.memory.read(BigInt(address + RESOURCE_DIRECTORY_SIZE + i * RESOURCE_ENTRY_SIZE), RESOURCE_ENTRY_SIZE, 'resource directory entry');
      if (bytes === null) break;
      const { offset, isDirectory } = readResourceEntry(bytes.cursor());
      if (isDirectory) addresses.add(found.address + offset);
    }
  }
  return [...addresses];
}
