// What is expected of files, and what was found: the words of verification.

import type { Detected, ErrorCode } from '../errors.ts';
import type { Kind, Linkage } from './binary.ts';
import type { Comparison, Ignorable } from './comparison.ts';
import type { Inside } from './container.ts';
import type { Host } from './host.ts';

/** `unknown` fails as `fail` does: what can't be decided is not what was expected. `waived` is a failure that a waiver of the policy allows. */
export type Status = 'pass' | 'fail' | 'unknown' | 'waived';

/** What came of one rule for one file, or for one slice of a universal file. */
export interface Finding {
  /** The rule's stable id, which is the expectation's key. */
  readonly rule: RuleId;
  /** What came of it. */
  readonly status: Status;
  /** In words: 'to be stripped'. */
  readonly expected: string;
  /** Where that expectation comes from: '--pie', 'defaults.pie', 'the folder "linux-arm64"'. */
  readonly expectedFrom: string;
  /** In words; null where nothing could be told. */
  readonly found: string | null;
  /** What in the file says so. */
  readonly evidence: string | null;
  /** Index of the slice in a universal file; null for what concerns the whole file, and in files that are not universal. */
  readonly slice: number | null;
  /** All of it in one sentence. */
  readonly message: string;
}

/** What came of one file. */
export interface Verdict {
  /** Whether there was something to check and all of it passes. */
  readonly ok: boolean;
  /** One for each rule, and in a universal file for each slice. */
  readonly findings: readonly Finding[];
}

/** Why a file could not be read or understood. */
export interface Failure {
  /** Of the error. */
  readonly code: ErrorCode;
  /** For people. */
  readonly message: string;
  /** Position in the file in bytes, where there is one. */
  readonly offset: number | null;
  /** What the bytes were recognised as, where that is known. */
  readonly detected: Detected | null;
}

/** What came of one file of several. An entry may also stand for a glob that names no file, or a line of a checksum list. */
export interface FileVerdict {
  /** As it was given, found or listed. */
  readonly path: string;
  /** The way to it, for what lies in an archive; not there for a file of its own. */
  readonly inside?: readonly Inside[] | undefined;
  /** What came of each rule. */
  readonly findings: readonly Finding[];
  /** Why it could not be read; its findings are unknown then. */
  readonly error: Failure | null;
}

/** `files` counts the entries of the report, the rest counts findings. */
export interface Summary {
  /** Entries of the report. */
  readonly files: number;
  /** Findings that pass. */
  readonly passed: number;
  /** Findings that fail. */
  readonly failed: number;
  /** Findings that could not be told, which fails too. */
  readonly unknown: number;
  /** Findings that failed, and that the policy lets be. */
  readonly waived: number;
  /** What lies in the folders and was not looked at, because nothing asks for it. */
  readonly passedOver?: PassedOverCounts | undefined;
}

/** How much was skipped. None of it is an entry of the report. */
export interface PassedOverCounts {
  /** Archives and packages of files, which may hold programs. */
  readonly archives: number;
  /** Scripts, whose own names claim nothing. */
  readonly scripts: number;
  /** Links out of the folder or to folders, pipes, sockets, devices. */
  readonly links: number;
  /** Everything else: texts, data, objects of other formats. */
  readonly others: number;
}

/** What came of all files. */
export interface VerifyReport {
  /** Of this shape; fields may be added without a new one. */
  readonly schemaVersion: 1;
  /** Whether there was something to check, all of it could be read, and all of it passes or is waived. */
  readonly ok: boolean;
  /** In the order in which they were given or found. */
  readonly files: readonly FileVerdict[];
  /** Counts of all of it. */
  readonly summary: Summary;
  /** Waivers whose globs name no entry, where there are any: a typing error, or of files that were not given. */
  readonly unmatchedWaivers?: readonly Waiver[] | undefined;
}

/** A file that another has to be the same build as. */
export interface SameFile {
  /** Its path; in a policy relative to the policy's folder. */
  readonly file: string;
  /** What may differ; nothing by default. */
  readonly ignore?: readonly Ignorable[] | undefined;
}

