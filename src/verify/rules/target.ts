// Rules about what a file runs on, and what it is.

import type { Binary, Kind } from '../../model/binary.ts';
import { nearest } from '../../model/nearest.ts';
import type { PackagePlatforms } from '../../model/verdict.ts';
import { claimsOfPath } from '../targets/claims.ts';
import type { Claim } from '../targets/claims.ts';
import { matchesPackage, packageNote, packageText } from '../targets/package-json.ts';
import { archText, matchesTarget, missingArchs, parseTarget, platformEvidence, platformText, targetText } from '../targets/target.ts';
import type { Match, Target } from '../targets/target.ts';
import { DOTTED, inRange, parseRange } from '../versions.ts';
import { failed, notForKind, ofSlices, packedBy, passed, shown, text, texts, unknown, yesOrNo } from './check.ts';
import type { Check, Facts, Fail, Outcome, Prepared, Rule, Rules } from './check.ts';

/** What a match comes to. */
function outcome(match: Match, found: string, evidence: string, note: string | null = null): Outcome {
  if (match === 'yes') return { status: 'pass', found, evidence, note };
  if (match === 'no') return failed(found, evidence, note);
  return { status: 'unknown', found, evidence, note: note ?? 'the file does not tell its system or architecture' };
}

/** An installer's stub is for one machine, whatever it installs: of its machine nothing is asked. */
function ofInstaller(binary: Binary, target: Target): Target {
  return binary.installer === null || target.arch === null ? target : { ...target, arch: null, setting: null };
}

function installerNote({ installer }: Binary, target: Target): string | null {
  return installer === null || target.arch === null ? null : `the architecture is not checked: it is an installer (${installer}), whose own machine says nothing of what it installs`;
}

const MEANT_OTHERWISE = 'the word may be meant otherwise there';

/** Whether one binary is for one of several targets. */
function judgeSlice(binary: Binary, targets: readonly Target[]): Outcome {
  const matches = targets.map((target) => matchesTarget(binary, ofInstaller(binary, target)));
  const [first] = targets as readonly [Target];
  const match = matches.includes('yes') ? 'yes' : matches.includes('unknown') ? 'unknown' : 'no';
  const libc = targets.find((target) => target.libc !== null)?.libc ?? null;
  const soft = match === 'unknown' && (first.soft.os || first.soft.arch) ? MEANT_OTHERWISE : null;
  return outcome(match, platformText(binary, { libc }), platformEvidence(binary, { os: first.os, libc }), installerNote(binary, first) ?? soft);
}

/** What a universal file is for, slice by slice. */
function slicesText(binaries: readonly Binary[], libc: string | null): string {
  return binaries.map((binary) => platformText(binary, { libc })).join(', ');
}

/** Whether a target is for a system that one of the slices is for. */
function isOfSystem(binaries: readonly Binary[], { os }: Target): boolean {
  return binaries.some(({ platform }) => platform.os !== null && os?.includes(platform.os) === true);
}

/**
 * Whether a file runs on what is asked for: of a universal file one slice has to fit for each target of its system, and the others are named. Where a target is for
 * several architectures at once, the file has to be universal and to have a slice for each.
 */
