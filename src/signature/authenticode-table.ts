// The certificate table of a PE file: where Windows looks for it, its entries, and what of them nobody signed.

import { align } from '../bytes/bytes.ts';
import type { Input } from '../bytes/input.ts';
import { hex } from '../errors.ts';
import { CERTIFICATE_TYPE, DIRECTORY } from '../pe/constants.ts';
import { openPe } from '../pe/file.ts';
import type { PeFile } from '../pe/file.ts';
import { CERTIFICATE_HEADER_SIZE, COFF_HEADER_SIZE, DIRECTORY_SIZE, optionalHeaderSize, readCertificateHeader } from '../pe/structures.ts';
import { attempt } from '../pki/attempt.ts';
import { readMessageStart } from '../pki/time-stamp.ts';
import { readMessages } from './authenticode-message.ts';
import type { AuthenticodeMessage } from './authenticode-message.ts';
import type { Range } from './digest-ranges.ts';
import type { Report } from './signer-levels.ts';

/** What of a PE file belongs to its signature. */
export interface AuthenticodeTable {
  readonly file: PeFile;
  readonly state: 'absent' | 'damaged' | 'certificate';
  /** Where the field CheckSum stands. */
  readonly checksumOffset: number;
  readonly checksum: number;
  /** Where the table's directory entry stands; null where the headers have no room for it. */
  readonly directoryOffset: number | null;
  /** Null where there is none. */
  readonly table: Range | null;
  readonly messages: readonly AuthenticodeMessage[];
}

const CHECKSUM = 64; // from the start of the optional header
const ALIGNMENT = 8;
const REVISION = 0x0200; // WIN_CERT_REVISION_2_0
const MOST_ENTRIES = 16;
const MOST_BYTES = 8 * 1024 * 1024; // of one message; the largest real ones have 200 KB

/** Reads the table and the messages in it. Problems are reported as they are found; a table that can't be read is a state, not an error. */
export function readAuthenticode(image: Input, report: Report): AuthenticodeTable {
  const file = openPe(image);
  const { input, headerOffset, optionalBytes, optional } = file;
  const optionalAt = headerOffset + COFF_HEADER_SIZE;
  const checksumOffset = optionalAt + CHECKSUM;
  const checksum = optionalBytes >= CHECKSUM + 4 ? input.read(checksumOffset, 4, 'checksum').u32(0) : 0;
  const directoryOffset = optionalAt + optionalHeaderSize(input.encoding.wide) + DIRECTORY.SECURITY * DIRECTORY_SIZE;
  const has = optionalBytes > 0 && optional.directoryCount > DIRECTORY.SECURITY && input.available(directoryOffset, DIRECTORY_SIZE) === DIRECTORY_SIZE;
  const none = { file, checksumOffset, checksum, directoryOffset: has ? directoryOffset : null, messages: [] };
  if (!has) return { ...none, state: 'absent', table: null };
  // The directory as it lies in the file: no section's bytes in memory count here.
  const entry = input.read(directoryOffset, DIRECTORY_SIZE, 'certificate table');
  const table: Range = { offset: entry.u32(0), size: entry.u32(4) };
  if (table.size === 0) return { ...none, state: 'absent', table: null };
  const outside = tableProblem(input, table, directoryOffset + DIRECTORY_SIZE);
  if (outside !== null) {
    report('table-outside', outside, { offset: directoryOffset, size: DIRECTORY_SIZE, level: 'intact' });
    return { ...none, state: 'damaged', table: null };
  }
  if (table.offset % ALIGNMENT !== 0) report('table-outside', `the certificate table begins at ${hex(table.offset)}, no multiple of ${ALIGNMENT}`, { offset: table.offset, size: table.size });
  const end = table.offset + table.size;
  if (end < input.size) {
    const message = `${input.size - end} bytes behind the certificate table, which nobody signed`;
    report('bytes-after-table', message, { offset: end, size: input.size - end, level: 'intact' });
  }
  const messages = readEntries(input, table, report);
  return { ...none, state: messages === null ? 'damaged' : 'certificate', table, messages: messages ?? [] };
}

