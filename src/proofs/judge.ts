// One bundle held against a trusted root and what is demanded: every step is a finding, and what is there is checked although nobody demands it.

import type { Finding } from '../model/verdict.ts';
import type { KeyBytes } from '../pki/signed-bytes.ts';
import { isoTime } from '../pki/values.ts';
import type { X509 } from '../pki/x509.ts';
import { failed, passed, unknown } from '../verify/rules/check.ts';
import type { Outcome } from '../verify/rules/check.ts';
import { finding } from '../verify/verify.ts';
import type { Artifact } from './artifact.ts';
import type { Bundle } from './bundle.ts';
import { checkCertificateLogs } from './certificate-log.ts';
import { checkChain, ownAuthority } from './chain-at.ts';
import type { Anchor } from './chain-at.ts';
import { checkContent } from './content.ts';
import { identityOf, rawExtension } from './identity.ts';
import { checkEntry } from './log-entry.ts';
import type { EntryCheck } from './log-entry.ts';
import type { Demand, DemandRule, ProofSettings } from './settings.ts';
import type { Statement } from './statement.ts';
import { checkStamp } from './stamps.ts';
import type { StampResult } from './stamps.ts';
import { equalBytes } from '../pki/der.ts';
import type { TrustedRoot } from './trusted-root.ts';

const EXPECTED = {
  signature: 'a valid signature over this file',
  signatureTime: 'a proven time of the signature',
  signatureChain: 'a certificate that chains to a given root',
  transparencyLog: 'an entry about this signature in a log of the trusted root',
  certificateTransparency: 'a timestamp of the certificate by a log of the trusted root',
} as const;

/** Every step of one bundle, against one trusted root. Null: none was given. */
export function judgeBundle(settings: ProofSettings, artifact: Artifact, bundle: Bundle, root: TrustedRoot | null): Finding[] {
  const { runtime, from } = settings;
  const { signer, content, stamps, entries, form, promiseSuffices } = bundle;
  const make = (rule: keyof typeof EXPECTED, outcome: Outcome): Finding => finding(rule, EXPECTED[rule], from(rule), null, outcome);
  const key = signingKey(settings, bundle);
  if ('status' in key) return [make('signature', key)];
  const by = signer.kind === 'certificate' ? 'the key of the certificate' : 'the given key';
  const { outcome, parts, statement } = checkContent(runtime, content, key, by, artifact);
  const findings = [make('signature', root === null && signer.kind === 'key' ? withUnchecked(outcome, bundle) : outcome)];
  const stamped = root === null ? [] : stamps.map((stamp) => checkStamp(runtime, stamp, content.signature, root.stampers));
  const stampTimes = stamped.flatMap(({ time }) => (time === null ? [] : [time]));
  const material = signer.kind === 'certificate' ? signer.leaf.raw : key.spki;
  const logged = root === null ? [] : entries.map((entry) => checkEntry(runtime, entry, root.logs, promiseSuffices, { content, material, ...parts }, stampTimes));
  const times = [...stampTimes, ...logged.flatMap(({ time }) => (time === null ? [] : [time]))];
  if (root !== null && form !== 'envelope' && (root.logs.length > 0 || entries.length > 0)) findings.push(make('transparencyLog', logOutcome(logged)));
  else if (root === null && signer.kind === 'certificate' && entries.length > 0) findings.push(make('transparencyLog', unknown('no trusted root was given, which lists the logs that count')));
  if (signer.kind === 'key') {
    if (stamped.length > 0) findings.push(make('signatureTime', timeOutcome(stamped, times, settings, logged)));
  } else {
    findings.push(make('signatureTime', timeOutcome(stamped, times, settings, logged)));
    const anchors = root === null ? [] : root.authorities.map((authority): Anchor => ({ authority, from: root.name }));
    findings.push(...certificateFindings(settings, signer.leaf, signer.others, anchors, times.length === 0 && settings.at !== null ? [settings.at] : times, root));
  }
  findings.push(...namedFindings(settings, signer.kind === 'certificate' ? signer.leaf : null), ...predicateFindings(settings, statement));
  return findings;
}

/** A signature that lies beside its certificate: valid when is not known without a given time, and no log is searched. */
export function judgeCertificate(settings: ProofSettings, outcome: Outcome, leaf: X509, others: readonly X509[]): Finding[] {
  const { from, trustedRoots, at, chain, roots } = settings;
  const pool = [...others, ...chain];
  const own = roots ?? (trustedRoots === null && chain.length > 0 ? [chain[chain.length - 1] as X509] : []);
  const anchors = own.map((root): Anchor => ({ authority: ownAuthority(root, pool), from: roots === null ? 'the last certificate of the chain that was given' : 'a root that was given' }));
  const listed = (trustedRoots ?? []).flatMap((root) => root.authorities.map((authority) => ({ anchor: { authority, from: root.name }, root })));
  const time = at === null ? unknown('nothing beside the signature proves when it was made, and no log is searched; a bundle does, or the time is given') : passed(isoTime(at), 'as given');
  const root = listed.find(({ anchor }) => [...anchor.authority.intermediates, anchor.authority.root].some(({ subject }) => equalBytes(subject.raw, leaf.issuer.raw)))?.root ?? null;
  return [
    finding('signature', EXPECTED.signature, from('signature'), null, outcome),
    finding('signatureTime', EXPECTED.signatureTime, from('signatureTime'), null, time),
    ...certificateFindings(settings, leaf, pool, [...anchors, ...listed.map(({ anchor }) => anchor)], at === null ? [] : [at], root),
    ...namedFindings(settings, leaf),
    ...predicateFindings(settings, null),
  ];
}

