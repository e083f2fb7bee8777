// Rules about embedded signatures that were checked. What a certificate claims counts only below a root that the caller gave.

import type { Binary } from '../../model/binary.ts';
import type { Certificate, Level, Levels, SignatureCheck } from '../../model/signature.ts';
import { failed, ofSlices, passed, shown, text, unknown, yesOrNo } from './check.ts';
import type { Fail, Outcome, Rule, Rules } from './check.ts';

const STATES: Readonly<Record<SignatureCheck['state'], string>> = {
  absent: 'no signature',
  damaged: 'a damaged signature',
  'linker-signed': 'digests by the linker, no signer',
  'ad-hoc': 'an ad-hoc signature, no signer',
  'pseudo-signed': 'digests, no signer',
  certificate: 'a signature with a certificate',
};

/** A judgement of a signature that was checked; without the check nothing can be said. */
function ofSignature(judge: (check: SignatureCheck, binary: Binary) => Outcome): (binary: Binary) => Outcome {
  return (binary) => (binary.signatureCheck === null ? unknown('the signature was not checked') : judge(binary.signatureCheck, binary));
}

/** What the problems say that spoil a question. */
function problemsOf({ problems }: SignatureCheck, level: keyof Levels): string | null {
  const messages = problems.filter((problem) => problem.level === level).map(({ message }) => message);
  return messages.length === 0 ? null : messages.slice(0, 3).join('; ');
}

const QUESTIONS: Readonly<Record<keyof Levels, string>> = {
  intact: 'its bytes are not those that were signed',
  signed: 'the signature is not valid for its certificate',
  anchored: 'its certificate does not lead to a root that was given',
  inTime: 'a certificate was not valid at the time that counts',
};

const UNSURE: Readonly<Record<keyof Levels, string>> = {
  intact: 'whether its bytes are those that were signed could not be determined',
  signed: 'whether the signature is valid could not be determined',
  anchored: 'whether its certificate leads to a root that was given could not be determined',
  inTime: 'whether its certificates were valid at the time that counts could not be determined',
};

const NO_ROOTS = 'no root certificates were given (--roots), and without them anybody can write this';

/** What is wrong with a level; null where it is 'yes'. */
function levelOutcome(check: SignatureCheck, level: keyof Levels): Outcome | null {
  const value: Level = check.levels[level];
  if (value === 'yes') return null;
  const why = problemsOf(check, level);
  if (value === 'no') return failed(QUESTIONS[level], why);
  return unknown(value === 'not-asked' ? NO_ROOTS : UNSURE[level], why);
}

/** What keeps a signature from counting; null where a signer's is there and all the levels are 'yes'. */
function shortcoming(check: SignatureCheck, levels: readonly (keyof Levels)[]): Outcome | null {
  const problem = check.problems.find(({ level }) => level === 'intact')?.message ?? null;
  if (check.state !== 'certificate') return failed(STATES[check.state], problem, check.state === 'absent' && check.notChecked.includes('catalogue') ? 'a catalogue may have one, which is not looked at' : null);
  for (const level of levels) {
    const outcome = levelOutcome(check, level);
    if (outcome !== null) return outcome;
  }
  return null;
}

function signerOf({ signatures }: SignatureCheck): Certificate | null {
  return signatures[0]?.signer ?? null;
}

function whoSigned(check: SignatureCheck): string {
  return signerOf(check)?.subject ?? 'a signer without a certificate';
}

function fingerprint(check: SignatureCheck): string | null {
  const signer = signerOf(check);
  return signer === null ? null : `certificate with the SHA-256 ${signer.sha256}`;
}

const VALID = ['intact', 'signed'] as const;
const ROOTED = ['intact', 'signed', 'anchored'] as const;

const signed: Rule = (value, fail) => {
  if (!yesOrNo(value, fail)) return null;
  return ofSlices('to be signed', ofSignature((check) => shortcoming(check, VALID) ?? passed(`signed by ${whoSigned(check)}`, fingerprint(check))));
};

const anchored: Rule = (value, fail) => {
  if (!yesOrNo(value, fail)) return null;
  const judge = ofSignature((check) => {
    const wrong = shortcoming(check, [...ROOTED, 'inTime']);
    if (wrong !== null) return wrong;
    const source = { timestamp: 'its time stamp', given: 'the time given', clock: 'the clock' }[check.at?.from ?? 'clock'];
    return passed(`signed by ${whoSigned(check)}, below ${check.signatures[0]?.chain.at(-1)?.subject ?? 'a root'}, at ${check.at?.time ?? ''} by ${source}`, fingerprint(check));
  });
  return ofSlices('to be signed below a root that was given', judge);
};

