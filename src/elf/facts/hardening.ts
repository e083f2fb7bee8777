// What an ELF file does against attacks: segments, dynamic flags, GNU properties, and the few symbols that tell.

import type { Kind } from '../../model/binary.ts';
import { HARDENING_REASON, NO_HARDENING } from '../../model/hardening.ts';
import type { Hardening } from '../../model/hardening.ts';
import { nameOf } from '../../model/names.ts';
import { AARCH64_FEATURE_1, DF, DF_1, DT, EM, GNU_PROPERTY, PF, PT, X86_FEATURE_1 } from '../constants.ts';
import { hasTag, lastValue } from '../dynamic.ts';
import type { ElfFile } from '../file.ts';
import type { Note } from '../notes.ts';
import { gnuProperties } from '../properties.ts';
import type { Segment } from '../structures.ts';
import { findSymbolNames } from '../symbol-names.ts';
import type { WarningCode } from '../../model/warning.ts';

/** Machines on which Linux makes everything readable executable too where PT_GNU_STACK is missing. */
const EXECUTABLE_BY_DEFAULT: ReadonlySet<number> = new Set([EM['386'], EM.ARM, EM.MIPS]);

/** What compilers call when a canary was overwritten, and where they take it from. */
const CANARY = /^(__stack_chk_(fail|fail_local|guard)|__intel_security_cookie)$/;
/** The checked variants of _FORTIFY_SOURCE; the canary's own function is called alike and is none. */
const FORTIFIED = /^__(?!stack_)\w+_chk$/;

/** Both, and little else. */
const TELLING = /^__(stack_chk_\w+|\w+_chk|intel_security_cookie)$/;

/** A bit of the GNU property note, and what is said where it is set and where it isn't. */
interface Mark {
  readonly fact: keyof Hardening;
  readonly bit: number;
  readonly set: string;
  readonly unset: string;
}

function mark(fact: keyof Hardening, bit: number, name: string): Mark {
  return { fact, bit, set: `${name} is set in the GNU property note`, unset: `${name} is not set in the GNU property note` };
}

const IBT = mark('ibt', X86_FEATURE_1.IBT, 'IBT');
const SHADOW_STACK = mark('shadowStack', X86_FEATURE_1.SHSTK, 'SHSTK');
const BTI = mark('bti', AARCH64_FEATURE_1.BTI, 'BTI');
const PAC = mark('pac', AARCH64_FEATURE_1.PAC, 'PAC');

type Tell = <T>(fact: keyof Hardening, value: T, reason: string) => T;

/** The hardening of a program or library; null for what is neither (objects, cores, debug files). Symbols are looked for with `all` only. */
export function hardening(file: ElfFile, kind: Kind, notes: readonly Note[], all: boolean, because: Record<string, string>): Hardening | null {
  if (kind !== 'executable' && kind !== 'shared-library') return null;
  if (!file.complete) return null; // what protects it may stand in what is missing
  const tell: Tell = (fact, value, reason) => {
    because[HARDENING_REASON[fact]] = reason;
    return value;
  };
  const property = gnuProperty(file, notes);
  const { machine } = file.header;
  const x86 = machine === EM.X86_64 || machine === EM['386'];
  const arm = machine === EM.AARCH64;
  const marked = (applies: boolean, { fact, bit, set, unset }: Mark): boolean | null => {
    if (!applies) return null;
    if (property === null) return tell(fact, false, 'no GNU property note');
    return (property & bit) !== 0 ? tell(fact, true, set) : tell(fact, false, unset);
  };
  const stack = nonExecutableStack(file, tell);
  const readOnly = relro(file, tell);
  const { stackCanary, fortify } = symbolFacts(file, kind, all, tell);
  return {
    nonExecutableStack: stack,
    nonExecutableHeap: NO_HARDENING.nonExecutableHeap,
    relro: readOnly,
    stackCanary,
    fortify,
    ibt: marked(x86, IBT),
    shadowStack: marked(x86, SHADOW_STACK),
    bti: marked(arm, BTI),
    pac: marked(arm, PAC),
    writableAndExecutable: writableAndExecutable(file, tell),
    textRelocations: textRelocations(file, tell),
    hardenedRuntime: null,
    libraryValidation: null,
    restrict: null,
    aslr: null,
    highEntropyAslr: null,
    controlFlowGuard: null,
    safeSeh: null,
    forceIntegrity: null,
  };
}

/** The segments of a type that should be there once; where they differ, that is a warning. The last counts, to the kernel and to ld.so. */
function lastOf({ segments, input }: ElfFile, wanted: number, code: WarningCode): Segment | null {
  const found = segments.filter(({ type }) => type === wanted);
  const last = found.at(-1) ?? null;
  const differs = found.some(({ flags, address, memorySize }) => flags !== last?.flags || address !== last.address || memorySize !== last.memorySize);
  if (differs) input.warn(code, `${found.length} segments of the type PT_${nameOf(PT, wanted)}, and not alike: the last counts`, last?.offset);
  return last;
}

