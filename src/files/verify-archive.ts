// An archive held against what is expected: an entry for itself, and one for each executable in it that counts.

import { fileMarks } from '../bytes/folder.ts';
import { BinspectError } from '../errors.ts';
import { isTestPath } from '../model/container.ts';
import type { Finding } from '../model/verdict.ts';
import { forOtherSystems } from '../verify/contents/claims.ts';
import { doubtOf, judgeContents } from '../verify/contents/contents.ts';
import type { Contents, Standing } from '../verify/contents/contents.ts';
import { isTransparent } from '../verify/contents/members.ts';
import { namesInUrl } from '../model/url.ts';
import { withFolder } from '../verify/paths.ts';
import { isByteRule } from '../verify/policy/plan.ts';
import type { Plan } from '../verify/policy/plan.ts';
import { failed, passed, unknown } from '../verify/rules/check.ts';
import { claimText } from '../verify/targets/claims.ts';
import { packageText } from '../verify/targets/package-json.ts';
import { finding, judge, unreadable } from '../verify/verify.ts';
import { asks, distinct } from './examined.ts';
import type { Examined, Skipped, Work } from './examined.ts';
import { attempt } from './given.ts';
import type { Candidate } from './given.ts';
import { DEEP } from './read-candidate.ts';
import type { Read } from './read-candidate.ts';
import { readArchive } from './read-archive.ts';
import type { ArchiveMember, ReadArchive } from './read-archive.ts';

/** Packages of a system's files, of which many hold no executable although they are for one architecture. */
const SYSTEM_PACKAGES: ReadonlySet<string> = new Set(['deb', 'rpm', 'alpine', 'arch', 'conda']);

/** All that the parts of one archive's examination need. */
interface Opened {
  readonly candidate: Candidate;
  readonly work: Work;
  readonly archive: ReadArchive;
  readonly contents: Contents;
  /** Plans that name the archive itself, and so all in it. */
  readonly outer: readonly Plan[];
  /** Plans with globs that lead into it. */
  readonly inner: readonly Plan[];
  readonly others: ReadonlySet<ArchiveMember>;
}

/** Looks at an archive and what is in it. `read` is what it is as bytes. */
export async function examineArchive(candidate: Candidate, read: Read, outer: readonly Plan[], inner: readonly Plan[], work: Work): Promise<Examined[] | Skipped> {
  const { path, place } = candidate;
  const plans = [...new Set([...outer, ...inner])];
  const { options } = work;
  const signatures = plans.some(({ needsSignatures }) => needsSignatures) ? (options.signatures ?? true) : false;
  const facts = plans.some(({ asked }) => asked.some(({ rule }) => DEEP.has(rule))) ? 'all' : 'main';
  const hash = plans.some(({ unique, needsHash }) => unique || needsHash);
  const reading = { hash, facts, signatures, limits: options.limits ?? {}, signal: options.signal } as const;
  const before = work.archives.last; // one after the other: each may hold a large member
  const result = attempt(async () => {
    await before;
    return readArchive(candidate.url ?? path, candidate.url === undefined ? withFolder(path, place) : namesInUrl(place), reading);
  });
  work.archives.last = result.then(() => {}, () => {});
  const archive = await result;
  if (archive instanceof BinspectError) return [brokenArchive(candidate, read, outer, archive)];
  const contents = judgeContents(archive.containers, archive.members);
  const targets = plans.flatMap((plan) => plan.targets);
  const counting = archive.members.filter((member) => contents.standings.get(member)?.counts === true);
  const others = new Set(forOtherSystems(targets, counting) as readonly ArchiveMember[]);
  const opened: Opened = { candidate, work, archive, contents, outer, inner, others };
  if (work.plans.some(({ globs }) => globs.some(({ opens }) => opens !== null))) for (const name of archive.names) work.insides.push(`${place}!/${name}`);
  const entries = [...archive.failures.flatMap((failure) => failureEntry(failure, opened)), ...nestedEntries(opened), ...archive.members.flatMap((member) => memberEntry(member, opened))];
  return rootEntry(entries, read, counting.length, opened);
}

/** An archive that can't be read at all. */
function brokenArchive({ path, place }: Candidate, read: Read, plans: readonly Plan[], error: BinspectError): Examined {
  const why = `the archive can't be read: ${error.message}`;
  const findings = plans.flatMap(({ asked, expectedFrom }) => [
    ...(read.bytes === null ? [] : judge(asked.filter(isByteRule), { path, packageJson: null }, read.bytes, expectedFrom)),
    ...(asked.every(isByteRule) ? [] : [finding('contents', HELD, fromOf(asked, expectedFrom), null, unknown(why))]),
  ]);
  return { path, place, findings: distinct(findings), error, unread: why, sha256: read.bytes?.sha256 ?? null, unique: null, identity: place, claim: null, fits: false };
}

