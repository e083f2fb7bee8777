// Whether a file is an installer's stub, by the marks that it can't do without. Such a stub is for one machine, whatever it installs.

import type { Overlay } from '../../model/identity.ts';
import { RESOURCE_TYPE } from '../constants.ts';
import type { PeFile } from '../file.ts';
import { firstResource } from '../resources.ts';

/** What stands in the first bytes of what is appended, and how far in. NSIS: firstheader, behind its flags (Source/exehead/fileform.h). */
const MARKS: readonly (readonly [installer: string, at: number, mark: string, name: string])[] = [
  ['NSIS', 4, '\xef\xbe\xad\xdeNullsoftInst', "0xDEADBEEF and 'NullsoftInst'"],
  ['7-Zip SFX', 0, '7z\xbc\xaf\x27\x1c', "the signature of 7z"],
  ['7-Zip SFX', 0, ';!@Install@!', "';!@Install@!'"],
  ['7-Zip SFX', 0, '\xef\xbb\xbf;!@Install@!', "';!@Install@!'"],
  ['RAR SFX', 0, 'Rar!\x1a\x07', "'Rar!'"],
];

const HEAD = 32; // bytes that hold each of them

/** Inno Setup's table of where its parts lie is resource 11111 of this type, and begins so in all versions since 5.1.5 (Shared.Struct.pas, SetupLdrOffsetTableID). */
const INNO_RESOURCE = 11_111;
const INNO_MARKS = ['rDlPtS', 'nS5W7dT'];

/** Squirrel's Setup.exe has its packages as a ZIP in resource 131 of type 'DATA' (src/Setup/Setup.rc). */
const SQUIRREL_RESOURCE = 131;
const LEAST_PAYLOAD = 0x1_0000; // bytes: a setup that installs a program is mostly that

/** The installer; null where no mark is found. */
export function installer(file: PeFile, overlay: Overlay | null, because: Record<string, string>): string | null {
  const { input, sections } = file;
  const told = (name: string, reason: string): string => {
    because['installer'] = reason;
    return name;
  };
  if (sections.some(({ name }) => name === '.wixburn')) return told('WiX Burn', 'a section .wixburn');
  if (overlay !== null) {
    const head = latin1(input.readUpTo(overlay.offset, Math.min(HEAD, overlay.size), 'appended bytes').bytes());
    for (const [name, at, mark, what] of MARKS) if (head.startsWith(mark, at)) return told(name, `${what} in what is appended`);
    const table = resourceText(file, RESOURCE_TYPE.RCDATA, INNO_RESOURCE, 8);
    if (INNO_MARKS.some((mark) => table.startsWith(mark))) return told('Inno Setup', `resource ${INNO_RESOURCE} is Setup's offset table`);
  }
  const resources = sections.find(({ name }) => name === '.rsrc')?.fileSize ?? 0;
  if (resources < LEAST_PAYLOAD || resources < input.size / 2) return null;
  return resourceText(file, 'DATA', SQUIRREL_RESOURCE, 4) === 'PK\x03\x04' ? told('Squirrel', `resource ${SQUIRREL_RESOURCE} of type DATA is a ZIP archive`) : null;
}

function resourceText(file: PeFile, type: number | string, id: number, length: number): string {
  const found = firstResource(file, type, id);
  const bytes = found === null || found.size < length ? null : file.memory.read(BigInt(found.address), length, 'resource');
  return bytes === null ? '' : latin1(bytes.bytes());
}

function latin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}
