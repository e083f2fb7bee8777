// One file of many, read as far as what is asked of it needs: as a program, as bytes, or not at all.

import { fileMarks, statPath } from '../bytes/folder.ts';
import { BinspectError } from '../errors.ts';
import { hash } from '../inspect/hash.ts';
import { inspect, inspectFile } from '../inspect/inspect-file.ts';
import { mayBeInside, openInput } from '../inspect/open-input.ts';
import { namesInUrl } from '../model/url.ts';
import type { Limits } from '../limits.ts';
import type { PassedOverCounts } from '../model/verdict.ts';
import type { SignatureOptions } from '../signature/settings.ts';
import { withFolder } from '../verify/paths.ts';
import type { Plan } from '../verify/policy/plan.ts';
import type { Facts } from '../verify/rules/check.ts';
import { cutShort } from '../verify/rules/cut.ts';
import { claimsOfPath } from '../verify/targets/claims.ts';
import { claimsTarget, isNamedArchive, isNamedOtherwise, isNamedProgram } from '../verify/targets/programs.ts';
import { attempt } from './given.ts';
import type { Candidate } from './given.ts';

/** What counts what is skipped. */
export type PassedOverKind = keyof PassedOverCounts;

/** Rules over what costs more reads: the symbol that needs a version, marks of compilers, versions that a library provides. */
export const DEEP: ReadonlySet<string> = new Set(['maxGlibc', 'maxGlibcxx', 'hardening', 'runsOn']);

/** A file as it was read. */
export interface Read {
  /** Why it is skipped, and as what; null where it is not. */
  readonly skip: { readonly reason: string; readonly kind: PassedOverKind } | null;
  /** What rules look at, or why there is nothing to look at. */
  readonly facts: Facts | string;
  /** What rules about bytes look at, where the file is no program or can't be read as one; null where nobody asks. */
  readonly bytes: Facts | null;
  /** Whether it was read as a program, or should have been one. */
  readonly program: boolean;
  readonly error: BinspectError | null;
  /** Whether it is an archive that can be read from inside. */
  readonly archive: boolean;
}

/** What a file is read for. */
export interface Wanted {
  readonly naming: readonly Plan[];
  /** Whether a checksum list names it. */
  readonly listed: boolean;
  readonly limits: Partial<Limits>;
  readonly signal: AbortSignal | undefined;
  /** What signatures are checked with, where a rule asks for them. */
  readonly signatures: SignatureOptions | undefined;
}

/** Archives and packages by what their first bytes are. */
const ARCHIVES: ReadonlySet<string> = new Set(['zip', 'gzip', 'bzip2', 'xz', 'zstandard', 'lz4', 'compress', '7-zip', 'rar', 'cabinet', 'rpm', 'xar', 'cpio', 'compound-file', 'squashfs', 'tar', 'ar-archive']);

