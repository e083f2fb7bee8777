// One claim of an archive, held against the executables that it is about.

import type { Binary } from '../../model/binary.ts';
import { failed, passed, unknown } from '../rules/check.ts';
import type { Facts, Outcome } from '../rules/check.ts';
import { fileDoubt, orInDoubt } from '../rules/doubts.ts';
import { judgeFile, judgePackage } from '../rules/target.ts';
import { targetClaim } from '../targets/contents-claim.ts';
import type { Ask, Bounds, ContentsClaim } from '../targets/contents-claim.ts';
import { matchesPackage } from '../targets/package-json.ts';
import { contradiction, matchesTarget, platformText } from '../targets/target.ts';
import type { Target } from '../targets/target.ts';
import { unreadable } from '../verify.ts';
import { DOTTED } from '../versions.ts';
import { isForAny, isProgram, isRunnable } from './members.ts';
import type { ContentsMember } from './members.ts';

/** What comes of a claim. */
export interface Judged {
  readonly outcome: Outcome;
  /** Executables for other systems, that come with the archive without being its programs. */
  readonly others: readonly ContentsMember[];
  /** Executables that are not what is claimed, or of which that can't be determined. */
  readonly wrong: readonly ContentsMember[];
}

/** Systems that never load an ELF file: there a library whose system is but assumed is for another one. */
const ELF_LESS: ReadonlySet<string> = new Set(['windows', 'darwin', 'ios', 'tvos', 'watchos', 'visionos']);

function isOtherSystem(binary: Binary, ask: Ask): boolean {
  if (contradiction(binary) !== null || binary.platform.os === null) return false;
  if (ask.kind === 'package') {
    const { os } = ask.package;
    return os !== null && (matchesPackage(binary, { ...ask.package, cpu: null, libc: null }) === 'no' || (binary.format === 'elf' && os.every((word) => word === 'win32' || word === 'darwin')));
  }
  if (ask.kind !== 'target' || ask.target.os === null) return false;
  if (binary.format === 'elf' && ask.target.os.every((os) => ELF_LESS.has(os))) return true;
  return matchesTarget(binary, { ...ask.target, arch: null, libc: null, ending: null, setting: null, soft: { os: false, arch: false } }) === 'no';
}

