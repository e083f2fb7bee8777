// What a policy asks of one file: which artifacts name it, and which rules with which origin that comes to.

import { BinspectError } from '../../errors.ts';
import type { Artifact, Policy, PolicyExpectations } from '../../model/verdict.ts';
import { inFolder, literalGlob, matcherIn } from '../paths.ts';
import { optionText, readExpectations } from '../rules/rules.ts';
import type { Asked } from '../rules/rules.ts';
import { readSame, sameKey } from '../rules/same-as.ts';
import type { Same } from '../rules/same-as.ts';
import { parseTarget } from '../targets/target.ts';
import type { Target } from '../targets/target.ts';

const BYTE_RULES: ReadonlySet<string> = new Set(['sha256', 'sameAs', 'maxSize']);

/** Whether a rule is about a file's bytes, which any file can be asked, a program or not. */
export function isByteRule({ rule }: Asked): boolean {
  return BYTE_RULES.has(rule);
}

/** A glob of an artifact. */
export interface PlannedGlob {
  readonly glob: string;
  /** The one path, from the root, that it names; null for a pattern. */
  readonly place: string | null;
  /** Whether it names a path, given from the root. */
  readonly names: (path: string) => boolean;
  /** Whether it names members of an archive at a place: `dist/*.tar.gz!/bin/app`. Null for one that leads into no archive. */
  readonly opens: ((place: string) => boolean) | null;
}

function plannedGlob(base: string, glob: string): PlannedGlob {
  const literal = literalGlob(glob);
  const outer = outerGlob(glob);
  const opens = outer === null ? null : plannedGlob(base, outer).names;
  if (literal === null) return { glob, place: null, names: matcherIn(base, glob), opens };
  const place = inFolder(base, literal);
  return { glob, place, names: (path) => path === place, opens };
}

/** The part of a glob that names archives, where it names members of them; else null. */
export function outerGlob(glob: string): string | null {
  const at = glob.indexOf('!/');
  return at <= 0 ? null : glob.slice(0, at);
}

/** Which plans name a path, given from the root. A glob without a pattern costs nothing but for its own path. */
export function plansByPlace(plans: readonly Plan[]): (place: string) => readonly Plan[] {
  const literal = new Map<string, Set<number>>();
  const patterns: [number, (place: string) => boolean][] = [];
  for (const [index, { globs, artifact }] of plans.entries()) {
    if (artifact === null) patterns.push([index, () => true]);
    for (const { place, names } of globs) {
      if (place === null) patterns.push([index, names]);
      else literal.set(place, (literal.get(place) ?? new Set()).add(index));
    }
  }
  return (place) => {
    const found = new Set(literal.get(place));
    for (const [index, names] of patterns) if (!found.has(index) && names(place)) found.add(index);
    return [...found].sort((a, b) => a - b).map((index) => plans[index] as Plan);
  };
}
/** Rules about signatures, for which the whole file is read. */
const SIGNATURE_RULES: ReadonlySet<string> = new Set(['signed', 'anchored', 'teamId', 'signer', 'signerSha256', 'signingId']);

/** What is asked of the files of one artifact. */
export interface Plan {
  readonly asked: readonly Asked[];
  /** Whether no other file may have the same bytes. */
  readonly unique: boolean;
  /** Whether a file has to be a program to be asked all this. */
  readonly needsProgram: boolean;
  readonly needsHash: boolean;
  /** Whether signatures have to be checked. */
  readonly needsSignatures: boolean;
  /** What each file is compared with, and by which key the rule finds it; null where that is not asked. */
  readonly same: (Same & { readonly key: string; readonly place: string }) | null;
  readonly expectedFrom: (rule: string) => string;
  /** The targets that are asked for; none where that is not asked. */
  readonly targets: readonly Target[];
  /** What the artifact names; none for the plan that names every file. */
  readonly globs: readonly PlannedGlob[];
  /** Null for the plan of a policy without artifacts, which names every file. */
  readonly artifact: Artifact | null;
}

/** What the parts of a plan say, the later ones over the earlier. */
function merged(parts: readonly (PolicyExpectations | undefined)[]): PolicyExpectations {
  const entries = parts.flatMap((part) => Object.entries(part ?? {})).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as PolicyExpectations;
}

/** The file that `sameAs` names, by its path: one of a policy lies below the policy's folder. */
function sameOf({ sameAs }: PolicyExpectations, folder: string): Plan['same'] {
  const same = sameAs === undefined ? null : readSame(sameAs, (message) => refuse('sameAs', message));
  return same === null ? null : { ...same, key: sameKey(same), place: folder === '' ? same.file : inFolder(folder, same.file) };
}

function targetsOf({ target }: PolicyExpectations): readonly Target[] {
  const texts = target === undefined ? [] : typeof target === 'string' ? [target] : target;
  return texts.map((text) => parseTarget(text.trim())).filter((one) => typeof one !== 'string');
}

function refuse(key: string, message: string): never {
  throw new BinspectError('invalid-argument', key === '' ? message : `${key}: ${message}`);
}

/**
 * The plans of a policy, one for each artifact; of one without artifacts, one for all files. `overrides` win over the policy.
 * `name` is the policy's, for findings. Throws `invalid-argument` for overrides that are none.
 */
export function plansOf(policy: Policy, overrides: PolicyExpectations, base: string, name: string): readonly Plan[] {
  readExpectations(overrides, refuse);
  const { artifacts, defaults } = policy;
  const plan = (artifact: Artifact | null, index: number): Plan => {
    const expect = artifact?.expect;
    const all = merged([defaults, expect, overrides]);
    const asked = readExpectations(all, refuse);
    const expectedFrom = (rule: string): string => {
      const key = rule as keyof PolicyExpectations;
      if (overrides[key] !== undefined) return optionText(key, overrides[key]);
      return expect?.[key] !== undefined ? `${name}: artifacts[${index}].expect.${rule}` : `${name}: defaults.${rule}`;
    };
    return {
      asked,
      unique: all.unique === true,
      needsProgram: !asked.every(isByteRule),
      needsHash: all.unique === true || all.sha256 !== undefined,
      needsSignatures: asked.some(({ rule }) => SIGNATURE_RULES.has(rule)),
      same: sameOf(all, overrides.sameAs !== undefined ? '' : base),
      expectedFrom,
      targets: targetsOf(all),
      globs: artifact === null ? [] : artifact.files.map((glob) => plannedGlob(base, glob)),
      artifact,
    };
  };
  return artifacts === undefined ? [plan(null, 0)] : artifacts.map(plan);
}
