// One signer of a message, judged: is it valid, how far up does it go, when. The same for Authenticode and for Apple's seals.

import type { Certificate, Level, SignatureProblem, SignatureTime, TimestampCheck, Levels } from '../model/signature.ts';
import { hashOf } from '../pki/algorithms.ts';
import { buildChain, weaknessesOf } from '../pki/chain.ts';
import type { Chain, ChainReason } from '../pki/chain.ts';
import { CMS } from '../pki/cms.ts';
import type { SignedData, SignerInfo } from '../pki/cms.ts';
import { hexOf } from '../pki/der.ts';
import type { Check } from '../pki/signed-bytes.ts';
import { checkSigner, listsDigest } from '../pki/signer.ts';
import type { SignerCheck, SignerFailure } from '../pki/signer.ts';
import { checkStampAttribute, provesTime } from '../pki/time-stamp.ts';
import type { StampCheck } from '../pki/time-stamp.ts';
import { isoTime } from '../pki/values.ts';
import { PURPOSE, isValidAt } from '../pki/x509.ts';
import type { X509 } from '../pki/x509.ts';
import type { Cryptography } from './cryptography.ts';
import type { SignatureSettings } from './settings.ts';

/** Collects problems as they are found. */
export type Report = (code: string, message: string, place?: { readonly offset?: number | null; readonly size?: number | null; readonly level?: keyof Levels | null; readonly item?: number | null }) => void;

/** A list of problems, and what adds to it. */
export function problemList(): { problems: SignatureProblem[]; report: Report } {
  const problems: SignatureProblem[] = [];
  const report: Report = (code, message, { offset = null, size = null, level = null, item = null } = {}) => {
    if (problems.length < MOST_PROBLEMS) problems.push({ code, message, offset, size, level, item });
    else if (problems.length === MOST_PROBLEMS) problems.push({ code: 'limit', message: `more than ${MOST_PROBLEMS} problems; the rest are left out`, offset: null, size: null, level: null, item: null });
  };
  return { problems, report };
}

const MOST_PROBLEMS = 200;

/** What is to be judged. */
export interface SignerQuestion {
  readonly cryptography: Cryptography;
  readonly settings: SignatureSettings;
  readonly message: SignedData;
  /** The bytes that the message signs. */
  readonly content: Uint8Array;
  readonly contentType: string;
  /** Index of this signature among the items. */
  readonly item: number;
  readonly report: Report;
  /** Whether a stamp below one root may date a signature below another; every stamp may where it is not given. */
  readonly stampMay?: (signatureRoot: X509, stampRoot: X509) => boolean;
}

/** What came of it. */
export interface SignerAnswer {
  readonly signed: Level;
  readonly anchored: Level;
  readonly inTime: Level;
  readonly at: SignatureTime;
  readonly certificate: X509 | null;
  readonly signer: Certificate | null;
  readonly chain: readonly Certificate[];
  readonly path: readonly X509[];
  readonly rootCertificate: X509 | null;
  readonly root: string | null;
  readonly signingTime: string | null;
  readonly timestamps: readonly TimestampCheck[];
  readonly weak: readonly string[];
  readonly unsignedAttributes: readonly { readonly oid: string; readonly offset: number; readonly size: number }[];
}

/** What problem it is when a signer fails. */
const FAILURES: Readonly<Record<SignerFailure, string>> = {
  'no-certificate': 'no-certificate',
  algorithm: 'algorithm',
  'content-type': 'content-type',
  'message-digest': 'message-digest',
  'signing-certificate': 'signing-certificate',
  'signature-value': 'signature-value',
  attributes: 'not-der',
};

