// Whether files run, for people: the headline, what the system would say, and a way out.

import type { RunsFinding, RunsReport } from '../model/runs.ts';
import type { Status } from '../model/verdict.ts';
import { visible } from './visible.ts';
import { tinted } from './words.ts';
import type { Style, Tint } from './words.ts';
import { hanging, wrapWords } from './wrap.ts';

const MARKS: Readonly<Record<Status, readonly [sign: string, plain: string, tint: Tint]>> = {
  pass: ['✓', 'ok  ', 'green'],
  fail: ['✗', 'FAIL', 'red'],
  unknown: ['?', '?   ', 'yellow'],
  waived: ['~', '~   ', 'yellow'],
};

function mark(status: Status, style: Style): string {
  const [sign, plain, tint] = MARKS[status];
  return tinted(style.unicode ? sign : plain, tint, style);
}

const LABELS = 18;

/** A label and its text, indented. */
function row(label: string, text: string, style: Style): string {
  const indent = 4 + LABELS;
  return `    ${tinted(label.padEnd(LABELS), 'dim', style)}${hanging(wrapWords(text, style.columns - indent), indent)}\n`;
}

function findingLines({ rule, status, message, evidence, systemSays, advice }: RunsFinding, style: Style): string {
  const head = `  ${mark(status, style)} ${tinted(rule, 'bold', style)}`;
  const indent = 4 + LABELS;
  const text = hanging(wrapWords(visible(message), style.columns - indent), indent);
  return (
    `${head}${' '.repeat(Math.max(1, LABELS - rule.length + (style.unicode ? 0 : -3)))}${text}\n` +
    (evidence !== null && (style.verbose || status !== 'pass') && !message.includes(evidence) ? row('by', visible(evidence), style) : '') +
    (systemSays === null ? '' : row('the system says', visible(systemSays), style)) +
    (advice === null ? '' : row('what helps', visible(advice), style))
  );
}

/** What came of one file. What passes is a line; with `verbose` every question is shown. */
export function renderRuns({ path, ok, headline, findings, notJudged }: RunsReport, style: Style): string {
  const status = ok ? 'pass' : findings.some((one) => one.status === 'fail') ? 'fail' : 'unknown';
  const shown = style.verbose ? findings : findings.filter((one) => one.status !== 'pass');
  const title = `${visible(path)}: ${tinted(visible(headline), ok ? 'dim' : 'bold', style)}`;
  const open = style.verbose && notJudged.length > 0 ? row('not judged', visible(notJudged.join('; ')), style) : '';
  return `${mark(status, style)} ${title}\n${shown.map((one) => findingLines(one, style)).join('')}${open}`;
}
