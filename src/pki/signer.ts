// Whether one signature of a message holds: its digest, its attributes, its key. (RFC 5652 5.4, 5.6)

import { hashOf, readAlgorithm, schemeOf } from './algorithms.ts';
import type { HashName } from './algorithms.ts';
import { attempt } from './attempt.ts';
import { CMS, certificateOfSigner, onlyValue } from './cms.ts';
import type { SignedData, SignerInfo } from './cms.ts';
import { DerCursor, TAG, contentOf, equalBytes, expectTag, joined, stringBytes } from './der.ts';
import type { Element } from './der.ts';
import { lengthOctets } from './keys.ts';
import { NO_RUNTIME, VALID, checkSignature, isBareDigest } from './signed-bytes.ts';
import type { Check, Runtime } from './signed-bytes.ts';
import { oid, time } from './values.ts';
import type { X509 } from './x509.ts';

/** What spoils a signature, where something does. */
export type SignerFailure = 'no-certificate' | 'algorithm' | 'content-type' | 'message-digest' | 'signing-certificate' | 'signature-value' | 'attributes';

/** What came of checking one signer. */
export interface SignerCheck extends Check {
  readonly failure: SignerFailure | null;
  /** Position of what fails in the file. */
  readonly offset: number | null;
  /** The certificate that the signer names; null where it is not at hand. */
  readonly certificate: X509 | null;
  /** Whether the signature holds the bare digest, as old time stamps have it. */
  readonly bareDigest: boolean;
  /** The signed attribute signingTime, in milliseconds since 1970: a claim. */
  readonly signingTime: number | null;
}

/** How a signer is checked. */
export interface SignerOptions {
  /** The certificates among which the signer's is looked for. */
  readonly certificates: readonly X509[];
  /** The type that the signed attribute contentType has to repeat; null where it must not be there or does not count (countersignatures). */
  readonly contentType: string | null;
  /** Whether a block with the bare digest is taken: for countersignatures. */
  readonly allowBare?: boolean;
}

/**
 * Whether a signer's signature is valid for the certificate that it names, over `content`: the octets of the content, or bytes that lie
 * outside the message. Damaged attributes are a failure, not an exception.
 */
export function checkSigner(runtime: Runtime | null, signer: SignerInfo, content: Uint8Array, options: SignerOptions): SignerCheck {
  const read = attempt(() => check(runtime, signer, content, options));
  if (read.ok) return read.value;
  const certificate = certificateOfSigner(signer.id, options.certificates);
  const { message, offset } = read.error;
  return { state: 'invalid', reason: message, failure: 'attributes', offset: offset ?? null, certificate, bareDigest: false, signingTime: null };
}

