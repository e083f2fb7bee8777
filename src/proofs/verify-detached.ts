// Whether a file is what a detached proof says: a bundle of Sigstore, or a signature with a key or a certificate.

import type { InspectInput } from '../bytes/given.ts';
import { BinspectError } from '../errors.ts';
import type { Finding, Verdict } from '../model/verdict.ts';
import { attempt } from '../pki/attempt.ts';
import { equalBytes } from '../pki/der.ts';
import { fromBase64 } from '../pki/pem.ts';
import { latin1 } from '../pki/values.ts';
import type { X509 } from '../pki/x509.ts';
import type { DigestName } from '../signature/cryptography.ts';
import { failed, passed, unknown } from '../verify/rules/check.ts';
import type { Outcome } from '../verify/rules/check.ts';
import { finding } from '../verify/verify.ts';
import { readArtifact } from './artifact.ts';
import type { Artifact, Wanted } from './artifact.ts';
import type { Bundle, BundleItem } from './bundle.ts';
import { judgeBundle, judgeCertificate } from './judge.ts';
import { checkByKey, hashesFor, sigstoreHashesFor } from './keys.ts';
import { checkMinisign, isMinisign, readMinisign } from './minisign.ts';
import { proofSettings } from './settings.ts';
import type { DetachedOptions, DetachedProof, ProofSettings } from './settings.ts';
import { matchesPatterns } from './ssh-keys.ts';
import { checkSshSignature, isSshSignature, readSshSignature } from './ssh-signature.ts';
import { readStatement } from './statement.ts';
import type { TrustedRoot } from './trusted-root.ts';

/**
 * Holds a file against a detached proof, offline: nothing is fetched, and no root is built in. `sha256:HEX` stands for a file of that digest.
 * Every step is a finding. Rejects with `invalid-argument` for wrong usage and for keys and roots that can't be read, with `malformed` for a
 * bundle that is none, with `io` for files that can't be read, and with `aborted`.
 *
 * @example
 * const { ok, findings } = await verifyDetached('dist/app', { signature: 'dist/app.sig', key: 'cosign.pub' });
 * if (!ok) console.error(findings.map(({ message }) => message));
 */
export async function verifyDetached(input: InspectInput, proof: DetachedProof, options: DetachedOptions = {}): Promise<Verdict> {
  return verifyWith(input, await proofSettings(proof, options));
}

/** The same with what was read before: one proof may be about many files. */
export async function verifyWith(input: InspectInput, settings: ProofSettings): Promise<Verdict> {
  const artifact = await readArtifact(input, wantedOf(settings), settings.runtime, settings.signal);
  const findings = settings.bundles === null ? judgeSignature(settings, artifact) : judgeBundles(settings, settings.bundles, artifact);
  return { ok: findings.length > 0 && findings.every(({ status }) => status === 'pass'), findings };
}

/** Which digests the proof needs of a file, and whether it needs the bytes. */
function wantedOf({ bundles, key, certificates, signature }: ProofSettings): Wanted {
  const hashes = new Set<DigestName>(['sha256']);
  let bytes = false;
  for (const { bundle } of bundles ?? []) {
    if (bundle instanceof BinspectError) continue;
    const signing = bundle.signer.kind === 'certificate' ? bundle.signer.leaf.publicKey : (key?.key ?? null);
    const { content } = bundle;
    if (content.kind === 'message') {
      for (const hash of signing === null ? [] : sigstoreHashesFor(signing)) hashes.add(hash);
      if (signing?.key.kind === 'ed25519') bytes = true;
      continue;
    }
    const statement = attempt(() => readStatement(content.payloadType, content.payload));
    if (statement.ok) for (const { digests } of statement.value.subjects) for (const algorithm of digests.keys()) hashes.add(algorithm);
  }
  if (signature === null) return { hashes, bytes };
  if (isSshSignature(signature)) return { hashes: hashes.add('sha512'), bytes };
  if (isMinisign(signature)) {
    const read = attempt(() => readMinisign(signature));
    const hashed = read.ok && read.value.hashed;
    return { hashes: hashed ? hashes.add('blake2b512') : hashes, bytes: !hashed };
  }
  const signing = key?.key ?? certificates?.[0]?.publicKey ?? null;
  for (const hash of signing === null ? [] : hashesFor(signing)) hashes.add(hash);
  return { hashes, bytes: signing?.key.kind === 'ed25519' };
}

