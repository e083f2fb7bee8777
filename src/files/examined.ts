// What a verification works with, and what comes of each file.

import type { BinspectError } from '../errors.ts';
import type { Inside } from '../model/container.ts';
import type { FileVerdict, Finding, Policy } from '../model/verdict.ts';
import type { Plan } from '../verify/policy/plan.ts';
import type { Digested } from '../verify/several.ts';
import type { ClaimedFolders } from './folders.ts';
import type { Sums } from './given.ts';
import type { Packages } from './packages.ts';
import type { PassedOverKind } from './read-candidate.ts';
import type { VerifyFilesOptions } from './verify-options.ts';

/** What every step of one verification needs. */
export interface Work {
  readonly policy: Policy;
  readonly plans: readonly Plan[];
  readonly naming: (place: string) => readonly Plan[];
  readonly sums: Sums | null;
  readonly options: VerifyFilesOptions;
  readonly packages: Packages;
  /** Folders that claim a target, where somebody asks for names. */
  readonly folders: ClaimedFolders;
  /** Places of what lies in the archives that were opened, where a glob leads into archives. */
  readonly insides: string[];
  /** The archive that is being read: the next one waits for it. */
  readonly archives: { last: Promise<void> };
}

/** A file that was looked at. */
export interface Examined extends Digested {
  readonly place: string;
  readonly findings: readonly Finding[];
  readonly error: BinspectError | null;
  /** The way to it, where it lies in an archive. */
  readonly inside?: readonly Inside[] | undefined;
  /** Why nothing can be said of it. */
  readonly unread: string | null;
  /** Who says that its bytes may not stand under another claim; null where nobody does. */
  readonly unique: string | null;
}

/** A file that is skipped, and why. */
export interface Skipped {
  readonly path: string;
  readonly skipped: string;
  readonly kind: PassedOverKind;
}

/** An entry of the report, and the path from the root that waivers match. */
export interface Entry {
  readonly place: string;
  readonly file: FileVerdict;
}

/** Whether a plan asks for a rule. */
export function asks({ asked }: Plan, rule: string): boolean {
  return asked.some((one) => one.rule === rule);
}

/** Several artifacts may ask the same of a file; once is enough. */
export function distinct(findings: readonly Finding[]): Finding[] {
  return [...new Map(findings.map((one) => [JSON.stringify(one), one])).values()];
}