function check(runtime: Runtime | null, signer: SignerInfo, content: Uint8Array, { certificates, contentType, allowBare }: SignerOptions): SignerCheck {
  const { digest: hash, signature, signedAttributes } = signer;
  const certificate = certificateOfSigner(signer.id, certificates);
  const attributes = signedAttributes?.list ?? [];
  const timeValue = onlyValue(attributes, CMS.SIGNING_TIME, 'signing time');
  const signingTime = timeValue === null ? null : time(timeValue, 'signing time');
  const result = ({ state, reason }: Check, failure: SignerFailure | null, offset: number | null): SignerCheck => ({
    state,
    reason,
    failure: state === 'valid' ? null : failure,
    offset: state === 'valid' ? null : offset,
    certificate,
    bareDigest: false,
    signingTime,
  });
  const fail = (failure: SignerFailure, reason: string, offset: number | null): SignerCheck => result({ state: 'invalid', reason }, failure, offset);
  const algorithmOffset = signer.element.data.base + signer.element.at;

  if (certificate === null) return fail('no-certificate', 'the certificate of the signer is not in the message', algorithmOffset);
  if (hash === null) return result({ state: 'unknown', reason: `digest algorithm ${signer.digestAlgorithm.oid}` }, 'algorithm', algorithmOffset);
  const scheme = schemeOf(signer.signatureAlgorithm, hash);
  if (scheme === null) return result({ state: 'unknown', reason: `signature algorithm ${signer.signatureAlgorithm.oid} with ${hash}` }, 'algorithm', algorithmOffset);
  if (runtime === null) return result(NO_RUNTIME, 'algorithm', null);

  let message = content;
  if (signedAttributes !== null) {
    const digestValue = onlyValue(attributes, CMS.MESSAGE_DIGEST, 'message digest');
    if (digestValue === null) return fail('message-digest', 'the signed attributes have no message digest', algorithmOffset);
    expectTag(digestValue, TAG.OCTET_STRING, 'message digest');
    const typeValue = onlyValue(attributes, CMS.CONTENT_TYPE, 'content type');
    if (contentType !== null) {
      if (typeValue === null || oid(typeValue, 'content type') !== contentType) {
        return fail('content-type', `the signed attribute content type is not ${contentType}`, typeValue === null ? algorithmOffset : typeValue.data.base + typeValue.at);
      }
    }
    const computed = runtime.digest(hash, content);
    if (computed === null) return result({ state: 'unknown', reason: `this runtime does not have ${hash}` }, 'algorithm', algorithmOffset);
    if (!equalBytes(stringBytes(digestValue), computed)) {
      return fail('message-digest', 'the message digest among the signed attributes is not that of the content', digestValue.data.base + digestValue.start);
    }
    const named = namesCertificate(runtime, attributes, certificate);
    if (named !== null) return fail('signing-certificate', named.reason, named.offset);
    message = attributesAsSigned(signedAttributes.element);
  }
  const told = checkSignature(runtime, scheme, certificate.publicKey, { message }, signature);
  if (told.state === 'invalid' && allowBare === true && scheme.kind === 'rsa-pkcs1') {
    const digest = runtime.digest(hash, message);
    if (digest !== null && isBareDigest(certificate.publicKey, hash, digest, signature)) return { ...result(VALID, null, null), bareDigest: true };
  }
  return result(told, told.state === 'unknown' ? 'algorithm' : 'signature-value', signer.signatureOffset);
}

/**
 * The bytes of signed attributes that the signature is over: as they lie there, with the tag of a SET instead of `[0]`. They are never
 * sorted or written anew, as some signers sign an order that is not DER's. A header of indefinite length becomes a definite one.
 */
export function attributesAsSigned(element: Element): Uint8Array {
  const { data, at, start, stop, end } = element;
  const definite = end === stop;
  const header = definite ? data.bytes.slice(at, start) : Uint8Array.from([0, ...lengthOctets(stop - start)]);
  header[0] = TAG.SET;
  return joined([header, contentOf(element)]);
}

/** Whether the attributes that name the signer's certificate by its digest name another one. (RFC 2634 5.4, RFC 5035 3) */
function namesCertificate(runtime: Runtime, attributes: readonly SignedAttribute[], certificate: X509): { reason: string; offset: number } | null {
  for (const [id, fallback] of [
    [CMS.SIGNING_CERTIFICATE, 'sha1'],
    [CMS.SIGNING_CERTIFICATE_V2, 'sha256'],
  ] as const) {
    const value = onlyValue(attributes, id, 'signing certificate');
    if (value === null) continue;
    expectTag(value, TAG.SEQUENCE, 'signing certificate');
    const first = new DerCursor(value, 'signing certificate').enter(TAG.SEQUENCE, 'signing certificate').enter(TAG.SEQUENCE, 'signing certificate');
    const algorithm = id === CMS.SIGNING_CERTIFICATE_V2 ? first.maybe(TAG.SEQUENCE, 'signing certificate') : null;
    const hash: HashName | null = algorithm === null ? fallback : hashOf(readAlgorithm(algorithm, 'signing certificate'));
    const named = first.take(TAG.OCTET_STRING, 'signing certificate');
    const computed = hash === null ? null : runtime.digest(hash, certificate.raw);
    if (computed === null || equalBytes(computed, contentOf(named))) continue;
    return { reason: 'the signed attribute that names the certificate names another one', offset: named.data.base + named.start };
  }
  return null;
}

type SignedAttribute = NonNullable<SignerInfo['signedAttributes']>['list'][number];

/** Whether a message lists the digest of its signer among its own, as it has to. */
export function listsDigest({ digestAlgorithms }: SignedData, { digestAlgorithm }: SignerInfo): boolean {
  return digestAlgorithms.some(({ oid, parameters }) => oid === digestAlgorithm.oid && parameters === null);
}
