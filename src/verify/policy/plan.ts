// What a policy asks of one file: which artifacts name it, and which rules with which origin that comes to.

import { BinspectError } from '../../errors.ts';
import type { Artifact, Policy, PolicyExpectations } from '../../model/verdict.ts';
import { matcherIn } from '../paths.ts';
import { optionText, readExpectations } from '../rules/rules.ts';
import type { Asked } from '../rules/rules.ts';

const BYTE_RULES: ReadonlySet<string> = new Set(['sha256', 'maxSize']);

/** Whether a rule is about a file's bytes, which any file can be asked, a program or not. */
export function isByteRule({ rule }: Asked): boolean {
  return BYTE_RULES.has(rule);
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
  readonly expectedFrom: (rule: string) => string;
  /** Whether the artifact names a path, given from the root. */
  readonly names: (path: string) => boolean;
  /** Null for the plan of a policy without artifacts, which names every file. */
  readonly artifact: Artifact | null;
}

/** What the parts of a plan say, the later ones over the earlier. */
function merged(parts: readonly (PolicyExpectations | undefined)[]): PolicyExpectations {
  const entries = parts.flatMap((part) => Object.entries(part ?? {})).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as PolicyExpectations;
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
    const matchers = artifact === null ? [] : artifact.files.map((glob) => matcherIn(base, glob));
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
      expectedFrom,
      names: artifact === null ? () => true : (path) => matchers.some((matches) => matches(path)),
      artifact,
    };
  };
  return artifacts === undefined ? [plan(null, 0)] : artifacts.map(plan);
}