export function judgeFile({ universal, binaries }: Facts, targets: readonly Target[]): Outcome {
  const joined = targets.filter(({ all }) => all);
  const single = targets.filter(({ all }) => !all);
  const outcomes = binaries.map((binary) => judgeSlice(binary, targets));
  const found = slicesText(binaries, targets.find(({ libc }) => libc !== null)?.libc ?? null);
  const slices = universal ? 'the slices of the universal header' : (outcomes[0]?.evidence ?? null);
  const fits = universal && joined.some((target) => missingArchs(binaries, target).length === 0);
  if (fits && outcomes.every(({ status }) => status === 'pass')) return { status: 'pass', found, evidence: slices, note: null };
  if (single.length > 0) {
    const own = binaries.map((binary) => judgeSlice(binary, single));
    const at = own.findIndex(({ status }) => status === 'pass');
    const lacking = universal ? single.filter((one) => isOfSystem(binaries, one) && !binaries.some((binary) => matchesTarget(binary, one) === 'yes')) : [];
    if (at !== -1 && lacking.length > 0) return failed(found, slices, `no slice is for ${lacking.map((one) => one.text).join(' or ')}`);
    if (at !== -1) {
      const best = own[at] as Outcome;
      const note = [universal ? `slice ${at} of ${binaries.length} fits; ${slicesText(binaries.filter((_, index) => index !== at), null)} beside it` : null, best.note].filter((text) => text !== null);
      return { ...best, note: note.length === 0 ? null : note.join('; ') };
    }
    if (joined.length === 0) {
      if (binaries.length === 1) return own[0] as Outcome;
      return { status: own.some(({ status }) => status === 'unknown') ? 'unknown' : 'fail', found, evidence: slices, note: 'no slice fits' };
    }
  }
  const [target] = joined as [Target];
  const missing = missingArchs(binaries, target);
  const unread = binaries.some(({ platform }) => platform.arch === null || platform.os === null);
  const wrong = outcomes.some(({ status }) => status === 'fail');
  const notes = [universal ? null : 'it is not universal', universal && missing.length > 0 ? `no slice is for ${missing.map(archText).join(' or ')}` : null].filter((text) => text !== null);
  if (unread && universal && !wrong) return { status: 'unknown', found, evidence: slices, note: 'a slice does not tell its system or architecture' };
  return failed(found, slices, notes.length === 0 ? null : notes.join('; '));
}

function readTarget(value: string, fail: Fail): Target {
  const target = parseTarget(value);
  return typeof target === 'string' ? fail(target) : target;
}

const target: Rule = (value, fail) => {
  const targets = texts(value, fail).map((one) => readTarget(one.trim(), fail));
  const expected = targets.map(({ text: written }) => written).join(' or ');
  return () => [{ expected, from: null, judge: { file: (facts) => judgeFile(facts, targets) } }];
};

function claimCheck({ target: claimed, from, words, doubtful, strange }: Claim): Check {
  const expected = targetText(claimed);
  if (strange !== null) return { expected, from, judge: { file: () => unknown(`'${strange}' looks like an architecture and is not understood`, words) } };
  return { expected, from, judge: { file: (facts) => withWords(judgeFile(facts, [claimed]), words, doubtful) } };
}

/** A finding with the words that were read: where it passes, which only a long report shows, and where the name has more of them. */
function withWords(judged: Outcome, words: string | null, doubtful: boolean): Outcome {
  if (words === null || (judged.status !== 'pass' && !doubtful)) return judged;
  return { ...judged, note: judged.note === null ? words : `${judged.note}; ${words}` };
}

const NO_CLAIM: Check = {
  expected: 'a target that the name claims',
  from: null,
  judge: { file: () => unknown("neither the file's name, nor its folder, nor a package.json claims a target") },
};

/** Whether a file is .NET code, whose names end in .exe and .dll on every system. */
export function isManaged(facts: Facts | string): boolean {
  return typeof facts !== 'string' && facts.binaries.some((binary) => binary.format === 'pe' && binary.pe.managed !== null && (binary.pe.managed === 'il-only' || binary.platform.os !== 'windows'));
}

/** Whether a file is for what its package.json says. A universal one is where one of its slices is. */
export function judgePackage({ binaries }: Facts, packageJson: PackagePlatforms): Outcome {
  const libc = packageJson.libc?.[0] ?? null;
  const outcomes = binaries.map((binary): Outcome => {
    const match = matchesPackage(binary, packageJson);
    return outcome(match, platformText(binary, { libc }), platformEvidence(binary, { os: packageJson.os, libc }), match === 'no' ? packageNote(binary, packageJson) : null);
  });
  return outcomes.find(({ status }) => status === 'pass') ?? outcomes.find(({ status }) => status === 'unknown') ?? (outcomes[0] as Outcome);
}

