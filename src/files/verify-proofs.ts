// Files held against a detached proof, beside whatever else is asked of them.

import { absolutePath } from '../bytes/folder.ts';
import { BinspectError } from '../errors.ts';
import { isHttpUrl } from '../model/url.ts';
import type { FileVerdict, Verdict, VerifyReport } from '../model/verdict.ts';
import type { ProofSettings } from '../proofs/settings.ts';
import { verifyWith } from '../proofs/verify-detached.ts';
import { reportOf } from '../verify/report.ts';
import { attempt } from './given.ts';

/** What a proof comes to for each of the files. One that can't be read ends nothing. */
async function proofVerdicts(inputs: readonly (string | URL)[], settings: ProofSettings): Promise<FileVerdict[]> {
  const verdicts: FileVerdict[] = [];
  for (const input of inputs) {
    const path = typeof input === 'string' ? input : input.href;
    const verdict = await attempt(() => verifyWith(input, settings));
    if (verdict instanceof BinspectError) {
      const { code, message, offset, detected } = verdict;
      verdicts.push({ path, findings: [], error: { code, message, offset: offset ?? null, detected: detected ?? null } });
    } else verdicts.push({ path, findings: verdict.findings, error: null });
  }
  return verdicts;
}

/** What proofs are about: each file, and the checksum list. */
export interface Proofs {
  readonly files: ProofSettings | null;
  readonly list: ProofSettings | null;
}

/** What else is asked of the files, with the check of the checksum list where that has a proof. */
export type Rest = (paths: AsyncIterable<string | URL> | readonly (string | URL)[], checkSums?: (bytes: Uint8Array) => Promise<Verdict>) => Promise<VerifyReport>;

/** Files held against their proofs, and against what else is asked; `rest` null: nothing. */
export async function verifyWithProofs({ files, list }: Proofs, paths: AsyncIterable<string | URL>, rest: Rest | null): Promise<VerifyReport> {
  const checkSums = list === null ? undefined : (bytes: Uint8Array): Promise<Verdict> => verifyWith(bytes, list);
  if (files === null) return rest === null ? reportOf([]) : rest(paths, checkSums);
  const named: (string | URL)[] = [];
  for await (const path of paths) named.push(path);
  const verdicts = await proofVerdicts(named, files);
  return rest === null ? reportOf(verdicts) : withProofs(await rest(named, checkSums), verdicts);
}

/** A report with what proofs came to: first of each file. */
function withProofs(report: VerifyReport, verdicts: readonly FileVerdict[]): VerifyReport {
  const placeOf = (path: string): string => (isHttpUrl(path) ? path : absolutePath(path));
  const left = new Map(verdicts.map((verdict) => [placeOf(verdict.path), verdict]));
  const files = report.files.map((file) => {
    const own = left.get(placeOf(file.path));
    if (own === undefined) return file;
    left.delete(placeOf(file.path));
    return { ...file, findings: [...own.findings, ...file.findings], error: file.error ?? own.error };
  });
  return reportOf([...left.values(), ...files], report.summary.passedOver);
}
