// A verification for people: what fails and why first of all, what passes in a line.

import type { FileVerdict, Finding, Status, VerifyReport } from '../model/verdict.ts';
import { visible } from './visible.ts';
import { textWidth, tinted } from './words.ts';
import type { Layout, Tint } from './words.ts';
import { hanging, wrapWords } from './wrap.ts';

const MARKS: Readonly<Record<Status, readonly [string, Tint]>> = { pass: ['✓', 'green'], fail: ['✗', 'red'], unknown: ['?', 'yellow'], waived: ['~', 'yellow'] };

/** The mark before a file; in ASCII a word. */
function fileMark(fine: boolean, layout: Layout): string {
  const [mark, tint] = MARKS[fine ? 'pass' : 'fail'];
  return tinted(layout.unicode ? mark : fine ? 'ok  ' : 'FAIL', tint, layout);
}

/** The mark before a finding, and its status; in ASCII the status says it alone. */
function statusMark(status: Status, layout: Layout): string {
  const [mark, tint] = MARKS[status];
  return tinted(layout.unicode ? `${mark} ${status}` : status, tint, layout);
}

/** A sentence below a finding, indented. */
function sentence(text: string, layout: Layout): string {
  return `      ${hanging(wrapWords(text, layout.columns - 8), 8)}\n`;
}

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
  const name = `${tinted(rule, 'bold', layout)}${slice === null ? '' : `, slice ${slice}`}`;
  return (
    `  ${statusMark(status, layout)}  ${name}\n` +
    sentence(`expected ${visible(expected)}, by ${visible(expectedFrom)}`, layout) +
    sentence(visible(rest(finding)), layout)
  );
}

function fileLines(file: FileVerdict, layout: Layout): string {
  const { path, findings, error } = file;
  const problems = findings.filter(({ status }) => status === 'fail' || status === 'unknown');
  const waived = findings.filter(({ status }) => status === 'waived');
  const fine = error === null && problems.length === 0 && findings.length > 0;
  const name = `${fileMark(fine, layout)} ${tinted(visible(path), fine ? 'dim' : 'bold', layout)}`;
  if (error !== null) {
    const rules = [...new Set(findings.map(({ rule }) => rule))].join(', ');
    const why = hanging(wrapWords(visible(error.message), layout.columns - 13), 8);
    return `${name}\n  ${statusMark('unknown', layout)}  ${why}\n${rules === '' ? '' : sentence(`not checked: ${rules}`, layout)}`;
  }
  if (findings.length === 0) return `${name}\n      nothing is expected of it\n`;
  const said = fine ? `${plural(findings.length, 'check')}${waived.length === 0 ? '' : `, ${waived.length} waived`}` : plural(problems.length, 'problem');
  const fits = textWidth(visible(path)) + said.length + (layout.unicode ? 4 : 7) <= layout.columns;
  const shown = layout.verbose ? findings : findings.filter(({ status }) => status !== 'pass');
  return `${name}${fits ? '  ' : '\n  '}${said}\n${shown.map((finding) => findingLines(finding, layout)).join('')}`;
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
