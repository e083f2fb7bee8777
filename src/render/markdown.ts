// A verification as Markdown, for GitHub's job summary and for release notes: what is wrong first, then what there is.

import type { FileVerdict, VerifyReport } from '../model/verdict.ts';
import { hardeningWords } from './hardening.ts';
import { minimumParts, signatureParts } from './identity.ts';
import { byOutcome, cellOutcome, changeLines, differingBuilds, headline, identicalFiles, matrixOf, revisionOf } from './report-data.ts';
import type { Matrix, ReportChanges, ReportDetail } from './report-data.ts';
import { counted, foundParts, outcomeOf, skippedText } from './verdict-text.ts';
import type { Outcome } from './verdict-text.ts';
import { visible } from './visible.ts';
import { sizeText, targetsText } from './words.ts';

/** What stands beside the findings. */
export interface MarkdownOptions {
  readonly title: string;
  readonly details: readonly ReportDetail[];
  readonly changes: ReportChanges | null;
}

const MARKS: Readonly<Record<Outcome, string>> = { fail: '❌', unknown: '❔', waived: '⚠️', pass: '✅' };

const MOST_ROWS = 500; // of one table: a job summary holds a mebibyte

/** Text that Markdown shows as it is: nothing in it formats, links, ends a cell or is HTML. */
export function escapedMarkdown(text: string): string {
  return visible(text).replace(/[\\`*_{}[\]()#+!|~@:]/g, '\\$&').replace(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`).replace(/\b(www)\./gi, '$1&#46;');
}

/** Text as code: a path, a digest. Its backticks become quotes, as no sign is an escape there; a bar would end a cell. */
function code(text: string): string {
  const shown = visible(text).replaceAll('`', "'").replaceAll('|', '\\|');
  return shown === '' ? '' : `\`${shown}\``;
}

function table(heads: readonly string[], rows: readonly (readonly string[])[], numbers: readonly number[] = []): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`;
  const left = rows.length > MOST_ROWS ? `\n${rows.length - MOST_ROWS} more are left out.\n` : '';
  return line(heads) + line(heads.map((_, index) => (numbers.includes(index) ? '---:' : '---'))) + rows.slice(0, MOST_ROWS).map(line).join('') + left;
}

function problemRows({ path, findings, error }: FileVerdict): string[][] {
  if (error !== null) return [[MARKS.unknown, code(path), 'could not be read', '', escapedMarkdown(error.message)]];
  if (findings.length === 0) return [[MARKS.unknown, code(path), 'nothing is expected of it', '', '']];
  return findings
    .filter(({ status }) => status !== 'pass')
    .map((finding) => {
      const { found, because } = foundParts(finding);
      const { status, rule, slice, expected, expectedFrom } = finding;
      const name = `${code(rule)}${slice === null ? '' : `, slice ${slice}`}${status === 'waived' ? ' (waived)' : ''}`;
      return [MARKS[status], code(path), name, `${escapedMarkdown(expected)} <sub>by ${escapedMarkdown(expectedFrom)}</sub>`, `${escapedMarkdown(found)}${because === null ? '' : ` <sub>${escapedMarkdown(because)}</sub>`}`];
    });
}

function matrixTable({ archs, rows }: Matrix): string {
  const cells = rows.map(({ system, cells: row }) => [
    escapedMarkdown(system),
    ...row.map((cell) => {
      const outcome = cellOutcome(cell);
      return outcome === null ? '–' : `${MARKS[outcome]}${cell.files.length > 1 ? ` ${cell.files.length}` : ''}`;
    }),
  ]);
  return `${table(['', ...archs.map(escapedMarkdown)], cells)}\n– is a hole: no file is for that target.\n`;
}

/** A row for a file: what people compare before a release. */
function fileRow({ path, inspection }: ReportDetail, outcome: Outcome): string[] {
  const { binaries, size, sha256 } = inspection;
  const all = (texts: readonly string[]): string => [...new Set(texts)].filter((text) => text !== '').map(escapedMarkdown).join('; ');
  return [
    MARKS[outcome],
    code(path),
    escapedMarkdown(targetsText(inspection)),
    all(binaries.map((binary) => minimumParts(binary, '≥').join(', '))),
    all(binaries.map(({ linkage, platform }) => [linkage, platform.libc].filter((part) => part !== null).join(', '))),
    all(binaries.map((binary) => hardeningWords(binary).map(({ grade, word }) => `${grade === 'good' ? '✓' : grade === 'part' ? '◐' : grade === 'bad' ? '✗' : '!'} ${word}`).join(' '))),
    all(binaries.map((binary) => signatureParts(binary)?.[0] ?? '')),
    all(binaries.map((binary) => [binary.go?.version ?? '', revisionOf(binary)?.slice(0, 12) ?? ''].filter((part) => part !== '').join(' '))),
    sizeText(size),
    sha256 === null ? '' : code(sha256),
  ];
}

/** The report as Markdown. Ends with a newline. */
export function renderMarkdown(report: VerifyReport, { title, details, changes }: MarkdownOptions): string {
  const { fail, unknown, waived, pass } = byOutcome(report);
  const outcomes = new Map(report.files.map((file) => [file.path, outcomeOf(file)]));
  const { summary, ok } = report;
  const checks = summary.passed + summary.failed + summary.unknown + summary.waived;
  const skipped = skippedText(summary);
  const parts = [`## ${ok ? MARKS.pass : MARKS.fail} ${escapedMarkdown(title)}: ${headline(report)}\n`, `${counted(checks, 'check')}${summary.waived === 0 ? '' : `, ${summary.waived} waived`}${skipped === '' ? '' : `; skipped ${skipped}`}.\n`];
  const problems = [...fail, ...unknown, ...waived].flatMap(problemRows);
  if (problems.length > 0) parts.push(`### What is wrong\n`, table(['', 'File', 'Rule', 'Expected', 'Found'], problems));
  if (details.length > 0) {
    parts.push('### Targets\n', matrixTable(matrixOf(report, details)));
    const rows = details.map((detail) => fileRow(detail, outcomes.get(detail.path) ?? 'unknown'));
    parts.push('### Files\n', table(['', 'File', 'Target', 'At least', 'Linked', 'Hardening', 'Signature', 'Go', 'Size', 'SHA-256'], rows, [8]));
  } else if (pass.length > 0) parts.push('### What passes\n', table(['', 'File', 'Checks'], pass.map(({ path, findings }) => [MARKS.pass, code(path), String(findings.length)]), [2]));
  const identical = identicalFiles(details);
  if (identical.length > 0) parts.push('### Identical files\n', identical.map(({ value, paths }) => `- ${code(value)}: ${paths.map(code).join(', ')}\n`).join(''));
  for (const { what, groups } of differingBuilds(details)) parts.push(`### More than one ${what}\n`, groups.map(({ value, paths }) => `- ${code(value)}: ${counted(paths.length, 'file')}, ${paths.slice(0, 8).map(code).join(', ')}${paths.length > 8 ? ', …' : ''}\n`).join(''));
  if (changes !== null) {
    const { lines, same } = changeLines(changes, details);
    parts.push(`### Changed since ${code(changes.name)}\n`);
    if (lines.length > 0) parts.push(table(['File', 'What', 'Before', 'Now'], lines.map(({ path, what, from, to, worse }) => [code(path), `${worse === true ? '⚠️ ' : ''}${escapedMarkdown(what)}`, escapedMarkdown(from), escapedMarkdown(to)])));
    parts.push(lines.length === 0 ? `Nothing: ${counted(same, 'file is', 'files are')} the same.\n` : `${counted(same, 'file is', 'files are')} the same.\n`);
  }
  return parts.join('\n');
}
