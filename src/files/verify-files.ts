// A policy over files: what is asked of each, and what comes of it.

import { absolutePath, fileMarks, realPath } from '../bytes/folder.ts';
import { BinspectError } from '../errors.ts';
import type { Comparison } from '../model/comparison.ts';
import { checkOptions } from '../model/options.ts';
import type { Finding, PackagePlatforms, PassedOverCounts, Policy, VerifyReport } from '../model/verdict.ts';
import { namesInUrl } from '../model/url.ts';
import { excluderOf } from '../verify/exclude.ts';
import { withFolder } from '../verify/paths.ts';
import { isByteRule, plansByPlace, plansOf } from '../verify/policy/plan.ts';
import type { Plan } from '../verify/policy/plan.ts';
import { checkPolicy } from '../verify/policy/policy.ts';
import { waivers } from '../verify/policy/waivers.ts';
import { reportOf } from '../verify/report.ts';
import { failed, passed, unknown } from '../verify/rules/check.ts';
import type { Facts } from '../verify/rules/check.ts';
import { readOwnExpectations } from '../verify/rules/rules.ts';
import type { Digested } from '../verify/several.ts';
import { claimsPrograms } from '../verify/targets/archive-name.ts';
import { claimText } from '../verify/targets/claims.ts';
import { packageText } from '../verify/targets/package-json.ts';
import { finding, judge, unreadable } from '../verify/verify.ts';
import { artifactEntries, isOfList, sumsEntries, together } from './entries.ts';
import { asks, distinct } from './examined.ts';
import type { Entry, Examined, Skipped, Work } from './examined.ts';
import { claimedFolders, emptyFolders, isSource, notePresence } from './folders.ts';
import { addGiven, addGlob, addListed, attempt } from './given.ts';
import type { Candidate, Candidates, Gathering } from './given.ts';
import { imageEntries } from './image-entries.ts';
import { listProof, withoutList } from './list-proof.ts';
import { overridesWithHosts, policyWithHosts } from './hosts.ts';
import { missingFiles, nearestPackage } from './packages.ts';
import { readCandidate } from './read-candidate.ts';
import type { PassedOverKind, Read } from './read-candidate.ts';
import { VERIFY_OPTIONS } from './verify-options.ts';
import type { VerifyFilesOptions } from './verify-options.ts';

/**
 * Holds files against a policy. One bad file ends nothing: what can't be read is in the report, with every finding unknown.
 * Rejects with `invalid-policy` before anything is read, with `invalid-argument` for overrides that are none, and with `aborted`.
 *
 * @example
 * const report = await verifyFiles({ version: 1, defaults: { targetFromName: true } }, { paths: ['dist'] });
 * if (!report.ok) process.exitCode = 1;
 */
export async function verifyFiles(policy: Policy, options: VerifyFilesOptions = {}): Promise<VerifyReport> {
  checkOptions(options, VERIFY_OPTIONS);
  const { base = '', overrides: asked = {}, policyName = 'policy', paths = [], today = new Date(), signal, except = [], exclude = [] } = options;
  const { archives = 'named' } = options;
  if (!['never', 'named', 'all'].includes(archives)) throw new BinspectError('invalid-argument', `archives is 'never', 'named' or 'all', not ${JSON.stringify(archives)}`);
  const checked = await policyWithHosts(checkPolicy(policy), base);
  const overrides = await overridesWithHosts(asked);
  const root = absolutePath(base);
  const plans = plansOf(checked, overrides, root, policyName);
  const gathering: Gathering = { base, known: new Map(), signal, exclude: excluderOf(exclude), folders: new Map(), limits: options.limits };
  const candidates: Candidates = new Map();
  for await (const path of typeof paths === 'string' || paths instanceof URL ? [paths] : paths) await addGiven(path, candidates, gathering);
  for (const { artifact } of plans) for (const glob of artifact?.files ?? []) await addGlob(glob, candidates, gathering);
  const sums = checked.sums === undefined ? null : await addListed(checked.sums, candidates, gathering);
  if (sums !== null) candidates.delete(sums.place); // the list is no entry of itself
  for (const path of except) candidates.delete(absolutePath(path));
  const named = plans.some((plan) => plan.artifact === null && asks(plan, 'targetFromName'));
  const folders = claimedFolders(named ? gathering.folders : new Map());
  const work: Work = { policy: checked, plans, naming: plansByPlace(plans), sums, options, packages: new Map(), folders, insides: [], archives: { last: Promise.resolve() } };
  const images = archives === 'never' ? new Map<string, readonly Entry[]>() : await imageEntries(candidates, work.naming, options);
  const passedOver: Record<PassedOverKind, number> = { archives: 0, scripts: 0, links: 0, others: 0 };
  const examined = await examineAll(candidates, work, passedOver);
  const claimed = named ? [...(await missingEntries(candidates)), ...emptyFolders(folders).map(entryOf)] : [];
  const proof = await listProof(sums, options);
  const proven = (all: readonly Entry[]): readonly Entry[] => (proof === null || proof.doubt === null ? all : all.map((entry) => withoutList(entry, proof.doubt as string)));
  const files = together(examined, sums).filter(({ place, file }) => !images.has(place) || file.findings.length > 0 || file.error !== null); // nothing may be asked of an image's own bytes
  const ownEntries = [...proven(files), ...[...images.values()].flat(), ...claimed, ...artifactEntries(candidates, work.insides, plans, root, policyName), ...proven(sumsEntries(sums))];
  const entries = proof === null ? ownEntries : [proof.entry, ...ownEntries];
  const { waive, unmatched } = waivers(checked, root, today);
  const verdicts = entries.map(({ place, file }) => waive(place, file));
  return reportOf(verdicts, passedOver satisfies PassedOverCounts, unmatched());
}