const HELD = 'executables that can be told';

function fromOf(asked: Plan['asked'], expectedFrom: Plan['expectedFrom']): string {
  const rule = asked.find((one) => !isByteRule(one))?.rule;
  return rule === undefined ? '' : expectedFrom(rule);
}

/** The archive's own entry, and those of what is in it. Passed over where it was only met, claims nothing and holds nothing. */
async function rootEntry(inside: readonly Examined[], read: Read, counting: number, opened: Opened): Promise<Examined[] | Skipped> {
  const { candidate, work, archive, contents, outer, inner } = opened;
  const { path, place } = candidate;
  const root = archive.containers.at(-1)?.container;
  if (root === undefined) throw new BinspectError('io', 'the archive ended without a word', { path });
  const doubt = doubtOf(root, archive.members.filter(({ container }) => container === root.path));
  const plans = [...new Set([...outer, ...inner])];
  const wantsName = plans.some((plan) => asks(plan, 'targetFromName'));
  const holdsNothing = counting === 0 && inside.length === 0;
  const ordinary = contents.claim === null || (root.kind !== null && SYSTEM_PACKAGES.has(root.kind));
  if (!candidate.named && holdsNothing && ordinary && doubt === null) {
    if (work.sums?.listed.has(place) !== true) return { path, skipped: 'an archive that holds no executable', kind: 'archives' };
    return [{ path, place, findings: [], error: null, unread: null, sha256: read.bytes?.sha256 ?? null, unique: null, identity: place, claim: null, fits: false }];
  }
  const bytes = read.bytes;
  const findings = outer.flatMap(({ asked, expectedFrom }) => (bytes === null ? [] : judge(asked.filter(isByteRule), { path, packageJson: null }, bytes, expectedFrom)));
  const claims = wantsName ? (contents.findings.get(root.path) ?? []) : [];
  findings.push(...claims, ...(wantsName ? missingFindings(opened) : []));
  const program = plans.find(({ asked }) => !asked.every(isByteRule));
  const nothingClaimed = claims.length > 0 && claims.every(({ status }) => status === 'pass');
  let error: BinspectError | null = read.error !== null && read.error.code === 'io' ? read.error : null;
  if (program !== undefined && (claims.length === 0 || doubt !== null)) {
    const outcome = doubt !== null ? unknown(doubt) : holdsNothing ? unknown(`no executable among ${root.members} members`) : passed(`${counting} among ${root.members} members`, null);
    findings.push(finding('contents', HELD, fromOf(program.asked, program.expectedFrom), null, outcome));
  }
  if (doubt !== null && !root.complete) error = damageOf(root.warnings, doubt);
  else if (holdsNothing && program !== undefined && !nothingClaimed) error = new BinspectError('unrecognized', `no executable among ${root.members} members`, { path });
  const unique = outer.find((plan) => plan.unique)?.expectedFrom('unique') ?? null;
  const marks = unique === null ? null : await attempt(() => fileMarks(path));
  const own: Examined = {
    path,
    place,
    findings: distinct(findings),
    error,
    unread: null,
    sha256: bytes?.sha256 ?? null,
    unique,
    identity: marks === null || marks instanceof BinspectError ? place : marks.identity,
    claim: contents.claim,
    fits: (contents.findings.get(root.path) ?? []).every(({ status }) => status === 'pass'),
  };
  return [own, ...inside];
}

const DAMAGE = ['truncated', 'malformed', 'limit-exceeded', 'unsupported'] as const;

/** The error of an archive that could not be read to its end. */
function damageOf(warnings: readonly { readonly code: string }[], message: string): BinspectError {
  const code = DAMAGE.find((one) => warnings.some((warning) => warning.code === one)) ?? 'malformed';
  return new BinspectError(code, message);
}

/** What the package.json of a package for one platform names and what is not in the archive. */
function missingFindings({ archive }: Opened): Finding[] {
  const root = archive.containers.at(-1);
  const manifest = root?.manifest ?? null;
  const expected = manifest === null ? null : packageText(manifest);
  if (manifest === null || expected === null || (manifest.os === null && manifest.cpu === null)) return [];
  const folder = manifest.path.slice(0, manifest.path.lastIndexOf('/'));
  const isThere = (name: string): boolean => ['', '.js', '.json', '.node', '/index.js', '/index.json', '/index.node'].some((ending) => archive.names.has(`${folder}/${name}${ending}`));
  const programs = manifest.programs ?? [];
  const published = programs.filter((name) => !isThere(name));
  const missing = [...new Set([...(manifest.files ?? []).filter((name) => !isThere(name)), ...(published.length === programs.length ? published : [])])];
  return missing.map((name) => finding('contents', `${name}, for ${expected}`, manifest.path, null, failed('no such file', null, 'package.json names it, and it is not in the archive')));
}

