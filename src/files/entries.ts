// The report's entries: what came of each file, what files are among each other, and what is missing.

import { absolutePath, pathIn } from '../bytes/folder.ts';
import type { BinspectError } from '../errors.ts';
import type { Failure, Finding } from '../model/verdict.ts';
import type { Plan } from '../verify/policy/plan.ts';
import { failed, passed } from '../verify/rules/check.ts';
import { malformedFinding, missingFinding, sumsFindings, uniqueFindings, unreadUnique } from '../verify/several.ts';
import { finding } from '../verify/verify.ts';
import type { Entry, Examined } from './examined.ts';
import type { Candidates, Sums } from './given.ts';

/** Endings of signatures, which a list of checksums can't list of itself. */
const SIGNATURE_OF_LIST = /^(\.(sig|asc|pem|crt|cert|cer|minisig|sigstore|bundle|json|jsonl|ots|tsr))+$/i;

/** Whether a file is the list's own signature. */
export function isOfList(place: string, { place: list }: Sums): boolean {
  return place.startsWith(`${list}.`) && SIGNATURE_OF_LIST.test(place.slice(list.length));
}

/** The files with what they are among each other: copies, listed, unlisted. */
export function together(examined: readonly Examined[], sums: Sums | null): Entry[] {
  const unique = uniqueFindings(examined.filter((file) => file.unique !== null && file.unread === null), (file) => file.unique ?? '');
  return examined.map((file) => {
    const { path, place, sha256, unread, error, inside } = file;
    const findings = [...file.findings];
    if (file.unique !== null) findings.push(unique.get(file) ?? unreadUnique(unread, file.unique));
    if (sums !== null && sums.error === null && inside === undefined) findings.push(...sumsFindings(sha256, sums.listed.get(place) ?? [], sha256 === null ? unread : null, sums.path, sums.mustList && !isOfList(place, sums)));
    return { place, file: { path, ...(inside === undefined ? {} : { inside }), findings, error: error === null ? null : failureOf(error) } };
  });
}

/** An error as a report has it. */
export function failureOf({ code, message, offset, detected }: BinspectError): Failure {
  return { code, message, offset: offset ?? null, detected: detected ?? null };
}

/** What is wrong with how many files there are: a glob that names none, a count that is not met. */
export function artifactEntries(candidates: Candidates, insides: readonly string[], plans: readonly Plan[], root: string, name: string): Entry[] {
  const places = [...[...candidates.values()].filter(({ onlyListed }) => !onlyListed).map(({ place }) => place), ...insides];
  const there = new Set(places);
  const entries: Entry[] = [];
  const add = (path: string, one: Finding): void => void entries.push({ place: pathIn(root, path), file: { path, findings: [one], error: null } });
  for (const [index, { artifact, globs }] of plans.entries()) {
    if (artifact === null) continue;
    for (const { glob, place, names } of globs) {
      if (place === null ? places.some(names) : there.has(place)) continue;
      add(glob, finding('files', 'at least one file', `${name}: artifacts[${index}].files`, null, failed('none', null)));
    }
    if (artifact.count === undefined) continue;
    const patterns = globs.filter(({ place }) => place === null);
    const literal = new Set(globs.flatMap(({ place }) => (place === null || !there.has(place) ? [] : [place])));
    const count = literal.size + (patterns.length === 0 ? 0 : places.filter((place) => !literal.has(place) && patterns.some(({ names }) => names(place))).length);
    const outcome = count === artifact.count ? passed(`${count}`, null) : failed(`${count}`, null);
    add(artifact.files.join(', '), finding('count', `${artifact.count} files`, `${name}: artifacts[${index}].count`, null, outcome));
  }
  return entries;
}

/** What is wrong with a checksum list itself: lines that nobody can read, files that are not there. */
export function sumsEntries(sums: Sums | null): Entry[] {
  if (sums === null) return [];
  const { path, place, error } = sums;
  const entries: Entry[] = sums.missing.map((entry) => ({
    place: absolutePath(entry.path),
    file: { path: entry.path, findings: [missingFinding(entry)], error: null },
  }));
  const findings = sums.malformed.map(({ from, message }) => malformedFinding(message, from));
  if (error !== null || findings.length > 0) entries.push({ place, file: { path, findings, error: error === null ? null : failureOf(error) } });
  return entries;
}