function entryOf({ path, place, finding: one }: { path: string; place: string; finding: Finding }): Entry {
  return { place, file: { path, findings: [one], error: null } };
}

/** What the package.json files that were met name and what is not there. */
async function missingEntries(candidates: Candidates): Promise<Entry[]> {
  const entries: Entry[] = [];
  for (const { path, place, other, url } of candidates.values()) {
    if (other === null && url === undefined && place.endsWith('/package.json')) entries.push(...(await missingFiles(path, place)).map(entryOf));
  }
  return entries;
}

/** How many files are under way at once: enough to hide the wait for one behind the work on another. */
const AHEAD = 8;

/** Milliseconds of work after which others get their turn. */
const TURN = 10;

/** Looks at all files. What comes of them, and word of those skipped, comes in their order, whichever was done first. */
async function examineAll(candidates: Candidates, work: Work, passedOver: Record<PassedOverKind, number>): Promise<Examined[]> {
  const examined: Examined[] = [];
  const underWay: Promise<readonly Examined[] | Skipped>[] = [];
  let done = 0;
  const finish = async (): Promise<void> => {
    const file = await (underWay.shift() as Promise<readonly Examined[] | Skipped>);
    work.options.onProgress?.(++done, candidates.size);
    if (!('skipped' in file)) {
      for (const one of file) examined.push(one);
      return;
    }
    passedOver[file.kind]++;
    work.options.onSkip?.(file.path, file.skipped);
  };
  let turn = Date.now() + TURN;
  for (const candidate of candidates.values()) {
    const pending = examine(candidate, work);
    pending.catch(() => {}); // it is awaited in its turn; until then an abort is nobody's
    underWay.push(pending);
    if (underWay.length === AHEAD) await finish();
    if (Date.now() < turn) continue;
    await new Promise((resolve) => setImmediate(resolve));
    turn = Date.now() + TURN;
  }
  while (underWay.length > 0) await finish();
  return examined;
}

/** Looks at one file. */
async function examine(candidate: Candidate, work: Work): Promise<readonly Examined[] | Skipped> {
  const { path, place, onlyListed } = candidate;
  const { policy, sums, options } = work;
  const naming = onlyListed ? [] : work.naming(place);
  const stray = naming.length === 0 && !onlyListed;
  const listed = sums?.listed.has(place) === true;
  const read = await readCandidate(candidate, { naming, listed, limits: options.limits ?? {}, signal: options.signal, signatures: options.signatures });
  const inner = read.archive && !onlyListed ? work.plans.filter(({ globs }) => globs.some(({ opens }) => opens?.(place) === true)) : [];
  if (read.archive && isOpened(candidate, [...naming, ...inner], listed, options)) {
    notePresence(work.folders, place);
    return (await import('./verify-archive.ts')).examineArchive(candidate, read, naming, inner, work); // loaded where there is one
  }
  noteFolders(place, read, work);
  const wantsName = naming.some((plan) => asks(plan, 'targetFromName'));
  const linked = wantsName && candidate.other === 'link to a folder' ? await linkedFolder(path, place) : null;
  const unlisted = sums !== null && sums.mustList && !listed && !isOfList(place, sums);
  const unnamed = stray && policy.unmatched !== 'ignore';
  const nothing = naming.every(({ asked, unique: own, artifact }) => asked.length === 0 && !own && artifact === null);
  const idle = (stray && policy.unmatched === 'ignore') || (sums !== null && !sums.mustList && nothing); // the list is all that is asked
  if (!listed && !unlisted && !unnamed && linked === null && (read.skip !== null || idle)) {
    return { path, skipped: read.skip?.reason ?? (stray ? 'no artifact names it' : 'nothing is expected of it'), kind: read.skip?.kind ?? 'others' };
  }
  const unique = naming.find((plan) => plan.unique)?.expectedFrom('unique') ?? null;
  const packageJson = (wantsName || unique !== null) && read.program && candidate.url === undefined ? await nearestPackage(place, work.packages) : null;
  const compared = read.skip === null ? await comparedWith(candidate, naming, options) : new Map<string, Comparison | string>();
  const subject = { path: candidate.url === undefined ? withFolder(path, place) : namesInUrl(place), packageJson: packageJson instanceof BinspectError ? null : packageJson, compared };
  const findings = read.skip !== null ? [] : naming.flatMap(({ asked, expectedFrom }) => judge(read.program ? asked : asked.filter(isByteRule), subject, read.facts, expectedFrom));
  if (packageJson instanceof BinspectError && wantsName) {
    findings.push(finding('targetFromName', 'a package.json that can be read', packageJson.path ?? '', null, unknown(packageJson.message)));
  }
  if (linked !== null) findings.push(linked);
  if (unnamed) findings.push(finding('unmatched', 'to be named by an artifact', 'unmatched', null, failed('named by none', null, candidate.other === null ? null : `it is a ${candidate.other}`)));
  else if (findings.length === 0 && policy.unmatched !== 'ignore' && naming.some(({ artifact }) => artifact !== null)) {
    findings.push(finding('unmatched', 'to be named by an artifact', 'unmatched', null, passed('named, and nothing else is asked', null)));
  }
  const unread = typeof read.facts === 'string' ? read.facts : unreadable(read.facts);
  const examined: Examined = {
    path,
    place,
    findings: naming.length > 1 ? distinct(findings) : findings,
    error: read.error,
    unread,
    sha256: typeof read.facts === 'string' ? (read.bytes?.sha256 ?? null) : read.facts.sha256, // a digest needs no headers
    unique: read.program && read.skip === null ? unique : null,
    ...(unique === null ? { identity: place, claim: null, fits: false } : await standing(candidate, subject, read.facts)),
  };
  return [examined];
}

