// The hardening of a binary in a line of words, or fact by fact.

import type { Binary } from '../model/binary.ts';
import { HARDENING_REASON } from '../model/hardening.ts';
import type { Hardening } from '../model/hardening.ts';

/** The words for a fact that is true and for one that is false; null for what need not be said in one line. */
const WORDS: Readonly<Record<Exclude<keyof Hardening, 'relro'>, readonly [yes: string | null, no: string | null]>> = {
  aslr: ['ASLR', 'no ASLR'],
  highEntropyAslr: ['high-entropy', null],
  nonExecutableStack: ['NX stack', 'executable stack'],
  nonExecutableHeap: ['NX heap', null],
  stackCanary: ['canary', 'no canary'],
  fortify: ['FORTIFY', 'no FORTIFY'],
  ibt: ['IBT', null],
  shadowStack: ['shadow stack', null],
  bti: ['BTI', null],
  pac: ['PAC', null],
  controlFlowGuard: ['CFG', 'no CFG'],
  safeSeh: ['SafeSEH', 'no SafeSEH'],
  forceIntegrity: ['FORCE_INTEGRITY', null],
  hardenedRuntime: ['hardened runtime', 'no hardened runtime'],
  libraryValidation: ['library validation', null],
  restrict: ['__RESTRICT', null],
  writableAndExecutable: ['WRITABLE CODE', null],
  textRelocations: ['TEXT RELOCATIONS', null],
};

const NAMES = Object.keys(WORDS) as (keyof typeof WORDS)[];

/** 'NX stack', 'partial RELRO', 'no canary', …: what is known and worth a word. */
export function hardeningWords({ hardening, format }: Binary): string[] {
  if (hardening === null) return [];
  const words = NAMES.map((name) => {
    const value = hardening[name];
    if (name === 'nonExecutableStack' && format === 'pe') return value === null ? null : value ? 'NX' : 'no NX_COMPAT'; // a flag: 64-bit programs have it anyway
    return value === null ? null : WORDS[name][value ? 0 : 1];
  });
  const relro = hardening.relro === null ? null : hardening.relro === 'none' ? 'no RELRO' : `${hardening.relro} RELRO`;
  return [...words, relro].filter((word) => word !== null);
}

/** Every fact that is known or could be, with its answer (null where the question does not apply) and what told it. */
export function hardeningFacts({ hardening, because }: Binary): { name: string; answer: string | null; reason: string | null }[] {
  if (hardening === null) return [];
  return (['relro', ...NAMES] as (keyof Hardening)[]).flatMap((name) => {
    const value = hardening[name];
    const reason = because[HARDENING_REASON[name]] ?? null;
    if (value === null && reason === null) return []; // the question does not arise for this format
    return [{ name, answer: value === null ? (reason?.startsWith('does not apply') === true ? null : '?') : typeof value === 'string' ? value : value ? 'yes' : 'no', reason }];
  });
}
