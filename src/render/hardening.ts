// The hardening of a binary in a line of marked words, or fact by fact.

import type { Binary } from '../model/binary.ts';
import { HARDENING_REASON } from '../model/hardening.ts';
import type { Hardening } from '../model/hardening.ts';
import { tinted } from './words.ts';
import type { Style, Tint } from './words.ts';

/** Whether a binary has a mitigation: all of it, a part of it, none; or the opposite of one. */
export type Grade = 'good' | 'part' | 'bad' | 'alarm';

/** A mitigation in a word, and how far the binary has it. */
export interface Marked {
  readonly grade: Grade;
  readonly word: string;
}

const MARKS: Readonly<Record<Grade, readonly [sign: string, ascii: string, tint: Tint]>> = {
  good: ['✓ ', '+ ', 'green'],
  part: ['◐ ', '~ ', 'yellow'],
  bad: ['✗ ', 'no ', 'red'],
  alarm: ['! ', '! ', 'red'],
};

/** '✓ canary', '✗ CFG'; in ASCII '+ canary', 'no CFG'. */
export function markedText({ grade, word }: Marked, style: Style): string {
  const [sign, ascii, tint] = MARKS[grade];
  return tinted(style.unicode ? sign : ascii, tint, style) + word;
}

type Flag = Exclude<keyof Hardening, 'relro'>;

/** The words of facts, and whether a file without it is worth a word. */
const WORDS: readonly (readonly [fact: Flag, word: string, missed: boolean])[] = [
  ['aslr', 'ASLR', true],
  ['highEntropyAslr', 'high-entropy ASLR', false],
  ['nonExecutableStack', 'NX stack', true],
  ['nonExecutableHeap', 'NX heap', false],
  ['stackCanary', 'canary', true],
  ['fortify', 'FORTIFY', true],
  ['bti', 'BTI', false],
  ['pac', 'PAC', false],
  ['controlFlowGuard', 'CFG', true],
  ['safeSeh', 'SafeSEH', true],
  ['forceIntegrity', 'FORCE_INTEGRITY', false],
  ['hardenedRuntime', 'hardened runtime', true],
  ['libraryValidation', 'library validation', false],
  ['restrict', '__RESTRICT', false],
];

/** What is known of a binary's hardening and worth a word, in the order of importance. */
export function hardeningWords({ hardening, format, pie }: Binary): Marked[] {
  const marks: Marked[] = pie === null || format === 'pe' ? [] : [{ grade: pie ? 'good' : 'bad', word: 'PIE' }]; // of PE, ASLR says it
  if (hardening === null) return marks;
  for (const [fact, word, missed] of WORDS) {
    const value = hardening[fact];
    if (value === null || (!value && !missed)) continue;
    marks.push({ grade: value ? 'good' : 'bad', word: fact === 'nonExecutableStack' && format === 'pe' ? 'NX' : word }); // a flag: 64-bit programs have it anyway
  }
  const { relro, ibt, shadowStack, writableAndExecutable, textRelocations } = hardening;
  if (relro !== null) marks.push({ grade: relro === 'full' ? 'good' : relro === 'none' ? 'bad' : 'part', word: relro === 'none' ? 'RELRO' : `${relro} RELRO` });
  if (ibt !== null && shadowStack !== null) marks.push({ grade: ibt && shadowStack ? 'good' : ibt || shadowStack ? 'part' : 'bad', word: ibt === shadowStack ? 'CET' : ibt ? 'IBT' : 'shadow stack' });
  else if (shadowStack === true) marks.push({ grade: 'good', word: 'shadow stack' });
  if (writableAndExecutable === true) marks.push({ grade: 'alarm', word: 'WRITABLE CODE' });
  if (textRelocations === true) marks.push({ grade: 'alarm', word: 'TEXT RELOCATIONS' });
  return marks;
}

const NAMES: readonly (keyof Hardening)[] = ['relro', ...WORDS.map(([fact]) => fact), 'ibt', 'shadowStack', 'writableAndExecutable', 'textRelocations'];

/** What stands for the facts that the line of words has no word of its own for. */
const OTHER_WORDS: Readonly<Partial<Record<keyof Hardening, string>>> = { relro: 'RELRO', ibt: 'IBT', shadowStack: 'shadow stack', writableAndExecutable: 'writable code', textRelocations: 'text relocations' };

/** Facts of which true is the bad answer. */
const BAD_IF_TRUE: ReadonlySet<keyof Hardening> = new Set(['writableAndExecutable', 'textRelocations']);

/** A mitigation with what is known of it, and what told it. */
export interface HardeningFact {
  /** 'none' where the question does not apply, 'unknown' where it could not be told. */
  readonly grade: Grade | 'none' | 'unknown';
  readonly word: string;
  readonly reason: string | null;
}

/** Every fact that is known or could be. */
export function hardeningFacts({ hardening, because }: Binary): HardeningFact[] {
  if (hardening === null) return [];
  return NAMES.flatMap((fact): HardeningFact[] => {
    const value = hardening[fact];
    const reason = because[HARDENING_REASON[fact]] ?? null;
    if (value === null && reason === null) return []; // the question does not arise for this format
    const word = OTHER_WORDS[fact] ?? WORDS.find(([name]) => name === fact)?.[1] ?? fact;
    if (value === null) return [{ grade: reason?.startsWith('does not apply') === true ? 'none' : 'unknown', word, reason }];
    if (typeof value === 'string') return [{ grade: value === 'full' ? 'good' : value === 'none' ? 'bad' : 'part', word: value === 'none' ? word : `${value} ${word}`, reason }];
    if (BAD_IF_TRUE.has(fact)) return [{ grade: value ? 'alarm' : 'good', word: value ? word : `no ${word}`, reason }];
    return [{ grade: value ? 'good' : 'bad', word, reason }];
  });
}
