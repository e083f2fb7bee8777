// A verification for people: what fails and why first of all, what passes in a line.

import type { FileVerdict, Finding, Status, Summary, VerifyReport } from '../model/verdict.ts';
import { visible } from './visible.ts';
import { textWidth, tinted } from './words.ts';
import type { Style, Tint } from './words.ts';
import { hanging, wrapWords } from './wrap.ts';

const MARKS: Readonly<Record<Status, readonly [string, Tint]>> = { pass: ['✓', 'green'], fail: ['✗', 'red'], unknown: ['?', 'yellow'], waived: ['~', 'yellow'] };

/** The mark before a file; in ASCII a word. */
function fileMark(fine: boolean, style: Style): string {
  const [mark, tint] = MARKS[fine ? 'pass' : 'fail'];
  return tinted(style.unicode ? mark : fine ? 'ok  ' : 'FAIL', tint, style);
}

/** The mark before a finding, and its status; in ASCII the status says it alone. */
function statusMark(status: Status, style: Style): string {
  const [mark, tint] = MARKS[status];
  return tinted(style.unicode ? `${mark} ${status}` : status, tint, style);
}

/** A sentence below a finding, indented. */
function sentence(text: string, style: Style): string {
  return `      ${hanging(wrapWords(text, style.columns - 8), 8)}\n`;
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
function findingLines(finding: Finding, style: Style): string {
  const { status, rule, slice, expected, expectedFrom } = finding;
  const name = `${tinted(rule, 'bold', style)}${slice === null ? '' : `, slice ${slice}`}`;
  return (
    `  ${statusMark(status, style)}  ${name}\n` +
    sentence(`expected ${visible(expected)}, by ${visible(expectedFrom)}`, style) +
    sentence(visible(rest(finding)), style)
  );
}

function fileLines(file: FileVerdict, style: Style): string {
  const { path, findings, error } = file;
  const problems = findings.filter(({ status }) => status === 'fail' || status === 'unknown');
  const waived = findings.filter(({ status }) => status === 'waived');
  const fine = error === null && problems.length === 0 && findings.length > 0;
  const name = `${fileMark(fine, style)} ${tinted(visible(path), fine ? 'dim' : 'bold', style)}`;
  if (error !== null) {
    const rules = [...new Set(findings.filter(({ status }) => status === 'unknown').map(({ rule }) => rule))].join(', ');
    const why = hanging(wrapWords(visible(error.message), style.columns - 13), 8);
    const wrong = findings.filter(({ status }) => status === 'fail').map((finding) => findingLines(finding, style)).join('');
    return `${name}\n  ${statusMark('unknown', style)}  ${why}\n${rules === '' ? '' : sentence(`not checked: ${rules}`, style)}${wrong}`;
  }
  if (findings.length === 0) return `${name}\n      nothing is expected of it\n`;
  const said = fine ? `${plural(findings.length, 'check')}${waived.length === 0 ? '' : `, ${waived.length} waived`}` : plural(problems.length, 'problem');
  const fits = textWidth(visible(path)) + said.length + (style.unicode ? 4 : 7) <= style.columns;
  const shown = style.verbose ? findings : findings.filter(({ status }) => status !== 'pass');
  return `${name}${fits ? '  ' : '\n  '}${said}\n${shown.map((finding) => findingLines(finding, style)).join('')}`;
}

/** What lay there and was not looked at: '; passed over: 5 archives, 1 link, 12 other files'. */
function passedOverText({ passedOver }: Summary): string {
  if (passedOver === undefined) return '';
  const { archives, scripts, links, others } = passedOver;
  const said = [[archives, 'archive'], [scripts, 'script'], [links, 'link or pipe', 'links or pipes'], [others, 'other file']] as const;
  const texts = said.filter(([count]) => count > 0).map(([count, one, many]) => plural(count, one, many));
  return texts.length === 0 ? '' : `; passed over: ${texts.join(', ')}`;
}

/** The report as text; with `verbose` what passes is told in full as well. */
export function renderVerdict(report: VerifyReport, style: Style): string {
  const { files, summary, ok } = report;
  const checks = summary.passed + summary.failed + summary.unknown + summary.waived;
  const bad = files.filter(({ findings, error }) => error !== null || findings.length === 0 || findings.some(({ status }) => status === 'fail' || status === 'unknown')).length;
  const waived = `${summary.waived === 0 ? '' : `, ${summary.waived} waived`}${passedOverText(summary)}`;
  const end = ok
    ? `${tinted('OK', 'green', style)}  ${plural(summary.files, 'file')}, ${plural(checks, 'check')}${waived}\n`
    : checks === 0 && bad === 0
      ? `${tinted('FAILED', 'red', style)}  there was nothing to check\n`
      : `${tinted('FAILED', 'red', style)}  ${bad} of ${plural(summary.files, 'file')}, ${summary.failed + summary.unknown} of ${plural(checks, 'check')}${waived}\n`;
  return `${files.map((file) => fileLines(file, style)).join('')}${files.length === 0 ? '' : '\n'}${end}`;
}
