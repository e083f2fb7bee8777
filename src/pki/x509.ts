// X.509 certificates: the fields that chains and people ask for. (RFC 5280 4.1)

import { readAlgorithm } from './algorithms.ts';
import type { AlgorithmId } from './algorithms.ts';
import { DerCursor, TAG, context, contextPrimitive, contentOf, elementsOf, equalBytes, malformed, readDer, wholeOf } from './der.ts';
import type { Element } from './der.ts';
import { readPublicKey } from './keys.ts';
import { readName } from './names.ts';
import type { Name } from './names.ts';
import type { KeyBytes } from './signed-bytes.ts';
import { bitBytes, boolean, count, flagBits, integer, oid, time } from './values.ts';

/** Object identifiers of extensions. */
export const EXTENSION = {
  SUBJECT_KEY_ID: '2.5.29.14',
  KEY_USAGE: '2.5.29.15',
  SUBJECT_ALTERNATIVE_NAME: '2.5.29.17',
  BASIC_CONSTRAINTS: '2.5.29.19',
  AUTHORITY_KEY_ID: '2.5.29.35',
  EXTENDED_KEY_USAGE: '2.5.29.37',
} as const;

/** Purposes of an extended key usage. */
export const PURPOSE = {
  ANY: '2.5.29.37.0',
  CODE_SIGNING: '1.3.6.1.5.5.7.3.3',
  TIME_STAMPING: '1.3.6.1.5.5.7.3.8',
  /** Microsoft: a time stamp does not prolong such a certificate. */
  LIFETIME_SIGNING: '1.3.6.1.4.1.311.10.3.13',
} as const;

/** Bits of a key usage, as `flagBits` numbers them. */
export const KEY_USAGE = { DIGITAL_SIGNATURE: 0x01, CERTIFICATE_SIGNING: 0x20 } as const;

/** An extension. */
export interface Extension {
  readonly oid: string;
  readonly critical: boolean;
  /** What the OCTET STRING holds: DER, as a rule. */
  readonly value: Uint8Array;
  /** Position of the value in the file. */
  readonly offset: number;
  /** The whole extension, for those who leave it out of what was signed. */
  readonly element: Element;
}

/** A certificate, read. */
export interface X509 {
  /** The whole DER. */
  readonly raw: Uint8Array;
  /** Position in the file; 0 for one that came from elsewhere. */
  readonly offset: number;
  /** What its issuer signed. */
  readonly tbs: Element;
  /** The content bytes of the serial number, as they lie there. */
  readonly serial: Uint8Array;
  readonly issuer: Name;
  readonly subject: Name;
  /** Milliseconds since 1970, both ends included. */
  readonly notBefore: number;
  readonly notAfter: number;
  readonly publicKey: KeyBytes;
  readonly signatureAlgorithm: AlgorithmId;
  readonly signature: Uint8Array;
  readonly extensions: readonly Extension[];
  /** BasicConstraints; null without. */
  readonly constraints: { readonly ca: boolean; readonly pathLength: number | null } | null;
  /** KeyUsage as bits; null without. */
  readonly keyUsage: number | null;
  /** The purposes of ExtendedKeyUsage; null without, which restricts nothing. */
  readonly purposes: readonly string[] | null;
  readonly subjectKeyId: Uint8Array | null;
  readonly authorityKeyId: Uint8Array | null;
}

const MOST_EXTENSIONS = 128; // the richest of the public ones has under twenty, Sigstore's thirty

/** Reads a certificate that is all of `bytes`. Throws `malformed`, also for bytes that follow it. */
export function readCertificate(bytes: Uint8Array, base = 0): X509 {
  return certificateOf(readDer(bytes, TAG.SEQUENCE, 'certificate', base));
}

