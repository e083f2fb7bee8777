// Reports of `binspect verify` that are handed on: Markdown and HTML, and what changed since an older release. Loaded for them alone.

import { basename } from 'node:path';
import { absolutePath, isFolder } from '../bytes/folder.ts';
import { compare } from '../compare/compare.ts';
import { compareFolders } from '../compare/folders.ts';
import { BinspectError } from '../errors.ts';
import { reportDetails } from '../files/report-details.ts';
import type { ComparedPath } from '../model/comparison.ts';
import type { VerifyReport } from '../model/verdict.ts';
import { renderPathDiff } from '../render/diff-text.ts';
import { renderHtml } from '../render/html.ts';
import { renderMarkdown } from '../render/markdown.ts';
import type { ReportChanges, ReportDetail } from '../render/report-data.ts';
import { visible } from '../render/visible.ts';
import type { Style } from '../render/words.ts';

async function gathered(paths: AsyncIterable<ComparedPath>): Promise<ComparedPath[]> {
  const all: ComparedPath[] = [];
  for await (const one of paths) all.push(one);
  return all;
}

/** What changed since `old`: a folder for a folder, a file for a file. Throws `invalid-argument` for anything else. */
export async function changesSince(old: string, paths: readonly string[]): Promise<ReportChanges> {
  const [path] = paths;
  if (path === undefined || paths.length > 1) throw new BinspectError('invalid-argument', '--against is for one folder or one file: name the new one, and only that');
  const [before, now] = [isFolder(old), isFolder(path)];
  if (before !== now) throw new BinspectError('invalid-argument', `--against: ${before ? old : path} is a folder, ${before ? path : old} is none`);
  if (before) return { name: old, paths: await gathered(compareFolders(old, path)) };
  return { name: old, paths: [{ path, only: null, comparison: await compare(old, path), error: null }] };
}

/** The changes as lines for a terminal. */
export function changesText({ name, paths }: ReportChanges, style: Style): string {
  const lines = paths.filter(({ comparison }) => comparison?.verdict !== 'identical').map((one) => renderPathDiff(one, style));
  return `\nsince ${visible(name)}:\n${lines.length === 0 ? 'nothing changed\n' : lines.join('')}`;
}

const MOST_FILES = 2000;
const MOST_MAPS = 100;

/** What a page is called: the folder or the file that was checked. */
function titleOf(paths: readonly string[]): string {
  const names = paths.slice(0, 3).map((path) => basename(absolutePath(path)));
  return names.length === 0 ? 'binspect verify' : `${names.join(', ')}${paths.length > 3 ? ', …' : ''}`;
}

/** Writes pages of one verification; its files are looked at once for all of them. `pictures`: whether one of the pages is HTML. */
export function pagesOf(report: VerifyReport, paths: readonly string[], changes: ReportChanges | null, version: string, pictures: boolean): (form: 'markdown' | 'html') => Promise<string> {
  let details: Promise<ReportDetail[]> | null = null;
  const title = titleOf(paths);
  return async (form) => {
    details ??= reportDetails(report, { maps: pictures ? MOST_MAPS : 0, most: MOST_FILES });
    if (form === 'markdown') return renderMarkdown(report, { title, details: await details, changes });
    return renderHtml(report, { title, at: new Date(), version, details: await details, changes });
  };
}
