// What a report hands on beside its findings: what the files are, which targets are there and which are missing, which files are the same, what changed.

import type { Binary, Inspection } from '../model/binary.ts';
import type { ComparedPath } from '../model/comparison.ts';
import { goVcs } from '../model/go-words.ts';
import type { FileMap } from '../model/regions.ts';
import type { FileVerdict, VerifyReport } from '../model/verdict.ts';
import { outcomeOf } from './verdict-text.ts';
import type { Outcome } from './verdict-text.ts';

/** What one file of a report is. */
export interface ReportDetail {
  /** As the report has it. */
  readonly path: string;
  /** With facts 'all' and its digest, for all that a report shows. */
  readonly inspection: Inspection;
  /** Where its bytes are; null or left out where that is not to be drawn. */
  readonly map?: FileMap | null | undefined;
}

/** What was there before, and what changed since. */
export interface ReportChanges {
  /** What was compared with: a file or a folder. */
  readonly name: string;
  /** The old file as a, the new one as b. */
  readonly paths: readonly ComparedPath[];
}

/** A place of the matrix: the files for one system and one architecture. */
export interface Cell {
  readonly files: readonly { readonly path: string; readonly outcome: Outcome }[];
}

/** Systems by architectures. */
export interface Matrix {
  readonly archs: readonly string[];
  readonly rows: readonly { readonly system: string; readonly cells: readonly Cell[] }[];
}

function systemOf({ platform: { os, libc } }: Binary): string {
  return libc === 'musl' ? `${os ?? '?'} (musl)` : (os ?? '?');
}

function archOf({ platform: { arch, variant }, machine }: Binary): string {
  const name = arch ?? machine.name ?? '?';
  return variant === null ? name : /^v\d/.test(variant) ? `${name}/${variant}` : variant;
}

/** Which targets are there. What one system has and another has not is a hole. */
export function matrixOf(report: VerifyReport, details: readonly ReportDetail[]): Matrix {
  const outcomes = new Map(report.files.map((file) => [file.path, outcomeOf(file)]));
  const systems = new Map<string, Map<string, { path: string; outcome: Outcome }[]>>();
  const archs = new Set<string>();
  for (const { path, inspection } of details) {
    for (const binary of inspection.binaries) {
      const [system, arch] = [systemOf(binary), archOf(binary)];
      archs.add(arch);
      const row = systems.get(system) ?? new Map<string, { path: string; outcome: Outcome }[]>();
      systems.set(system, row);
      const cell = row.get(arch) ?? [];
      row.set(arch, cell);
      cell.push({ path, outcome: outcomes.get(path) ?? 'unknown' });
    }
  }
  const columns = [...archs].sort();
  const rows = [...systems].sort(([a], [b]) => (a < b ? -1 : 1)).map(([system, cells]) => ({ system, cells: columns.map((arch) => ({ files: cells.get(arch) ?? [] })) }));
  return { archs: columns, rows };
}

/** The worst outcome of a cell; null for a hole. */
export function cellOutcome({ files }: Cell): Outcome | null {
  return (['fail', 'unknown', 'waived', 'pass'] as const).find((outcome) => files.some((file) => file.outcome === outcome)) ?? null;
}

/** Files that have something in common that is worth a word. */
export interface Group {
  readonly value: string;
  readonly paths: readonly string[];
}

function grouped(pairs: Iterable<readonly [value: string, path: string]>): Group[] {
  const groups = new Map<string, string[]>();
  for (const [value, path] of pairs) {
    const paths = groups.get(value) ?? [];
    groups.set(value, paths);
    paths.push(path);
  }
  return Array.from(groups, ([value, paths]) => ({ value, paths }));
}

/** Files with the same bytes. */
export function identicalFiles(details: readonly ReportDetail[]): Group[] {
  return grouped(details.flatMap(({ path, inspection: { sha256 } }) => (sha256 === null ? [] : [[sha256, path] as const]))).filter(({ paths }) => paths.length > 1);
}

