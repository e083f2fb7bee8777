// A policy over files: what is asked of each, and what comes of it.

import { absolutePath, fileMarks, pathIn, realPath } from '../bytes/folder.ts';
import { BinspectError } from '../errors.ts';
import type { Limits } from '../limits.ts';
import type { Comparison } from '../model/comparison.ts';
import { checkOptions } from '../model/options.ts';
import type { OptionKinds } from '../model/options.ts';
import type { Failure, FileVerdict, Finding, PackagePlatforms, PassedOverCounts, Policy, PolicyExpectations, Verdict, VerifyReport } from '../model/verdict.ts';
import { namesInUrl } from '../model/url.ts';
import type { SignatureOptions } from '../signature/settings.ts';
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
import { malformedFinding, missingFinding, sumsFindings, uniqueFindings, unreadUnique } from '../verify/several.ts';
import type { Digested } from '../verify/several.ts';
import { claimText } from '../verify/targets/claims.ts';
import { packageText } from '../verify/targets/package-json.ts';
import { finding, judge, unreadable } from '../verify/verify.ts';
import { claimedFolders, emptyFolders, isSource, notePresence } from './folders.ts';
import type { ClaimedFolders } from './folders.ts';
import { addGiven, addGlob, addListed, attempt } from './given.ts';
import type { Candidate, Candidates, Gathering, Sums } from './given.ts';
import { imageEntries } from './image-entries.ts';
import { overridesWithHosts, policyWithHosts } from './hosts.ts';
import { missingFiles, nearestPackage } from './packages.ts';
import type { Packages } from './packages.ts';
import { readCandidate } from './read-candidate.ts';
import type { PassedOverKind, Read } from './read-candidate.ts';

/** What `verifyFiles` may be told. */
export interface VerifyFilesOptions {
  /** Files and folders given, beside those that the policy's globs name. Where the policy has no artifacts, these are what is checked. */
  readonly paths?: Iterable<string | URL> | AsyncIterable<string | URL> | undefined;
  /** Globs of what is left out in folders, as for `scan`: 'node_modules', 'build/tmp'. A list that wants it has it missing. */
  readonly exclude?: readonly string[] | undefined;
  /** The folder that the policy's paths are relative to; the working directory by default. */
  readonly base?: string | undefined;
  /** Expectations that win over the policy's, as the command's options do; findings name them so. */
  readonly overrides?: PolicyExpectations | undefined;
  /** What findings call the policy; 'policy' by default. */
  readonly policyName?: string | undefined;
  /** The day on which waivers are looked at; today by default. */
  readonly today?: Date | undefined;
  /** What one file may cost. */
  readonly limits?: Partial<Limits> | undefined;
  /** For rules about signatures: roots, and the time that counts. */
  readonly signatures?: SignatureOptions | undefined;
  /** Ends the work: rejects with a BinspectError `aborted`. */
  readonly signal?: AbortSignal | undefined;
  /** Called for what in a folder is passed over, with the reason. */
  readonly onSkip?: ((path: string, reason: string) => void) | undefined;
  /** Whether the checksum list itself holds: `(bytes) => verifyDetached(bytes, proof)`. Its findings are the list's; where it does not hold, every line of the list is unknown. */
  readonly checkSums?: ((bytes: Uint8Array) => Promise<Verdict>) | undefined;
  /** Files that are no part of what is checked although they lie there: the policy itself. */
  readonly except?: readonly string[] | undefined;
}

const VERIFY_OPTIONS: OptionKinds<VerifyFilesOptions> = {
  paths: 'any', signatures: 'any', exclude: 'any', except: 'any', base: 'text', overrides: 'any', policyName: 'text', today: 'any', limits: 'any', signal: 'signal', onSkip: 'function', checkSums: 'function',
}; // prettier-ignore

/** What every step of one verification needs. */
interface Work {
  readonly policy: Policy;
  readonly plans: readonly Plan[];
  readonly naming: (place: string) => readonly Plan[];
  readonly sums: Sums | null;
  readonly options: VerifyFilesOptions;
  readonly packages: Packages;
  /** Folders that claim a target, where somebody asks for names. */
  readonly folders: ClaimedFolders;
}

/** A file that was looked at. */
interface Examined extends Digested {
  readonly place: string;
  readonly findings: readonly Finding[];
  readonly error: BinspectError | null;
  /** Why nothing can be said of it. */
  readonly unread: string | null;
  /** Who says that its bytes may not stand under another claim; null where nobody does. */
  readonly unique: string | null;
}

/** A file that is passed over, and why. */
interface Skipped {
  readonly path: string;
  readonly skipped: string;
  readonly kind: PassedOverKind;
}

/** An entry of the report, and the path from the root that waivers match. */
interface Entry {
  readonly place: string;
  readonly file: FileVerdict;
}

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
  const work: Work = { policy: checked, plans, naming: plansByPlace(plans), sums, options, packages: new Map(), folders };
  const images = await imageEntries(candidates, work.naming, options);
  const passedOver: Record<PassedOverKind, number> = { archives: 0, scripts: 0, links: 0, others: 0 };
  const examined = await examineAll(candidates, work, passedOver);
  const claimed = named ? [...(await missingEntries(candidates)), ...emptyFolders(folders).map(entryOf)] : [];
  const proof = await listProof(sums, options);
  const proven = (all: readonly Entry[]): readonly Entry[] => (proof === null || proof.doubt === null ? all : all.map((entry) => withoutList(entry, proof.doubt as string)));
  const files = together(examined, sums).filter(({ place, file }) => !images.has(place) || file.findings.length > 0 || file.error !== null); // nothing may be asked of an image's own bytes
  const ownEntries = [...proven(files), ...[...images.values()].flat(), ...claimed, ...artifactEntries(candidates, plans, root, policyName), ...proven(sumsEntries(sums))];
  const entries = proof === null ? ownEntries : [proof.entry, ...ownEntries];
  const waive = waivers(checked, root, today);
  return reportOf(entries.map(({ place, file }) => waive(place, file)), passedOver satisfies PassedOverCounts);
}

