// Warnings, and the facts that each puts in doubt. Every warning is made here.

import type { ErrorCode } from '../errors.ts';

/** A fact that can be in doubt: its path in a binary. `size` stands for the file itself, of which a part is missing. */
export type Doubt =
  | 'size'
  | 'machine'
  | 'platform'
  | 'platform.libc'
  | 'kind'
  | 'pie'
  | 'linkage'
  | 'interpreter'
  | 'libraryName'
  | 'dependencies'
  | 'searchPaths'
  | 'entryPoint'
  | 'stripped'
  | 'debugInfo'
  | 'buildId'
  | 'minimums'
  | 'minimums.glibc'
  | 'minimums.glibcxx'
  | 'minimums.cxxabi'
  | 'minimums.os'
  | 'minimums.cpu'
  | 'minimums.pageSize'
  | 'hardening'
  | 'hardening.nonExecutableStack'
  | 'hardening.relro'
  | 'overlay'
  | 'signature'
  | 'packer'
  | 'go'
  | 'go.version'
  | 'go.main'
  | 'go.settings';

/** What a warning is about: a stable word. */
export type WarningCode =
  | ErrorCode
  | 'algorithm'
  | 'also-script'
  | 'ambiguous-end'
  | 'appended-after-signature'
  | 'bad-optional-magic'
  | 'bytes-after-slices'
  | 'certificate-size'
  | 'class-contradicted'
  | 'clr-header'
  | 'cmdsize-exceeds-commands'
  | 'cmdsize-too-small'
  | 'cmdsize-unaligned'
  | 'code-directory'
  | 'codeview'
  | 'command-twice'
  | 'count-differs'
  | 'debug-unmapped'
  | 'directory-count'
  | 'duplicate-architecture'
  | 'duplicate-name'
  | 'duplicate-section'
  | 'dyld-would-reject'
  | 'dynamic-offset-mismatch'
  | 'dynamic-section-only'
  | 'dynamic-tag-twice'
  | 'dynamic-unmapped'
  | 'entry-size'
  | 'exports'
  | 'exports-unmapped'
  | 'fat64-executable'
  | 'global-header'
  | 'go-build-info'
  | 'go-copies-differ'
  | 'go-said-twice'
  | 'go-settings-contradicted'
  | 'go-target-mismatch'
  | 'go-target-only'
  | 'go-unconfirmed'
  | 'headers-past-eof'
  | 'headers-shadowed'
  | 'hidden-slice'
  | 'import-unused'
  | 'imports-overwritten'
  | 'imports-relocated'
  | 'imports-unmapped'
  | 'incomplete'
  | 'interface-cut'
  | 'interpreter'
  | 'interpreter-relative'
  | 'invalid-name'
  | 'java-class-look'
  | 'kernel-would-reject'
  | 'lc-too-small'
  | 'libraries-without-dyld'
  | 'limit'
  | 'link-with-contents'
  | 'load-config-unmapped'
  | 'managed-unknown'
  | 'module-name'
  | 'module-signature'
  | 'name-not-utf8'
  | 'names-differ'
  | 'needed-without-interpreter'
  | 'nested-fat'
  | 'no-dt-null'
  | 'no-program-counter'
  | 'no-section-headers'
  | 'no-string'
  | 'not-executable-image'
  | 'note-truncated'
  | 'overlapping-load'
  | 'prepended-bytes'
  | 'program-headers-at-zero'
  | 'program-headers-elsewhere'
  | 'relr-without-version'
  | 'resources-unmapped'
  | 'section-names'
  | 'section-order'
  | 'section-truncated'
  | 'section-type'
  | 'sections-contradict-segments'
  | 'sections-cut'
  | 'sections-exceed-command'
  | 'segment-truncated'
  | 'segment-width'
  | 'several-dynamic'
  | 'several-interpreters'
  | 'several-relro'
  | 'several-stacks'
  | 'several-systems'
  | 'signature'
  | 'signature-blobs'
  | 'signature-outside'
  | 'signature-overlap'
  | 'signature-type'
  | 'sizeofcmds-exceeds-file'
  | 'sizeofcmds-mismatch'
  | 'slice-archive'
  | 'slice-bitcode'
  | 'slice-cputype-mismatch'
  | 'slice-truncated'
  | 'slices-overlap'
  | 'string-cut'
  | 'string-offset'
  | 'string-table-size'
  | 'string-table-unmapped'
  | 'symbol-count'
  | 'system-contradicted'
  | 'trailing-bytes'
  | 'unknown-required-command'
  | 'unknown-section'
  | 'unsafe-path'
  | 'unversioned-symbols'
  | 'version-resource'
  | 'version-table'
  | 'zero-block';

/** Something odd that spoiled at most a part of the answer. Codes are stable. */
export interface Warning {
  /** A stable word; later versions may have others. */
  readonly code: WarningCode | (string & {});
  /** For people, with the values concerned. */
  readonly message: string;
  /** Position in the file in bytes, where there is one. */
  readonly offset: number | null;
  /** The facts that it puts in doubt, by their paths in a binary: 'dependencies', 'minimums.glibc'; no rule passes over one. */
  readonly doubts: readonly string[];
}

/** A warning that is made here. */
export interface ListedWarning extends Warning {
  readonly code: WarningCode;
}

