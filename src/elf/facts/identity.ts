// Which build an ELF file is, where the rest of its debug information lies, and what packed it.

import { align } from '../../bytes/bytes.ts';
import type { Minimums } from '../../model/binary.ts';
import { NO_IDENTITY } from '../../model/identity.ts';
import type { Identity } from '../../model/identity.ts';
import { GNU_ABI, NT_GNU, SHT } from '../constants.ts';
import { sectionName, sectionNameTable } from '../file.ts';
import type { ElfFile } from '../file.ts';
import type { Note } from '../notes.ts';
import type { Section } from '../structures.ts';

/** What the names of all those sections begin with. */
const GNU_DEBUG = '.gnu_debug';

/** Links to debug files, by section: a program without section headers has none that a debugger would find. */
export function identity(file: ElfFile, because: Record<string, string>): Identity {
  const { input, sections } = file;
  const names = sectionNameTable(file);
  const named = names === null || sections === null ? [] : sections.filter(({ name, type }) => type !== SHT.NOBITS && names.begins(name, GNU_DEBUG));
  const sectionOf = (name: string): Section | undefined => named.find((section) => names !== null && sectionName(names, section) === name);
  const link = sectionOf('.gnu_debuglink');
  const alternative = sectionOf('.gnu_debugaltlink');
  const mini = sectionOf('.gnu_debugdata');
  if (link !== undefined) because['identity.debugLink'] = 'section .gnu_debuglink';
  if (alternative !== undefined) because['identity.debugAltLink'] = 'section .gnu_debugaltlink';
  if (names !== null) because['identity.miniDebugInfo'] = mini === undefined ? 'no section is called .gnu_debugdata' : 'section .gnu_debugdata';
  const linked = link === undefined ? null : debugLink(input.readUpTo(link.offset, Math.min(link.size, input.limits.stringBytes), '.gnu_debuglink'));
  return {
    debugLink: linked?.name ?? null,
    debugLinkCrc: linked?.crc ?? null,
    debugAltLink: alternative === undefined ? null : input.text(alternative.offset, alternative.size, '.gnu_debugaltlink').text,
    miniDebugInfo: names === null ? null : mini !== undefined,
    pdbPath: NO_IDENTITY.pdbPath,
    pdbGuid: NO_IDENTITY.pdbGuid,
    pdbAge: NO_IDENTITY.pdbAge,
    timestamp: NO_IDENTITY.timestamp,
    reproducible: NO_IDENTITY.reproducible,
    version: NO_IDENTITY.version,
  };
}

/** A name, filled up to a multiple of four bytes, and a CRC-32 (GDB manual, "Debugging Information in Separate Files"). */
function debugLink(bytes: ReturnType<ElfFile['input']['read']>): { name: string; crc: number | null } {
  const name = bytes.text();
  const end = bytes.bytes().indexOf(0);
  const at = align(end + 1, 4);
  return { name, crc: end === -1 || at + 4 > bytes.size ? null : bytes.u32(at) };
}

const UPX_MAGIC = 0x5550_5821; // 'UPX!'
const UPX_TRAILER = 36;

/**
 * UPX, by the mark that its own unpacker goes by: behind the program headers, or in the trailer. Packed programs have no section
 * headers, so no other file is asked; and the mark anywhere else means nothing, as prelink carries it as text.
 */
export function packer({ input, header, segments, sections }: ElfFile, because: Record<string, string>): string | null {
  if (sections !== null && sections.length > 0) return null;
  const plain = input.encoded({ little: false, wide: false });
  const behind = header.segmentsOffset + segments.length * header.segmentSize + 4;
  if (plain.available(behind, 4) === 4 && plain.read(behind, 4, 'UPX mark').u32(0) === UPX_MAGIC) {
    because['packer'] = "'UPX!' behind the program headers";
    return 'UPX';
  }
  const at = Math.max(0, input.size - UPX_TRAILER);
  const trailer = plain.readUpTo(at, UPX_TRAILER, 'UPX trailer');
  for (let i = 0; i + 4 <= trailer.size; i += 4) {
    if (trailer.u32(i) !== UPX_MAGIC) continue;
    because['packer'] = "'UPX!' in the trailer";
    return 'UPX';
  }
  return null;
}

/** The oldest kernel (NT_GNU_ABI_TAG), and the oldest Android or FreeBSD, by their notes. */
export function systemMinimums({ input }: ElfFile, notes: readonly Note[], because: Record<string, string>): Pick<Minimums, 'os' | 'kernel'> {
  let os: string | null = null;
  let kernel: string | null = null;
  for (const { owner, type, offset, size } of notes) {
    if (type !== 1 || size < 4) continue;
    const bytes = input.readUpTo(offset, Math.min(size, 16), 'version note');
    if (owner === 'GNU' && type === NT_GNU.ABI_TAG && bytes.size === 16 && bytes.u32(0) === GNU_ABI.LINUX) {
      kernel = `${bytes.u32(4)}.${bytes.u32(8)}.${bytes.u32(12)}`;
      because['minimums.kernel'] = 'an NT_GNU_ABI_TAG note';
    } else if (owner === 'Android') {
      os = String(bytes.u32(0));
      because['minimums.os'] = 'the API level in the note of Android';
    } else if (owner === 'NetBSD') {
      const version = bytes.u32(0); // __NetBSD_Version__: 1001000000 is 10.1, 999008000 is 9.99.80
      const patch = Math.floor(version / 100) % 10_000;
      os = `${Math.floor(version / 100_000_000)}.${Math.floor(version / 1_000_000) % 100}${patch === 0 ? '' : `.${patch}`}`;
      because['minimums.os'] = `__NetBSD_Version__ ${version} in the note of NetBSD`;
    } else if (owner === 'DragonFly') {
      const version = bytes.u32(0); // __DragonFly_version: 600400 is 6.0.400, as file(1) has it
      os = `${Math.floor(version / 100_000)}.${Math.floor(version / 10_000) % 10}.${version % 10_000}`;
      because['minimums.os'] = `__DragonFly_version ${version} in the note of DragonFly`;
    } else if (owner === 'FreeBSD') {
      const version = bytes.u32(0); // __FreeBSD_version: 1302001 is 13.2
      os = `${Math.floor(version / 100_000)}.${Math.floor(version / 1000) % 100}`;
      because['minimums.os'] = `__FreeBSD_version ${version} in the note of FreeBSD`;
    }
  }
  return { os, kernel };
}