/** What one file is expected to be. Each key is a rule; `false` for a rule that only has a `true` switches it off. */
export interface Expectations {
  /** Go's, Node's, OCI's spelling, or a target triple; 'darwin/universal'. Of several, each slice has to be one. */
  readonly target?: string | readonly string[] | undefined;
  /** Whether the file has to be for the target that its own name, its folder and the nearest package.json claim. */
  readonly targetFromName?: boolean | undefined;
  /** The machine that it has to run on, as `inspectHost` gives it; in a policy and for `verifyFiles` also the path of a file that holds it. */
  readonly runsOn?: Host | string | undefined;
  /** Whether it needs a loader's libraries. */
  readonly linkage?: Linkage | undefined;
  /** Whether it may be loaded anywhere in memory. */
  readonly pie?: boolean | undefined;
  /** Whether it has no symbol table beyond what the loader needs. */
  readonly stripped?: boolean | undefined;
  /** What it is for. */
  readonly kind?: Kind | undefined;
  /** 'glibc', 'musl', … */
  readonly libc?: string | undefined;
  /** The path of the loader that the program asks for. */
  readonly interpreter?: string | undefined;
  /** The newest glibc version that may be needed: '2.28'. */
  readonly maxGlibc?: string | undefined;
  /** The newest version of GNU's C++ library that may be needed: '3.4.29'. */
  readonly maxGlibcxx?: string | undefined;
  /** The highest level of x86-64 that may be asked for: 'v1' to 'v4'. */
  readonly maxCpu?: string | undefined;
  /** The size of a page with which it has to be loadable: bytes, or a size with a unit. */
  readonly minPageSize?: number | string | undefined;
  /** Mitigations: 'relro=full,nx', a list of such words, or an object of answers. */
  readonly hardening?: string | readonly string[] | Readonly<Record<string, boolean | string>> | undefined;
  /** What the oldest system that will do has to lie in: '<=11.0'. */
  readonly minOs?: string | undefined;
  /** Libraries that have to be asked for. */
  readonly needs?: string | readonly string[] | undefined;
  /** Globs of libraries that must not be asked for. */
  readonly noNeeds?: string | readonly string[] | undefined;
  /** Globs that every library asked for has to match one of. */
  readonly onlyNeeds?: string | readonly string[] | undefined;
  /** Whether it must not tell the loader where to look for libraries. */
  readonly noSearchPaths?: boolean | undefined;
  /** A range of Go versions: '>=1.22'. */
  readonly go?: string | undefined;
  /** The path of the main module. */
  readonly goModule?: string | undefined;
  /** Go build settings and their values; or a list of 'KEY=VALUE'. */
  readonly goSettings?: Readonly<Record<string, string>> | readonly string[] | undefined;
  /** Whether Go has to have recorded that the working tree had no changes. */
  readonly goVcsClean?: boolean | undefined;
  /** Whether Go has to have built it with -trimpath. */
  readonly goTrimpath?: boolean | undefined;
  /** 64 hexadecimal digits. */
  readonly sha256?: string | undefined;
  /** The file that it has to be the same build as, and what may differ; for `verify` the comparison with it, as `compare` gives it. */
  readonly sameAs?: string | SameFile | Comparison | undefined;
  /** Bytes, or a size with a unit: '40MiB'. */
  readonly maxSize?: number | string | undefined;
  /** Whether it has to be signed with a certificate, by a signature that is valid over its bytes. */
  readonly signed?: boolean | undefined;
  /** Whether that certificate has to lead to a root that was given, every one of the chain valid at the time that counts. */
  readonly anchored?: boolean | undefined;
  /** Apple's team, which the code directory and the certificate have to name. */
  readonly teamId?: string | undefined;
  /** Attributes of the signer's subject, as whole values: 'O=Example GmbH'. */
  readonly signer?: string | undefined;
  /** The SHA-256 of the signer's certificate, in hex. */
  readonly signerSha256?: string | undefined;
  /** The identifier of a Mach-O file's code directory. */
  readonly signingId?: string | undefined;
}

