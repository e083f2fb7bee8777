// Chains: from a signer's certificate, over certificates that lie about, to a root that the caller gave. (RFC 5280 6.1, without its policies)

import { schemeOf } from './algorithms.ts';
import { equalBytes } from './der.ts';
import { checkSignature } from './signed-bytes.ts';
import type { Check, Runtime } from './signed-bytes.ts';
import { EXTENSION, KEY_USAGE, PURPOSE, isValidAt } from './x509.ts';
import type { X509 } from './x509.ts';

/** What a chain is built from and for. */
export interface ChainOptions {
  /** Certificates that came with the signature: none of them is a root for that. */
  readonly pool: readonly X509[];
  /** The caller's roots. Null: none were given. */
  readonly roots: readonly X509[] | null;
  /** What the leaf has to be for: `PURPOSE.CODE_SIGNING`, `PURPOSE.TIME_STAMPING`; null for anything. */
  readonly purpose: string | null;
  /** The time that counts, in milliseconds since 1970: of several chains one that is valid then is preferred. */
  readonly at: number;
}

/** Why no chain was found, or what has to be known about it. */
export interface ChainReason {
  readonly code: 'no-issuer' | 'not-a-ca' | 'path-length' | 'purpose' | 'key-usage' | 'critical-extension' | 'signature' | 'algorithm' | 'limit' | 'no-purposes';
  readonly message: string;
  /** The certificate concerned. */
  readonly certificate: X509;
}

/** What came of the search. */
export interface Chain {
  /** 'yes': a chain to a given root holds, whatever the time. 'unknown': one exists that could not be checked in full. 'not-asked': no roots were given. */
  readonly anchored: 'yes' | 'no' | 'unknown' | 'not-asked';
  /** Whether every certificate of the chain is valid at the time; null without a chain. */
  readonly inTime: boolean | null;
  /** The leaf first, then as far as issuers were found; of an anchored chain the last is the root. */
  readonly path: readonly X509[];
  /** The root that it ends at; null where it does not. */
  readonly root: X509 | null;
  readonly reasons: readonly ChainReason[];
}

const DEEPEST = 8; // certificates of one chain; public ones have two to five
const MOST_CHECKS = 200; // signatures checked for one chain: certificates that all have one name and fit none would cost hours

/** Certificate extensions that are evaluated here; another one that is critical makes a chain unknown. */
const UNDERSTOOD: ReadonlySet<string> = new Set([
  EXTENSION.SUBJECT_KEY_ID,
  EXTENSION.KEY_USAGE,
  EXTENSION.SUBJECT_ALTERNATIVE_NAME,
  EXTENSION.BASIC_CONSTRAINTS,
  EXTENSION.AUTHORITY_KEY_ID,
  EXTENSION.EXTENDED_KEY_USAGE,
  '2.5.29.32', // certificate policies: no policy is asked for
  '2.5.29.33', // policy mappings
  '2.5.29.36', // policy constraints
  '2.5.29.54', // inhibit any-policy
]);

/** Apple marks its certificates with critical extensions of its own, which say what kind they are; they restrict nothing. */
const APPLE_MARKERS = '1.2.840.113635.100.6.';

interface Candidate {
  readonly path: readonly X509[];
  readonly root: X509 | null;
  /** Whether all of it could be checked. */
  readonly certain: boolean;
  readonly inTime: boolean;
}