/** The system that most executables are for: where a claim names none, what is for others comes with it. */
function mostOften(members: readonly ContentsMember[]): string | null {
  const counts = new Map<string, number>();
  for (const { facts } of members) for (const { platform } of facts.binaries) if (platform.os !== null) counts.set(platform.os, (counts.get(platform.os) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0] ?? null;
}

/** Holds a claim against the executables that it is about. `elsewhere`: whether there are more, which their own folders are for. */
export function judgeClaim({ asks, expected }: ContentsClaim, members: readonly ContentsMember[], elsewhere: boolean): Judged {
  if (asks.kind === 'invalid') return { outcome: failed(expected === 'an architecture' ? null : 'otherwise', null, asks.why), others: [], wrong: [] };
  if (asks.kind === 'strange') return { outcome: unknown(asks.why), others: [], wrong: [] };
  const bound = members.filter((member) => !isForAny(member));
  if (asks.kind === 'nothing') {
    const there = bound.filter(({ name }) => asks.except === null || !asks.except.test(name));
    return { outcome: there.length === 0 ? passed('none', null) : failed(listed(there.map((member) => `${foundText(member.facts, null)} in ${member.path}`)), null), others: [], wrong: there };
  }
  const target: Ask = asks.kind === 'target' && asks.target.os === null ? { ...asks, target: { ...asks.target, os: osOrNull(mostOften(bound)) } } : asks;
  const others = bound.filter(({ facts }) => facts.binaries.length > 0 && facts.binaries.every((binary) => isOtherSystem(binary, target)));
  const other = new Set(others);
  const own = bound.filter((member) => !other.has(member));
  const strangers = own.length === 0 ? others : others.filter((member) => isProgram(member) && member.mode !== null && isRunnable(member) && (member.mode & 0o111) !== 0);
  const outcomes = [...own, ...strangers].map((member) => ({ member, outcome: judgeMember(asks, member.facts) }));
  const stranger = new Set(strangers);
  const beside = others.filter((member) => !stranger.has(member));
  const wrong = outcomes.flatMap(({ member, outcome }) => (outcome.status === 'pass' ? [] : [member]));
  return { outcome: together(outcomes, beside, members.length - bound.length, elsewhere), others: beside, wrong };
}

/** Executables for other systems than those of some targets, where there are others that are for these. */
export function forOtherSystems(targets: readonly Target[], members: readonly ContentsMember[]): readonly ContentsMember[] {
  const [first] = targets;
  const os = targets.flatMap((target) => target.os ?? []);
  if (first === undefined || targets.some((target) => target.os === null)) return [];
  return judgeClaim(targetClaim({ ...first, os, arch: null, all: false, libc: null, ending: null, setting: null }, ''), members, false).others;
}

function osOrNull(os: string | null): readonly string[] | null {
  return os === null ? null : [os];
}

function judgeMember(asks: Ask & { kind: 'target' | 'package' }, facts: Facts): Outcome {
  const unread = unreadable(facts);
  if (unread !== null) return unknown(unread);
  if (facts.binaries.length === 0) return unknown('there is no binary in the file');
  const outcome = orInDoubt(asks.kind === 'target' ? judgeFile(facts, [asks.target]) : judgePackage(facts, asks.package), fileDoubt('target', facts));
  return outcome.status === 'pass' && asks.kind === 'target' ? boundsOutcome(facts, asks.target, asks.bounds, outcome) : outcome;
}

/** Whether the slices that a target asks for need nothing newer than a claim allows. */
function boundsOutcome({ binaries }: Facts, { arch }: Target, { glibc, noGlibc, macos, macosArm64 }: Bounds, fits: Outcome): Outcome {
  for (const binary of binaries) {
    const { platform, minimums, because, format } = binary;
    if (format === 'elf' && (glibc !== undefined || noGlibc === true)) {
      if (binary.unknown.includes('minimums.glibc')) return unknown(because['minimums.glibc'] ?? 'what version of glibc it needs is not known');
      const needs = minimums.glibc;
      const evidence = because['minimums.glibc'] ?? null;
      if (noGlibc === true && needs !== null) return failed(`glibc ${needs}`, evidence);
      if (glibc !== undefined && needs !== null && isAbove(needs, glibc)) return failed(`glibc ${needs}`, evidence);
    }
    if (format !== 'mach-o' || macos === undefined || platform.os !== 'darwin') continue;
    if (arch !== null && !arch.some((one) => one.arch === platform.arch)) continue;
    const most = platform.arch === 'arm64' ? (macosArm64 ?? macos) : macos;
    if (minimums.os === null) return unknown('it does not say which macOS it needs');
    if (isAbove(minimums.os, most)) return failed(`macOS ${minimums.os} (${platform.arch ?? '?'})`, because['minimums.os'] ?? null);
  }
  return fits;
}

/** Whether a version is above another, as far as that one goes: 14.2 is not above 14. What is no version is above any. */
function isAbove(version: string, most: string): boolean {
  const [a, b] = [DOTTED.parse(version), DOTTED.parse(most)];
  return a === null || b === null || DOTTED.compare(a.slice(0, b.length), b) > 0;
}

function foundText({ binaries }: Facts, libc: string | null): string {
  return [...new Set(binaries.map((binary) => platformText(binary, { libc })))].join(', ');
}

const SHOWN = 3; // executables by name in a message

function listed(texts: readonly string[]): string {
  const more = texts.length - SHOWN;
  return `${texts.slice(0, SHOWN).join('; ')}${more > 0 ? `; and ${more} more` : ''}`;
}

interface One {
  readonly member: ContentsMember;
  readonly outcome: Outcome;
}

/** What the outcomes of all executables come to. */
function together(all: readonly One[], others: readonly ContentsMember[], anywhere: number, elsewhere: boolean): Outcome {
  const beside = others.length === 0 ? null : `not judged, as they are for other systems: ${listed(others.map(({ path, facts }) => `${path} (${foundText(facts, null)})`))}`;
  for (const status of ['fail', 'unknown'] as const) {
    const bad = all.filter(({ outcome }) => outcome.status === status);
    const [first] = bad;
    if (first === undefined) continue;
    if (status === 'unknown') return unknown(listed(bad.map(({ member, outcome }) => `${member.path}: ${outcome.note ?? 'it can not be told'}`)), first.outcome.evidence);
    const texts = bad.map(({ member, outcome }) => `${outcome.found ?? 'another'} in ${member.path}`);
    return failed(listed(texts), first.outcome.evidence, first.outcome.note);
  }
  if (all.length > 0) {
    const found = [...new Set(all.map(({ outcome }) => outcome.found ?? ''))].join(' and ');
    return { status: 'pass', found: `${found} in ${all.length === 1 ? (all[0] as One).member.path : `${all.length} executables`}`, evidence: null, note: beside };
  }
  if (anywhere > 0) return passed(`${anywhere} files of .NET code or data that is for any system`, null);
  if (elsewhere) return passed('only what its own folders are for', null);
  return unknown('it holds no executable that counts');
}