/** The same for files among others. */
export interface PolicyExpectations extends Expectations {
  /** Whether no other file may have the same bytes. */
  readonly unique?: boolean | undefined;
}

/** Files and what is expected of them. */
export interface Artifact {
  /** Globs: `*` and `?` stay within a folder's name, `**` goes through folders. */
  readonly files: readonly string[];
  /** How many files there have to be; otherwise one at least. */
  readonly count?: number | undefined;
  /** What each of them has to be, over the policy's defaults. */
  readonly expect?: PolicyExpectations | undefined;
}

/** A checksum list that files are held against. */
export interface PolicySums {
  /** A checksum list, relative to the policy's folder; the names in it are relative to its own folder, else to the policy's. */
  readonly file: string;
  /** `listed`: every listed file has to be there. `present`: every file there has to be listed. `both` is the default. */
  readonly coverage?: 'both' | 'listed' | 'present' | undefined;
}

/** A rule that some files may break, for a reason and for a time. */
export interface Waiver {
  /** The id of the rule. */
  readonly rule: RuleId;
  /** A glob, or several. */
  readonly files: string | readonly string[];
  /** Why, for whoever reads the report. */
  readonly reason: string;
  /** The last day on which it holds, in UTC: '2027-03-01'. */
  readonly expires: string;
}

/** What a policy file says. Paths in it are relative to its folder. */
export interface Policy {
  /** Of the policy's own form. */
  readonly version: 1;
  /** Expectations for every artifact. */
  readonly defaults?: PolicyExpectations | undefined;
  /** Files by name, and what each is to be; without any, the defaults hold for all files given. */
  readonly artifacts?: readonly Artifact[] | undefined;
  /** What is to become of files given that no artifact names; 'error' is the default. */
  readonly unmatched?: 'error' | 'ignore' | undefined;
  /** A checksum list to hold all files against. */
  readonly sums?: PolicySums | undefined;
  /** Rules that some files may break for a time. */
  readonly waivers?: readonly Waiver[] | undefined;
}

/** What the nearest package.json says of the platforms that its package is for. */
export interface PackagePlatforms {
  /** Where the package.json is. */
  readonly path: string;
  /** The package's name, without its scope; its words are no claim. */
  readonly name?: string | null | undefined;
  /** Its main file and its programs (main, bin): each has to be there. */
  readonly files?: readonly string[] | undefined;
  /** Programs and libraries that it says are published (files): one of them has to be there. */
  readonly programs?: readonly string[] | undefined;
  /** process.platform's words. In all three '!' before a word excludes it, and null means that nothing is said. */
  readonly os: readonly string[] | null;
  /** process.arch's words. */
  readonly cpu: readonly string[] | null;
  /** 'glibc' or 'musl'. */
  readonly libc: readonly string[] | null;
}

/** Rules about whether a file runs on a machine: what `runsOn` comes to. */
export type RunsRuleId =
  | 'runsPermission'
  | 'runsMachine'
  | 'runsInterpreter'
  | 'runsLibraries'
  | 'runsGlibc'
  | 'runsCpu'
  | 'runsFile'
  | 'runsKernel'
  | 'runsPageSize';

/** Rules about a detached proof: what `verifyDetached` comes to. */
export type ProofRuleId =
  | 'signature'
  | 'signatureTime'
  | 'signatureChain'
  | 'transparencyLog'
  | 'certificateTransparency'
  | 'certificateIdentity'
  | 'certificateOidcIssuer'
  | 'certificateGithubWorkflowTrigger'
  | 'certificateGithubWorkflowSha'
  | 'certificateGithubWorkflowName'
  | 'certificateGithubWorkflowRepository'
  | 'certificateGithubWorkflowRef'
  | 'predicateType';

/** Ids of all rules: the keys of expectations, and what concerns several files. */
export type RuleId = keyof PolicyExpectations | RunsRuleId | ProofRuleId | 'contents' | 'interpreterPresent' | 'sums' | 'files' | 'count' | 'unmatched';
