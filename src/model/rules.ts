// The rule table: for each rule its option, its fact, and what passes, fails, is unknown or does not apply. Help, schema and README follow it.

import type { RuleId } from './verdict.ts';

/** How a rule is written on the command line. */
export interface RuleOption {
  /** Without its dashes. */
  readonly name: string;
  /** The word for its value in help; without it the option is a switch. */
  readonly value?: string;
  readonly multiple?: boolean;
  /** What help says of its `no-` form, where there is one. */
  readonly negative?: string;
  readonly help: string;
}

/** What an expectation's value is, in a policy and in the library. */
export type RuleValue = 'true' | 'yes-or-no' | 'text' | 'list' | 'linkage' | 'kind' | 'settings' | 'sha256' | 'size' | 'subject' | 'none';

export interface RuleText {
  readonly value: RuleValue;
  /** The heading under which help and README list it. */
  readonly group: 'Target' | 'Linking' | 'Libraries' | 'Go' | 'Signature' | 'File' | 'Several files';
  /** Its options; none for what only a policy brings about. */
  readonly options: readonly RuleOption[];
  /** What of an inspection it looks at. */
  readonly fact: string;
  readonly passes: string;
  readonly fails: string;
  readonly unknown: string;
  /** Where the question does not arise, which fails as well; null where it always does. */
  readonly notApplicable: string | null;
}