function nonExecutableStack(file: ElfFile, tell: Tell): boolean | null {
  const { header } = file;
  const stack = lastOf(file, PT.GNU_STACK, 'several-stacks');
  if (stack !== null) {
    const executable = (stack.flags & PF.X) !== 0;
    return tell('nonExecutableStack', !executable, `PT_GNU_STACK is ${executable ? '' : 'not '}executable`);
  }
  if (EXECUTABLE_BY_DEFAULT.has(header.machine)) return tell('nonExecutableStack', false, 'there is no PT_GNU_STACK, and this machine makes the stack executable then');
  return tell('nonExecutableStack', null, 'unknown: there is no PT_GNU_STACK; what the stack is then depends on the system');
}

/**
 * Full is RELRO with all functions bound at the start: by any of the three marks for it, or because there are none to bind
 * late. A mark without the segment protects nothing.
 */
function relro(file: ElfFile, tell: Tell): Hardening['relro'] {
  const segment = lastOf(file, PT.GNU_RELRO, 'several-relro');
  if (segment === null) return tell('relro', 'none', 'there is no PT_GNU_RELRO');
  if (segment.memorySize === 0) return tell('relro', 'none', 'PT_GNU_RELRO covers nothing');
  const entries = file.dynamic?.entries ?? [];
  const flags = (tag: number): bigint => lastValue(entries, tag) ?? 0n;
  if (hasTag(file, DT.BIND_NOW)) return tell('relro', 'full', 'PT_GNU_RELRO and DT_BIND_NOW');
  if ((flags(DT.FLAGS) & BigInt(DF.BIND_NOW)) !== 0n) return tell('relro', 'full', 'PT_GNU_RELRO and DF_BIND_NOW');
  if ((flags(DT.FLAGS_1) & BigInt(DF_1.NOW)) !== 0n) return tell('relro', 'full', 'PT_GNU_RELRO and DF_1_NOW');
  if (!hasTag(file, DT.JMPREL)) return tell('relro', 'full', 'PT_GNU_RELRO, and no DT_JMPREL: nothing is bound late');
  return tell('relro', 'partial', 'PT_GNU_RELRO, but functions are bound when they are first called');
}

function writableAndExecutable({ segments }: ElfFile, tell: Tell): boolean | null {
  const loads = segments.filter(({ type }) => type === PT.LOAD);
  if (loads.length === 0) return tell('writableAndExecutable', null, 'unknown: there is no PT_LOAD');
  const both = loads.some(({ flags }) => (flags & PF.W) !== 0 && (flags & PF.X) !== 0);
  return tell('writableAndExecutable', both, both ? 'a PT_LOAD is writable and executable' : 'no PT_LOAD is both writable and executable');
}

function textRelocations(file: ElfFile, tell: Tell): boolean {
  const flagged = ((lastValue(file.dynamic?.entries ?? [], DT.FLAGS) ?? 0n) & BigInt(DF.TEXTREL)) !== 0n;
  const found = flagged || hasTag(file, DT.TEXTREL);
  return tell('textRelocations', found, found ? (flagged ? 'DF_TEXTREL is set' : 'DT_TEXTREL is there') : 'there is neither DT_TEXTREL nor DF_TEXTREL');
}

function symbolFacts(file: ElfFile, kind: Kind, all: boolean, tell: Tell): Pick<Hardening, 'stackCanary' | 'fortify'> {
  if (!all) return { stackCanary: null, fortify: null };
  const { names, where } = findSymbolNames(file, kind, TELLING);
  if (names === null) {
    return { stackCanary: tell('stackCanary', null, `unknown: ${where}`), fortify: tell('fortify', null, `unknown: ${where}`) };
  }
  const canary = [...names].find((name) => CANARY.test(name));
  const fortified = [...names].filter((name) => FORTIFIED.test(name));
  return {
    stackCanary: tell('stackCanary', canary !== undefined, canary === undefined ? `no __stack_chk_fail in the ${where}` : `${canary} in the ${where}`),
    fortify: tell('fortify', fortified.length > 0, fortified.length === 0 ? `no checked function in the ${where}` : `${fortified.slice(0, 3).join(', ')} in the ${where}`),
  };
}

/** The word of features that all object files of the link share; null where there is none. */
function gnuProperty(file: ElfFile, notes: readonly Note[]): number | null {
  const wanted = file.header.machine === EM.AARCH64 ? GNU_PROPERTY.AARCH64_FEATURE_1_AND : GNU_PROPERTY.X86_FEATURE_1_AND;
  return gnuProperties(file, notes, wanted)[0] ?? null;
}