function tableProblem(input: Input, { offset, size }: Range, headersEnd: number): string | null {
  const place = `the certificate table of ${size} bytes at ${hex(offset)}`;
  if (offset + size > input.size) return `${place} runs past the end of the file at ${hex(input.size)}`;
  return offset < headersEnd ? `${place} lies over the headers` : null;
}

/** The messages of the table's entries; null where there is none that can be read. */
function readEntries(input: Input, table: Range, report: Report): AuthenticodeMessage[] | null {
  const end = table.offset + table.size;
  const messages: AuthenticodeMessage[] = [];
  let signatures = 0;
  let at = table.offset;
  for (let count = 0; end - at >= CERTIFICATE_HEADER_SIZE; count++) {
    if (count === MOST_ENTRIES) {
      report('limit', `more than ${MOST_ENTRIES} entries in the certificate table; the rest are not looked at`, { offset: at, size: end - at });
      break;
    }
    const { size, revision, type } = readCertificateHeader(input.read(at, CERTIFICATE_HEADER_SIZE, 'certificate table').cursor());
    if (size < CERTIFICATE_HEADER_SIZE || size > end - at) {
      const message = `entry ${count} of the certificate table has ${size} bytes at ${hex(at)}; the table ends at ${hex(end)}`;
      report(signatures === 0 ? 'table-outside' : 'bytes-in-entry', message, { offset: at, size: end - at, level: signatures === 0 ? 'intact' : null });
      return signatures === 0 ? null : messages;
    }
    if (revision !== REVISION) report('entry-type', `entry ${count} of the certificate table has the revision ${hex(revision)}, not ${hex(REVISION)}`, { offset: at + 4, size: 2 });
    if (type !== CERTIFICATE_TYPE.PKCS_SIGNED_DATA) {
      report('entry-type', `entry ${count} of the certificate table is of type ${type}, no signature that Windows knows`, { offset: at, size });
    } else {
      if (signatures > 0) report('entry-type', `entry ${count} of the certificate table is a second signature; Windows looks at the first alone`, { offset: at, size });
      const read = readEntry(input, { offset: at + CERTIFICATE_HEADER_SIZE, size: size - CERTIFICATE_HEADER_SIZE }, report);
      if (read === null && signatures === 0) return null;
      messages.push(...(read ?? []));
      signatures++;
    }
    at = Math.min(end, at + align(size, ALIGNMENT));
  }
  if (at < end) report('bytes-in-entry', `${end - at} bytes of the certificate table belong to no entry`, { offset: at, size: end - at });
  if (signatures > 0) return messages;
  report('entry-type', 'the certificate table has no signature that Windows knows', { offset: table.offset, size: table.size, level: 'intact' });
  return null;
}

/** The message of an entry, and those nested in it; null where it can't be read. */
function readEntry(input: Input, { offset, size }: Range, report: Report): AuthenticodeMessage[] | null {
  const bytes = input.readUpTo(offset, Math.min(size, MOST_BYTES), 'signature').bytes();
  const read = attempt(() => {
    const message = readMessageStart(bytes, input.start + offset);
    const rest = size - message.end;
    reportRest(input, { offset: offset + message.end, size: rest }, report);
    return readMessages(message, rest, (text, at) => report('not-der', `a nested signature can't be read: ${text}`, { offset: at, level: 'intact' }));
  });
  if (read.ok) return read.value;
  const { message, offset: at } = read.error;
  report(read.error.code === 'limit-exceeded' ? 'limit' : 'not-der', `the signature can't be read: ${message}`, { offset: at ?? offset, level: 'intact' });
  return null;
}

/** Up to seven zeros fill an entry; more than that, or something else, is data that nobody signed (CVE-2013-3900). */
function reportRest(input: Input, { offset, size }: Range, report: Report): void {
  if (size === 0) return;
  const zeros = size < ALIGNMENT && input.read(offset, size, 'signature').bytes().every((byte) => byte === 0);
  if (!zeros) report('bytes-in-entry', `${size} bytes behind the signature's message, which nobody signed`, { offset, size });
}
