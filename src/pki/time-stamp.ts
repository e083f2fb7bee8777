// Time stamps over a signature: tokens of RFC 3161, and the countersignatures of PKCS#9 before them.

import { hashOf, readAlgorithm } from './algorithms.ts';
import type { AlgorithmId } from './algorithms.ts';
import { attempt } from './attempt.ts';
import { buildChain } from './chain.ts';
import type { Chain } from './chain.ts';
import { CMS, contentOctets, readSignedData, readSignerInfo } from './cms.ts';
import type { Oddity, SignedData, SignerInfo } from './cms.ts';
import { DerCursor, TAG, context, contentOf, equalBytes, malformed, readDer, readElement } from './der.ts';
import type { Element } from './der.ts';
import { NO_RUNTIME, invalid, unknown } from './signed-bytes.ts';
import type { Check, Runtime } from './signed-bytes.ts';
import { checkSigner, listsDigest } from './signer.ts';
import type { SignerCheck } from './signer.ts';
import { count, integer, oid, time } from './values.ts';
import { PURPOSE } from './x509.ts';
import type { X509 } from './x509.ts';

/** What a token says. (RFC 3161 2.4.2) */
export interface TimeStampInfo {
  readonly policy: string;
  readonly imprintAlgorithm: AlgorithmId;
  readonly imprint: Uint8Array;
  /** Milliseconds since 1970. */
  readonly time: number;
}

/** A time-stamp token. */
export interface TimeStampToken {
  readonly message: SignedData;
  readonly info: TimeStampInfo;
}

/** A time stamp that was checked. */
export interface StampCheck {
  readonly kind: 'rfc3161' | 'countersignature';
  /** Milliseconds since 1970, as stamped; null where it can't be read. */
  readonly time: number | null;
  /** Whether it is over this signature, and valid for the key of the certificate that it names. */
  readonly signed: Check;
  /** The chain of its certificate at its own time; null without a certificate. */
  readonly chain: Chain | null;
  readonly certificate: X509 | null;
  /** Whether its signature holds the bare digest: a weakness. */
  readonly bareDigest: boolean;
  /** Digest that its signer uses; null where that is not known here. */
  readonly digest: string | null;
  readonly oddities: readonly Oddity[];
}

/** What a stamp is checked with. */
export interface StampOptions {
  /** Certificates that lie about beside the token's own: of the outer message, of the caller. */
  readonly pool: readonly X509[];
  /** The caller's roots for time stamps; null where none were given. */
  readonly roots: readonly X509[] | null;
}

/** The token in a ContentInfo. Throws `malformed`. */
export function readTimeStampToken(contentInfo: Element): TimeStampToken {
  const message = readSignedData(contentInfo);
  const { content, contentType } = message;
  if (contentType !== CMS.TST_INFO || content === null) throw malformed(contentInfo.data, contentInfo.at, 'time stamp: the message holds no time-stamp info');
  const octets = contentOctets(content);
  return { message, info: readInfo(readDer(octets, TAG.SEQUENCE, 'time stamp', content.data.base + content.start)) };
}

function readInfo(element: Element): TimeStampInfo {
  const fields = new DerCursor(element, 'time stamp');
  const version = fields.take(TAG.INTEGER, 'version of a time stamp');
  if (count(version, 'version of a time stamp') !== 1) throw malformed(version.data, version.at, 'a time stamp of another version than 1');
  const policy = oid(fields.take(TAG.OID, 'policy of a time stamp'), 'policy of a time stamp');
  const imprintFields = fields.enter(TAG.SEQUENCE, 'imprint of a time stamp');
  const imprintAlgorithm = readAlgorithm(imprintFields.take(TAG.SEQUENCE, 'imprint of a time stamp'), 'imprint of a time stamp');
  const imprint = contentOf(imprintFields.take(TAG.OCTET_STRING, 'imprint of a time stamp'));
  imprintFields.finish();
  integer(fields.take(TAG.INTEGER, 'serial number of a time stamp'), 'serial number of a time stamp');
  const stamped = time(fields.take(TAG.GENERALIZED_TIME, 'time of a time stamp'), 'time of a time stamp');
  fields.maybe(TAG.SEQUENCE, 'accuracy of a time stamp');
  fields.maybe(TAG.BOOLEAN, 'ordering of a time stamp');
  fields.maybe(TAG.INTEGER, 'nonce of a time stamp');
  fields.maybe(context(0), 'authority of a time stamp');
  fields.maybe(context(1), 'extensions of a time stamp');
  fields.finish();
  return { policy, imprintAlgorithm, imprint, time: stamped };
}