/** What the dynamic section says, and what follows from it. */
export const DYNAMIC_FACTS: readonly Doubt[] = ['platform', 'kind', 'pie', 'linkage', 'libraryName', 'dependencies', 'searchPaths', 'minimums', 'hardening'];

/** All that headers say: for a file that two readers take for two different files. */
export const HEADER_FACTS: readonly Doubt[] = [
  ...['machine', 'interpreter', 'entryPoint', 'stripped', 'debugInfo', 'buildId', 'overlay', 'signature', 'packer', 'go'] as const,
  ...DYNAMIC_FACTS,
];

/** The file lacks bytes that its headers name: nothing that is said of it is certain. */
const CUT: readonly Doubt[] = ['size', ...HEADER_FACTS];

/** Some names are missing from the answer. */
const NAMES: readonly Doubt[] = ['dependencies', 'searchPaths', 'minimums.glibc', 'minimums.glibcxx', 'minimums.cxxabi'];

/** The facts in doubt by a warning's code, where its maker says nothing else. Codes that are not listed doubt nothing. */
const DOUBTS: ReadonlyMap<WarningCode, readonly Doubt[]> = new Map<WarningCode, readonly Doubt[]>([
  ['truncated', CUT],
  ['segment-truncated', CUT],
  ['section-truncated', CUT],
  ['slice-truncated', CUT],
  ['headers-past-eof', CUT],
  ['sizeofcmds-exceeds-file', CUT],
  ['signature-outside', CUT],
  ['limit-exceeded', NAMES],

  // ELF
  ['class-contradicted', HEADER_FACTS],
  ['program-headers-at-zero', HEADER_FACTS],
  ['program-headers-elsewhere', DYNAMIC_FACTS],
  ['overlapping-load', DYNAMIC_FACTS],
  ['several-dynamic', DYNAMIC_FACTS],
  ['dynamic-offset-mismatch', DYNAMIC_FACTS],
  ['dynamic-unmapped', DYNAMIC_FACTS],
  ['dynamic-section-only', DYNAMIC_FACTS],
  ['dynamic-tag-twice', DYNAMIC_FACTS],
  ['no-dt-null', DYNAMIC_FACTS],
  ['string-table-unmapped', DYNAMIC_FACTS],
  ['string-table-size', NAMES],
  ['no-string', NAMES],
  ['string-cut', NAMES],
  ['version-table', ['minimums.glibc', 'minimums.glibcxx', 'minimums.cxxabi']],
  ['unversioned-symbols', ['minimums.glibc']],
  ['several-interpreters', ['interpreter', 'platform', 'linkage', 'searchPaths']],
  ['several-stacks', ['hardening.nonExecutableStack']],
  ['several-relro', ['hardening.relro']],
  ['sections-contradict-segments', ['kind', 'stripped', 'debugInfo']],
  ['section-type', ['stripped', 'debugInfo']],
  ['needed-without-interpreter', ['linkage', 'dependencies']],
  ['system-contradicted', ['platform']],
  ['interpreter-relative', ['platform.libc', 'interpreter']],

  // Mach-O
  ['string-offset', NAMES],
  ['lc-too-small', NAMES],
  ['sizeofcmds-mismatch', NAMES],
  ['cmdsize-too-small', NAMES],
  ['cmdsize-exceeds-commands', NAMES],
  ['command-twice', ['interpreter', 'entryPoint', 'libraryName', 'buildId', 'linkage', 'stripped']],
  ['several-systems', ['platform', 'minimums.os']],
  ['duplicate-architecture', ['platform']],
  ['slices-overlap', HEADER_FACTS],
  ['java-class-look', HEADER_FACTS],

  // PE
  ['imports-unmapped', NAMES],
  ['imports-overwritten', NAMES],
  ['imports-relocated', ['platform', 'linkage', ...NAMES]],
  ['module-name', NAMES],
  ['import-unused', ['dependencies']],

  // WebAssembly
  ['sections-cut', CUT],
  ['interface-cut', ['platform', 'kind', 'linkage', ...NAMES]],
  ['duplicate-section', ['platform', 'kind', 'linkage', 'stripped', 'debugInfo', 'buildId', 'go', ...NAMES]],
  ['section-order', ['platform', 'kind', 'linkage', ...NAMES]],

  // Go
  ['go-unconfirmed', ['go']],
  ['go-copies-differ', ['go']],
  ['go-said-twice', ['go']],
  ['go-settings-contradicted', ['go.settings']],
  ['go-target-mismatch', ['go.settings']],
]);

/** A warning, with the facts that it puts in doubt: those that its code does, unless others are given. */
export function warningOf(code: WarningCode, message: string, offset: number | null, doubts: readonly string[] = DOUBTS.get(code) ?? []): ListedWarning {
  return { code, message, offset, doubts };
}

/** Whether a doubt of one fact is one of another too: of a part of it, or of what it is a part of. */
function touches(doubt: string, fact: string): boolean {
  return doubt === fact || fact.startsWith(`${doubt}.`) || doubt.startsWith(`${fact}.`);
}

/** The first of some warnings that puts one of some facts in doubt; null where none does. */
export function doubtOf(warnings: readonly Warning[], facts: readonly Doubt[]): Warning | null {
  return warnings.find(({ doubts }) => doubts.some((doubt) => facts.some((fact) => touches(doubt, fact)))) ?? null;
}