const teamId: Rule = (value, fail) => {
  const wanted = text(value, fail);
  const judge = ofSignature((check, { signature }) => {
    const wrong = shortcoming(check, ROOTED);
    const units = (signerOf(check)?.subjectAttributes ?? []).filter(({ type }) => type === 'OU').map(({ value: unit }) => unit);
    const team = signature?.teamId ?? null;
    if (signature?.kind === 'authenticode') return failed(null, null, 'does not apply to Authenticode');
    if (team !== wanted && check.state === 'certificate') return failed(team ?? 'no team', null, team === null ? 'the code directory names no team' : null);
    if (wrong !== null) return wrong;
    return units.includes(wanted) ? passed(wanted, fingerprint(check)) : failed(units.join(', ') || 'no team', fingerprint(check), 'the code directory names the team, the certificate another or none');
  });
  return ofSlices(wanted, judge);
};

/** 'CN=…, O=…' in parts: a comma ends a value only where another type follows. A backslash takes what follows as it is. */
function readSubject(written: string, fail: Fail): { type: string; value: string }[] {
  const parts = written.split(/(?<!\\)[,+]\s*(?=(?:[A-Za-z][A-Za-z0-9]*|\d+(?:\.\d+)+)\s*=)/);
  return parts.map((part) => {
    const at = part.indexOf('=');
    const type = part.slice(0, at).trim();
    if (at <= 0 || !/^([A-Za-z][A-Za-z0-9]*|\d+(\.\d+)+)$/.test(type)) return fail(`a signer is like 'O=Example GmbH' or 'CN=Example, C=DE', not ${shown(written)}`);
    const wanted = part.slice(at + 1).trim().replaceAll(/\\([^])/g, '$1');
    return wanted === '' ? fail(`a signer's ${type} must not be empty`) : { type: alias(type), value: wanted };
  });
}

/** Types by their usual names, whichever tool wrote them. */
function alias(type: string): string {
  const name = type.toLowerCase();
  return name === 's' ? 'st' : name === 'e' ? 'emailaddress' : name;
}

const signer: Rule = (value, fail) => {
  const written = text(value, fail);
  const wanted = readSubject(written, fail);
  const judge = ofSignature((check) => {
    const wrong = shortcoming(check, ROOTED);
    const own = (signerOf(check)?.subjectAttributes ?? []).map(({ type, value: found }) => ({ type: alias(type), value: found }));
    const missing = wanted.filter(({ type, value: one }) => !own.some((attribute) => attribute.type === type && attribute.value === one));
    if (missing.length > 0 && check.state === 'certificate') return failed(whoSigned(check), fingerprint(check));
    return wrong ?? passed(whoSigned(check), fingerprint(check));
  });
  return ofSlices(written, judge);
};

const signerSha256: Rule = (value, fail) => {
  const wanted = text(value, fail).toLowerCase().replaceAll(/[:\s]/g, '');
  if (!/^[0-9a-f]{64}$/.test(wanted)) return fail(`a SHA-256 has 64 hexadecimal digits, not ${shown(value)}`);
  const judge = ofSignature((check) => {
    const found = signerOf(check)?.sha256 ?? null;
    if (found !== wanted && check.state === 'certificate') return failed(found ?? 'no certificate', null, found === null ? null : whoSigned(check));
    return shortcoming(check, VALID) ?? passed(wanted, whoSigned(check));
  });
  return ofSlices(wanted, judge);
};

const signingId: Rule = (value, fail) => {
  const wanted = text(value, fail);
  const judge = ofSignature((check, { signature }) => {
    const found = signature?.identifier ?? null;
    if (signature?.kind === 'authenticode') return failed(null, null, 'does not apply to Authenticode');
    if (found !== wanted && check.state === 'certificate') return failed(found ?? 'no identifier', null);
    return shortcoming(check, ROOTED) ?? passed(wanted, fingerprint(check));
  });
  return ofSlices(wanted, judge);
};

export const SIGNATURE_RULES: Rules<'signed' | 'anchored' | 'teamId' | 'signer' | 'signerSha256' | 'signingId'> = { signed, anchored, teamId, signer, signerSha256, signingId };
