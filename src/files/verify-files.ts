// A policy over files: what is asked of each, and what comes of it.

import { absolutePath, fileMarks, pathIn, statPath } from '../bytes/folder.ts';
import { decodeText } from '../bytes/text.ts';
import { BinspectError } from '../errors.ts';
import { hash } from '../inspect/hash.ts';
import { inspect } from '../inspect/inspect-file.ts';
import type { Limits } from '../limits.ts';
import type { Failure, FileVerdict, Finding, PackagePlatforms, Policy, PolicyExpectations, VerifyReport } from '../model/verdict.ts';
import type { SignatureOptions } from '../signature/settings.ts';
import { folderOf, matcherIn, withFolder } from '../verify/paths.ts';
import { isByteRule, plansOf } from '../verify/policy/plan.ts';
import type { Plan } from '../verify/policy/plan.ts';
import { checkPolicy } from '../verify/policy/policy.ts';
import { waivers } from '../verify/policy/waivers.ts';
import { reportOf } from '../verify/report.ts';
import { failed, passed, unknown } from '../verify/rules/check.ts';
import type { Facts } from '../verify/rules/check.ts';
import { cutShort } from '../verify/rules/cut.ts';
import { copies, malformedFinding, missingFinding, sumsFindings, uniqueFinding } from '../verify/several.ts';
import type { Digested } from '../verify/several.ts';
import { packagePlatforms } from '../verify/targets/package-json.ts';
import { isNamedOtherwise, isNamedProgram } from '../verify/targets/programs.ts';
import { finding, judge, unreadable } from '../verify/verify.ts';
import { addGiven, addGlob, addListed, attempt, readWhole } from './given.ts';
import type { Candidate, Candidates, Gathering, Sums } from './given.ts';

/** What `verifyFiles` may be told. */
export interface VerifyFilesOptions {
  /** Files and folders given, beside those that the policy's globs name. Where the policy has no artifacts, these are what is checked. */
  readonly paths?: Iterable<string> | undefined;
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
}

/** What every step of one verification needs. */
interface Work {
  readonly policy: Policy;
  readonly plans: readonly Plan[];
  readonly sums: Sums | null;
  readonly options: VerifyFilesOptions;
  /** What package.json says, by the folder from which it was looked for. */
  readonly packages: Map<string, PackagePlatforms | BinspectError | null>;
}

/** A file that was looked at. */
interface Examined extends Digested {
  readonly place: string;
  readonly findings: readonly Finding[];
  readonly error: BinspectError | null;
  /** Why nothing can be said of it. */
  readonly unread: string | null;
  /** Who says that no other file may have its bytes; null where nobody does. */
  readonly unique: string | null;
}

/** A file that is passed over, and why. */
interface Skipped {
  readonly path: string;
  readonly skipped: string;
}

/** An entry of the report, and the path from the root that waivers match. */
interface Entry {
  readonly place: string;
  readonly file: FileVerdict;
}

/**
 * Holds files against a policy. One bad file ends nothing: what can't be read is in the report, with every finding unknown.
 * Rejects with `invalid-policy` before anything is read, with `invalid-argument` for overrides that are none, and with `aborted`.
 */
export async function verifyFiles(policy: Policy, options: VerifyFilesOptions = {}): Promise<VerifyReport> {
  const checked = checkPolicy(policy);
  const { base = '', overrides = {}, policyName = 'policy', paths = [], today = new Date(), signal, onSkip } = options;
  const root = absolutePath(base);
  const plans = plansOf(checked, overrides, root, policyName);
  const gathering: Gathering = { base, signal, onSkip };
  const candidates: Candidates = new Map();
  for (const path of typeof paths === 'string' ? [paths] : paths) await addGiven(path, candidates, gathering);
  for (const { artifact } of plans) for (const glob of artifact?.files ?? []) await addGlob(glob, candidates, gathering);
  const sums = checked.sums === undefined ? null : await addListed(checked.sums, candidates, gathering);
  if (sums !== null) candidates.delete(sums.place); // the list is no entry of itself
  const work: Work = { policy: checked, plans, sums, options, packages: new Map() };
  const examined = await examineAll(candidates, work);
  const entries = [...together(examined, sums), ...artifactEntries(examined, plans, root, policyName), ...sumsEntries(sums)];
  const waive = waivers(checked, root, today);
  return reportOf(entries.map(({ place, file }) => waive(place, file)));
}

/** How many files are under way at once: enough to hide the wait for one behind the work on another. */
const AHEAD = 8;

