// A verification as JSON: the report as one document, or one line for each file.

import type { VerifyReport } from '../model/verdict.ts';
import { toJSON } from './json.ts';

/** The whole report, one document. */
export function renderVerdictJson(report: VerifyReport): string {
  return `${toJSON(report)}\n`;
}

/** One line for each file, so that many give a stream. */
export function renderVerdictLines({ files }: VerifyReport): string {
  return files.map((file) => `${toJSON(file)}\n`).join('');
}