/** A member that can't be read. What tests carry is damaged on purpose. */
function failureEntry({ path, below, inside, error }: ReadArchive['failures'][number], { candidate, work, outer }: Opened): Examined[] {
  const place = `${candidate.place}!/${below}`;
  const named = work.naming(place).filter(({ artifact }) => artifact !== null);
  if (isTestPath(below) && named.length === 0) return [];
  const why = `the file can't be read: ${error.message}`;
  const findings = plansOf(place, work, outer).flatMap(({ asked, expectedFrom }) => judge(asked.filter((one) => !isByteRule(one) && one.rule !== 'targetFromName'), { path, packageJson: null }, why, expectedFrom));
  return [{ path, place, inside, findings: distinct(findings), error, unread: why, sha256: null, unique: null, identity: place, claim: null, fits: false, archive: candidate.place }];
}

function plansOf(place: string, work: Work, outer: readonly Plan[]): readonly Plan[] {
  return [...new Set([...outer, ...work.naming(place)])];
}

/** Archives in the archive that claim something themselves. */
function nestedEntries({ archive, contents, candidate, outer }: Opened): Examined[] {
  if (!outer.some((plan) => asks(plan, 'targetFromName'))) return [];
  return archive.containers.flatMap(({ container, parent }): Examined[] => {
    const below = container.path.slice(candidate.path.length + 2);
    // What is for nobody in particular is no fault of what holds it: a package of documents, a library of Java.
    const findings = (contents.findings.get(container.path) ?? []).filter(({ status, found }) => status !== 'unknown' || found !== null);
    if (parent === null || findings.length === 0 || isTestPath(below)) return [];
    const place = `${candidate.place}!/${below}`;
    const inside = insideOf(container.path, archive);
    return [{ path: container.path, place, inside, findings, error: null, unread: null, sha256: null, unique: null, identity: place, claim: null, fits: false, archive: candidate.place }];
  });
}

/** The way to an archive in the archive. */
function insideOf(path: string, { containers }: ReadArchive): Examined['inside'] {
  const byPath = new Map(containers.map((one) => [one.container.path, one]));
  const steps: { path: string; format: string; member: string }[] = [];
  for (let one = byPath.get(path); one !== undefined && one.parent !== null; one = byPath.get(one.parent)) {
    steps.unshift({ path: one.parent, format: byPath.get(one.parent)?.container.format ?? '', member: one.name });
  }
  return steps;
}

/** An executable's own entry, where anything is asked of it. */
function memberEntry(member: ArchiveMember, opened: Opened): Examined[] {
  const { candidate, work, contents, outer, others } = opened;
  const place = `${candidate.place}!/${member.below}`;
  const standing = contents.standings.get(member) as Standing;
  const named = work.naming(place).filter(({ artifact }) => artifact !== null);
  const counts = standing.counts && !standing.foreign && !others.has(member);
  if (!counts && named.length === 0) return [];
  const subject = { path: member.name, packageJson: member.packageJson };
  const findings = plansOf(place, work, counts ? outer : []).flatMap((plan) => {
    const whole = named.includes(plan); // a glob that names it asks all that it asks of a file
    const rules = plan.asked.filter((one) => (whole || !isByteRule(one)) && (one.rule !== 'targetFromName' || isAskedForName(member, standing, opened)));
    return judge(rules, subject, member.facts, plan.expectedFrom);
  });
  if (outer.length === 0 && named.length === 0 && work.policy.unmatched !== 'ignore') findings.push(finding('unmatched', 'to be named by an artifact', 'unmatched', null, failed('named by none', null)));
  const claim = [claimText(member.name, null) ?? contents.claim, member.packageJson === null ? null : packageText(member.packageJson)].filter((text) => text !== null).join('; ');
  const asker = [...outer, ...named].find((plan) => plan.unique);
  const unique = asker === undefined || claim === '' ? null : asker.expectedFrom('unique');
  if (findings.length === 0 && unique === null) return [];
  const { path, facts, inside } = member;
  const unread = unreadable(facts);
  const error = unread === null ? null : new BinspectError('truncated', unread, { path });
  return [{ path, place, inside, findings: distinct(findings), error, unread, sha256: facts.sha256, unique, identity: place, claim: claim === '' ? null : claim, fits: standing.fits, archive: candidate.place }];
}

/** Whether an executable's own name is asked: where it claims something, or nothing else does. */
function isAskedForName(member: ArchiveMember, { claimsItself, claimed }: Standing, { archive }: Opened): boolean {
  if (claimsItself || (member.packageJson !== null && packageText(member.packageJson) !== null)) return true;
  if (claimed) return false;
  const own = archive.containers.find(({ container }) => container.path === member.container);
  return own === undefined || own.parent === null || isTransparent(own);
}