/** Looks at all files. What comes of them, and word of those passed over, comes in their order, whichever was done first. */
async function examineAll(candidates: Candidates, work: Work): Promise<Examined[]> {
  const examined: Examined[] = [];
  const underWay: Promise<Examined | Skipped>[] = [];
  const finish = async (): Promise<void> => {
    const file = await (underWay.shift() as Promise<Examined | Skipped>);
    if ('skipped' in file) work.options.onSkip?.(file.path, file.skipped);
    else examined.push(file);
  };
  for (const candidate of candidates.values()) {
    const pending = examine(candidate, work);
    pending.catch(() => {}); // it is awaited in its turn; until then an abort is nobody's
    underWay.push(pending);
    if (underWay.length === AHEAD) await finish();
  }
  while (underWay.length > 0) await finish();
  return examined;
}

/** Looks at one file. */
async function examine(candidate: Candidate, work: Work): Promise<Examined | Skipped> {
  const { path, place, onlyListed } = candidate;
  const { plans, policy, sums } = work;
  const naming = onlyListed ? [] : plans.filter(({ names }) => names(place));
  const stray = naming.length === 0 && !onlyListed;
  const listed = sums?.listed.get(place) !== undefined;
  const read = await readFile(candidate, naming, work);
  const ignored = stray && !listed && policy.unmatched === 'ignore' && sums?.mustList !== true;
  if (read.skip !== null || ignored) return { path, skipped: read.skip ?? 'no artifact names it' };
  const packageJson = naming.some(({ asked }) => asked.some(({ rule }) => rule === 'targetFromName')) ? await nearestPackage(place, work) : null;
  const subject = { path: withFolder(path, place), packageJson: packageJson instanceof BinspectError ? null : packageJson };
  const findings = naming.flatMap(({ asked, expectedFrom }) => judge(read.program ? asked : asked.filter(isByteRule), subject, read.facts, expectedFrom));
  if (packageJson instanceof BinspectError) {
    findings.push(finding('targetFromName', 'a package.json that can be read', packageJson.path ?? '', null, unknown(packageJson.message)));
  }
  if (stray && policy.unmatched !== 'ignore') findings.push(finding('unmatched', 'to be named by an artifact', 'unmatched', null, failed('named by none', null)));
  const unread = typeof read.facts === 'string' ? read.facts : unreadable(read.facts);
  return {
    path,
    place,
    findings: distinct(findings),
    error: read.error,
    unread,
    sha256: typeof read.facts === 'string' || unread !== null ? null : read.facts.sha256,
    identity: plans.some(({ unique }) => unique) ? await identityOf(candidate) : place,
    unique: naming.find((plan) => plan.unique)?.expectedFrom('unique') ?? null,
  };
}

/** Several artifacts may ask the same of a file; once is enough. */
function distinct(findings: readonly Finding[]): Finding[] {
  return [...new Map(findings.map((one) => [JSON.stringify(one), one])).values()];
}

/** A file as it was read. */
interface Read {
  /** Why it is passed over; null where it is not. */
  readonly skip: string | null;
  /** What rules look at, or why there is nothing to look at. */
  readonly facts: Facts | string;
  /** Whether it was read as a program, or should have been one. */
  readonly program: boolean;
  readonly error: BinspectError | null;
}

/** Reads one file. What is no program is passed over, or taken as bytes, or an error, as what names it asks for. */
async function readFile(candidate: Candidate, naming: readonly Plan[], { plans, sums, options }: Work): Promise<Read> {
  const { path } = candidate;
  const { limits = {}, signal } = options;
  const signatures = naming.some(({ needsSignatures }) => needsSignatures) ? (options.signatures ?? true) : false;
  const hashed = sums !== null || plans.some(({ unique }) => unique) || naming.some(({ needsHash }) => needsHash);
  const facts = naming.some(({ asked }) => asked.some(({ rule }) => rule === 'maxGlibc')) ? 'all' : 'main'; // for the symbol that needs it
  const result = candidate.error ?? (await attempt(() => inspect(path, { hash: hashed, facts, limits, signatures, ...(signal === undefined ? {} : { signal }) })));
  if (!(result instanceof BinspectError)) {
    const warning = cutShort(result);
    const error = warning === null ? null : new BinspectError('truncated', warning.message, { offset: warning.offset ?? undefined });
    return { skip: null, facts: result, program: true, error };
  }
  const broken: Read = { skip: null, facts: `the file can't be read: ${result.message}`, program: true, error: result };
  if (result.code !== 'unrecognized' && result.code !== 'unsupported') return broken;
  const listed = sums?.listed.has(candidate.place) === true;
  const namedProgram = isNamedProgram(withFolder(path, candidate.place));
  const program = namedProgram || (!candidate.named && (await isExecutable(path)));
  if (!candidate.named && !program && !listed) return { ...broken, skip: result.message };
  if (namedProgram && !isNamedOtherwise(path)) return broken;
  const bytesOnly = naming.every(({ needsProgram }) => !needsProgram);
  if (!bytesOnly && (candidate.named || program)) return broken;
  const bytes = await attempt(() => readBytes(path, signal));
  return bytes instanceof BinspectError ? { ...broken, error: bytes } : { skip: null, facts: bytes, program: false, error: null };
}

