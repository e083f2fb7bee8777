// What a verification of files may be told.

import type { Limits } from '../limits.ts';
import type { OptionKinds } from '../model/options.ts';
import type { PolicyExpectations, Verdict } from '../model/verdict.ts';
import type { SignatureOptions } from '../signature/settings.ts';

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
  /** Called for what in a folder is skipped, with the reason. */
  readonly onSkip?: ((path: string, reason: string) => void) | undefined;
  /** Called as files are done: how many, and how many there are. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  /**
   * Whether archives are read from inside: 'named' (default): those given, named by a glob or a list, or called by a system and an architecture; 'all': also
   * the others in folders; 'never': none.
   */
  readonly archives?: 'never' | 'named' | 'all' | undefined;
  /** Whether the checksum list itself holds: `(bytes) => verifyDetached(bytes, proof)`. Its findings are the list's; where it does not hold, every line of the list is unknown. */
  readonly checkSums?: ((bytes: Uint8Array) => Promise<Verdict>) | undefined;
  /** Files that are no part of what is checked although they lie there: the policy itself. */
  readonly except?: readonly string[] | undefined;
}

/** The options of `verifyFiles`. */
export const VERIFY_OPTIONS: OptionKinds<VerifyFilesOptions> = {
  paths: 'any', signatures: 'any', exclude: 'any', except: 'any', base: 'text', overrides: 'any', policyName: 'text', today: 'any', limits: 'any', signal: 'signal', onSkip: 'function', onProgress: 'function', checkSums: 'function', archives: 'any',
}; // prettier-ignore