/** Judges the one signer of a message. Code signatures have exactly one: of several it can't be said which one a system looks at. */
export function judgeSigner(question: SignerQuestion): SignerAnswer {
  const { cryptography, settings, message, content, contentType, item, report } = question;
  for (const { message: text, offset } of message.oddities) report('not-der', text, { offset, item });
  const [signer] = message.signers;
  if (signer === undefined || message.signers.length > 1) {
    report('several-signers', `the message has ${message.signers.length} signers; a code signature has one`, { level: 'signed', item });
    return unsignedAnswer(settings);
  }
  const checked = checkSigner(cryptography, signer, content, { certificates: message.certificates, contentType });
  const listed = listsDigest(message, signer);
  if (!listed) report('not-der', "the message does not list its signer's digest algorithm", { offset: signer.element.data.base + signer.element.at, level: 'signed', item });
  if (checked.failure !== null) {
    const code = FAILURES[checked.failure];
    report(code, checked.reason ?? code, { offset: checked.offset, size: checked.failure === 'signature-value' ? signer.signature.length : null, level: 'signed', item });
  }
  const typed = message.contentType === contentType;
  if (!typed) report('content-type', `the message's content is of the type ${message.contentType}, not ${contentType}`, { offset: signer.element.data.base, level: 'signed', item });
  const stamps = stampsOf(question, signer);
  const chainAt = (time: number): Chain | null => {
    const { certificate } = checked;
    return certificate === null ? null : buildChain(cryptography, certificate, { pool: message.certificates, roots: settings.roots, purpose: PURPOSE.CODE_SIGNING, at: time });
  };
  let { at, moment } = timeOf(settings, stamps, checked.certificate);
  let chain = chainAt(moment);
  const root = chain?.root ?? null;
  const fits = ({ chain: own }: StampCheck): boolean => root === null || own === null || own.root === null || question.stampMay?.(root, own.root) !== false;
  if (at.from === 'timestamp' && !stamps.filter(provesTime).every(fits)) {
    report('timestamp', "a time stamp's root may not date signatures below the signer's root", { item });
    ({ at, moment } = timeOf(settings, stamps.filter(fits), checked.certificate));
    chain = chainAt(moment);
  }
  reportChain(chain, report, item);
  const anchored: Level = chain === null ? (settings.roots === null ? 'not-asked' : 'no') : chain.anchored;
  const inTime = inTimeOf(chain, settings.roots !== null, moment);
  if (inTime === 'no') reportTime(chain, at, moment, report, item);
  return {
    signed: (listed && typed) || checked.state !== 'valid' ? levelOf(checked) : 'no',
    anchored,
    inTime,
    at,
    certificate: checked.certificate,
    signer: checked.certificate === null ? null : certificateFacts(cryptography, checked.certificate),
    chain: (chain?.path ?? []).map((certificate) => certificateFacts(cryptography, certificate)),
    path: chain?.path ?? [],
    rootCertificate: chain?.root ?? null,
    root: chain?.root === null || chain?.root === undefined ? null : sha256(cryptography, chain.root.raw),
    signingTime: checked.signingTime === null ? null : isoTime(checked.signingTime),
    timestamps: stamps.map((stamp) => stampFacts(cryptography, stamp, settings.tsaRoots !== null)),
    weak: weakOf(signer, checked, chain, stamps),
    unsignedAttributes: signer.unsignedAttributes.map(({ oid, offset, size }) => ({ oid, offset, size })),
  };
}

function unsignedAnswer(settings: SignatureSettings): SignerAnswer {
  return {
    signed: 'unknown',
    anchored: settings.roots === null ? 'not-asked' : 'unknown',
    inTime: settings.roots === null ? 'not-asked' : 'unknown',
    at: { time: isoTime(settings.at.time), from: settings.at.from },
    certificate: null,
    signer: null,
    chain: [],
    path: [],
    rootCertificate: null,
    root: null,
    signingTime: null,
    timestamps: [],
    weak: [],
    unsignedAttributes: [],
  };
}

/** The word for what came of a check. */
export function levelOf({ state }: Check): Level {
  return state === 'valid' ? 'yes' : state === 'invalid' ? 'no' : 'unknown';
}

const STAMPS: ReadonlySet<string> = new Set([CMS.COUNTERSIGNATURE, CMS.TIME_STAMP, CMS.MICROSOFT_TIME_STAMP]);
const MOST_STAMPS = 8; // real ones have one or two

/** Every time stamp of a signer, in the order in which they lie there. */
function stampsOf({ cryptography, settings, message, item, report }: SignerQuestion, signer: SignerInfo): StampCheck[] {
  const found = signer.unsignedAttributes.filter(({ oid }) => STAMPS.has(oid)).flatMap(({ oid, values }) => values.map((value) => ({ oid, value })));
  if (found.length > MOST_STAMPS) report('limit', `${found.length} time stamps, of which the first ${MOST_STAMPS} are checked`, { item });
  return found.slice(0, MOST_STAMPS).map(({ oid, value }) => {
    const offset = value.data.base + value.at;
    const size = value.end - value.at;
    const stamp = checkStampAttribute(cryptography, oid, value, signer.signature, { pool: message.certificates, roots: settings.tsaRoots });
    for (const oddity of stamp.oddities) report('not-der', oddity.message, { offset: oddity.offset, item });
    if (stamp.signed.state !== 'valid') report('timestamp', `the time stamp is not usable: ${stamp.signed.reason ?? ''}`, { offset, size, item });
    else if (settings.tsaRoots !== null && !provesTime(stamp)) report('timestamp', `the time stamp's certificate does not lead to a root: ${whyNot(stamp.chain)}`, { offset, size, item });
    return stamp;
  });
}

function whyNot(chain: Chain | null): string {
  if (chain === null) return 'its certificate is not there';
  if (chain.anchored === 'yes') return 'a certificate of its chain was not valid at the stamped time';
  return chain.reasons.map(({ message }) => message).join('; ') || 'no root given';
}