/** Whether an archive is read from inside: where something is asked of programs, and it is named, listed, or called by a target. */
function isOpened({ path, named }: Candidate, plans: readonly Plan[], listed: boolean, { archives = 'named' }: VerifyFilesOptions): boolean {
  if (archives === 'never' || !plans.some(({ needsProgram, unique }) => needsProgram || unique)) return false;
  return archives === 'all' || named || listed || claimsPrograms(path);
}

/** The file compared with each that it has to be the same as; why, where one can't be read. What that takes is loaded for it. */
async function comparedWith({ path, other }: Candidate, plans: readonly Plan[], { limits, signal }: VerifyFilesOptions): Promise<Map<string, Comparison | string>> {
  const compared = new Map<string, Comparison | string>();
  for (const { same } of plans) {
    if (same === null || other !== null || compared.has(same.key)) continue;
    const { compareAny } = await import('../compare/compare.ts');
    const comparison = await attempt(() => compareAny(same.place, path, { ignore: same.ignore, limits, signal }));
    compared.set(same.key, comparison instanceof BinspectError ? `${comparison.path ?? same.file}: ${comparison.message}` : comparison);
  }
  return compared;
}

/** Takes note of what a folder that claims a target holds. */
function noteFolders(place: string, { skip, program }: Read, { folders }: Work): void {
  const isOne = skip === null ? program : skip.kind !== 'others'; // an archive and a script may be what the folder is for
  if (isOne || isSource(place)) notePresence(folders, place);
}

/** What a file is among copies: which file it is, what it claims, and whether it is for that. */
async function standing(candidate: Candidate, subject: { path: string; packageJson: PackagePlatforms | null }, facts: Facts | string): Promise<Pick<Digested, 'identity' | 'claim' | 'fits'>> {
  const marks = await attempt(() => fileMarks(candidate.path));
  const identity = marks instanceof BinspectError ? candidate.place : marks.identity;
  const ofPackage = subject.packageJson === null ? null : packageText(subject.packageJson);
  const claim = [claimText(subject.path, subject.packageJson?.name ?? null), ofPackage].filter((text) => text !== null).join('; ');
  const fits = judge(NAME_RULE, subject, facts, () => '').every(({ status }) => status === 'pass');
  return { identity, claim: claim === '' ? null : claim, fits };
}

const NAME_RULE = readOwnExpectations({ targetFromName: true });

/** A link to another folder of the tree, where its name claims another target than that one's: what is in it is met there, and seen here. Null where it claims none. */
async function linkedFolder(path: string, place: string): Promise<Finding | null> {
  const claim = claimText(`${place}/x.node`, null);
  const target = await attempt(() => realPath(path));
  if (claim === null || target instanceof BinspectError) return null;
  const real = claimText(`${target}/x.node`, null);
  const found = `a link to ${target.slice(target.lastIndexOf('/') + 1)}`;
  const from = `the folder "${place.slice(place.lastIndexOf('/') + 1)}"`;
  return finding('targetFromName', claim, from, null, real === claim ? passed(found, null) : failed(found, null, real === null ? 'which claims no target' : `which is for ${real}`));
}