const BASE64_TEXT = /^[A-Za-z0-9+/=_-][A-Za-z0-9+/=_\s-]*$/;

/** The value of a signature: base64 where the file is nothing else, as cosign writes it; else its bytes. */
function signatureValue(bytes: Uint8Array): Uint8Array {
  const text = bytes.length > 100_000 ? '' : latin1(bytes);
  return (BASE64_TEXT.test(text) ? fromBase64(text) : null) ?? bytes;
}

function judgeSignature(settings: ProofSettings, artifact: Artifact): Finding[] {
  const { runtime, signature, key, certificates, from } = settings;
  const make = (outcome: Outcome): Finding => finding('signature', 'a valid signature over this file', from('signature'), null, outcome);
  if (signature === null) return [];
  if (isSshSignature(signature)) return judgeSsh(settings, signature, artifact);
  if (isMinisign(signature)) {
    const read = attempt(() => readMinisign(signature));
    const minisign = key === null ? unknown('a signature of minisign or signify needs its key') : read.ok ? checkMinisign(runtime, read.value, key, artifact) : failed('a signature file that is not valid', read.error.message);
    return [make(minisign), ...judgeNothingNamed(settings)];
  }
  const [leaf, ...others] = certificates ?? [];
  const signing = key?.key ?? leaf?.publicKey;
  if (signing === undefined) return [make(unknown('there is neither a key nor a certificate to hold it against'))];
  if (latin1(signature.subarray(0, 32)).startsWith('-----BEGIN PGP')) return [make(unknown('OpenPGP signatures are not verified here'))];
  const check = checkByKey(runtime, signing, { digests: artifact.digests, message: artifact.bytes }, signatureValue(signature));
  const by = leaf === undefined ? 'the given key' : 'the key of the certificate';
  const outcome = check.state === 'valid' ? passed(`valid for ${by}`, check.algorithm) : check.state === 'invalid' ? failed('a signature that is not valid', check.reason) : unknown(check.reason ?? 'it was not checked');
  if (leaf === undefined) return [make(outcome), ...judgeNothingNamed(settings)];
  return judgeCertificate(settings, outcome, leaf as X509, others);
}

/** An SSH signature: by a key, or by one of those who may sign; the identity that is asked for is one of their names. */
function judgeSsh(settings: ProofSettings, bytes: Uint8Array, artifact: Artifact): Finding[] {
  const { runtime, key, allowedSigners, namespace, at, demands, from } = settings;
  const read = attempt(() => readSshSignature(bytes));
  const make = (outcome: Outcome): Finding => finding('signature', 'a valid signature over this file', from('signature'), null, outcome);
  if (!read.ok) return [make(failed('a signature file that is not valid', read.error.message))];
  if (key === null && allowedSigners === null) return [make(unknown('an SSH signature needs a key or a file of allowed signers'))];
  const { outcome, principals } = checkSshSignature(runtime, read.value, { key: key?.key ?? null, signers: allowedSigners ?? [], namespace, at: at ?? Date.now() }, artifact);
  const named = demands.map(({ rule, expected, matches }) => {
    const known = rule === 'certificateIdentity' && principals !== null;
    const fits = known && (matchesPatterns(principals, expected) || (!/[*?!,]/.test(principals) && matches(principals)));
    return finding(rule, expected, from(rule), null, fits ? passed(principals, null) : failed(known ? principals : 'none', null));
  });
  return [make(outcome), ...named];
}