/** What became of the list's own proof, and why its lines count for nothing; null where nobody asks. */
async function listProof(sums: Sums | null, { checkSums }: VerifyFilesOptions): Promise<{ entry: Entry; doubt: string | null } | null> {
  if (sums === null || sums.bytes === null || checkSums === undefined) return null;
  const { path, place, bytes } = sums;
  const verdict = await attempt(() => checkSums(bytes));
  if (verdict instanceof BinspectError) return { entry: { place, file: { path, findings: [], error: failureOf(verdict) } }, doubt: `the list ${path} can't be checked: ${verdict.message}` };
  const { ok, findings } = verdict;
  const bad = findings.find(({ status }) => status !== 'pass');
  return { entry: { place, file: { path, findings, error: null } }, doubt: ok ? null : `the list ${path} does not hold${bad === undefined ? '' : `: ${bad.rule}`}` };
}

/** What a list that does not hold says of a file is not known. */
function withoutList({ place, file }: Entry, doubt: string): Entry {
  const findings = file.findings.map((one) => (one.rule === 'sums' ? finding('sums', one.expected, one.expectedFrom, null, unknown(doubt)) : one));
  return { place, file: { ...file, findings } };
}

function asks({ asked }: Plan, rule: string): boolean {
  return asked.some((one) => one.rule === rule);
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

/** Looks at all files. What comes of them, and word of those passed over, comes in their order, whichever was done first. */
async function examineAll(candidates: Candidates, work: Work, passedOver: Record<PassedOverKind, number>): Promise<Examined[]> {
  const examined: Examined[] = [];
  const underWay: Promise<Examined | Skipped>[] = [];
  const finish = async (): Promise<void> => {
    const file = await (underWay.shift() as Promise<Examined | Skipped>);
    if (!('skipped' in file)) return void examined.push(file);
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

/** Endings of signatures, which a list of checksums can't list of itself. */
const SIGNATURE_OF_LIST = /^(\.(sig|asc|pem|crt|cert|cer|minisig|sigstore|bundle|json|jsonl|ots|tsr))+$/i;

/** Whether a file is the list's own signature. */
function isOfList(place: string, { place: list }: Sums): boolean {
  return place.startsWith(`${list}.`) && SIGNATURE_OF_LIST.test(place.slice(list.length));
}

/** Looks at one file. */
async function examine(candidate: Candidate, work: Work): Promise<Examined | Skipped> {
  const { path, place, onlyListed } = candidate;
  const { policy, sums, options } = work;
  const naming = onlyListed ? [] : work.naming(place);
  const stray = naming.length === 0 && !onlyListed;
  const listed = sums?.listed.has(place) === true;
  const read = await readCandidate(candidate, { naming, listed, limits: options.limits ?? {}, signal: options.signal, signatures: options.signatures });
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
  return {
    path,
    place,
    findings: naming.length > 1 ? distinct(findings) : findings,
    error: read.error,
    unread,
    sha256: typeof read.facts === 'string' ? (read.bytes?.sha256 ?? null) : read.facts.sha256, // a digest needs no headers
    unique: read.program && read.skip === null ? unique : null,
    ...(unique === null ? { identity: place, claim: null, fits: false } : await standing(candidate, subject, read.facts)),
  };
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

/** Several artifacts may ask the same of a file; once is enough. */
function distinct(findings: readonly Finding[]): Finding[] {
  return [...new Map(findings.map((one) => [JSON.stringify(one), one])).values()];
}

/** The files with what they are among each other: copies, listed, unlisted. */
function together(examined: readonly Examined[], sums: Sums | null): Entry[] {
  const unique = uniqueFindings(examined.filter((file) => file.unique !== null && file.unread === null), (file) => file.unique ?? '');
  return examined.map((file) => {
    const { path, place, sha256, unread, error } = file;
    const findings = [...file.findings];
    if (file.unique !== null) findings.push(unique.get(file) ?? unreadUnique(unread, file.unique));
    if (sums !== null && sums.error === null) findings.push(...sumsFindings(sha256, sums.listed.get(place) ?? [], sha256 === null ? unread : null, sums.path, sums.mustList && !isOfList(place, sums)));
    return { place, file: { path, findings, error: error === null ? null : failureOf(error) } };
  });
}

function failureOf({ code, message, offset, detected }: BinspectError): Failure {
  return { code, message, offset: offset ?? null, detected: detected ?? null };
}

/** What is wrong with how many files there are: a glob that names none, a count that is not met. */
function artifactEntries(candidates: Candidates, plans: readonly Plan[], root: string, name: string): Entry[] {
  const places = [...candidates.values()].filter(({ onlyListed }) => !onlyListed).map(({ place }) => place);
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
function sumsEntries(sums: Sums | null): Entry[] {
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
