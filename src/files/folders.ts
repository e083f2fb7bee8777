// Folders whose names claim a target: each has to hold a program.

import type { Finding } from '../model/verdict.ts';
import { folderOf } from '../verify/paths.ts';
import { failed } from '../verify/rules/check.ts';
import { folderClaim } from '../verify/targets/claims.ts';
import { finding } from '../verify/verify.ts';

/** Sources and what builds them: a folder of them is no place for programs. */
const SOURCE = /\.(c|cc|cpp|cxx|h|hh|hpp|s|asm|inc|inl|gypi?|pc|cmake|mk|am|in|def|ld|lds|rs|go|zig|py|ts|mts|java|td|pl|pm)$/i;

/** Folders by their places, as far as they claim a target, with whether there is nothing in them. */
export type ClaimedFolders = ReadonlyMap<string, { readonly path: string; readonly claim: string; empty: boolean }>;

/** Those of some folders (paths by their places) whose names claim a target. */
export function claimedFolders(folders: ReadonlyMap<string, string>): ClaimedFolders {
  const claimed = new Map<string, { path: string; claim: string; empty: boolean }>();
  for (const [place, path] of folders) {
    const claim = folderClaim(place);
    if (claim !== null) claimed.set(place, { path, claim, empty: true });
  }
  return claimed;
}

/** Takes note of a program that lies somewhere below, or of what may hold one. */
export function notePresence(folders: ClaimedFolders, place: string): void {
  if (folders.size === 0) return;
  for (let folder = folderOf(place); ; folder = folderOf(folder)) {
    const known = folders.get(folder);
    if (known !== undefined) known.empty = false;
    if (folder === folderOf(folder)) return;
  }
}

/** Whether a file says that its folder is not for programs: sources, and what builds them. */
export function isSource(place: string): boolean {
  return SOURCE.test(place) && !place.endsWith('.d.ts');
}

/** The folders that hold nothing, each with its finding. */
export function emptyFolders(folders: ClaimedFolders): { path: string; place: string; finding: Finding }[] {
  return [...folders]
    .filter(([, { empty }]) => empty)
    .map(([place, { path, claim }]) => {
      const from = `the folder "${place.slice(place.lastIndexOf('/') + 1)}"`;
      return { path, place, finding: finding('targetFromName', `a program for ${claim}`, from, null, failed('none', null, 'the folder claims a target and holds no program')) };
    });
}
