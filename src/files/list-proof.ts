// Whether a checksum list itself holds, before its lines count.

import { BinspectError } from '../errors.ts';
import { unknown } from '../verify/rules/check.ts';
import { finding } from '../verify/verify.ts';
import { failureOf } from './entries.ts';
import type { Entry } from './examined.ts';
import { attempt } from './given.ts';
import type { Sums } from './given.ts';
import type { VerifyFilesOptions } from './verify-options.ts';

/** What became of the list's own proof, and why its lines count for nothing; null where nobody asks. */
export async function listProof(sums: Sums | null, { checkSums }: VerifyFilesOptions): Promise<{ readonly entry: Entry; readonly doubt: string | null } | null> {
  if (sums === null || sums.bytes === null || checkSums === undefined) return null;
  const { path, place, bytes } = sums;
  const verdict = await attempt(() => checkSums(bytes));
  if (verdict instanceof BinspectError) return { entry: { place, file: { path, findings: [], error: failureOf(verdict) } }, doubt: `the list ${path} can't be checked: ${verdict.message}` };
  const { ok, findings } = verdict;
  const bad = findings.find(({ status }) => status !== 'pass');
  return { entry: { place, file: { path, findings, error: null } }, doubt: ok ? null : `the list ${path} does not hold${bad === undefined ? '' : `: ${bad.rule}`}` };
}

/** What a list that does not hold says of a file is not known. */
export function withoutList({ place, file }: Entry, doubt: string): Entry {
  const findings = file.findings.map((one) => (one.rule === 'sums' ? finding('sums', one.expected, one.expectedFrom, null, unknown(doubt)) : one));
  return { place, file: { ...file, findings } };
}
