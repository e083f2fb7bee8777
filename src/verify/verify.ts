// Holds what is expected against what a file is.

import type { Inspection } from '../model/binary.ts';
import { checkOptions } from '../model/options.ts';
import type { OptionKinds } from '../model/options.ts';
import type { Expectations, Finding, PackagePlatforms, RuleId, Verdict } from '../model/verdict.ts';
import { unknown } from './rules/check.ts';
import type { Check, Facts, Outcome, Subject } from './rules/check.ts';
import { cutShort } from './rules/cut.ts';
import { fileDoubt, orInDoubt, ruleDoubt } from './rules/doubts.ts';
import { readOwnExpectations } from './rules/rules.ts';
import type { Asked } from './rules/rules.ts';

/** What `verify` may be told. */
export interface VerifyOptions {
  /** What the nearest package.json says of platforms, for `targetFromName`. */
  readonly packageJson?: PackagePlatforms | null | undefined;
  /** Where an expectation comes from, for findings; its key is enough for most. */
  readonly expectedFrom?: ((rule: RuleId) => string) | undefined;
}

const VERIFY_OPTIONS: OptionKinds<VerifyOptions> = { packageJson: 'any', expectedFrom: 'function' };

/**
 * Whether a file is what it is expected to be. Pure: it reads nothing and prints nothing. What can't be determined is unknown, and
 * unknown fails; so does an expectation of nothing. Throws `invalid-argument` for keys that are no rule and values that are none.
 *
 * @example
 * const { ok, findings } = verify(await inspect('app', { facts: 'all' }), { target: 'linux/amd64', maxGlibc: '2.28' });
 * if (!ok) console.log(findings.filter(({ status }) => status !== 'pass').map(({ message }) => message));
 */
export function verify(inspection: Inspection, expectations: Expectations, options: VerifyOptions = {}): Verdict {
  checkOptions(options, VERIFY_OPTIONS);
  const { packageJson = null, expectedFrom = ownKey } = options;
  const asked = readOwnExpectations(expectations);
  const findings = judge(asked, { path: inspection.path, packageJson }, inspection, expectedFrom);
  return { ok: findings.length > 0 && findings.every(({ status }) => status === 'pass'), findings };
}

function ownKey(rule: RuleId): string {
  return `expectations.${rule}`;
}

/** The findings of every rule asked for. In place of the facts stands why there are none: then all are unknown. */
export function judge(asked: readonly Asked[], subject: Subject, facts: Facts | string, expectedFrom: (rule: RuleId) => string): Finding[] {
  return asked.flatMap(({ rule, prepared }) =>
    prepared(subject, facts).flatMap((check) => {
      const from = check.from ?? expectedFrom(rule);
      if ('findings' in check.judge && typeof facts !== 'string' && unreadable(facts) === null && facts.binaries.length > 0) return check.judge.findings(facts, from);
      return outcomes(rule, check, facts).map(([slice, outcome]) => finding(rule, check.expected, from, slice, outcome));
    }),
  );
}

/** Why nothing can be said of a file although it was read; null where it was read whole. */
export function unreadable(facts: Facts): string | null {
  const warning = cutShort(facts);
  return warning === null ? null : `the file is cut short: ${warning.message}`;
}

function outcomes(rule: RuleId, { judge: how }: Check, facts: Facts | string): [number | null, Outcome][] {
  const unread = typeof facts === 'string' ? facts : unreadable(facts);
  if (typeof facts === 'string' || unread !== null) return [[null, unknown(unread as string)]];
  if ('file' in how) return [[null, orInDoubt(how.file(facts), fileDoubt(rule, facts))]];
  if ('findings' in how || facts.binaries.length === 0) return [[null, unknown('there is no binary in the file')]];
  return facts.binaries.map((binary, index) => [facts.universal ? index : null, orInDoubt(how.slice(binary), ruleDoubt(rule, binary, facts.warnings))]);
}

/** A finding, with its sentence. */
export function finding(rule: RuleId, expected: string, expectedFrom: string, slice: number | null, outcome: Outcome): Finding {
  const { status, found, evidence, note } = outcome;
  const where = slice === null ? '' : `slice ${slice}: `;
  const why = [note, evidence].filter((text) => text !== null).join('; ');
  const because = why === '' ? '' : ` (${why})`;
  const message =
    status === 'pass'
      ? `${where}found ${found ?? expected}${because}`
      : `${where}expected ${expected}, ${found === null ? (note ?? 'found nothing of it') : `found ${found}${because}`}`;
  return { rule, status, expected, expectedFrom, found, evidence, slice, message };
}
