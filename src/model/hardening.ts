// What a binary does against attacks on it. Each fact is true, false, or null where it does not arise or can't be told.

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
  /** x86: marked for indirect branch tracking, and for shadow stacks (CET). */
  readonly ibt: boolean | null;
  readonly shadowStack: boolean | null;
  /** arm64: marked for branch target identification, and for pointer authentication. */
  readonly bti: boolean | null;
  readonly pac: boolean | null;
  /** Whether a segment or section is both writable and executable: true is the bad answer. */
  readonly writableAndExecutable: boolean | null;
  /** ELF: whether relocations change code: true is the bad answer. */
  readonly textRelocations: boolean | null;
  /** Mach-O: the code signature asks for the hardened runtime, for library validation; a __RESTRICT segment. */
  readonly hardenedRuntime: boolean | null;
  readonly libraryValidation: boolean | null;
  readonly restrict: boolean | null;
  /** PE: whether the loader really moves it, and over all 64 bits. */
  readonly aslr: boolean | null;
  readonly highEntropyAslr: boolean | null;
  /** PE: Control Flow Guard with a table of targets; structured exception handlers in a table; signature wanted at load time. */
  readonly controlFlowGuard: boolean | null;
  readonly safeSeh: boolean | null;
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
