// What comes behind an ELF file's last section, what tools put there, and the signature of a kernel module.

import { appendedPayload, bunSection, denoNote, nodeBlob, pyInstallerPackage, SUI_NOTE } from '../../bytes/payload.ts';
import type { Payload } from '../../bytes/payload.ts';
import type { Kind } from '../../model/binary.ts';
import type { Overlay, Signature } from '../../model/identity.ts';
import { PT, SHT } from '../constants.ts';
import { sectionNameTable } from '../file.ts';
import type { ElfFile } from '../file.ts';
import type { Note } from '../notes.ts';
import { sectionSize, segmentSize } from '../structures.ts';

/** What a kernel module's signature ends with (include/linux/module_signature.h), behind struct module_signature. */
const MODULE_MARK = '~Module signature appended~\n';
const MODULE_SIGNATURE = 12;

/** enum pkey_id_type: the kernel checks PKCS#7 alone since 4.3. */
const MODULE_SIGNATURES = ['PGP', 'X.509', 'PKCS#7'] as const;

/** The signature that `modprobe` looks for at the very end, as the kernel reads it. Nothing is said of whether it holds. */
export function moduleSignature({ input }: ElfFile, kind: Kind, because: Record<string, string>): Signature | null {
  const tail = MODULE_SIGNATURE + MODULE_MARK.length;
  const at = input.size - tail;
  if ((kind !== 'relocatable' && kind !== 'executable') || at <= 0) return null;
  const bytes = input.encoded({ little: false, wide: false }).read(at, tail, 'module signature');
  if (!bytes.begins(MODULE_SIGNATURE, MODULE_MARK)) return null;
  const [type, signer, key, length] = [bytes.u8(2), bytes.u8(3), bytes.u8(4), bytes.u32(8)];
  const size = signer + key + length;
  if (size === 0 || size > at) {
    input.warn('module-signature', `the trailer of a module signature asks for ${size} bytes before it, of ${at}: the kernel refuses it`, at, ['signature']);
    return null;
  }
  because['signature'] = `'~Module signature appended~' at the end, of the type ${MODULE_SIGNATURES[type] ?? type}, with ${length} bytes`;
  return { kind: 'module', offset: at - size, size: size + tail, identifier: null, teamId: null, flags: null, cdHash: null };
}

/** Bytes after the last table, segment and section, a module's signature apart; `all`: also what they are. A file whose section headers were taken off has the sections' bytes there. */
export function overlay(file: ElfFile, kind: Kind, notes: readonly Note[], signed: Signature | null, all: boolean, because: Record<string, string>): Overlay | null {
  const { input, header, segments, sections } = file;
  if (kind === 'debug-symbols' || kind === 'core' || sections === null) return null; // their headers speak of bytes in other files, or of none that came
  const { wide } = input.encoding;
  let end = Math.max(
    header.segmentsOffset + segments.length * Math.max(header.segmentSize, segmentSize(wide)),
    sections.length === 0 ? 0 : header.sectionsOffset + sections.length * Math.max(header.sectionSize, sectionSize(wide)),
  );
  for (const { offset, fileSize } of segments) end = Math.max(end, offset + fileSize);
  for (const { type, offset, size } of sections) if (type !== SHT.NOBITS && type !== SHT.NULL) end = Math.max(end, offset + size);
  const last = signed === null ? input.size : Math.min(input.size, signed.offset);
  if (end >= last || isPadding(input, end, segments)) return inside(file, kind, notes, because);
  because['overlay'] = sections.length === 0 ? 'bytes after the last segment; there are no section headers to account for them' : 'bytes after the last section and segment';
  const payload = all && (kind === 'executable' || kind === 'shared-library') ? appendedPayload(input, end, last - end) : null;
  if (payload === null) return inside(file, kind, notes, because) ?? { offset: end, size: last - end, kind: null, inHeaders: false };
  because['overlay'] += `: ${payload.because}`;
  return { offset: end, size: last - end, kind: payload.kind, inHeaders: false };
}

/** What tools put into notes and sections of their own. */
function inside(file: ElfFile, kind: Kind, notes: readonly Note[], because: Record<string, string>): Overlay | null {
  if (kind !== 'executable' && kind !== 'shared-library') return null;
  const payload = noted(file, notes) ?? sectioned(file);
  if (payload === null) return null;
  because['overlay'] = payload.because;
  return { offset: payload.offset, size: payload.size, kind: payload.kind, inHeaders: true };
}

function noted({ input }: ElfFile, notes: readonly Note[]): Payload | null {
  for (const { owner, type, offset, size } of notes) {
    const payload = owner === 'NODE_SEA_BLOB' ? nodeBlob(input, offset, size, 'a note of the name NODE_SEA_BLOB') : owner === SUI_NOTE.OWNER && type === SUI_NOTE.TYPE ? denoNote(input, offset, size) : null;
    if (payload !== null) return payload;
  }
  return null;
}

/** Sections that tools make, and what has to be in them. */
const SECTIONS = [
  ['.bun\0', (input: ElfFile['input'], offset: number, size: number) => bunSection(input, offset, size, 'the section .bun')],
  ['pydata\0', (input: ElfFile['input'], offset: number, size: number) => pyInstallerPackage(input, offset, size, 'the section pydata')],
] as const;

function sectioned(file: ElfFile): Payload | null {
  const names = sectionNameTable(file);
  if (names === null || file.sections === null) return null;
  for (const { name, type, offset, size } of file.sections) {
    if (type === SHT.NOBITS || type === SHT.NULL) continue;
    const known = SECTIONS.find(([text]) => names.begins(name, text));
    const payload = known?.[1](file.input, offset, size) ?? null;
    if (payload !== null) return payload;
  }
  return null;
}

/** Bytes of a tail that are looked at for being zeros; the largest pages are smaller. */
const MOST_PADDING = 4 * 1024 * 1024;
const PADDING_STEP = 64 * 1024;

/** Whether what is behind all headers fills the last page and no more: zeros up to a multiple of the largest p_align, as older Go linkers left them. */
function isPadding(input: ElfFile['input'], end: number, segments: ElfFile['segments']): boolean {
  const page = segments.reduce((most, { type, alignment }) => (type === PT.LOAD ? Math.max(most, alignment) : most), 0);
  if (page === 0 || input.size % page !== 0 || input.size - end >= Math.min(page, MOST_PADDING)) return false;
  for (let at = end; at < input.size; at += PADDING_STEP) {
    if (input.readUpTo(at, PADDING_STEP, 'bytes behind the last section').bytes().some((byte) => byte !== 0)) return false;
  }
  return true;
}