/** What Go recorded of the commit: '0123abcd', and whether files differed from it. */
export function revisionOf({ go }: Binary): string | null {
  const vcs = go === null ? null : goVcs(go);
  return vcs === null || vcs.revision === null ? null : `${vcs.revision}${vcs.modified === true ? ' (modified)' : ''}`;
}

/** Revisions and Go versions, where files of one report have several of them. */
export function differingBuilds(details: readonly ReportDetail[]): { readonly what: string; readonly groups: Group[] }[] {
  const of = (what: string, value: (binary: Binary) => string | null): { what: string; groups: Group[] } => ({
    what,
    groups: grouped(details.flatMap(({ path, inspection }) => [...new Set(inspection.binaries.map(value))].flatMap((text) => (text === null ? [] : [[text, path] as const])))),
  });
  return [of('revision', revisionOf), of('Go version', ({ go }) => go?.version ?? null)].filter(({ groups }) => groups.length > 1);
}

/** Files by what became of them, the worst first. */
export function byOutcome(report: VerifyReport): Readonly<Record<Outcome, readonly FileVerdict[]>> {
  const of = (outcome: Outcome): readonly FileVerdict[] => report.files.filter((file) => outcomeOf(file) === outcome);
  return { fail: of('fail'), unknown: of('unknown'), waived: of('waived'), pass: of('pass') };
}

/** '12 files: 1 wrong, 1 unknown, 10 right'. */
export function headline(report: VerifyReport): string {
  const { fail, unknown } = byOutcome(report);
  const right = report.files.length - fail.length - unknown.length;
  if (report.files.length === 0) return 'Nothing was checked';
  const parts = [[fail.length, 'wrong'], [unknown.length, 'unknown'], [right, 'right']] as const;
  return `${report.files.length} ${report.files.length === 1 ? 'file' : 'files'}: ${parts.filter(([count]) => count > 0).map(([count, word]) => `${count} ${word}`).join(', ')}`;
}

/** A change in a line: which fact, from what, to what. */
export interface ChangeLine {
  readonly path: string;
  readonly what: string;
  readonly from: string;
  readonly to: string;
  readonly worse: boolean | null;
}

const MOST_CHANGES = 40; // of one file

/** What changed, a line each: files that came and went, sizes, facts. Files that are no executables are left out, and those that are the same. */
export function changeLines({ paths }: ReportChanges, details: readonly ReportDetail[]): { readonly lines: ChangeLine[]; readonly same: number } {
  const lines: ChangeLine[] = [];
  let same = 0;
  for (const { path, only, comparison, error } of paths) {
    if (error !== null) lines.push({ path, what: 'not compared', from: '', to: error.message, worse: null });
    else if (only === 'a') lines.push({ path, what: 'file', from: 'there', to: 'gone', worse: true });
    else if (only === 'b') {
      if (details.some((detail) => detail.path.endsWith(path))) lines.push({ path, what: 'file', from: 'not there', to: 'new', worse: null });
    } else if (comparison === null || comparison.verdict === 'identical') same++;
    else if (comparison.description.length > 0 || comparison.facts.length > 0 || comparison.verdict === 'incomparable') {
      const { a, b, facts, verdict } = comparison;
      lines.push({ path, what: 'size', from: `${a.size} bytes`, to: `${b.size} bytes (${b.size >= a.size ? '+' : '-'}${Math.abs(b.size - a.size)})`, worse: null });
      if (verdict === 'incomparable') lines.push({ path, what: 'what it is', from: 'another format, machine or kind', to: '', worse: true });
      for (const { fact, name, slice, a: from, b: to, worse } of facts.slice(0, MOST_CHANGES)) {
        const what = [fact, name].filter((part) => part !== null).join(' ');
        lines.push({ path, what: slice === null ? what : `${what} (${slice})`, from: from ?? '–', to: to ?? '–', worse });
      }
      if (facts.length > MOST_CHANGES) lines.push({ path, what: 'more', from: '', to: `${facts.length - MOST_CHANGES} more facts`, worse: null });
    }
  }
  return { lines, same };
}
