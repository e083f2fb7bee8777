// Waivers: what a policy lets be, for a reason and until a day.

import type { FileVerdict, Finding, Policy, Waiver } from '../../model/verdict.ts';
import { matcherIn } from '../paths.ts';

/** A policy's waivers at work. */
export interface Waivers {
  /** Applies them to one file's findings. */
  readonly waive: (path: string, file: FileVerdict) => FileVerdict;
  /** Those whose globs have named no file so far. */
  readonly unmatched: () => readonly Waiver[];
}

/**
 * Waivers for files below a folder, on a day. A finding that fails or is unknown becomes waived; one of a file that can't be
 * read does not: nobody knows what would be waived.
 */
export function waivers({ waivers: list = [] }: Policy, folder: string, today: Date): Waivers {
  const day = today.toISOString().slice(0, 10);
  const prepared = list.map((waiver) => {
    const globs = typeof waiver.files === 'string' ? [waiver.files] : waiver.files;
    return { waiver, matchers: globs.map((glob) => matcherIn(folder, glob)) };
  });
  const waive = (path: string, finding: Finding): Finding => {
    if (finding.status !== 'fail' && finding.status !== 'unknown') return finding;
    const applying = prepared.filter(({ waiver, matchers }) => waiver.rule === finding.rule && matchers.some((matches) => matches(path)));
    const valid = applying.find(({ waiver }) => waiver.expires >= day)?.waiver;
    if (valid !== undefined) return { ...finding, status: 'waived', message: `${finding.message}; waived until ${valid.expires}: ${valid.reason}` };
    const expired = applying[0]?.waiver;
    return expired === undefined ? finding : { ...finding, message: `${finding.message}; its waiver expired on ${expired.expires}` };
  };
  const matched = new Set<Waiver>();
  return {
    waive: (path, file) => {
      for (const { waiver, matchers } of prepared) if (!matched.has(waiver) && matchers.some((matches) => matches(path))) matched.add(waiver);
      return file.error !== null ? file : { ...file, findings: file.findings.map((finding) => waive(path, finding)) };
    },
    unmatched: () => list.filter((waiver) => !matched.has(waiver)),
  };
}
