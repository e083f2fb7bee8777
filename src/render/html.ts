// A verification as a page that is handed on: it needs no script, no font and no network; light, dark, narrow and on paper.

import type { Binary } from '../model/binary.ts';
import type { FileVerdict, VerifyReport } from '../model/verdict.ts';
import { hardeningWords } from './hardening.ts';
import { STYLE_SHEET } from './html-style.ts';
import { minimumParts, signatureParts } from './identity.ts';
import { byOutcome, cellOutcome, changeLines, differingBuilds, headline, identicalFiles, matrixOf, revisionOf } from './report-data.ts';
import type { ReportChanges, ReportDetail } from './report-data.ts';
import { renderSvg } from './svg.ts';
import { counted, foundParts, outcomeOf, ruleWords, skippedText } from './verdict-text.ts';
import type { Outcome } from './verdict-text.ts';
import { visible } from './visible.ts';
import { sizeText, targetsText, whatText } from './words.ts';

/** What stands beside the findings, and in the foot. */
export interface HtmlOptions {
  readonly title: string;
  readonly at: Date;
  readonly version: string;
  readonly details: readonly ReportDetail[];
  readonly changes: ReportChanges | null;
}

const MARKS: Readonly<Record<Outcome, readonly [sign: string, word: string, kind: string]>> = {
  fail: ['✗', 'wrong', 'bad'],
  unknown: ['?', 'unknown', 'part'],
  waived: ['~', 'waived', 'part'],
  pass: ['✓', 'right', 'good'],
};

const GRADES = { good: ['✓', 'good'], part: ['◐', 'part'], bad: ['✗', 'bad'], alarm: ['!', 'bad'] } as const;