/** Reads one file. What is no program is skipped, or taken as bytes, or an error, as what names it asks for. */
export async function readCandidate(candidate: Candidate, { naming, listed, limits, signal, signatures: signatureOptions }: Wanted): Promise<Read> {
  const { place, named } = candidate;
  const path = candidate.url === undefined ? candidate.path : namesInUrl(place);
  if (candidate.other === 'link to a folder' || (candidate.other !== null && !named && !isNamedProgram(path))) return other(candidate);
  const hashed = listed || naming.some(({ needsHash }) => needsHash);
  if (candidate.image === true) {
    const own = await attempt(() => readBytes(candidate, hashed, { signal, limits }));
    const failed = own instanceof BinspectError ? own : null;
    return { skip: null, facts: failed === null ? (own as Facts) : failed.message, bytes: failed === null ? (own as Facts) : null, program: false, error: failed, archive: false };
  }
  const facts = naming.some(({ asked }) => asked.some(({ rule }) => DEEP.has(rule))) ? 'all' : 'main';
  const signatures = naming.some(({ needsSignatures }) => needsSignatures) ? (signatureOptions ?? true) : false;
  const options = { hash: hashed, facts, limits, signal, signatures } as const;
  const { url } = candidate;
  let result = candidate.error ?? (await attempt(async () => (url === undefined ? (await inspectFile(candidate.path, options)).inspection : inspect(url, options))));
  if (result instanceof BinspectError && result.code === 'io' && candidate.error === null && url === undefined && mayBeInside(path)) result = await attempt(() => inspect(path, options));
  if (!(result instanceof BinspectError)) {
    if (result.format === 'wasm' && !named && !listed && isForAnyHost(path, place, naming)) {
      return { skip: { reason: 'a WebAssembly module whose name claims no system', kind: 'others' }, facts: result, bytes: null, program: false, error: null, archive: false };
    }
    const warning = cutShort(result);
    const error = warning === null ? null : new BinspectError('truncated', warning.message, { offset: warning.offset ?? undefined });
    return { skip: null, facts: result, bytes: null, program: true, error, archive: false };
  }
  const bytes = candidate.other === null && result.code !== 'io' ? await attempt(() => readBytes(candidate, hashed, { signal, limits })) : null;
  const own = bytes instanceof BinspectError ? null : bytes;
  const broken: Read = { skip: null, facts: `the file can't be read: ${result.message}`, bytes: own, program: true, error: bytes instanceof BinspectError ? bytes : result, archive: result.container !== undefined };
  if (result.code !== 'unrecognized' && result.code !== 'unsupported') return broken;
  const asBytes: Read = { skip: null, facts: own ?? broken.facts, bytes: own, program: false, error: null, archive: broken.archive };
  const kind = kindOf(result, path);
  if (!named && kind === 'archives' && isNamedArchive(path)) return listed ? asBytes : { ...asBytes, skip: { reason: `an archive, which is not looked into: ${result.message}`, kind } };
  const askedOfBytes = naming.length > 0 && naming.every(({ artifact, needsProgram }) => artifact !== null && !needsProgram);
  const askedNothing = askedOfBytes && naming.every(({ asked, unique }) => asked.length === 0 && !unique); // it is but to be there
  if (askedNothing || (askedOfBytes && kind === 'archives')) return asBytes;
  const isProgram = isNamedProgram(candidate.url === undefined ? withFolder(path, place) : path) || (!named && kind !== 'archives' && (await isUnnamedProgram(path, kind)));
  if (isProgram) return broken;
  if (!named && !listed) return { ...asBytes, skip: { reason: result.message, kind } };
  return naming.every(({ needsProgram }) => !needsProgram) || !named ? asBytes : broken;
}

const NAME_RULES: ReadonlySet<string> = new Set(['targetFromName', 'unique']);

/** Whether nothing but names is asked, and the name of a WebAssembly module, which runs wherever there is a host for it, claims no system. */
function isForAnyHost(path: string, place: string, naming: readonly Plan[]): boolean {
  return naming.every(({ asked }) => asked.every(({ rule }) => NAME_RULES.has(rule))) && claimsOfPath(withFolder(path, place)).every(({ target }) => target.os === null);
}

/** A link or a pipe in a folder. */
function other({ other: what }: Candidate): Read {
  const reason = what ?? '';
  return { skip: { reason, kind: 'links' }, facts: `it is a ${reason}, which is not followed`, bytes: null, program: false, error: null, archive: false };
}

function kindOf({ detected }: BinspectError, path: string): PassedOverKind {
  if (detected === 'script' || /\.(bat|cmd|ps1|sh)$/i.test(path)) return 'scripts';
  return detected !== undefined && ARCHIVES.has(detected) ? 'archives' : 'others';
}

/** The executable bit, which says something of a name without an ending. A script that claims nothing is what it is. */
async function isUnnamedProgram(path: string, kind: PassedOverKind): Promise<boolean> {
  if (isNamedOtherwise(path) || (kind === 'scripts' && !claimsTarget(path))) return false;
  const marks = await attempt(() => fileMarks(path));
  return marks instanceof BinspectError || marks.executable;
}

/** The facts of a file of any kind. */
async function readBytes(candidate: Candidate, hashed: boolean, options: ReadOptions): Promise<Facts> {
  const sha256 = hashed ? await hash(candidate.url ?? candidate.path, options) : null;
  return { size: await sizeOf(candidate, options), sha256, universal: false, binaries: [], warnings: [] };
}

interface ReadOptions {
  readonly signal: AbortSignal | undefined;
  readonly limits: Partial<Limits>;
}

/** The size of a file, of a member of an archive, or of what a URL leads to. */
async function sizeOf({ path, url }: Candidate, options: ReadOptions): Promise<number> {
  if (url === undefined) {
    const stats = await attempt(() => statPath(path));
    if (!(stats instanceof BinspectError)) return stats.size;
    if (!mayBeInside(path)) throw stats;
  }
  const { source, close } = await openInput(url ?? path, { ...options, sequential: true });
  await close();
  return source.size;
}