/** The key that counts; or what is wrong where there is none. */
function signingKey({ key }: ProofSettings, { signer }: Bundle): KeyBytes | Outcome {
  if (signer.kind === 'certificate') return key === null ? signer.leaf.publicKey : failed('a signature by a certificate', null, 'the bundle is signed with a certificate, not with a bare key: say whom it has to name');
  if (key === null) return failed('a signature by a bare key', null, `the bundle is signed with a key that it does not hold${signer.hint === null || signer.hint === '' ? '' : ` (hint ${signer.hint.slice(0, 100)})`}: give the key`);
  if (signer.spki !== null && !equalBytes(signer.spki, key.key.spki)) return failed('a signature by another key', 'the bundle names another key than the one that was given');
  return key.key;
}

/** A bundle by a key, without a trusted root: what lies beside the signature is not checked, and the finding says so. */
function withUnchecked(outcome: Outcome, { entries, stamps }: Bundle): Outcome {
  const left = [...entries.map(({ logIndex }) => `log entry ${logIndex}`), ...(stamps.length === 0 ? [] : [`${stamps.length} time stamps`])];
  if (left.length === 0) return outcome;
  const note = `not checked without a trusted root: ${left.join(', ')}`;
  return { ...outcome, evidence: outcome.evidence === null ? note : `${outcome.evidence}; ${note}` };
}

function logOutcome(logged: readonly EntryCheck[]): Outcome {
  const bad = logged.find(({ state }) => state === 'invalid') ?? logged.find(({ state }) => state === 'unknown');
  if (bad !== undefined) return bad.state === 'invalid' ? failed('an entry that does not hold', bad.message) : unknown(bad.message);
  if (logged.length === 0) return failed('none', null, 'the bundle has no log entry, and the trusted root lists logs');
  return passed(logged.map(({ message }) => message).join(' and '), null);
}

function timeOutcome(stamped: readonly StampResult[], times: readonly number[], { at }: ProofSettings, logged: readonly EntryCheck[]): Outcome {
  const bad = stamped.find(({ state }) => state === 'invalid') ?? stamped.find(({ state }) => state === 'unknown');
  if (bad !== undefined) return bad.state === 'invalid' ? failed('a time stamp that does not hold', bad.message) : unknown(bad.message);
  if (times.length > 0) {
    const sources = [...stamped.map(({ message }) => message), ...logged.flatMap(({ time, place }) => (time === null ? [] : [`by ${place}`]))];
    return passed([...new Set(times)].map(isoTime).join(' and '), sources.join('; '));
  }
  return at === null ? unknown('no time stamp and no log entry of the bundle proves when it was signed') : passed(isoTime(at), 'as given');
}

function certificateFindings(settings: ProofSettings, leaf: X509, others: readonly X509[], anchors: readonly Anchor[], times: readonly number[], root: TrustedRoot | null): Finding[] {
  const { runtime, from } = settings;
  const { outcome, issuer } = checkChain(runtime, leaf, others, anchors, times);
  const findings = [finding('signatureChain', EXPECTED.signatureChain, from('signatureChain'), null, anchors.length === 0 ? unknown('no root was given that it could chain to: none is built in') : outcome)];
  if (root === null || root.certificateLogs.length === 0) return findings;
  const { state, message } = checkCertificateLogs(runtime, leaf, issuer, root.certificateLogs);
  const told = state === 'valid' ? passed(message, null) : state === 'invalid' ? failed('none that holds', message) : unknown(message);
  return [...findings, finding('certificateTransparency', EXPECTED.certificateTransparency, from('certificateTransparency'), null, told)];
}

/** Which of the older extensions holds what GitHub says of a workflow. */
const WORKFLOW: Readonly<Partial<Record<DemandRule, number>>> = {
  certificateGithubWorkflowTrigger: 2,
  certificateGithubWorkflowSha: 3,
  certificateGithubWorkflowName: 4,
  certificateGithubWorkflowRepository: 5,
  certificateGithubWorkflowRef: 6,
};

function namedFindings({ demands, from }: ProofSettings, leaf: X509 | null): Finding[] {
  return demands.map((demand) => finding(demand.rule, demand.expected, from(demand.rule), null, namedOutcome(demand, leaf)));
}

function namedOutcome({ rule, matches, remark }: Demand, leaf: X509 | null): Outcome {
  if (leaf === null) return failed('none', null, 'it is signed with a bare key, which names nobody');
  const { names, issuer, problem } = identityOf(leaf);
  if (problem !== null) return failed('none that can be told', problem);
  const number = WORKFLOW[rule];
  const value = number !== undefined ? rawExtension(leaf, number) : rule === 'certificateOidcIssuer' ? issuer : names.length === 1 ? (names[0] as string) : null;
  if (value === null) return failed('none', rule === 'certificateIdentity' && names.length > 1 ? `the certificate has ${names.length} names where one belongs` : 'the certificate names none');
  return matches(value) ? passed(value, remark) : failed(value, null);
}

function predicateFindings({ predicateType, from }: ProofSettings, statement: Statement | null): Finding[] {
  if (predicateType === null) return [];
  const found = statement?.predicateType ?? null;
  const outcome = found === predicateType ? passed(found, null) : failed(found ?? 'none', found === null ? 'there is no statement that could have a type' : null);
  return [finding('predicateType', predicateType, from('predicateType'), null, outcome)];
}