/** Text for a page: safe to show, and with nothing in it that is a tag, a character reference or the end of an attribute. */
function text(value: string): string {
  return visible(value)
    .replace(/[\ufffe\uffff]/g, '\ufffd')
    .replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

function code(value: string, kind = ''): string {
  return `<code${kind === '' ? '' : ` class="${kind}"`}>${text(value)}</code>`;
}

function mark(outcome: Outcome): string {
  const [sign, word, kind] = MARKS[outcome];
  return `<span class="${kind}" title="${word}" role="img" aria-label="${word}">${sign}</span>`;
}

function section(title: string, body: string): string {
  return body === '' ? '' : `<section>\n<h2>${text(title)}</h2>\n${body}</section>\n`;
}

/** A column of a table: its head, and whether its cells are numbers. */
type Column = readonly [head: string, kind?: 'number' | 'digest' | 'word'];

/** A table; on a narrow screen each row is a card with the heads as labels. Cells are HTML. */
function table(columns: readonly Column[], rows: readonly (readonly string[])[], kind = ''): string {
  const attribute = (own: Column[1]): string => (own === undefined ? '' : ` class="${own}"`);
  const head = columns.map(([name, own]) => `<th scope="col"${attribute(own)}>${text(name)}</th>`).join('');
  const body = rows.map((cells) => `<tr>${cells.map((cell, i) => `<td${attribute(columns[i]?.[1])} data-label="${text(columns[i]?.[0] || 'result')}">${cell === '' ? '' : `<div>${cell}</div>`}</td>`).join('')}</tr>\n`).join('');
  return `<table class="cards${kind === '' ? '' : ` ${kind}`}">\n<thead><tr>${head}</tr></thead>\n<tbody>\n${body}</tbody>\n</table>\n`;
}

/** What is wrong with a file, expected and found under each other. */
function problem(file: FileVerdict): string {
  const { path, findings, error } = file;
  const outcome = outcomeOf(file);
  const rows = findings
    .filter(({ status }) => error === null && status !== 'pass')
    .map((finding) => {
      const { status, rule, slice, expected, expectedFrom } = finding;
      const { found, because } = foundParts(finding);
      const kind = status === 'fail' ? 'bad' : 'part';
      const state = status === 'fail' ? '' : ` <span class="part">${status}</span>`;
      return (
        `<dt class="rule">${text(ruleWords(rule))}${slice === null ? '' : `, slice ${slice}`} <code class="dim">${text(rule)}</code>${state}</dt>\n` +
        `<dt>expected</dt><dd><span class="good">${text(expected)}</span> <span class="dim">by ${text(expectedFrom)}</span></dd>\n` +
        `<dt>found</dt><dd><span class="${kind}">${text(found)}</span>${because === null ? '' : ` <span class="dim">${text(because)}</span>`}</dd>\n`
      );
    });
  const said = error !== null ? `<p>could not be read: ${text(error.message)}</p>\n` : findings.length === 0 ? '<p>nothing is expected of it</p>\n' : `<dl>\n${rows.join('')}</dl>\n`;
  return `<article class="problem ${outcome}">\n<h3>${mark(outcome)} ${code(path)}</h3>\n${said}</article>\n`;
}

function matrix(report: VerifyReport, details: readonly ReportDetail[]): string {
  const { archs, rows } = matrixOf(report, details);
  if (rows.length === 0) return '';
  const head = archs.map((arch) => `<th scope="col">${text(arch)}</th>`).join('');
  const body = rows.map(({ system, cells }) => {
    const places = cells.map((cell) => {
      const outcome = cellOutcome(cell);
      if (outcome === null) return '<td class="hole" title="no file">–</td>';
      return `<td class="${outcome}" title="${text(cell.files.map(({ path }) => path).join('\n'))}">${mark(outcome)}${cell.files.length > 1 ? ` ${cell.files.length}` : ''}</td>`;
    });
    return `<tr><th scope="row">${text(system)}</th>${places.join('')}</tr>\n`;
  });
  return `<div class="scroll"><table class="matrix">\n<thead><tr><td></td>${head}</tr></thead>\n<tbody>\n${body.join('')}</tbody>\n</table></div>\n<p class="dim">– is a hole: no file is for that target.</p>\n`;
}

function marks(binary: Binary): string {
  return hardeningWords(binary)
    .map(({ grade, word }) => `<span class="${GRADES[grade][1]}">${GRADES[grade][0]}</span>&nbsp;${text(word).replaceAll(' ', '&nbsp;')}`)
    .join(' ');
}

/** What slices say, once where they agree. */
function each(binaries: readonly Binary[], say: (binary: Binary) => string): string {
  return [...new Set(binaries.map(say))].filter((one) => one !== '').join('<br>');
}

const COLUMNS: readonly Column[] = [[''], ['file'], ['target', 'word'], ['at least'], ['linked'], ['hardening'], ['signature'], ['Go', 'word'], ['size', 'number'], ['SHA-256', 'digest']];

function fileRow({ path, inspection }: ReportDetail, outcome: Outcome): string[] {
  const { binaries, size, sha256 } = inspection;
  return [
    mark(outcome),
    code(path),
    text(targetsText(inspection)),
    each(binaries, (binary) => minimumParts(binary, '≥').map(text).join('<br>')),
    each(binaries, ({ linkage, platform }) => text([linkage, platform.libc].filter((part) => part !== null).join(', '))),
    each(binaries, marks),
    each(binaries, (binary) => text(signatureParts(binary)?.[0] ?? '')),
    each(binaries, (binary) => (binary.go === null ? '' : `${text(binary.go.version ?? '?')}${revisionOf(binary) === null ? '' : `<br>${code(revisionOf(binary)?.slice(0, 12) ?? '')}`}`)),
    sizeText(size),
    sha256 === null ? '' : code(sha256, 'digest'),
  ];
}

function paths(list: readonly string[]): string {
  return list.map((path) => code(path)).join(', ');
}

function changed(changes: ReportChanges, details: readonly ReportDetail[]): string {
  const { lines, same } = changeLines(changes, details);
  const rows = lines.map(({ path, what, from, to, worse }) => [code(path), `${worse === true ? '<span class="bad" title="worse">▼</span> ' : worse === false ? '<span class="good" title="better">▲</span> ' : ''}${text(what)}`, text(from), text(to)]);
  const body = rows.length === 0 ? '' : table([['file'], ['what'], ['before'], ['now']], rows);
  return `${body}<p class="dim">${rows.length === 0 ? 'Nothing changed: ' : ''}${counted(same, 'file is', 'files are')} the same.</p>\n`;
}

function list(title: string, items: readonly string[]): string {
  return items.length === 0 ? '' : `<p class="dim">${text(title)}</p>\n<ul>\n${items.map((item) => `<li>${item}</li>\n`).join('')}</ul>\n`;
}

const MOST_LISTED = 200; // dependencies, reasons and warnings of one file

/** All that is known of one file, folded. */
function detail({ path, inspection, map }: ReportDetail, verdict: FileVerdict | undefined): string {
  const { binaries, universal, warnings } = inspection;
  const picture = map == null ? '' : `<img alt="${text(`Where the bytes of ${path} are`)}" loading="lazy" src="data:image/svg+xml,${encodeURIComponent(renderSvg(map))}">\n`;
  const slices = binaries.map((binary) => {
    const name = universal ? `<h3>${text(binary.platform.variant ?? binary.platform.arch ?? '?')}</h3>\n` : '';
    const because = Object.entries(binary.because).slice(0, MOST_LISTED).map(([fact, why]) => `${code(fact)} ${text(why)}`);
    return (
      name +
      list('needs', binary.dependencies.slice(0, MOST_LISTED).map(({ name: library, kind }) => `${code(library)}${kind === 'required' ? '' : ` (${kind})`}`)) +
      list('warnings', binary.warnings.slice(0, MOST_LISTED).map(({ message }) => text(message))) +
      list('what told it', because)
    );
  });
  const passes = (verdict?.findings ?? []).filter(({ status }) => status === 'pass').map((finding) => `${mark('pass')} ${text(ruleWords(finding.rule))}: ${text(foundParts(finding).found)}`);
  const what = universal ? 'Mach-O universal' : whatText(binaries[0] as Binary);
  return `<details>\n<summary>${code(path)} <span class="dim">${text(targetsText(inspection))} · ${text(what)} · ${sizeText(inspection.size)}</span></summary>\n${picture}${list('passes', passes)}${list('warnings', warnings.map(({ message }) => text(message)))}${slices.join('')}</details>\n`;
}

/** The report as one HTML document. Ends with a newline. */
export function renderHtml(report: VerifyReport, { title, at, version, details, changes }: HtmlOptions): string {
  const { fail, unknown, waived, pass } = byOutcome(report);
  const { summary, ok } = report;
  const verdicts = new Map(report.files.map((file) => [file.path, file]));
  const outcome = (path: string): Outcome => outcomeOf(verdicts.get(path) ?? { path, findings: [], error: null });
  const checks = summary.passed + summary.failed + summary.unknown + summary.waived;
  const skipped = skippedText(summary);
  const lead = [counted(checks, 'check'), ...(summary.waived === 0 ? [] : [`${summary.waived} waived`]), ...(skipped === '' ? [] : [`skipped ${skipped}`])].join(' · ');
  const time = at.toISOString().replace(/\.\d+Z$/, 'Z');
  const shown = new Set(details.map(({ path }) => path));
  const rest = pass.filter(({ path }) => !shown.has(path));
  const identical = identicalFiles(details).map(({ value, paths: same }) => `${paths(same)} <span class="dim">${code(value, 'digest')}</span>`);
  const differing = differingBuilds(details).map(({ what, groups }) => list(`More than one ${what}:`, groups.map(({ value, paths: of }) => `${code(value)} ${paths(of)}`)));
  const body = [
    `<header>\n<h1><span class="verdict ${ok ? 'good' : 'bad'}">${ok ? 'OK' : 'FAILED'}</span>${text(title)}</h1>\n<p>${text(headline(report))}</p>\n<p class="lead">${text(lead)}</p>\n</header>\n`,
    section('What is wrong', [...fail, ...unknown, ...waived].map(problem).join('')),
    section('Targets', matrix(report, details)),
    section('Files', details.length === 0 ? '' : table(COLUMNS, details.map((one) => fileRow(one, outcome(one.path))), 'files')),
    section('What else passes', rest.length === 0 ? '' : `<ul>\n${rest.map(({ path, findings }) => `<li>${mark('pass')} ${code(path)} <span class="dim">${counted(findings.length, 'check')}</span></li>\n`).join('')}</ul>\n`),
    section('Identical files', identical.length === 0 ? '' : `<ul>\n${identical.map((item) => `<li>${item}</li>\n`).join('')}</ul>\n`),
    section('Differing builds', differing.join('')),
    changes === null ? '' : section(`Changed since ${changes.name}`, changed(changes, details)),
    section('Each file', details.map((one) => detail(one, verdicts.get(one.path))).join('')),
  ];
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<meta name="generator" content="binspect ${text(version)}">
<title>${text(`${ok ? 'OK' : 'FAILED'}: ${title}`)}</title>
<style>${STYLE_SHEET}</style>
</head>
<body>
<main>
${body.join('')}<footer>binspect ${text(version)} · <time datetime="${time}">${time.replace('T', ' ').replace('Z', ' UTC')}</time></footer>
</main>
</body>
</html>
`;
}
