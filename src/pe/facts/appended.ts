// What comes behind the image: the certificate table, and bytes that no header speaks of.

import { align } from '../../bytes/bytes.ts';
import { appendedPayload, bunSection, denoData, nodeBlob } from '../../bytes/payload.ts';
import type { Payload } from '../../bytes/payload.ts';
import type { Kind } from '../../model/binary.ts';
import type { Overlay, Signature } from '../../model/identity.ts';
import { CERTIFICATE_TYPE, DIRECTORY, RESOURCE_TYPE } from '../constants.ts';
import type { DebugDirectory } from '../debug.ts';
import { directory, stringTable } from '../file.ts';
import type { PeFile } from '../file.ts';
import { firstResource } from '../resources.ts';
import { CERTIFICATE_HEADER_SIZE, readCertificateHeader } from '../structures.ts';
import type { WarningCode } from '../../model/warning.ts';

/** The certificate table and each of its entries begin at a multiple of this. */
const ALIGNMENT = 8;

const MOST_CERTIFICATES = 64; // one, or two where an older digest is there as well

/** Where the image ends: behind its headers, its sections, its COFF symbols, and what debug entries point at outside the sections. */
export function imageEnd(file: PeFile, { entries }: DebugDirectory): number {
  const { optional, sections, input } = file;
  let end = optional.headersSize;
  for (const { offset, fileSize } of sections) if (offset !== 0) end = Math.max(end, offset + fileSize);
  const strings = stringTable(file);
  if (strings !== null && strings.offset <= input.size) end = Math.max(end, strings.offset + strings.size);
  for (const { address, offset, size } of entries) if (address === 0 && offset < input.size) end = Math.max(end, offset + size);
  return end;
}

/**
 * The certificate table, if it holds an Authenticode signature. Its directory is a position in the file. What lies outside the file, or
 * over the image, is none, and a warning says so.
 */
export function signature(file: PeFile, end: number, because: Record<string, string>): Signature | null {
  const { input } = file;
  const found = directory(file, DIRECTORY.SECURITY);
  if (found === null || found.size === 0) return null;
  const { address: offset, size } = found;
  const place = `the certificate table of ${size} bytes at 0x${offset.toString(16)}`;
  const refused = (code: WarningCode, problem: string): null => {
    input.warn(code, `${place} ${problem}`, Math.min(offset, input.size));
    return null;
  };
  if (offset + size > input.size) return refused('signature-outside', `is not in the file, which ends at 0x${input.size.toString(16)}`);
  if (offset < end) return refused('signature-overlap', `lies over the image, which ends at 0x${end.toString(16)}`);
  for (let at = offset, count = 0; at + CERTIFICATE_HEADER_SIZE <= offset + size && count < MOST_CERTIFICATES; count++) {
    const entry = readCertificateHeader(input.read(at, CERTIFICATE_HEADER_SIZE, 'certificate table').cursor());
    if (entry.size < CERTIFICATE_HEADER_SIZE || at + entry.size > offset + size) {
      const room = `0x${(offset + size).toString(16)}`;
      input.warn('certificate-size', `an entry of the certificate table says that it has ${entry.size} bytes at 0x${at.toString(16)}, the table ends at ${room}`, at);
      break;
    }
    if (entry.type === CERTIFICATE_TYPE.PKCS_SIGNED_DATA) {
      because['signature'] = 'the certificate table holds an entry of type WIN_CERT_TYPE_PKCS_SIGNED_DATA';
      return { kind: 'authenticode', offset, size, identifier: null, teamId: null, flags: null, cdHash: null };
    }
    at += align(entry.size, ALIGNMENT);
  }
  return refused('signature-type', 'holds no entry of type WIN_CERT_TYPE_PKCS_SIGNED_DATA');
}

/**
 * Bytes behind the image that no header speaks of. The certificate table is none of them: they lie before it, where they were signed with the
 * rest, or behind it, where they were not; of both, those before it are reported, and a warning speaks of the others.
 */
export function overlay(file: PeFile, kind: Kind, end: number, signed: Signature | null, all: boolean, because: Record<string, string>): Overlay | null {
  const { input, complete } = file;
  if (kind === 'debug-symbols' || !complete) return null; // the headers speak of bytes in another file, or are not all there
  const told = (from: number, to: number, reason: string): Overlay => {
    const payload = all ? appendedPayload(input, from, to - from) : null;
    because['overlay'] = payload === null ? reason : `${reason}: ${payload.because}`;
    return { offset: from, size: to - from, kind: payload?.kind ?? null, inHeaders: false };
  };
  const known = inside(file, all);
  if (known !== null) {
    because['overlay'] = known.because;
    return { offset: known.offset, size: known.size, kind: known.kind, inHeaders: true };
  }
  if (signed === null) return end < input.size ? told(end, input.size, 'bytes behind the last section') : null;
  const behind = align(signed.offset + signed.size, ALIGNMENT);
  const isAppended = behind < input.size;
  if (isAppended) {
    const place = `${input.size - behind} bytes at 0x${behind.toString(16)}`;
    input.warn('appended-after-signature', `${place} come behind the certificate table: they were appended after the file was signed`, behind);
  }
  if (signed.offset - end >= ALIGNMENT) return told(end, signed.offset, 'bytes between the last section and the certificate table');
  return isAppended ? told(behind, input.size, 'bytes behind the certificate table') : null;
}

/** What tools put into a section or a resource of their own. Resources lie apart from everything else that is read. */
function inside(file: PeFile, all: boolean): Payload | null {
  const { input, sections, memory } = file;
  const bun = sections.find(({ name }) => name === '.bun');
  const payload = bun === undefined ? null : bunSection(input, bun.offset, bun.fileSize, 'the section .bun');
  if (payload !== null || !all) return payload;
  const quiet = { ...file, input: input.part(0, input.size) }; // what is wrong with the tree was said when the version was looked for
  for (const [name, read] of [['NODE_SEA_BLOB', nodeBlob], ['D3N0L4ND', denoData]] as const) {
    const found = firstResource(quiet, RESOURCE_TYPE.RCDATA, name);
    const offset = found === null ? null : memory.offsetOf(BigInt(found.address));
    const held = found === null || offset === null ? null : read(input, offset, found.size, `the resource ${name}`);
    if (held !== null) return held;
  }
  return null;
}