const targetFromName: Rule = (value, fail) => {
  if (!yesOrNo(value, fail)) return null;
  return ({ path, packageJson }, facts) => {
    const claims = path === null ? [] : claimsOfPath(path, { managed: isManaged(facts), packageName: packageJson?.name ?? null });
    const checks = claims.map(claimCheck);
    const claimed = packageJson === null ? null : packageText(packageJson);
    if (packageJson !== null && claimed !== null) checks.push({ expected: claimed, from: packageJson.path, judge: { file: (own) => judgePackage(own, packageJson) } });
    return checks.length === 0 ? [NO_CLAIM] : checks;
  };
};

/** Every kind, in the order in which messages list them. */
export const KINDS: readonly Kind[] = ['executable', 'shared-library', 'relocatable', 'core', 'bundle', 'driver', 'debug-symbols', 'other'];

const kind: Rule = (value, fail) => {
  const wanted = text(value, fail);
  if (!(KINDS as readonly string[]).includes(wanted)) {
    const near = nearest(wanted, KINDS);
    return fail(`a kind is one of ${KINDS.join(', ')}, not ${shown(wanted)}${near === null ? '' : `; did you mean ${near}?`}`);
  }
  return ofSlices(wanted, (binary) => {
    const evidence = binary.because['kind'] ?? null;
    return binary.kind === wanted ? passed(binary.kind, evidence) : failed(binary.kind, evidence);
  });
};

const libc: Rule = (value, fail) => {
  const wanted = text(value, fail).toLowerCase();
  return ofSlices(wanted, ({ packer, platform, because }) => {
    const evidence = because['libc'] ?? null;
    if (platform.libc !== null) return platform.libc === wanted ? passed(platform.libc, evidence) : failed(platform.libc, evidence);
    return packer === null ? unknown('nothing in the file tells its C library', evidence) : packedBy(packer);
  });
};

/** Systems whose ELF files have a note with a version. */
const WRITE_VERSIONS: ReadonlySet<string> = new Set(['android', 'freebsd', 'netbsd', 'dragonfly']);

/** The oldest system that a binary says it runs on, and the field that says so. */
function minimumOs(binary: Binary): { version: string | null; field: string } | null {
  if (binary.format === 'wasm') return null;
  if (binary.format === 'pe') return { version: binary.pe.subsystemVersion, field: "the optional header's subsystem version" };
  if (binary.format === 'mach-o') return { version: binary.machO?.minimumOs ?? binary.minimums.os, field: 'LC_BUILD_VERSION or LC_VERSION_MIN' };
  const { os } = binary.minimums;
  if (os !== null) return { version: os, field: binary.because['minimums.os'] ?? 'a note' };
  return binary.platform.os === null || WRITE_VERSIONS.has(binary.platform.os) ? { version: null, field: 'a note' } : null;
}

const minOs: Rule = (value, fail): Prepared => {
  const written = text(value, fail);
  const range = parseRange(written, DOTTED);
  if (range === null) return fail(`a range of versions is like '<=11.0' or '>=10.13 <12', not ${shown(written)}`);
  return ofSlices(range.text, (binary) => {
    const minimum = minimumOs(binary);
    if (minimum === null) return failed(null, null, `does not apply: ${binary.format === 'wasm' ? 'WebAssembly files' : `ELF files for ${binary.platform.os ?? 'it'}`} name no system version`);
    if (minimum.version === null) return binary.kind === 'other' ? notForKind(binary) : unknown('the headers name no system version');
    const version = DOTTED.parse(minimum.version);
    if (version === null) return unknown(`${shown(minimum.version)} is no version`, minimum.field);
    return inRange(version, range, DOTTED) ? passed(minimum.version, minimum.field) : failed(minimum.version, minimum.field);
  });
};

export const TARGET_RULES: Rules<'target' | 'targetFromName' | 'kind' | 'libc' | 'minOs'> = { target, targetFromName, kind, libc, minOs };
