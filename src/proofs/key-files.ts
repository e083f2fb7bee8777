// Files of keys and certificates that the caller gives: PEM, DER, cosign's base64 of PEM, minisign's and signify's keys.

import { BinspectError } from '../errors.ts';
import { attempt } from '../pki/attempt.ts';
import { TAG, readDer } from '../pki/der.ts';
import { readPublicKey, spkiOfEd25519, spkiOfRsa } from '../pki/keys.ts';
import { fromBase64, isPem, readCertificates, readPem } from '../pki/pem.ts';
import { sshKey, sshKeyLine } from './ssh-keys.ts';
import type { KeyBytes } from '../pki/signed-bytes.ts';
import { latin1 } from '../pki/values.ts';
import type { X509 } from '../pki/x509.ts';

/** A key of the caller's, and the id by which minisign and signify know it. */
export interface OwnKey {
  readonly key: KeyBytes;
  /** Eight bytes; null for other files. */
  readonly id: Uint8Array | null;
}

/** Reads a file with a public key. Throws `invalid-argument`. */
export function readKeyFile(bytes: Uint8Array, name: string): OwnKey {
  const read = attempt(() => readKey(bytes));
  if (!read.ok) throw new BinspectError('invalid-argument', `${name} can't be read: ${read.error.message}`, { cause: read.error });
  return read.value;
}

function readKey(bytes: Uint8Array): OwnKey {
  if (!isPem(bytes)) {
    const text = latin1(bytes.subarray(0, 8192));
    const blob = sshKeyLine(text);
    if (blob !== null) return { key: sshKey(blob), id: null };
    const own = minisignKey(text);
    return own ?? { key: spkiKey(bytes), id: null };
  }
  const blocks = readPem(latin1(bytes));
  const secret = blocks.find(({ label }) => label.endsWith('PRIVATE KEY'));
  if (secret !== undefined) throw new BinspectError('malformed', 'it is a private key; the public one is wanted');
  const [first, second] = blocks.filter(({ label }) => label === 'PUBLIC KEY' || label === 'RSA PUBLIC KEY' || label === 'CERTIFICATE');
  if (first === undefined) throw new BinspectError('malformed', 'it has no block with a public key or a certificate');
  if (second !== undefined) throw new BinspectError('malformed', 'it has several keys; one is wanted');
  if (first.label === 'CERTIFICATE') return { key: (readCertificates(bytes)[0] as X509).publicKey, id: null };
  return { key: spkiKey(first.label === 'PUBLIC KEY' ? first.bytes : spkiOfRsa(first.bytes)), id: null };
}

function spkiKey(spki: Uint8Array): KeyBytes {
  const key = readPublicKey(readDer(spki, TAG.SEQUENCE, 'public key'));
  if (key.kind === 'unknown') throw new BinspectError('unsupported', `it is ${key.reason}, which is not known here`);
  return { key, spki };
}

/** minisign's and signify's keys: a comment, then base64 of the algorithm, an id and 32 bytes. minisign's own users hand the second line alone. Null where it is none. */
function minisignKey(text: string): OwnKey | null {
  const lines = text.split(/\r?\n/).filter((line) => line !== '');
  const line = lines[0]?.startsWith('untrusted comment:') === true ? lines[1] : lines.length === 1 ? lines[0] : undefined;
  const bytes = line === undefined ? null : fromBase64(line);
  if (bytes === null || bytes.length !== 42 || bytes[0] !== 0x45 || bytes[1] !== 0x64) return null;
  const point = bytes.slice(10);
  return { key: { key: { kind: 'ed25519', point }, spki: spkiOfEd25519(point) }, id: bytes.slice(2, 10) };
}

/** Reads a file with certificates, the signer's first. Throws `invalid-argument`. */
export function readCertificateFile(bytes: Uint8Array, name: string): X509[] {
  const text = isPem(bytes) || bytes.length > 1_000_000 ? null : fromBase64(latin1(bytes));
  const read = attempt(() => readCertificates(text !== null && (isPem(text) || text[0] === 0x30) ? text : bytes));
  if (!read.ok) throw new BinspectError('invalid-argument', `${name} can't be read: ${read.error.message}`, { cause: read.error });
  return read.value;
}
