// Files of certificates and keys: PEM with any number of blocks, or one DER.

import { BinspectError } from '../errors.ts';
import { attempt } from './attempt.ts';
import { latin1 } from './values.ts';
import { readCertificate } from './x509.ts';
import type { X509 } from './x509.ts';

/** One block of a PEM file. */
export interface PemBlock {
  /** 'CERTIFICATE', 'PUBLIC KEY', … */
  readonly label: string;
  readonly bytes: Uint8Array;
  /** Which block of the file it is, counted from 1. */
  readonly number: number;
}

/** Base64, also URL-safe, unpadded and with white space in it; null where a character does not belong. (RFC 4648) */
export function fromBase64(text: string): Uint8Array | null {
  const plain = text.replace(/[ \t\r\n]+/g, '').replaceAll('-', '+').replaceAll('_', '/');
  const match = /^([A-Za-z0-9+/]*)(={0,2})$/.exec(plain);
  const [, digits = '', padding = ''] = match ?? [];
  if (match === null || digits.length % 4 === 1 || (padding !== '' && (digits.length + padding.length) % 4 !== 0)) return null;
  const decoded = atob(digits);
  const bytes = new Uint8Array(decoded.length);
  for (let at = 0; at < decoded.length; at++) bytes[at] = decoded.charCodeAt(at);
  return bytes;
}

const BEGIN = '-----BEGIN ';

/** The blocks of a PEM file; what stands between them is skipped. Throws `malformed` for a block that can't be read, with its number. (RFC 7468) */
export function readPem(text: string): PemBlock[] {
  const blocks: PemBlock[] = [];
  for (let at = text.indexOf(BEGIN); at !== -1; ) {
    const number = blocks.length + 1;
    const lineEnd = text.indexOf('-----', at + BEGIN.length);
    const label = lineEnd === -1 ? '' : text.slice(at + BEGIN.length, lineEnd);
    if (lineEnd === -1 || label.length > 64 || /[\r\n]/.test(label)) throw new BinspectError('malformed', `block ${number} of the PEM text has no valid first line`, { offset: at });
    const end = `-----END ${label}-----`;
    const stop = text.indexOf(end, lineEnd + 5);
    if (stop === -1) throw new BinspectError('malformed', `block ${number} of the PEM text does not end`, { offset: at });
    const bytes = fromBase64(text.slice(lineEnd + 5, stop));
    if (bytes === null || bytes.length === 0) throw new BinspectError('malformed', `block ${number} of the PEM text is not valid base64`, { offset: at });
    blocks.push({ label, bytes, number });
    at = text.indexOf(BEGIN, stop + end.length);
  }
  return blocks;
}

/** Labels of blocks that hold a certificate. */
const CERTIFICATES: ReadonlySet<string> = new Set(['CERTIFICATE', 'X509 CERTIFICATE', 'TRUSTED CERTIFICATE']);

/** Whether bytes are PEM text: something in them begins a block. */
export function isPem(bytes: Uint8Array): boolean {
  return latin1(bytes.subarray(0, 4 * 1024 * 1024)).includes(BEGIN);
}

/**
 * The certificates of a file: PEM with any number of them, or one DER. Throws `malformed` where it holds none or one of them can't be
 * read, and says which: a root that is dropped silently would be missed much later.
 */
export function readCertificates(bytes: Uint8Array): X509[] {
  if (!isPem(bytes)) return [readCertificate(bytes)];
  const certificates: X509[] = [];
  for (const { label, bytes: der, number } of readPem(latin1(bytes))) {
    if (!CERTIFICATES.has(label)) continue;
    const read = attempt(() => readCertificate(der));
    if (!read.ok) throw new BinspectError('malformed', `certificate in block ${number}: ${read.error.message}`, { cause: read.error });
    certificates.push(read.value);
  }
  if (certificates.length === 0) throw new BinspectError('malformed', 'a PEM file without a certificate');
  return certificates;
}
