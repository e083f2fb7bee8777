// What every rule rests on: a rule over a fact that a warning puts in doubt is unknown.

import type { Binary } from '../../model/binary.ts';
import { wordIn } from '../../model/names.ts';
import type { Expectations } from '../../model/verdict.ts';
import { doubtOf } from '../../model/warning.ts';
import type { Doubt, Warning } from '../../model/warning.ts';
import type { Facts, Outcome } from './check.ts';

/** The facts that each rule looks at. */
const RESTS_ON: Readonly<Record<keyof Expectations, readonly Doubt[]>> = {
  target: ['machine', 'platform'],
  targetFromName: ['machine', 'platform'],
  runsOn: [], // its own rules say what they rest on: verify/runs
  kind: ['kind'],
  linkage: ['linkage'],
  pie: ['pie'],
  stripped: ['stripped'],
  libc: ['platform.libc'],
  interpreter: ['interpreter'],
  minOs: ['minimums.os'],
  maxGlibc: ['minimums.glibc'],
  maxGlibcxx: ['minimums.glibcxx'],
  maxCpu: ['minimums.cpu'],
  minPageSize: ['minimums.pageSize'],
  hardening: ['hardening'],
  needs: ['dependencies'],
  noNeeds: ['dependencies'],
  onlyNeeds: ['dependencies'],
  noSearchPaths: ['searchPaths', 'dependencies', 'interpreter'],
  go: ['go.version'],
  goModule: ['go.main'],
  goSettings: ['go.settings'],
  goVcsClean: ['go.main', 'go.settings'],
  goTrimpath: ['go.settings'],
  sha256: [],
  sameAs: [], // bytes are compared
  maxSize: [],
  signed: ['signature'],
  anchored: ['signature'],
  teamId: ['signature'],
  signer: ['signature'],
  signerSha256: ['signature'],
  signingId: ['signature'],
};

function restsOn(rule: string): readonly Doubt[] {
  return wordIn(RESTS_ON, rule) ?? [];
}

/** The warning that puts in doubt what a rule says of one binary; null where none does. What concerns the whole file concerns its binaries. */
export function ruleDoubt(rule: string, binary: Binary, file: readonly Warning[] = []): Warning | null {
  const facts = restsOn(rule);
  return facts.length === 0 ? null : (doubtOf(binary.warnings, facts) ?? doubtOf(file, facts));
}

/** What a rule says, unless it says so of what is in doubt: what it has found wrong is wrong whatever else there may be. */
export function orInDoubt(outcome: Outcome, doubt: Warning | null): Outcome {
  if (doubt === null || outcome.firm === true) return outcome;
  if (outcome.status === 'unknown') return { ...outcome, note: outcome.note === null ? doubt.message : `${outcome.note}: ${doubt.message}` };
  return { status: 'unknown', found: outcome.found, evidence: outcome.evidence, note: `in doubt: ${doubt.message}` };
}

/** The same for what a rule says of a file as a whole: a doubt about one of its binaries is one about all. */
export function fileDoubt(rule: string, { binaries, warnings }: Facts): Warning | null {
  for (const binary of binaries) {
    const doubt = ruleDoubt(rule, binary, warnings);
    if (doubt !== null) return doubt;
  }
  return null;
}
