// Signed messages: CMS SignedData, and PKCS#7's older form of it that Authenticode keeps. (RFC 5652, RFC 2315)

import { hashOf, readAlgorithm } from './algorithms.ts';
import type { AlgorithmId, HashName } from './algorithms.ts';
import { attempt } from './attempt.ts';
import { DerCursor, TAG, contentOf, context, contextPrimitive, elementsOf, equalBytes, expectTag, malformed, offsetOf, stringBytes, wholeOf } from './der.ts';
import type { Element } from './der.ts';
import { count, oid } from './values.ts';
import { certificateOf } from './x509.ts';
import type { X509 } from './x509.ts';

/** Object identifiers of contents and attributes. */
export const CMS = {
  SIGNED_DATA: '1.2.840.113549.1.7.2',
  DATA: '1.2.840.113549.1.7.1',
  TST_INFO: '1.2.840.113549.1.9.16.1.4',
  CONTENT_TYPE: '1.2.840.113549.1.9.3',
  MESSAGE_DIGEST: '1.2.840.113549.1.9.4',
  SIGNING_TIME: '1.2.840.113549.1.9.5',
  COUNTERSIGNATURE: '1.2.840.113549.1.9.6',
  SIGNING_CERTIFICATE: '1.2.840.113549.1.9.16.2.12',
  SIGNING_CERTIFICATE_V2: '1.2.840.113549.1.9.16.2.47',
  TIME_STAMP: '1.2.840.113549.1.9.16.2.14',
  MICROSOFT_TIME_STAMP: '1.3.6.1.4.1.311.3.3.1',
} as const;

/** An attribute of a signer, signed or not. */
export interface Attribute {
  readonly oid: string;
  readonly values: readonly Element[];
  /** Position in the file, and size with tag and length. */
  readonly offset: number;
  readonly size: number;
}

/** By what a signer names its certificate. */
export type SignerId = { readonly issuer: Uint8Array; readonly serial: Uint8Array } | { readonly keyId: Uint8Array };

/** One signature of a message. */
export interface SignerInfo {
  readonly element: Element;
  readonly id: SignerId;
  readonly digestAlgorithm: AlgorithmId;
  /** Null for a digest that is not known here. */
  readonly digest: HashName | null;
  /** Null where there are none: the signature is over the content itself then. */
  readonly signedAttributes: { readonly element: Element; readonly list: readonly Attribute[] } | null;
  readonly signatureAlgorithm: AlgorithmId;
  readonly signature: Uint8Array;
  /** Position of the signature value in the file. */
  readonly signatureOffset: number;
  readonly unsignedAttributes: readonly Attribute[];
}

/** Something that the rules don't allow and that does no harm to what is signed. */
export interface Oddity {
  readonly message: string;
  readonly offset: number;
}

/** A signed message. */
export interface SignedData {
  readonly digestAlgorithms: readonly AlgorithmId[];
  readonly contentType: string;
  /** What the content's `[0]` holds; null for a detached message. */
  readonly content: Element | null;
  readonly certificates: readonly X509[];
  readonly signers: readonly SignerInfo[];
  readonly oddities: readonly Oddity[];
}

/** What one message may hold. */
export const CMS_LIMITS = {
  certificates: 64, // the richest of the real ones carries nine
  signers: 8, // code signatures have one
  attributes: 128, // of one signer; real ones have under ten
  values: 32, // of one attribute
} as const;

/** What content may be: CMS has octet strings, BER's pieces of them included; PKCS#7 whatever the type asks for, which is a sequence. */
const CONTENT_TAGS: ReadonlySet<number> = new Set([TAG.OCTET_STRING, TAG.OCTET_STRING | 0x20, TAG.SEQUENCE]);

