// What the files of a verification are, for a report that shows more than findings.

import { BinspectError } from '../errors.ts';
import { inspect } from '../inspect/inspect-file.ts';
import { mapFile } from '../inspect/map-file.ts';
import type { FileMap } from '../model/regions.ts';
import type { VerifyReport } from '../model/verdict.ts';
import type { ReportDetail } from '../render/report-data.ts';

/** How much is gathered. */
export interface DetailOptions {
  /** Files whose bytes are mapped, for a picture each. */
  readonly maps: number;
  /** Files in all; of others a report has its findings. */
  readonly most: number;
}

/** Inspects the files of a report once more, with all facts and digests. What can't be read, and what is no executable, has no detail: its findings say so. */
export async function reportDetails({ files }: VerifyReport, { maps, most }: DetailOptions): Promise<ReportDetail[]> {
  const details: ReportDetail[] = [];
  for (const { path, error } of files) {
    if (details.length >= most) break;
    if (error !== null) continue;
    try {
      const inspection = await inspect(path, { hash: true, facts: 'all' });
      const map: FileMap | null = details.length < maps ? await mapFile(path) : null;
      details.push({ path, inspection, map });
    } catch (failure) {
      if (!(failure instanceof BinspectError)) throw failure; // it has changed since, or is no executable
    }
  }
  return details;
}
