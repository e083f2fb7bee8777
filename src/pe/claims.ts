// What a PE file's headers say of its bytes: the DOS part, the headers, sections, COFF symbols, debug data, certificates.

import type { Input } from '../bytes/input.ts';
import { fixed } from '../model/arrange.ts';
import type { Claim } from '../model/arrange.ts';
import { permissionsText } from '../model/regions.ts';
import type { Content } from '../model/regions.ts';
import { DIRECTORY, SCN } from './constants.ts';
import { readDebugDirectory } from './debug.ts';
import { directory, memorySize, openPe, sectionNames, stringTable } from './file.ts';
import type { PeFile } from './file.ts';
import { COFF_HEADER_SIZE, DOS_HEADER_SIZE, SECTION_SIZE } from './structures.ts';
import type { Section } from './structures.ts';

/** IMAGE_SCN_MEM_READ, IMAGE_SCN_CNT_UNINITIALIZED_DATA. */
const MEM_READ = 0x4000_0000;
const UNINITIALIZED = 0x80;

/** IMAGE_DIRECTORY_ENTRY_…, by index, as people call them. */
const DIRECTORY_NAMES = [
  'exports', 'imports', 'resources', 'exception table', null, 'relocations', 'debug directory', 'architecture', null, 'thread-local storage',
  'load configuration', null, 'import addresses', 'delay imports', '.NET header', null,
] as const; // prettier-ignore

/** All that the headers of a PE file claim. Throws `malformed` and `truncated` where there is no header to go by. */
export function peClaims(plain: Input): Claim[] {
  const file = openPe(plain);
  const { headerOffset, coff, sections } = file;
  const optionalAt = headerOffset + COFF_HEADER_SIZE;
  const tableAt = optionalAt + coff.optionalHeaderSize;
  return [
    ...dosClaims(file),
    fixed('PE header', 'header', 'headers', headerOffset, COFF_HEADER_SIZE),
    fixed('optional header', 'header', 'headers', optionalAt, coff.optionalHeaderSize),
    ...(sections.length === 0 ? [] : [fixed('section headers', 'table', 'headers', tableAt, sections.length * SECTION_SIZE)]),
    ...sectionClaims(file),
    ...behindClaims(file),
  ];
}

/** The DOS header, the program for DOS that tells people to use Windows, and what Microsoft's linkers say of the tools used. */
function dosClaims(file: PeFile): Claim[] {
  const { headerOffset } = file;
  const header = fixed('DOS header', 'header', 'headers', 0, Math.min(DOS_HEADER_SIZE, headerOffset));
  if (headerOffset <= DOS_HEADER_SIZE) return [header];
  const rich = richHeader(file);
  const stub = fixed('DOS program', 'header', 'headers', DOS_HEADER_SIZE, (rich?.offset ?? headerOffset) - DOS_HEADER_SIZE);
  return rich === null ? [header, stub] : [header, stub, fixed('Rich header', 'header', 'headers', rich.offset, rich.size, 'which tools made it')];
}

const MOST_DOS = 4096; // the program and the Rich header have some hundred bytes

const RICH = 0x6863_6952; // 'Rich', behind the records
const DANS = 0x536e_6144; // 'DanS', before them, XORed with the word behind 'Rich'

/** The Rich header: words between the DOS program and the PE header, XORed with a key that stands at their end. */
function richHeader({ input, headerOffset }: PeFile): { readonly offset: number; readonly size: number } | null {
  const bytes = input.readUpTo(DOS_HEADER_SIZE, Math.min(headerOffset - DOS_HEADER_SIZE, MOST_DOS), 'Rich header');
  let end = bytes.size - (bytes.size % 4) - 8;
  while (end >= 0 && bytes.u32(end) !== RICH) end -= 4;
  if (end < 0) return null;
  const mark = (DANS ^ bytes.u32(end + 4)) >>> 0;
  let at = end - 4;
  while (at >= 0 && bytes.u32(at) !== mark) at -= 4;
  return at < 0 ? null : { offset: DOS_HEADER_SIZE + at, size: end + 8 - at };
}

function sectionClaims(file: PeFile): Claim[] {
  const { optional, sections } = file;
  const names = sectionNames(file);
  const directories = directoriesOf(file);
  return sections.map((section, index) => {
    const { address, fileSize, offset, characteristics } = section;
    const inFile = offset !== 0 && fileSize > 0;
    const held = directories.get(section) ?? [];
    const name = names[index] ?? section.name;
    const content = sectionContent(name, section, held);
    const more = held.filter((one) => one !== content); // 'resources' is both
    return {
      name: name === '' ? `section ${index + 1}` : name,
      kind: 'section',
      content,
      offset,
      size: inFile ? fileSize : 0,
      inFile,
      holds: false,
      within: null,
      address: optional.imageBase + BigInt(address),
      memorySize: memorySize(section),
      permissions: permissionsText((characteristics & MEM_READ) !== 0, (characteristics & SCN.MEM_WRITE) !== 0, (characteristics & SCN.MEM_EXECUTE) !== 0),
      note: more.length === 0 ? null : more.join(', '),
      children: [],
    };
  });
}

/** Which of the data directories begin in each section. */
function directoriesOf({ directories, sections }: PeFile): Map<Section, string[]> {
  const held = new Map<Section, string[]>();
  directories.forEach(({ address }, index) => {
    const name = DIRECTORY_NAMES[index] ?? null;
    if (address === 0 || name === null) return;
    const section = sections.find((one) => address >= one.address && address < one.address + memorySize(one));
    if (section === undefined) return;
    const names = held.get(section);
    if (names === undefined) held.set(section, [name]);
    else names.push(name);
  });
  return held;
}

const DEBUG = /^\.(z?debug|stab|gnu_debuglink|buildid)/;
const LINKING = /^\.(idata|edata|didat|reloc|CRT|tls)$/;

function sectionContent(name: string, { characteristics }: Section, held: readonly string[]): Content {
  if (DEBUG.test(name)) return 'debug';
  if (name === '.symtab') return 'symbols'; // Go's
  if (name === '.rsrc' || (held[0] === 'resources' && held.length === 1)) return 'resources';
  if ((characteristics & (SCN.MEM_EXECUTE | SCN.CNT_CODE)) !== 0) return 'code';
  if (LINKING.test(name)) return 'linking';
  return (characteristics & (SCN.MEM_WRITE | UNINITIALIZED)) !== 0 ? 'data' : 'constants';
}

/** What lies outside the sections: COFF symbols, debug data that is not loaded, and the certificate table, whose directory is a position in the file. */
function behindClaims(file: PeFile): Claim[] {
  const { input, coff } = file;
  const claims: Claim[] = [];
  const strings = stringTable(file);
  if (strings !== null && coff.symbolsOffset < input.size) {
    if (coff.symbolCount > 0) claims.push(fixed('COFF symbols', 'table', 'symbols', coff.symbolsOffset, strings.offset - coff.symbolsOffset));
    if (strings.size > 0) claims.push(fixed('COFF strings', 'table', 'symbols', strings.offset, strings.size));
  }
  for (const { address, offset, size } of readDebugDirectory(file).entries) {
    if (address === 0 && offset > 0 && size > 0) claims.push(fixed('debug data', 'table', 'debug', offset, size));
  }
  const certificates = directory(file, DIRECTORY.SECURITY);
  if (certificates !== null && certificates.size > 0) claims.push(fixed('certificate table', 'table', 'signature', certificates.address, certificates.size));
  return claims;
}