/** The SignedData of a ContentInfo. Throws `malformed`, and `limit-exceeded` for more than `CMS_LIMITS`. */
export function readSignedData(contentInfo: Element): SignedData {
  expectTag(contentInfo, TAG.SEQUENCE, 'signed message');
  const outer = new DerCursor(contentInfo, 'signed message');
  const type = oid(outer.take(TAG.OID, 'type of the message'), 'type of the message');
  if (type !== CMS.SIGNED_DATA) throw malformed(contentInfo.data, contentInfo.at, `a message of the type ${type}, not signed data`);
  const explicit = outer.enter(context(0), 'signed data');
  outer.finish();
  const fields = explicit.enter(TAG.SEQUENCE, 'signed data');
  explicit.finish();

  const oddities: Oddity[] = [];
  const versionElement = fields.take(TAG.INTEGER, 'version of the message');
  const version = count(versionElement, 'version of the message');
  const digestAlgorithms = elementsOf(fields.take(TAG.SET, 'digest algorithms'), 'digest algorithms', CMS_LIMITS.signers).map((element) => {
    expectTag(element, TAG.SEQUENCE, 'digest algorithm');
    return readAlgorithm(element, 'digest algorithm');
  });
  const encapsulated = fields.enter(TAG.SEQUENCE, 'content of the message');
  const contentType = oid(encapsulated.take(TAG.OID, 'type of the content'), 'type of the content');
  const tagged = encapsulated.maybe(context(0), 'content of the message');
  encapsulated.finish();
  let content: Element | null = null;
  if (tagged !== null) {
    const inner = new DerCursor(tagged, 'content of the message');
    content = inner.any();
    inner.finish();
    if (!CONTENT_TAGS.has(content.tag)) throw malformed(content.data, content.at, 'content of the message: neither an octet string nor a sequence');
  }
  const bag = fields.maybe(context(0), 'certificates of the message');
  const certificates = bag === null ? [] : readBag(bag, oddities);
  const revocations = fields.maybe(context(1), 'revocation lists of the message');
  if (revocations !== null) elementsOf(revocations, 'revocation lists of the message', CMS_LIMITS.certificates);
  const signers = elementsOf(fields.take(TAG.SET, 'signers'), 'signers of the message', CMS_LIMITS.signers).map((element) => readSignerInfo(element, oddities));
  fields.finish();
  const plain = contentType === CMS.DATA && signers.every(({ id }) => !('keyId' in id));
  if (version !== 1 && (version !== 3 || plain)) oddities.push({ message: `signed data of version ${version}`, offset: offsetOf(versionElement) });
  return { digestAlgorithms, contentType, content, certificates, signers, oddities };
}

/** The other choices of CertificateChoices: attribute certificates (Microsoft's time stamps carry one) and whatever comes. */
const OTHER_CERTIFICATES: ReadonlySet<number> = new Set([context(0), context(1), context(2), context(3)]);

/** Certificates that came with a message, in no order. One that can't be read is an oddity: it may be none that is needed. */
function readBag(bag: Element, oddities: Oddity[]): X509[] {
  const certificates: X509[] = [];
  for (const element of elementsOf(bag, 'certificates of the message', CMS_LIMITS.certificates)) {
    if (OTHER_CERTIFICATES.has(element.tag)) continue;
    const read = attempt(() => {
      expectTag(element, TAG.SEQUENCE, 'certificate');
      return certificateOf(element);
    });
    if (read.ok) certificates.push(read.value);
    else oddities.push({ message: `a certificate of the message can't be read: ${read.error.message}`, offset: read.error.offset ?? offsetOf(element) });
  }
  return certificates;
}

