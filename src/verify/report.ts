// All files' findings together.

import type { FileVerdict, Finding, PassedOverCounts, VerifyReport, Waiver } from '../model/verdict.ts';

/** Whether everything about a file is as expected: it could be read, there was something to check, and nothing is left over. */
export function isFine({ findings, error }: FileVerdict): boolean {
  return error === null && findings.length > 0 && findings.every(({ status }) => status === 'pass' || status === 'waived');
}

function count(findings: readonly Finding[], status: Finding['status']): number {
  return findings.filter((finding) => finding.status === status).length;
}

/** The report of all files. One that checks nothing is not ok. */
export function reportOf(files: readonly FileVerdict[], passedOver?: PassedOverCounts, unmatchedWaivers: readonly Waiver[] = []): VerifyReport {
  const findings = files.flatMap((file) => file.findings);
  const summary = {
    files: files.length,
    passed: count(findings, 'pass'),
    failed: count(findings, 'fail'),
    unknown: count(findings, 'unknown'),
    waived: count(findings, 'waived'),
    ...(passedOver === undefined ? {} : { passedOver }),
  };
  return { schemaVersion: 1, ok: files.length > 0 && files.every(isFine), files, summary, ...(unmatchedWaivers.length === 0 ? {} : { unmatchedWaivers }) };
}