/** The token of a whole TimeStampResp, as authorities send it. Throws `malformed`, also for a response that grants nothing. (RFC 3161 2.4.2) */
export function readTimeStampResponse(bytes: Uint8Array, base = 0): TimeStampToken {
  const fields = new DerCursor(readDer(bytes, TAG.SEQUENCE, 'time-stamp response', base), 'time-stamp response');
  const status = fields.enter(TAG.SEQUENCE, 'status of a time-stamp response').take(TAG.INTEGER, 'status of a time-stamp response');
  const value = count(status, 'status of a time-stamp response');
  if (value > 1) throw malformed(status.data, status.at, `a time-stamp response that grants none: status ${value}`);
  const token = fields.take(TAG.SEQUENCE, 'time-stamp token');
  fields.finish();
  return readTimeStampToken(token);
}

/** Checks a token over a signature's value. `roots` null: its chain is not asked for. */
export function checkTimeStamp(runtime: Runtime | null, { message, info }: TimeStampToken, signature: Uint8Array, { pool, roots }: StampOptions): StampCheck {
  const [signer] = message.signers;
  const certificates = [...message.certificates, ...pool];
  const content = message.content === null ? new Uint8Array(0) : contentOctets(message.content);
  const checked = signer === undefined ? null : checkSigner(runtime, signer, content, { certificates, contentType: CMS.TST_INFO });
  const signed = ((): Check => {
    if (signer === undefined || checked === null || message.signers.length !== 1) return invalid(`${message.signers.length} signers where one belongs`);
    if (!listsDigest(message, signer)) return invalid("the message does not list its signer's digest algorithm");
    const imprint = checkImprint(runtime, info, signature);
    return imprint ?? checked;
  })();
  return stampOf(runtime, 'rfc3161', info.time, signed, checked, signer ?? null, certificates, roots, message.oddities);
}

/** Null where the imprint is that of the signature. */
function checkImprint(runtime: Runtime | null, { imprint, imprintAlgorithm }: TimeStampInfo, signature: Uint8Array): Check | null {
  if (runtime === null) return NO_RUNTIME;
  const hash = hashOf(imprintAlgorithm);
  const computed = hash === null ? null : runtime.digest(hash, signature);
  if (computed === null) return unknown(`digest algorithm ${imprintAlgorithm.oid} of the imprint`);
  return equalBytes(computed, imprint) ? null : invalid('the time stamp is over another signature');
}

function stampOf(
  runtime: Runtime | null,
  kind: StampCheck['kind'],
  stamped: number | null,
  signed: Check,
  checked: SignerCheck | null,
  signer: SignerInfo | null,
  pool: readonly X509[],
  roots: readonly X509[] | null,
  oddities: readonly Oddity[],
): StampCheck {
  const certificate = checked?.certificate ?? null;
  const chain = certificate === null || stamped === null ? null : buildChain(runtime, certificate, { pool, roots, purpose: PURPOSE.TIME_STAMPING, at: stamped });
  return { kind, time: stamped, signed, chain, certificate, bareDigest: checked?.bareDigest ?? false, digest: signer?.digest ?? null, oddities };
}

/** Checks a PKCS#9 countersignature over a signature's value: its time is the signed attribute signingTime. */
export function checkCountersignature(runtime: Runtime | null, element: Element, signature: Uint8Array, { pool, roots }: StampOptions): StampCheck {
  const oddities: Oddity[] = [];
  const read = attempt(() => readSignerInfo(element, oddities));
  if (!read.ok) return stampOf(runtime, 'countersignature', null, invalid(read.error.message), null, null, pool, roots, oddities);
  const signer = read.value;
  const checked = checkSigner(runtime, signer, signature, { certificates: pool, contentType: null, allowBare: true });
  const signed = checked.state === 'valid' && checked.signingTime === null ? invalid('the countersignature has no time') : checked;
  return stampOf(runtime, 'countersignature', checked.signingTime, signed, checked, signer, pool, roots, oddities);
}

/** Checks whatever time stamp an unsigned attribute's value holds. A damaged one is an answer. */
export function checkStampAttribute(runtime: Runtime | null, id: string, value: Element, signature: Uint8Array, options: StampOptions): StampCheck {
  if (id === CMS.COUNTERSIGNATURE) return checkCountersignature(runtime, value, signature, options);
  const read = attempt(() => readTimeStampToken(value));
  if (read.ok) return checkTimeStamp(runtime, read.value, signature, options);
  return stampOf(runtime, 'rfc3161', null, invalid(read.error.message), null, null, [], options.roots, []);
}

/** Whether a time stamp may stand for the time of a signature: it holds, and its chain does at its own time. */
export function provesTime({ signed, chain, time }: StampCheck): boolean {
  return time !== null && signed.state === 'valid' && chain !== null && chain.anchored === 'yes' && chain.inTime === true;
}

/** The ContentInfo that bytes begin with, and how many bytes it has. Throws `malformed`. */
export function readMessageStart(bytes: Uint8Array, base: number): Element {
  return readElement({ bytes, base }, 0, bytes.length, 'signed message');
}
