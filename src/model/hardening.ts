// What a binary does against attacks on it. Each fact is true, false, or null where it does not arise or can't be determined.

/** `because['hardening.NAME']` of the binary says what told each. */
export interface Hardening {
  /** ELF: PT_GNU_STACK; Mach-O: MH_ALLOW_STACK_EXECUTION; PE: NX_COMPAT. */
  readonly nonExecutableStack: boolean | null;
  /** Mach-O, 32-bit x86: MH_NO_HEAP_EXECUTION. */
  readonly nonExecutableHeap: boolean | null;
  /** ELF: what is read-only once it has been relocated: nothing, some tables, or the function pointers too. */
  readonly relro: 'none' | 'partial' | 'full' | null;
  /** Whether code that checks stack canaries is inside. It says nothing of how much of the program it covers. */
  readonly stackCanary: boolean | null;
  /** Whether a checked variant of a C library function is called (_FORTIFY_SOURCE). */
  readonly fortify: boolean | null;
  /** x86: marked for indirect branch tracking (CET). */
  readonly ibt: boolean | null;
  /** x86: marked for shadow stacks (CET). */
  readonly shadowStack: boolean | null;
  /** arm64: marked for branch target identification. */
  readonly bti: boolean | null;
  /** arm64: marked for pointer authentication. */
  readonly pac: boolean | null;
  /** Whether a segment or section is both writable and executable: true is the bad answer. */
  readonly writableAndExecutable: boolean | null;
  /** ELF: whether relocations change code: true is the bad answer. */
  readonly textRelocations: boolean | null;
  /** Mach-O: the code signature asks for the hardened runtime. */
  readonly hardenedRuntime: boolean | null;
  /** Mach-O: the code signature asks for library validation. */
  readonly libraryValidation: boolean | null;
  /** Mach-O: a __RESTRICT segment, or the code signature's flag for it. */
  readonly restrict: boolean | null;
  /** PE: whether the loader really moves it. */
  readonly aslr: boolean | null;
  /** PE: whether it is moved over all 64 bits. */
  readonly highEntropyAslr: boolean | null;
  /** PE: Control Flow Guard, with a table of targets. */
  readonly controlFlowGuard: boolean | null;
  /** PE, 32-bit x86: structured exception handlers in a table. */
  readonly safeSeh: boolean | null;
  /** PE: a signature is wanted at load time. */
  readonly forceIntegrity: boolean | null;
}

/** Nothing known: what a wing begins with, and what a hidden or unreadable binary ends with. */
export const NO_HARDENING: Hardening = {
  nonExecutableStack: null,
  nonExecutableHeap: null,
  relro: null,
  stackCanary: null,
  fortify: null,
  ibt: null,
  shadowStack: null,
  bti: null,
  pac: null,
  writableAndExecutable: null,
  textRelocations: null,
  hardenedRuntime: null,
  libraryValidation: null,
  restrict: null,
  aslr: null,
  highEntropyAslr: null,
  controlFlowGuard: null,
  safeSeh: null,
  forceIntegrity: null,
};

/** Where `because` says what told a fact: 'hardening.relro'. */
export const HARDENING_REASON: { readonly [Fact in keyof Hardening]: `hardening.${Fact}` } = Object.fromEntries(
  Object.keys(NO_HARDENING).map((fact) => [fact, `hardening.${fact}`]),
) as { readonly [Fact in keyof Hardening]: `hardening.${Fact}` };