/** Finds a chain from `leaf` to one of the roots, which are known by their whole bytes. `runtime` null: unknown. */
export function buildChain(runtime: Runtime | null, leaf: X509, { pool, roots, purpose, at }: ChainOptions): Chain {
  const reasons: ChainReason[] = [];
  const note = (code: ChainReason['code'], certificate: X509, message: string): void => {
    if (reasons.length < 32 && !reasons.some((reason) => reason.code === code && reason.certificate === certificate)) reasons.push({ code, certificate, message });
  };
  const anchors = roots ?? [];
  const isRoot = (certificate: X509): boolean => anchors.some(({ raw }) => equalBytes(raw, certificate.raw));
  const checked = new Map<X509, Map<X509, Check>>();
  let checks = 0;
  let limited = false;
  const issuedBy = (child: X509, parent: X509): Check | null => {
    const known = checked.get(child)?.get(parent);
    if (known !== undefined) return known;
    if (checks >= MOST_CHECKS) {
      limited = true;
      return null;
    }
    checks++;
    const check = checkCertificate(runtime, child, parent);
    checked.set(child, (checked.get(child) ?? new Map<X509, Check>()).set(parent, check));
    return check;
  };

  const leafIsFit = fitsPurpose(leaf, purpose, note);
  let best: Candidate = { path: [leaf], root: null, certain: false, inTime: false };
  const better = (candidate: Candidate): boolean => rank(candidate) > rank(best) || (candidate.root === null && best.root === null && candidate.path.length > best.path.length);
  let steps = 0;
  const climb = (path: readonly X509[], certain: boolean): void => {
    if (rank(best) === BEST || ++steps > MOST_CHECKS) return;
    const current = path[path.length - 1] as X509;
    const understood = certain && isUnderstood(current, note);
    const inTime = path.every((certificate) => isValidAt(certificate, at));
    const root = isRoot(current) ? current : null;
    const found: Candidate = { path, root, certain: understood, inTime };
    if (better(found)) best = found;
    if (root !== null) return;
    if (path.length === DEEPEST) {
      note('limit', current, `more than ${DEEPEST} certificates`);
      return;
    }
    let issuers = 0;
    for (const parent of [...anchors, ...pool]) {
      if (!couldIssue(parent, current) || path.some(({ raw }) => equalBytes(raw, parent.raw))) continue;
      if (!mayIssue(parent, path, isRoot(parent), purpose, note)) continue;
      const check = issuedBy(current, parent);
      if (check === null) continue;
      if (check.state === 'invalid') note('signature', current, `not signed by the certificate ${parent.subject.text}, whose name its issuer has`);
      if (check.state === 'unknown') note('algorithm', current, check.reason ?? 'not checked');
      if (check.state === 'invalid') continue;
      issuers++;
      climb([...path, parent], understood && check.state === 'valid');
    }
    if (issuers === 0) note('no-issuer', current, `no certificate of its issuer ${current.issuer.text} is among the roots or in the signature`);
  };
  climb([leaf], runtime !== null);
  if (limited || steps > MOST_CHECKS) note('limit', leaf, `more than ${MOST_CHECKS} signatures of certificates would have to be checked`);

  const { path, root, certain, inTime } = best;
  const anchored = ((): Chain['anchored'] => {
    if (roots === null) return 'not-asked';
    if (!leafIsFit) return 'no';
    if (root !== null) return certain ? 'yes' : 'unknown';
    return limited || steps > MOST_CHECKS || runtime === null || reasons.some(({ code }) => code === 'algorithm') ? 'unknown' : 'no';
  })();
  return { anchored, inTime: roots !== null && root === null ? null : inTime, path, root, reasons: anchored === 'yes' ? reasons.filter(({ code }) => code === 'no-purposes') : reasons };
}

const BEST = 7;

function rank({ root, certain, inTime }: Candidate): number {
  return root === null ? 0 : 4 + (certain ? 2 : 0) + (inTime ? 1 : 0);
}

type Note = (code: ChainReason['code'], certificate: X509, message: string) => void;

/** Whether a leaf may sign for a purpose. One without any list of purposes may: RFC 5280 restricts nothing then. */
function fitsPurpose(leaf: X509, purpose: string | null, note: Note): boolean {
  let fits = true;
  if (purpose !== null && leaf.purposes === null) note('no-purposes', leaf, 'the certificate lists no purposes, and so is for any');
  if (purpose !== null && leaf.purposes !== null && !leaf.purposes.includes(purpose) && !leaf.purposes.includes(PURPOSE.ANY)) {
    note('purpose', leaf, `the certificate is not for ${purposeName(purpose)}`);
    fits = false;
  }
  if (leaf.keyUsage !== null && (leaf.keyUsage & KEY_USAGE.DIGITAL_SIGNATURE) === 0) {
    note('key-usage', leaf, 'the certificate is not for digital signatures');
    fits = false;
  }
  return fits;
}