/** Reads a SignerInfo. Throws `malformed`. (RFC 5652 5.3) */
export function readSignerInfo(element: Element, oddities: Oddity[]): SignerInfo {
  expectTag(element, TAG.SEQUENCE, 'signer');
  const fields = new DerCursor(element, 'signer');
  const versionElement = fields.take(TAG.INTEGER, 'version of a signer');
  const version = count(versionElement, 'version of a signer');
  const keyId = fields.maybe(contextPrimitive(0), 'key identifier of a signer');
  const id = keyId === null ? readIssuerAndSerial(fields.take(TAG.SEQUENCE, 'issuer and serial number of a signer')) : { keyId: contentOf(keyId) };
  if (version !== (keyId === null ? 1 : 3)) oddities.push({ message: `a signer of version ${version}`, offset: offsetOf(versionElement) });
  const digestAlgorithm = readAlgorithm(fields.take(TAG.SEQUENCE, 'digest algorithm of a signer'), 'digest algorithm of a signer');
  const signed = fields.maybe(context(0), 'signed attributes');
  const signatureAlgorithm = readAlgorithm(fields.take(TAG.SEQUENCE, 'signature algorithm of a signer'), 'signature algorithm of a signer');
  const signature = fields.any('signature');
  if (signature.tag !== TAG.OCTET_STRING && signature.tag !== (TAG.OCTET_STRING | 0x20)) throw malformed(signature.data, signature.at, 'signature: no octet string');
  const unsigned = fields.maybe(context(1), 'unsigned attributes');
  fields.finish();
  return {
    element,
    id,
    digestAlgorithm,
    digest: hashOf(digestAlgorithm),
    signedAttributes: signed === null ? null : { element: signed, list: readAttributes(signed, 'signed attributes') },
    signatureAlgorithm,
    signature: stringBytes(signature),
    signatureOffset: signature.data.base + signature.start,
    unsignedAttributes: unsigned === null ? [] : readAttributes(unsigned, 'unsigned attributes'),
  };
}

function readIssuerAndSerial(element: Element): SignerId {
  const fields = new DerCursor(element, 'issuer and serial number of a signer');
  const issuer = fields.take(TAG.SEQUENCE, 'issuer of a signer');
  const serial = fields.take(TAG.INTEGER, 'serial number of a signer');
  fields.finish();
  return { issuer: wholeOf(issuer), serial: contentOf(serial) };
}

function readAttributes(set: Element, what: string): Attribute[] {
  return elementsOf(set, what, CMS_LIMITS.attributes).map((element) => {
    expectTag(element, TAG.SEQUENCE, what);
    const fields = new DerCursor(element, what);
    const id = oid(fields.take(TAG.OID, what), what);
    const values = elementsOf(fields.take(TAG.SET, what), what, CMS_LIMITS.values);
    fields.finish();
    return { oid: id, values, offset: offsetOf(element), size: element.end - element.at };
  });
}

/** The certificate that a signer names, among those that lie about: by the bytes of issuer and serial number, or by key identifier. */
export function certificateOfSigner(id: SignerId, certificates: readonly X509[]): X509 | null {
  const found =
    'keyId' in id
      ? certificates.find(({ subjectKeyId }) => subjectKeyId !== null && equalBytes(subjectKeyId, id.keyId))
      : certificates.find(({ issuer, serial }) => equalBytes(issuer.raw, id.issuer) && equalBytes(serial, id.serial));
  return found ?? null;
}

/** The bytes that a content's digest is over: what the element inside `[0]` holds, without its tag and length. */
export function contentOctets(content: Element): Uint8Array {
  return content.tag === TAG.OCTET_STRING || content.tag === (TAG.OCTET_STRING | 0x20) ? stringBytes(content) : contentOf(content);
}

/** The only value of the only attribute of a type; null where there is none. Throws `malformed` where there are several, of attributes or of values. */
export function onlyValue(attributes: readonly Attribute[], id: string, what: string): Element | null {
  const found = attributes.filter((attribute) => attribute.oid === id);
  const [first] = found;
  if (first === undefined) return null;
  const [value] = first.values;
  if (found.length > 1 || first.values.length !== 1 || value === undefined) {
    throw malformed(first.values[0]?.data ?? { bytes: new Uint8Array(0), base: first.offset }, first.values[0]?.at ?? 0, `${what}: more than one value, or none`);
  }
  return value;
}