/** The certificate in an element. Throws `malformed`. */
export function certificateOf(element: Element): X509 {
  const outer = new DerCursor(element, 'certificate');
  const tbs = outer.take(TAG.SEQUENCE, 'certificate');
  const algorithmElement = outer.take(TAG.SEQUENCE, 'signature algorithm of a certificate');
  const signature = bitBytes(outer.take(TAG.BIT_STRING, 'signature of a certificate'), 'signature of a certificate');
  outer.finish();

  const fields = new DerCursor(tbs, 'certificate');
  const version = fields.maybe(context(0), 'version of a certificate');
  if (version !== null) {
    const number = count(new DerCursor(version, 'version').any(), 'version of a certificate');
    if (number > 2) throw malformed(version.data, version.at, `a certificate of version ${number + 1}`);
  }
  const serial = fields.take(TAG.INTEGER, 'serial number of a certificate');
  integer(serial, 'serial number of a certificate');
  const inner = fields.take(TAG.SEQUENCE, 'signature algorithm of a certificate');
  if (!equalBytes(wholeOf(inner), wholeOf(algorithmElement))) throw malformed(inner.data, inner.at, 'the two signature algorithms of a certificate differ');
  const issuer = readName(fields.take(TAG.SEQUENCE, 'issuer of a certificate'), 'issuer of a certificate');
  const validity = fields.enter(TAG.SEQUENCE, 'validity of a certificate');
  const notBefore = time(validity.any(), 'validity of a certificate');
  const notAfter = time(validity.any(), 'validity of a certificate');
  validity.finish();
  const subject = readName(fields.take(TAG.SEQUENCE, 'subject of a certificate'), 'subject of a certificate');
  const spki = fields.take(TAG.SEQUENCE, 'key of a certificate');
  fields.maybe(contextPrimitive(1), 'issuer id of a certificate');
  fields.maybe(contextPrimitive(2), 'subject id of a certificate');
  const tagged = fields.maybe(context(3), 'extensions of a certificate');
  fields.finish();
  const extensions = tagged === null ? [] : readExtensions(tagged);
  const find = (id: string): Extension | null => extensions.find(({ oid }) => oid === id) ?? null;
  return {
    raw: wholeOf(element),
    offset: element.data.base + element.at,
    tbs,
    serial: contentOf(serial),
    issuer,
    subject,
    notBefore,
    notAfter,
    publicKey: { key: readPublicKey(spki), spki: wholeOf(spki) },
    signatureAlgorithm: readAlgorithm(algorithmElement, 'signature algorithm of a certificate'),
    signature,
    extensions,
    constraints: constraintsOf(find(EXTENSION.BASIC_CONSTRAINTS)),
    keyUsage: keyUsageOf(find(EXTENSION.KEY_USAGE)),
    purposes: purposesOf(find(EXTENSION.EXTENDED_KEY_USAGE)),
    subjectKeyId: subjectKeyIdOf(find(EXTENSION.SUBJECT_KEY_ID)),
    authorityKeyId: authorityKeyIdOf(find(EXTENSION.AUTHORITY_KEY_ID)),
  };
}

function readExtensions(tagged: Element): Extension[] {
  const outer = new DerCursor(tagged, 'extensions of a certificate');
  const list = outer.take(TAG.SEQUENCE, 'extensions of a certificate');
  outer.finish();
  const seen = new Set<string>();
  return elementsOf(list, 'extensions of a certificate', MOST_EXTENSIONS).map((element) => {
    if (element.tag !== TAG.SEQUENCE) throw malformed(element.data, element.at, 'an extension of a certificate has the wrong tag');
    const fields = new DerCursor(element, 'extension');
    const id = oid(fields.take(TAG.OID, 'extension'), 'extension');
    if (seen.has(id)) throw malformed(element.data, element.at, `the extension ${id} stands twice in a certificate`);
    seen.add(id);
    const flag = fields.maybe(TAG.BOOLEAN, 'extension');
    const value = fields.take(TAG.OCTET_STRING, 'extension');
    fields.finish();
    return { oid: id, critical: flag !== null && boolean(flag, 'extension'), value: contentOf(value), offset: value.data.base + value.start, element };
  });
}

function constraintsOf(extension: Extension | null): X509['constraints'] {
  if (extension === null) return null;
  const fields = new DerCursor(readDer(extension.value, TAG.SEQUENCE, 'basic constraints', extension.offset), 'basic constraints');
  const ca = fields.maybe(TAG.BOOLEAN, 'basic constraints');
  const pathLength = fields.maybe(TAG.INTEGER, 'basic constraints');
  fields.finish();
  return { ca: ca !== null && boolean(ca, 'basic constraints'), pathLength: pathLength === null ? null : count(pathLength, 'path length') };
}

function keyUsageOf(extension: Extension | null): number | null {
  return extension === null ? null : flagBits(readDer(extension.value, TAG.BIT_STRING, 'key usage', extension.offset), 'key usage');
}

function purposesOf(extension: Extension | null): string[] | null {
  if (extension === null) return null;
  return elementsOf(readDer(extension.value, TAG.SEQUENCE, 'extended key usage', extension.offset), 'extended key usage', MOST_EXTENSIONS).map((element) => oid(element, 'extended key usage'));
}

function subjectKeyIdOf(extension: Extension | null): Uint8Array | null {
  return extension === null ? null : contentOf(readDer(extension.value, TAG.OCTET_STRING, 'subject key identifier', extension.offset));
}

function authorityKeyIdOf(extension: Extension | null): Uint8Array | null {
  if (extension === null) return null;
  const id = new DerCursor(readDer(extension.value, TAG.SEQUENCE, 'authority key identifier', extension.offset), 'authority key identifier').maybe(
    contextPrimitive(0),
    'authority key identifier',
  );
  return id === null ? null : contentOf(id);
}

/** Whether a certificate is valid at a time, in milliseconds since 1970. */
export function isValidAt({ notBefore, notAfter }: X509, at: number): boolean {
  return notBefore <= at && at <= notAfter + 999; // the second of the end is within
}