function purposeName(purpose: string): string {
  return purpose === PURPOSE.CODE_SIGNING ? 'code signing' : purpose === PURPOSE.TIME_STAMPING ? 'time stamping' : purpose;
}

/** Whether every critical extension of a certificate is one that is evaluated here. */
function isUnderstood(certificate: X509, note: Note): boolean {
  const strange = certificate.extensions.find(({ critical, oid }) => critical && !UNDERSTOOD.has(oid) && !oid.startsWith(APPLE_MARKERS));
  if (strange !== undefined) note('critical-extension', certificate, `the critical extension ${strange.oid} is not understood`);
  return strange === undefined;
}

/** Whether names and key identifiers allow that one certificate issued another. */
function couldIssue(parent: X509, child: X509): boolean {
  if (!equalBytes(parent.subject.raw, child.issuer.raw)) return false;
  return parent.subjectKeyId === null || child.authorityKeyId === null || equalBytes(parent.subjectKeyId, child.authorityKeyId);
}

/** Whether a certificate may issue what stands below it in a path. A root may by being given; what it says of itself still counts where it says something. */
function mayIssue(parent: X509, path: readonly X509[], root: boolean, purpose: string | null, note: Note): boolean {
  const { constraints, keyUsage, purposes } = parent;
  if (constraints === null ? !root : !constraints.ca) {
    note('not-a-ca', parent, 'not the certificate of a certification authority');
    return false;
  }
  if (keyUsage !== null && (keyUsage & KEY_USAGE.CERTIFICATE_SIGNING) === 0) {
    note('key-usage', parent, 'the certificate is not for signing certificates');
    return false;
  }
  const below = path.slice(1).filter(({ issuer, subject }) => !equalBytes(issuer.raw, subject.raw)).length;
  const most = constraints?.pathLength ?? null;
  if (most !== null && below > most) {
    note('path-length', parent, `${below} certificates of authorities below it, ${most} allowed`);
    return false;
  }
  if (!root && purpose !== null && purposes !== null && !purposes.includes(purpose) && !purposes.includes(PURPOSE.ANY)) {
    note('purpose', parent, `the authority's certificate is not for ${purposeName(purpose)}`);
    return false;
  }
  return true;
}

/** Whether a certificate is signed with another one's key. Names, purposes and time are not looked at. */
export function checkCertificate(runtime: Runtime | null, child: X509, parent: X509): Check {
  const scheme = schemeOf(child.signatureAlgorithm, null);
  if (scheme === null) return { state: 'unknown', reason: `signature algorithm ${child.signatureAlgorithm.oid}` };
  const { data, at, end } = child.tbs;
  return checkSignature(runtime, scheme, parent.publicKey, { message: data.bytes.subarray(at, end) }, child.signature);
}

/** Weak algorithms of a chain: digests by which its certificates are signed (a root's own signature does not count), and short RSA keys. */
export function weaknessesOf(path: readonly X509[], root: X509 | null): string[] {
  const weak = new Set<string>();
  for (const certificate of path) {
    const { publicKey, signatureAlgorithm } = certificate;
    const scheme = schemeOf(signatureAlgorithm, null);
    if (certificate !== root && scheme !== null && scheme.kind !== 'ed25519' && (scheme.hash === 'md5' || scheme.hash === 'sha1')) weak.add(scheme.hash);
    if (publicKey.key.kind === 'rsa' && publicKey.key.bits < 2048 - 8) weak.add(`rsa-${publicKey.key.bits}`);
  }
  return [...weak];
}
