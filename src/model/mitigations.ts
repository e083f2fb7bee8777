// The short words for mitigations, as people ask for them and as a table heads its columns.

import type { Hardening } from './hardening.ts';

/** A mitigation: its word, its fact, and whether a file that has it says yes there. */
export interface Mitigation {
  readonly word: string;
  readonly fact: keyof Hardening;
  /** The answer of a file that is protected; null where there is more than one (RELRO). */
  readonly good: boolean | null;
  /** The head of its column. */
  readonly head: string;
  /** For people: 'a stack that is not executable'. */
  readonly text: string;
}

/** Every mitigation, in the order of a table's columns. */
export const MITIGATIONS: readonly Mitigation[] = [
  { word: 'relro', fact: 'relro', good: null, head: 'RELRO', text: 'tables that are read-only after relocation' },
  { word: 'nx', fact: 'nonExecutableStack', good: true, head: 'NX', text: 'a stack that is not executable' },
  { word: 'nx-heap', fact: 'nonExecutableHeap', good: true, head: 'NX HEAP', text: 'a heap that is not executable' },
  { word: 'canary', fact: 'stackCanary', good: true, head: 'CANARY', text: 'stack canaries' },
  { word: 'fortify', fact: 'fortify', good: true, head: 'FORTIFY', text: 'checked functions of the C library' },
  { word: 'ibt', fact: 'ibt', good: true, head: 'IBT', text: 'indirect branch tracking' },
  { word: 'shstk', fact: 'shadowStack', good: true, head: 'SHSTK', text: 'shadow stacks' },
  { word: 'bti', fact: 'bti', good: true, head: 'BTI', text: 'branch target identification' },
  { word: 'pac', fact: 'pac', good: true, head: 'PAC', text: 'pointer authentication' },
  { word: 'no-rwx', fact: 'writableAndExecutable', good: false, head: 'NO RWX', text: 'nothing that is writable and executable' },
  { word: 'no-textrel', fact: 'textRelocations', good: false, head: 'NO TEXTREL', text: 'no relocations of code' },
  { word: 'runtime', fact: 'hardenedRuntime', good: true, head: 'RUNTIME', text: 'the hardened runtime' },
  { word: 'library-validation', fact: 'libraryValidation', good: true, head: 'LIBVAL', text: 'library validation' },
  { word: 'restrict', fact: 'restrict', good: true, head: 'RESTRICT', text: 'a restricted process' },
  { word: 'aslr', fact: 'aslr', good: true, head: 'ASLR', text: 'an image that is moved' },
  { word: 'high-entropy', fact: 'highEntropyAslr', good: true, head: 'HIGH ENTROPY', text: 'an image that is moved over 64 bits' },
  { word: 'cfg', fact: 'controlFlowGuard', good: true, head: 'CFG', text: 'Control Flow Guard' },
  { word: 'safeseh', fact: 'safeSeh', good: true, head: 'SAFESEH', text: 'a table of exception handlers' },
  { word: 'force-integrity', fact: 'forceIntegrity', good: true, head: 'INTEGRITY', text: 'a signature that is wanted at load time' },
];

/** Other spellings, and the facts' own names. */
const OTHERS: ReadonlyMap<string, string> = new Map<string, string>([
  ['nx-stack', 'nx'], ['shadow-stack', 'shstk'], ['cet-ibt', 'ibt'], ['cet', 'shstk'], ['stack-canary', 'canary'], ['hardened-runtime', 'runtime'], ['safe-seh', 'safeseh'],
  ['wx', 'no-rwx'], ['w^x', 'no-rwx'], ['rwx', 'no-rwx'], ['textrel', 'no-textrel'], ['libval', 'library-validation'],
  ...MITIGATIONS.map(({ fact, word }): [string, string] => [fact.toLowerCase(), word]),
]); // prettier-ignore

/** The mitigation of a word; null for what is none. */
export function mitigationOf(word: string): Mitigation | null {
  const lower = word.toLowerCase();
  const name = MITIGATIONS.some((one) => one.word === lower) ? lower : OTHERS.get(lower);
  return MITIGATIONS.find((one) => one.word === name) ?? null;
}
