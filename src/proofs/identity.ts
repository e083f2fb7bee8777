// Whom a certificate of Sigstore names: its one alternative name, who vouched for it, and what GitHub says of the workflow.

import { decodeText } from '../bytes/text.ts';
import { attempt } from '../pki/attempt.ts';
import { DerCursor, TAG, context, contentOf, elementsOf, readDer } from '../pki/der.ts';
import type { Element } from '../pki/der.ts';
import { latin1, oid, text } from '../pki/values.ts';
import { EXTENSION } from '../pki/x509.ts';
import type { X509 } from '../pki/x509.ts';

/** Fulcio's arc of object identifiers. (github.com/sigstore/fulcio/blob/main/docs/oid-info.md) */
const FULCIO = '1.3.6.1.4.1.57264.1';
const OTHER_NAME = `${FULCIO}.7`;

/** What a certificate says of its holder. */
export interface CertificateIdentity {
  /** Its alternative names; Sigstore's certificates have one. */
  readonly names: readonly string[];
  /** Who vouched for the holder; null where it does not say. */
  readonly issuer: string | null;
  /** Why the names or the issuer can't be determined; null where they can. */
  readonly problem: string | null;
}

const EMAIL = 0x81;
const DNS = 0x82;
const URI = 0x86;
const MOST_NAMES = 64;

/** Whether a certificate carries what Fulcio writes: it is one for a moment, and its key is nobody's later. */
export function isKeyless(certificate: X509): boolean {
  return certificate.extensions.some(({ oid: id }) => id === `${FULCIO}.1` || id === `${FULCIO}.8`);
}

/** Whom a certificate names. */
export function identityOf(certificate: X509): CertificateIdentity {
  const read = attempt(() => ({ names: namesOf(certificate), old: rawExtension(certificate, 1), current: textExtension(certificate, 8) }));
  if (!read.ok) return { names: [], issuer: null, problem: read.error.message };
  const { names, old, current } = read.value;
  const differ = old !== null && current !== null && old !== current;
  return { names, issuer: current ?? old, problem: differ ? `the certificate names two issuers, ${current} and ${old}` : null };
}

function namesOf(certificate: X509): string[] {
  const extension = certificate.extensions.find(({ oid: id }) => id === EXTENSION.SUBJECT_ALTERNATIVE_NAME);
  if (extension === undefined) return [];
  return elementsOf(readDer(extension.value, TAG.SEQUENCE, 'alternative names', extension.offset), 'alternative names', MOST_NAMES).map(nameOf);
}

function nameOf(element: Element): string {
  if (element.tag === EMAIL || element.tag === DNS || element.tag === URI) return latin1(contentOf(element));
  if (element.tag !== context(0)) return `a name of the type ${element.tag & 0x1f}`;
  const fields = new DerCursor(element, 'alternative name');
  const type = oid(fields.take(TAG.OID, 'alternative name'), 'alternative name');
  const explicit = new DerCursor(fields.take(context(0), 'alternative name'), 'alternative name');
  fields.finish();
  const value = explicit.any();
  explicit.finish();
  return type === OTHER_NAME ? (text(value) ?? '') : `a name of the type ${type}`;
}

/** One of the older extensions, 1 to 6: the bytes of a text. Null where it is not there. */
export function rawExtension(certificate: X509, number: number): string | null {
  const extension = certificate.extensions.find(({ oid: id }) => id === `${FULCIO}.${number}`);
  return extension === undefined ? null : decodeText(extension.value);
}

/** One of the newer ones, 8 and up: DER of a UTF8String. Throws `malformed`. */
function textExtension(certificate: X509, number: number): string | null {
  const extension = certificate.extensions.find(({ oid: id }) => id === `${FULCIO}.${number}`);
  return extension === undefined ? null : decodeText(contentOf(readDer(extension.value, TAG.UTF8_STRING, 'issuer of the identity', extension.offset)));
}