/** The time that counts: the first stamp that holds and is anchored, else the caller's, else the clock's. Some certificates allow no prolonging. */
function timeOf({ at }: SignatureSettings, stamps: readonly StampCheck[], certificate: X509 | null): { at: SignatureTime; moment: number } {
  const stamp = certificate?.purposes?.includes(PURPOSE.LIFETIME_SIGNING) === true ? undefined : stamps.find(provesTime);
  const moment = stamp?.time ?? at.time;
  return { at: { time: isoTime(moment), from: stamp === undefined ? at.from : 'timestamp' }, moment };
}

/** Whether the path is valid at the time. Without an anchored path only a leaf that is not valid itself is known. */
function inTimeOf(chain: Chain | null, asked: boolean, moment: number): Level {
  if (!asked) return 'not-asked';
  if (chain === null) return 'unknown';
  if (chain.inTime !== null) return chain.inTime ? 'yes' : 'no';
  const [leaf] = chain.path;
  return leaf === undefined || isValidAt(leaf, moment) ? 'unknown' : 'no';
}

function reportTime(chain: Chain | null, { from, time }: SignatureTime, moment: number, report: Report, item: number): void {
  for (const certificate of chain?.path ?? []) {
    if (isValidAt(certificate, moment)) continue;
    const { notBefore, notAfter, subject, offset } = certificate;
    const word = moment < notBefore ? `is not valid before ${isoTime(notBefore)}` : `expired at ${isoTime(notAfter)}`;
    const source = { timestamp: 'the time stamp', given: 'the time given', clock: 'the clock' }[from];
    report('not-in-time', `the certificate ${subject.text} ${word}; the time that counts is ${time}, by ${source}`, { offset: offset === 0 ? null : offset, level: 'inTime', item });
  }
}

const QUIET: ReadonlySet<ChainReason['code']> = new Set(['no-purposes']);

function reportChain(chain: Chain | null, report: Report, item: number): void {
  for (const { code, message, certificate } of chain?.reasons ?? []) {
    if (chain?.anchored === 'not-asked' && code === 'no-issuer') continue;
    const offset = certificate.offset === 0 ? null : certificate.offset;
    const level = QUIET.has(code) || chain?.anchored === 'not-asked' ? null : 'anchored';
    report(code === 'algorithm' || code === 'limit' ? code : 'chain', `${certificate.subject.text}: ${message}`, { offset, level, item });
  }
}

/** A certificate in the model's words. */
export function certificateFacts(cryptography: Cryptography, { raw, subject, issuer, serial, publicKey, notBefore, notAfter }: X509): Certificate {
  return {
    subject: subject.text,
    subjectAttributes: subject.attributes.map(({ type, value }) => ({ type, value })),
    issuer: issuer.text,
    serial: hexOf(serial),
    sha256: sha256(cryptography, raw),
    spkiSha256: sha256(cryptography, publicKey.spki),
    notBefore: isoTime(notBefore),
    notAfter: isoTime(notAfter),
  };
}

/** Lower-case hex. Every runtime with cryptography of this kind has SHA-256. */
export function sha256(cryptography: Cryptography, bytes: Uint8Array): string {
  return hexOf(cryptography.digest('sha256', bytes) ?? new Uint8Array(0));
}

function stampFacts(cryptography: Cryptography, stamp: StampCheck, asked: boolean): TimestampCheck {
  const { kind, time, signed, chain, bareDigest, certificate } = stamp;
  const anchored = ((): Level => {
    if (!asked) return 'not-asked';
    if (chain === null) return 'no';
    if (chain.anchored !== 'yes') return chain.anchored;
    return chain.inTime === true ? 'yes' : 'no';
  })();
  return {
    kind,
    time: time === null ? null : isoTime(time),
    signed: levelOf(signed),
    anchored,
    bareDigest,
    signer: certificate === null ? null : certificateFacts(cryptography, certificate),
  };
}

function weakOf(signer: SignerInfo, { certificate }: SignerCheck, chain: Chain | null, stamps: readonly StampCheck[]): string[] {
  const weak = new Set<string>();
  const digest = hashOf(signer.digestAlgorithm);
  if (digest === 'md5' || digest === 'sha1') weak.add(digest);
  for (const word of weaknessesOf(chain?.path ?? (certificate === null ? [] : [certificate]), chain?.root ?? null)) weak.add(word);
  if (stamps.some(({ bareDigest }) => bareDigest)) weak.add('bare-digest');
  return [...weak];
}

/** From the weakest to the strongest. */
const STRENGTH: readonly Level[] = ['no', 'unknown', 'not-asked', 'none', 'yes'];

/** The weakest of some levels; 'none' of none. */
export function weakest(levels: readonly Level[]): Level {
  return levels.length === 0 ? 'none' : levels.reduce((least, level) => (STRENGTH.indexOf(level) < STRENGTH.indexOf(least) ? level : least));
}
