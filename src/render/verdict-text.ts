// A verification for people: what fails and why first of all, what passes in a line.

import type { FileVerdict, Finding, Status, VerifyReport } from '../model/verdict.ts';
import { visible } from './visible.ts';
import { tinted } from './words.ts';
import type { Layout, Tint } from './words.ts';

const MARKS: Readonly<Record<Status, readonly [string, Tint]>> = { pass: ['✓', 'green'], fail: ['✗', 'red'], unknown: ['?', 'yellow'], waived: ['~', 'yellow'] };

function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** What a finding's sentence says beside what was expected. */
function rest({ message, expected }: Finding): string {
  const at = message.indexOf(`expected ${expected}, `);
  return at === -1 ? message : message.slice(at + `expected ${expected}, `.length);
}

/** One finding: the rule, what was expected and why, what was found and what says so. No line begins with what a file wrote. */
function findingLines(finding: Finding, layout: Layout): string {
  const { status, rule, slice, expected, expectedFrom } = finding;
  const [mark, tint] = MARKS[status];
  const name = `${tinted(rule, 'bold', layout)}${slice === null ? '' : `, slice ${slice}`}`;
  return (
    `  ${tinted(`${mark} ${status}`, tint, layout)}  ${name}\n` +
    `      expected ${visible(expected)}, by ${visible(expectedFrom)}\n` +
    `      ${visible(rest(finding))}\n`
  );
}

function fileLines(file: FileVerdict, layout: Layout): string {
  const { path, findings, error } = file;
  const problems = findings.filter(({ status }) => status === 'fail' || status === 'unknown');
  const waived = findings.filter(({ status }) => status === 'waived');
  const fine = error === null && problems.length === 0 && findings.length > 0;
  const [mark, tint] = MARKS[fine ? 'pass' : 'fail'];
  const name = `${tinted(mark, tint, layout)} ${tinted(visible(path), fine ? 'dim' : 'bold', layout)}`;
  if (error !== null) {
    const rules = [...new Set(findings.map(({ rule }) => rule))].join(', ');
    return `${name}\n  ${tinted(`${MARKS.unknown[0]} unknown`, 'yellow', layout)}  ${visible(error.message)}${rules === '' ? '' : `\n      not checked: ${rules}`}\n`;
  }
  if (findings.length === 0) return `${name}\n      nothing is expected of it\n`;
  const said = fine ? `${plural(findings.length, 'check')}${waived.length === 0 ? '' : `, ${waived.length} waived`}` : plural(problems.length, 'problem');
  const shown = layout.verbose ? findings : findings.filter(({ status }) => status !== 'pass');
  return `${name}  ${said}\n${shown.map((finding) => findingLines(finding, layout)).join('')}`;
}

/** The report as text; with `verbose` what passes is told in full as well. */
export function renderVerdict(report: VerifyReport, layout: Layout): string {
  const { files, summary, ok } = report;
  const checks = summary.passed + summary.failed + summary.unknown + summary.waived;
  const bad = files.filter(({ findings, error }) => error !== null || findings.length === 0 || findings.some(({ status }) => status === 'fail' || status === 'unknown')).length;
  const waived = summary.waived === 0 ? '' : `, ${summary.waived} waived`;
  const end = ok
    ? `${tinted('OK', 'green', layout)}  ${plural(summary.files, 'file')}, ${plural(checks, 'check')}${waived}\n`
    : checks === 0 && bad === 0
      ? `${tinted('FAILED', 'red', layout)}  there was nothing to check\n`
      : `${tinted('FAILED', 'red', layout)}  ${bad} of ${plural(summary.files, 'file')}, ${summary.failed + summary.unknown} of ${plural(checks, 'check')}${waived}\n`;
  return `${files.map((file) => fileLines(file, layout)).join('')}${files.length === 0 ? '' : '\n'}${end}`;
}
