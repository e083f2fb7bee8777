// A verification as annotations of GitHub Actions: lines that the runner takes for commands, so every other text in them is escaped.

import type { FileVerdict, Finding, VerifyReport } from '../model/verdict.ts';
import { counted } from './verdict-text.ts';
import { visible } from './visible.ts';

/** A command's text. What could end it or begin another is escaped; the rest is visible. */
function data(text: string): string {
  return visible(text).replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

/** A property of a command, which a ':' or a ',' would end. */
function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}

function command(level: 'error' | 'notice', path: string | null, title: string, text: string): string {
  const file = path === null ? '' : `file=${property(path)},`;
  return `::${level} ${file}title=${property(title)}::${data(text)}\n`;
}

/** An annotation stands at a file of the repository: for what lies in an archive at the archive. */
function annotation({ path, inside }: FileVerdict, finding: Finding): string {
  const { rule, status, message, expectedFrom } = finding;
  return command(status === 'waived' ? 'notice' : 'error', inside?.[0]?.path ?? path, `binspect ${rule}: ${status}`, `${path}: ${message}; expected by ${expectedFrom}`);
}

function annotations(file: FileVerdict): string {
  const { path, inside, findings, error } = file;
  const place = inside?.[0]?.path ?? path;
  if (error === null && findings.length === 0) return command('error', place, 'binspect', `${path}: nothing is expected of it`);
  const unread = error === null ? '' : command('error', place, 'binspect: unreadable', `${path}: ${error.message}`);
  // What can't be determined of a file that can't be read is said once; what was found wrong all the same stands beside it.
  return unread + findings.filter(({ status }) => (error === null ? status !== 'pass' : status === 'fail')).map((finding) => annotation(file, finding)).join('');
}

/** The report as annotations. The sum comes first, as only ten of a step are shown. */
export function renderGithub(report: VerifyReport): string {
  const { files, summary, ok } = report;
  const checks = summary.passed + summary.failed + summary.unknown + summary.waived;
  const sum = `${counted(summary.files, 'file')}, ${counted(checks, 'check')}: ${summary.failed} failed, ${summary.unknown} unknown, ${summary.waived} waived`;
  const first = ok ? command('notice', null, 'binspect verify: OK', sum) : command('error', null, 'binspect verify: FAILED', checks === 0 && files.length === 0 ? 'there was nothing to check' : sum);
  return first + files.map(annotations).join('');
}