/** The facts of a file of any kind. */
async function readBytes(path: string, signal: AbortSignal | undefined): Promise<Facts> {
  const sha256 = await hash(path, signal === undefined ? {} : { signal });
  return { size: (await statPath(path)).size, sha256, universal: false, binaries: [], warnings: [] };
}

async function isExecutable(path: string): Promise<boolean> {
  const marks = await attempt(() => fileMarks(path));
  return marks instanceof BinspectError || marks.executable;
}

async function identityOf({ path, place }: Candidate): Promise<string> {
  const marks = await attempt(() => fileMarks(path));
  return marks instanceof BinspectError ? place : marks.identity;
}

const LARGEST_PACKAGE = 4 * 1024 * 1024; // bytes of a package.json; nobody wrote a larger one

/** Whether it is for want of such a file that it can't be read. */
function isNoFile({ cause }: BinspectError): boolean {
  return cause instanceof Error && 'code' in cause && ['ENOENT', 'ENOTDIR', 'EISDIR'].includes(cause.code as string);
}

/** The os, cpu and libc of the nearest package.json above a file, or why nobody can tell what it says; null where there is none. */
async function nearestPackage(place: string, { packages }: Work): Promise<PackagePlatforms | BinspectError | null> {
  const passed: string[] = [];
  let found: PackagePlatforms | BinspectError | null = null;
  for (let folder = folderOf(place); ; folder = folderOf(folder)) {
    const known = packages.get(folder);
    if (known !== undefined) {
      found = known;
      break;
    }
    passed.push(folder);
    const path = pathIn(folder, 'package.json');
    const bytes = await attempt(() => readWhole(path, LARGEST_PACKAGE));
    if (!(bytes instanceof BinspectError) || !isNoFile(bytes)) {
      found = bytes instanceof BinspectError ? bytes : packagePlatforms(path, decodeText(bytes));
      if (found instanceof BinspectError) found.path = path;
      break;
    }
    if (folder === folderOf(folder)) break;
  }
  for (const folder of passed) packages.set(folder, found);
  return found;
}

/** The files with what they are among each other: copies, listed, unlisted. */
function together(examined: readonly Examined[], sums: Sums | null): Entry[] {
  const copiesOf = copies(examined);
  return examined.map((file) => {
    const { path, place, sha256, unread, unique, error } = file;
    const findings = [...file.findings];
    if (unique !== null) findings.push(uniqueFinding(file, copiesOf(file), unread, unique));
    if (sums !== null && sums.error === null) findings.push(...sumsFindings(sha256, sums.listed.get(place) ?? [], unread, sums.path, sums.mustList));
    return { place, file: { path, findings, error: error === null ? null : failureOf(error) } };
  });
}

function failureOf({ code, message, offset, detected }: BinspectError): Failure {
  return { code, message, offset: offset ?? null, detected: detected ?? null };
}

/** What is wrong with how many files there are: a glob that names none, a count that is not met. */
function artifactEntries(examined: readonly Examined[], plans: readonly Plan[], root: string, name: string): Entry[] {
  const places = examined.map(({ place }) => place);
  const entries: Entry[] = [];
  const add = (path: string, one: Finding): void => void entries.push({ place: pathIn(root, path), file: { path, findings: [one], error: null } });
  for (const [index, { artifact, names }] of plans.entries()) {
    if (artifact === null) continue;
    for (const glob of artifact.files) {
      if (places.some(matcherIn(root, glob))) continue;
      add(glob, finding('files', 'at least one file', `${name}: artifacts[${index}].files`, null, failed('none', null)));
    }
    if (artifact.count === undefined) continue;
    const count = places.filter(names).length;
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