/** Every rule by its id, in the order of help. Unknown is, besides what stands here, every rule for a file that can't be read or is cut. */
export const RULES: Readonly<Record<RuleId, RuleText>> = {
  target: {
    value: 'list',
    group: 'Target',
    options: [
      {
        name: 'target',
        value: 'TARGET',
        multiple: true,
        help: 'it is for linux/arm64, linux-arm64, linux/arm/v7, aarch64-unknown-linux-musl, darwin/universal, …; of several, for one of them',
      },
    ],
    fact: 'platform',
    passes: 'every slice is for one of the targets; for darwin/universal the file is universal and has slices for amd64 and arm64',
    fails: 'a slice is for another system, architecture or variant, or for another C library than a triple names',
    unknown: 'the file does not tell its system or architecture',
    notApplicable: null,
  },
  targetFromName: {
    value: 'true',
    group: 'Target',
    options: [{ name: 'target-from-name', help: "it is for the target that its name, its folder or the nearest package.json's os, cpu and libc claim" }],
    fact: 'path, platform',
    passes: 'every claim that is found holds for every slice',
    fails: 'a claim does not hold',
    unknown: 'nothing claims a target, or the file does not tell its system or architecture',
    notApplicable: null,
  },
  linkage: {
    value: 'linkage',
    group: 'Linking',
    options: [
      { name: 'static', help: 'it needs no loader' },
      { name: 'dynamic', help: 'it needs a loader, or is loaded' },
    ],
    fact: 'linkage',
    passes: 'it is linked that way; static-pie is static, a library is dynamic',
    fails: 'it is linked the other way',
    unknown: 'it is packed, or its headers do not tell',
    notApplicable: 'objects, core dumps, debug files',
  },
  pie: {
    value: 'yes-or-no',
    group: 'Linking',
    options: [{ name: 'pie', negative: 'it is linked to a fixed address', help: 'the program may be loaded at any address' }],
    fact: 'pie',
    passes: 'it is, or is not, position-independent, as expected',
    fails: 'it is the other',
    unknown: "a program's headers do not tell",
    notApplicable: 'libraries, objects, core dumps, debug files',
  },
  stripped: {
    value: 'yes-or-no',
    group: 'Linking',
    options: [{ name: 'stripped', negative: 'there is one', help: 'there is no symbol table beyond what the loader needs' }],
    fact: 'stripped',
    passes: 'it is, or is not, stripped, as expected',
    fails: 'it is the other',
    unknown: 'it is packed, or its section headers are missing',
    notApplicable: 'PE files',
  },
  kind: {
    value: 'kind',
    group: 'Target',
    options: [{ name: 'kind', value: 'KIND', help: 'it is an executable, shared-library, bundle, driver, relocatable, core, debug-symbols' }],
    fact: 'kind',
    passes: 'every slice is of that kind',
    fails: 'a slice is of another kind',
    unknown: 'never, for a file that can be read',
    notApplicable: null,
  },
  libc: {
    value: 'text',
    group: 'Target',
    options: [{ name: 'libc', value: 'NAME', help: 'it is made for glibc, musl, bionic, ucrt, msvcrt, libsystem, …' }],
    fact: 'platform.libc',
    passes: 'it is made for that C library',
    fails: 'it is made for another',
    unknown: 'nothing in the file tells: a static program of musl, a packed file',
    notApplicable: null,
  },
  interpreter: {
    value: 'text',
    group: 'Linking',
    options: [{ name: 'interpreter', value: 'PATH', help: 'it asks for this loader' }],
    fact: 'interpreter',
    passes: 'PT_INTERP or LC_LOAD_DYLINKER is this path',
    fails: 'it is another path, or there is none',
    unknown: 'it is packed and asks for none itself',
    notApplicable: 'PE files, objects, core dumps, debug files',
  },
  maxGlibc: {
    value: 'text',
    group: 'Libraries',
    options: [{ name: 'max-glibc', value: 'VERSION', help: 'it runs with this version of glibc' }],
    fact: 'minimums.glibc',
    passes: 'the newest GLIBC_ version that it asks for is not newer; or none is needed: static, another C library, another system',
    fails: 'it asks for a newer one',
    unknown: 'it is packed, or linked against glibc and its symbol versions can not be read',
    notApplicable: 'objects, core dumps, debug files',
  },
  minOs: {
    value: 'text',
    group: 'Target',
    options: [{ name: 'min-os', value: 'RANGE', help: "the oldest system that it says it runs on lies in the range: '<=11.0'" }],
    fact: 'minimums.os, machO.minimumOs, pe.subsystemVersion',
    passes: 'the version that the headers ask for lies in the range',
    fails: 'it does not',
    unknown: 'the headers name no version',
    notApplicable: 'ELF files of systems that write no such version: Linux',
  },
  needs: {
    value: 'list',
    group: 'Libraries',
    options: [{ name: 'needs', value: 'NAME', multiple: true, help: 'it asks for this library' }],
    fact: 'dependencies',
    passes: 'the library is among its dependencies',
    fails: 'it is not',
    unknown: 'it is packed and the library is not among what its own headers name; or not all names can be read',
    notApplicable: 'objects, core dumps, debug files',
  },
  noNeeds: {
    value: 'list',
    group: 'Libraries',
    options: [{ name: 'no-needs', value: 'GLOB', multiple: true, help: 'it asks for no library like this' }],
    fact: 'dependencies',
    passes: 'no dependency matches',
    fails: 'one does',
    unknown: 'it is packed, or not all names can be read',
    notApplicable: 'objects, core dumps, debug files',
  },
  onlyNeeds: {
    value: 'list',
    group: 'Libraries',
    options: [{ name: 'only-needs', value: 'GLOB', multiple: true, help: 'every library that it asks for is like one of these' }],
    fact: 'dependencies',
    passes: 'every dependency matches one of the globs',
    fails: 'one matches none',
    unknown: 'it is packed, or not all names can be read',
    notApplicable: 'objects, core dumps, debug files',
  },
  noSearchPaths: {
    value: 'true',
    group: 'Libraries',
    options: [{ name: 'no-search-paths', help: 'it has no DT_RPATH, DT_RUNPATH or LC_RPATH' }],
    fact: 'searchPaths',
    passes: 'there is none',
    fails: 'there is one',
    unknown: 'it is packed, or not all paths can be read',
    notApplicable: 'objects, core dumps, debug files',
  },
  go: {
    value: 'text',
    group: 'Go',
    options: [{ name: 'go', value: 'RANGE', help: "it was built by a Go version in the range: '>=1.22'" }],
    fact: 'go.version',
    passes: 'the version lies in the range; a release candidate comes before its release',
    fails: 'it does not, or nothing shows that Go built it',
    unknown: 'it is packed, the version is not in the file, or it is a development version',
    notApplicable: null,
  },
  goModule: {
    value: 'text',
    group: 'Go',
    options: [{ name: 'go-module', value: 'PATH', help: 'its main module has this path' }],
    fact: 'go.main.path',
    passes: 'the main module is this one',
    fails: 'it is another, or nothing shows that Go built it',
    unknown: 'it is packed, or no main module is recorded',
    notApplicable: null,
  },
  goSettings: {
    value: 'settings',
    group: 'Go',
    options: [{ name: 'go-setting', value: 'KEY=VALUE', multiple: true, help: 'it was built with this setting: CGO_ENABLED=0, -trimpath=true' }],
    fact: 'go.settings',
    passes: 'the setting is recorded with this value',
    fails: 'it has another value, or other settings are recorded and this one is not, or nothing shows that Go built it',
    unknown: 'it is packed, or no settings are recorded',
    notApplicable: null,
  },
  goVcsClean: {
    value: 'true',
    group: 'Go',
    options: [{ name: 'go-vcs-clean', help: 'it was built from a commit without local changes' }],
    fact: 'go.settings vcs.modified, go.main.version',
    passes: 'vcs.modified is false',
    fails: "vcs.modified is true, or the main module's version ends in +dirty, or nothing shows that Go built it",
    unknown: 'it is packed, or vcs.modified is not recorded',
    notApplicable: null,
  },
  goTrimpath: {
    value: 'true',
    group: 'Go',
    options: [{ name: 'go-trimpath', help: 'it was built with -trimpath' }],
    fact: 'go.settings -trimpath',
    passes: '-trimpath is true',
    fails: 'other settings are recorded and this one is not, or nothing shows that Go built it',
    unknown: 'it is packed, or no settings are recorded',
    notApplicable: null,
  },
  sha256: {
    value: 'sha256',
    group: 'File',
    options: [{ name: 'sha256', value: 'HEX', help: 'it has this SHA-256' }],
    fact: 'sha256',
    passes: 'the digest is this one',
    fails: 'it is another',
    unknown: 'the file was not hashed',
    notApplicable: null,
  },
  maxSize: {
    value: 'size',
    group: 'File',
    options: [{ name: 'max-size', value: 'SIZE', help: 'it has at most so many bytes: 40MiB, 1G (1024-based), 40MB (1000-based)' }],
    fact: 'size',
    passes: 'the file is not larger',
    fails: 'it is larger',
    unknown: 'never, for a file that can be read',
    notApplicable: null,
  },
  signed: {
    value: 'true',
    group: 'Signature',
    options: [{ name: 'signed', help: 'it is signed with a certificate, and the signature is valid over its bytes' }],
    fact: 'signatureCheck.levels intact, signed',
    passes: 'a signer with a certificate signed just these bytes, in every slice; who that is, is not asked',
    fails: 'there is no signature or no signer, bytes were changed, or the signature is not valid',
    unknown: 'the signature was not checked, or uses what is not known here',
    notApplicable: null,
  },
  anchored: {
    value: 'true',
    group: 'Signature',
    options: [{ name: 'anchored', help: 'besides, the certificate leads to a root of --roots, and all were valid at the time that counts' }],
    fact: 'signatureCheck.levels',
    passes: 'it is signed, the chain leads to a root that was given, and every certificate was valid at the time of the stamp, at --at, or now',
    fails: 'one of these is not so',
    unknown: 'no roots were given, the signature was not checked, or uses what is not known here',
    notApplicable: null,
  },
  teamId: {
    value: 'text',
    group: 'Signature',
    options: [{ name: 'team-id', value: 'TEAM', help: "Apple's team of the signer; needs --roots, as anybody can write a team into a certificate" }],
    fact: 'signature.teamId, signatureCheck',
    passes: 'code directory and certificate name this team, the signature is valid, and the certificate leads to a root that was given',
    fails: 'it is another team, or the signature does not hold',
    unknown: 'no roots were given, or the signature was not checked',
    notApplicable: 'PE files',
  },
  signer: {
    value: 'subject',
    group: 'Signature',
    options: [{ name: 'signer', value: 'SUBJECT', help: "attributes of the signer's subject, as whole values: 'O=Example GmbH', 'CN=Example, C=DE'; needs --roots" }],
    fact: 'signatureCheck.signatures signer',
    passes: 'every attribute is one of the subject, the signature is valid, and the certificate leads to a root that was given',
    fails: 'an attribute is missing or another, or the signature does not hold',
    unknown: 'no roots were given, or the signature was not checked',
    notApplicable: null,
  },
  signerSha256: {
    value: 'sha256',
    group: 'Signature',
    options: [{ name: 'signer-sha256', value: 'HEX', help: "the signer's certificate has this SHA-256" }],
    fact: 'signatureCheck.signatures signer.sha256',
    passes: 'it is signed with just this certificate, and the signature is valid',
    fails: 'it is another certificate, or the signature does not hold',
    unknown: 'the signature was not checked',
    notApplicable: null,
  },
  signingId: {
    value: 'text',
    group: 'Signature',
    options: [{ name: 'signing-id', value: 'NAME', help: 'the identifier under which a Mach-O file was signed; needs --roots' }],
    fact: 'signature.identifier, signatureCheck',
    passes: 'the code directory has this identifier, the signature is valid, and the certificate leads to a root that was given',
    fails: 'it is another identifier, or the signature does not hold',
    unknown: 'no roots were given, or the signature was not checked',
    notApplicable: 'PE files',
  },
  unique: {
    value: 'true',
    group: 'Several files',
    options: [{ name: 'unique', help: 'no two files are identical' }],
    fact: 'sha256 of all files',
    passes: 'no other file given has the same bytes',
    fails: 'another one has',
    unknown: 'never, for files that can be read',
    notApplicable: null,
  },
  sums: {
    value: 'none',
    group: 'Several files',
    options: [{ name: 'sums', value: 'FILE', help: 'every file is as FILE (SHA256SUMS) lists it, none is missing and none is unlisted' }],
    fact: 'sha256',
    passes: 'the file is listed with its digest',
    fails: 'it has another digest, is not listed, or is listed and not there; a line of the list can not be read',
    unknown: 'never, for files that can be read',
    notApplicable: null,
  },
  files: {
    value: 'none',
    group: 'Several files',
    options: [],
    fact: "the policy's artifacts",
    passes: 'never reported',
    fails: 'a glob of an artifact names no file',
    unknown: 'never',
    notApplicable: null,
  },
  count: {
    value: 'none',
    group: 'Several files',
    options: [],
    fact: "the policy's artifacts",
    passes: 'as many files as the artifact counts',
    fails: 'more, or fewer',
    unknown: 'never',
    notApplicable: null,
  },
  unmatched: {
    value: 'none',
    group: 'Several files',
    options: [],
    fact: "the policy's artifacts",
    passes: 'never reported',
    fails: 'a file given is named by no artifact, and the policy does not ignore such files',
    unknown: 'never',
    notApplicable: null,
  },
};

/** The rules that stand as keys in expectations. */
export const EXPECTATION_KEYS: readonly RuleId[] = (Object.keys(RULES) as RuleId[]).filter((id) => RULES[id].value !== 'none');
