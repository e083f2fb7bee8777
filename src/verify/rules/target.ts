// Rules about what a file runs on, and what it is.

import type { Binary, Kind } from '../../model/binary.ts';
import { nearest } from '../../model/nearest.ts';
import { claimsOfPath, matchesPackage, packageText } from '../targets/claims.ts';
import type { Claim } from '../targets/claims.ts';
import { archText, matchesTarget, missingArchs, parseTarget, platformEvidence, platformText, targetText } from '../targets/target.ts';
import type { Match, Target } from '../targets/target.ts';
import { DOTTED, inRange, parseRange } from '../versions.ts';
import { failed, notForKind, ofSlices, packedBy, passed, shown, text, texts, unknown, yesOrNo } from './check.ts';
import type { Check, Fail, Outcome, Prepared, Rule, Rules } from './check.ts';

/** What a match comes to. */
function outcome(match: Match, found: string, evidence: string): Outcome {
  if (match === 'yes') return passed(found, evidence);
  if (match === 'no') return failed(found, evidence);
  return { status: 'unknown', found, evidence, note: 'the file does not tell its system or architecture' };
}

function judgeTarget(binary: Binary, targets: readonly Target[]): Outcome {
  const matches = targets.map((target) => matchesTarget(binary, target));
  const [first] = targets as readonly [Target];
  const match = matches.includes('yes') ? 'yes' : matches.includes('unknown') ? 'unknown' : 'no';
  const libc = targets.find((target) => target.libc !== null)?.libc ?? null;
  return outcome(match, platformText(binary, { libc }), platformEvidence(binary, { os: first.os, libc }));
}

/** The whole file has to be universal, and to have a slice for every architecture named. */
function judgeUniversal(target: Target): Check['judge'] {
  return {
    file: ({ universal, binaries }) => {
      const found = binaries.map((binary) => platformText(binary, target)).join(', ');
      const evidence = universal ? 'the slices of the universal header' : 'the file has no universal header';
      const missing = missingArchs(binaries, target);
      if (!universal) return failed(found, evidence, 'it is not universal');
      return missing.length === 0 ? passed(found, evidence) : failed(found, evidence, `no slice is for ${missing.map(archText).join(' or ')}`);
    },
  };
}

/** Of several targets, a universal one counts only for a file that is universal and has all its architectures. */
function judgeMixed(targets: readonly Target[]): Check['judge'] {
  return {
    file: ({ universal, binaries }) => {
      const usable = targets.filter((target) => !target.all || (universal && missingArchs(binaries, target).length === 0));
      const outcomes = usable.length === 0 ? [] : binaries.map((binary) => judgeTarget(binary, usable));
      const note = usable.length === targets.length ? null : universal ? 'it lacks an architecture' : 'it is not universal';
      const found = binaries.map((binary) => platformText(binary, { libc: null })).join(', ');
      const worst = outcomes.find(({ status }) => status === 'fail') ?? outcomes.find(({ status }) => status === 'unknown') ?? outcomes[0] ?? failed(found, null);
      return worst.status === 'fail' ? { ...worst, note } : worst;
    },
  };
}

function readTarget(value: string, fail: Fail): Target {
  const target = parseTarget(value);
  return typeof target === 'string' ? fail(target) : target;
}

const target: Rule = (value, fail) => {
  const targets = texts(value, fail).map((one) => readTarget(one.trim(), fail));
  const expected = targets.map(({ text: written }) => written).join(' or ');
  const universal = targets.filter(({ all }) => all);
  if (universal.length === 0) return ofSlices(expected, (binary) => judgeTarget(binary, targets));
  const [only] = universal as [Target];
  if (targets.length > 1) return () => [{ expected, from: null, judge: judgeMixed(targets) }];
  const slices: Check = { expected, from: null, judge: { slice: (binary) => judgeTarget(binary, targets) } };
  return () => [slices, { expected, from: null, judge: judgeUniversal(only) }];
};

function claimChecks({ target: claimed, from }: Claim): Check[] {
  const expected = targetText(claimed);
  const checks: Check[] = [{ expected, from, judge: { slice: (binary) => judgeTarget(binary, [claimed]) } }];
  if (claimed.all) checks.push({ expected, from, judge: judgeUniversal(claimed) });
  return checks;
}

const NO_CLAIM: Check = {
  expected: 'a target that the name claims',
  from: null,
  judge: { file: () => unknown("neither the file's name, nor its folder, nor a package.json claims a target") },
};

const targetFromName: Rule = (value, fail) => {
  if (!yesOrNo(value, fail)) return null;
  return ({ path, packageJson }) => {
    const checks = (path === null ? [] : claimsOfPath(path)).flatMap(claimChecks);
    const claimed = packageJson === null ? null : packageText(packageJson);
    if (packageJson !== null && claimed !== null) {
      const slice = (binary: Binary): Outcome =>
        outcome(matchesPackage(binary, packageJson), platformText(binary, { libc: packageJson.libc?.[0] ?? null }), platformEvidence(binary, { os: packageJson.os, libc: packageJson.libc?.[0] ?? null }));
      checks.push({ expected: claimed, from: packageJson.path, judge: { slice } });
    }
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

/** The oldest system that a binary says it runs on, and the field that says so. */
function minimumOs(binary: Binary): { version: string | null; field: string } | null {
  if (binary.format === 'pe') return { version: binary.pe.subsystemVersion, field: "the optional header's subsystem version" };
  if (binary.format === 'mach-o') return { version: binary.machO?.minimumOs ?? binary.minimums.os, field: 'LC_BUILD_VERSION or LC_VERSION_MIN' };
  const { os } = binary.minimums;
  if (os !== null) return { version: os, field: binary.because['minimums.os'] ?? 'a note' };
  return binary.platform.os === null || binary.platform.os === 'android' ? { version: null, field: 'a note' } : null;
}

const minOs: Rule = (value, fail): Prepared => {
  const written = text(value, fail);
  const range = parseRange(written, DOTTED);
  if (range === null) return fail(`a range of versions is like '<=11.0' or '>=10.13 <12', not ${shown(written)}`);
  return ofSlices(range.text, (binary) => {
    const minimum = minimumOs(binary);
    if (minimum === null) return failed(null, null, `does not apply: ELF files for ${binary.platform.os ?? 'it'} name no system version`);
    if (minimum.version === null) return binary.kind === 'other' ? notForKind(binary) : unknown('the headers name no system version');
    const version = DOTTED.parse(minimum.version);
    if (version === null) return unknown(`${shown(minimum.version)} is no version`, minimum.field);
    return inRange(version, range, DOTTED) ? passed(minimum.version, minimum.field) : failed(minimum.version, minimum.field);
  });
};

export const TARGET_RULES: Rules<'target' | 'targetFromName' | 'kind' | 'libc' | 'minOs'> = { target, targetFromName, kind, libc, minOs };