/** Demands that a bare key can't meet. */
function judgeNothingNamed({ demands, predicateType, from }: ProofSettings): Finding[] {
  const named = demands.map(({ rule, expected }) => finding(rule, expected, from(rule), null, failed('none', null, 'it is signed with a bare key, which names nobody')));
  return predicateType === null ? named : [...named, finding('predicateType', predicateType, from('predicateType'), null, failed('none', 'there is no statement that could have a type'))];
}

/** One bundle that holds is enough; else the one that comes nearest is shown. What became of the others is said either way. */
function judgeBundles(settings: ProofSettings, items: readonly BundleItem[], artifact: Artifact): readonly Finding[] {
  const judged: { readonly place: string; readonly findings: readonly Finding[]; readonly why: string | null }[] = [];
  for (const { place, bundle } of items) {
    const findings = bundle instanceof BinspectError ? unreadable(bundle, settings) : judgeAny(settings, artifact, bundle);
    const problem = findings.find(({ status }) => status !== 'pass');
    judged.push({ place, findings, why: problem === undefined ? null : `${problem.rule}: ${problem.message}` });
    if (problem === undefined) break;
  }
  const best = judged.reduce((first, second) => (score(second.findings) > score(first.findings) ? second : first));
  if (items.length === 1) return best.findings;
  const others = judged.filter((one) => one !== best);
  const told = others.slice(0, MOST_TOLD).map(({ place, why }) => `${place}: ${why ?? 'holds'}`);
  const left = items.length - 1 - told.length;
  const note = [best.place, ...told, ...(left > 0 ? [`${left} more`] : [])].join('; ');
  return best.findings.map((one, index) => (index > 0 ? one : withNote(one, note)));
}

const MOST_TOLD = 4;

function withNote(one: Finding, note: string): Finding {
  return { ...one, evidence: one.evidence === null ? note : `${one.evidence}; ${note}`, message: `${one.message} [${note}]` };
}

function unreadable(error: BinspectError, { from }: ProofSettings): Finding[] {
  return [finding('signature', 'a valid signature over this file', from('signature'), null, failed('a bundle that is not valid', error.message))];
}

/** That everything holds counts most, then that the signature does, then how much else does. */
function score(findings: readonly Finding[]): number {
  const passes = findings.filter(({ status }) => status === 'pass').length;
  const whole = passes === findings.length ? 1000 : 0;
  return whole + (findings[0]?.status === 'pass' ? 100 : 0) + (findings[0]?.found === 'a signature that is not valid' ? 50 : 0) + passes;
}

/** A bundle against the trusted root whose authority issued its certificate; of several, against the one by which most holds. */
function judgeAny(settings: ProofSettings, artifact: Artifact, bundle: Bundle): readonly Finding[] {
  const roots = candidates(settings.trustedRoots ?? [], bundle);
  if (roots.length === 0) return judgeBundle(settings, artifact, bundle, settings.trustedRoots?.[0] ?? null);
  let best: readonly Finding[] | null = null;
  for (const root of roots) {
    const findings = judgeBundle(settings, artifact, bundle, root);
    if (best === null || score(findings) > score(best)) best = findings;
    if (findings.every(({ status }) => status === 'pass')) break;
  }
  return best ?? [];
}

function candidates(roots: readonly TrustedRoot[], { signer, entries }: Bundle): readonly TrustedRoot[] {
  if (signer.kind === 'certificate') {
    const { issuer } = signer.leaf;
    const named = roots.filter(({ authorities }) => authorities.some(({ intermediates, root }) => [...intermediates, root].some(({ subject }) => equalBytes(subject.raw, issuer.raw))));
    return named.length > 0 ? named : roots.slice(0, 1);
  }
  return roots.filter(({ logs }) => entries.length === 0 || entries.some(({ logId }) => logs.some(({ ids }) => ids.some((id) => equalBytes(id, logId)))));
}
