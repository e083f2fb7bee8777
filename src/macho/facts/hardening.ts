// What a Mach-O file does against attacks: header flags, protections, the code directory's flags, and the few symbols that tell.

import type { Kind, Linkage, Told } from '../../model/binary.ts';
import { HARDENING_REASON, NO_HARDENING } from '../../model/hardening.ts';
import type { Hardening } from '../../model/hardening.ts';
import { prefixedNameOf } from '../../model/names.ts';
import { CPU_SUBTYPE, CPU_SUBTYPE_MASK, CPU_TYPE, MH, MH_FLAG, PLATFORM, SUBTYPE_ARM64, VM_PROT } from '../constants.ts';
import type { MachOFile } from '../file.ts';
import { findSymbolNames } from '../symbol-names.ts';
import { namedSystem } from './platform.ts';
import { hardenedRuntime, libraryValidation } from './signature.ts';
import type { Signed } from './signature.ts';

const KINDS: ReadonlySet<Kind> = new Set(['executable', 'shared-library', 'bundle', 'driver']);

/** Machines whose pages can be kept from being executed, as the kernel does with stacks. */
const NX_MACHINES: ReadonlySet<number> = new Set([CPU_TYPE.X86, CPU_TYPE.X86_64, CPU_TYPE.ARM, CPU_TYPE.ARM64, CPU_TYPE.ARM64_32]);

/** What compilers call when a canary was overwritten, and where they take it from. C's names have an underscore more here. */
const CANARY = /^___stack_chk_(fail|guard)$/;
/** The checked variants of _FORTIFY_SOURCE. */
const FORTIFIED = /^___(?!stack_)\w+_chk$/;
const TELLING = /^___\w+_(fail|guard|chk)$/;

type Tell = <T>(fact: keyof Hardening, value: T, reason: string) => T;

/** What is known of a file beside what is in it. */
export interface Context {
  readonly kind: Kind;
  readonly linkage: Linkage | null;
  readonly os: string | null;
  readonly signed: Signed;
  /** Whether to look for symbols too. */
  readonly all: boolean;
}

/** The hardening of what is run or loaded; null for what is neither (objects, cores, debug files, kernel collections). */
export function hardening(file: MachOFile, { kind, linkage, os, signed, all }: Context, because: Record<string, string>): Hardening | null {
  if (!KINDS.has(kind)) return null;
  const tell: Tell = (fact, value, reason) => {
    because[HARDENING_REASON[fact]] = reason;
    return value;
  };
  const told = (fact: keyof Hardening, { value, because: reason }: Told<boolean | null>): boolean | null => tell(fact, value, reason);
  const { stackCanary, fortify } = all ? symbolFacts(file, linkage, tell) : NO_HARDENING;
  const program = file.header.fileType === MH.EXECUTE; // what a process is allowed, its program says, not the libraries
  const macProgram = program && isForMacs(file, os);
  return {
    nonExecutableStack: program ? nonExecutableStack(file, tell) : null,
    nonExecutableHeap: program && file.header.cpuType === CPU_TYPE.X86 ? nonExecutableHeap(file, tell) : null,
    relro: null,
    stackCanary,
    fortify,
    ibt: null,
    shadowStack: null,
    bti: null,
    pac: file.header.cpuType === CPU_TYPE.ARM64 ? pac(file, tell) : null,
    writableAndExecutable: writableAndExecutable(file, tell),
    textRelocations: null,
    hardenedRuntime: macProgram ? told('hardenedRuntime', hardenedRuntime(signed)) : null,
    libraryValidation: macProgram ? told('libraryValidation', libraryValidation(file, signed)) : null,
    restrict: program ? restrict(file, tell) : null,
    aslr: null,
    highEntropyAslr: null,
    controlFlowGuard: null,
    safeSeh: null,
    forceIntegrity: null,
  };
}

/** The hardened runtime is macOS's: the other systems allow no program what it forbids. */
function isForMacs(file: MachOFile, os: string | null): boolean {
  return os === 'darwin' || namedSystem(file)?.platform === PLATFORM.MACCATALYST;
}

function nonExecutableStack({ header }: MachOFile, tell: Tell): boolean | null {
  if (!NX_MACHINES.has(header.cpuType)) {
    return tell('nonExecutableStack', null, 'unknown: not every machine of this type can keep a stack from being executed');
  }
  const executable = (header.flags & MH_FLAG.ALLOW_STACK_EXECUTION) !== 0;
  return tell('nonExecutableStack', !executable, `MH_ALLOW_STACK_EXECUTION is ${executable ? '' : 'not '}set in the header`);
}

function nonExecutableHeap({ header }: MachOFile, tell: Tell): boolean {
  const set = (header.flags & MH_FLAG.NO_HEAP_EXECUTION) !== 0;
  return tell('nonExecutableHeap', set, `MH_NO_HEAP_EXECUTION is ${set ? '' : 'not '}set in the header`);
}

/** arm64e is the machine whose return addresses and pointers are signed; code for plain arm64 may sign some by itself, which nothing shows. */
function pac({ header }: MachOFile, tell: Tell): boolean {
  const subtype = header.cpuSubtype & CPU_SUBTYPE_MASK;
  const name = prefixedNameOf('CPU_SUBTYPE_', CPU_SUBTYPE[header.cpuType] ?? {}, subtype) ?? String(subtype);
  return tell('pac', subtype === SUBTYPE_ARM64.ARM64E, `cpusubtype is ${name}`);
}

function writableAndExecutable({ segments, complete }: MachOFile, tell: Tell): boolean | null {
  const both = segments.find(({ header: { protection } }) => (protection & VM_PROT.WRITE) !== 0 && (protection & VM_PROT.EXECUTE) !== 0);
  if (both !== undefined) return tell('writableAndExecutable', true, `the segment ${both.header.name} is mapped writable and executable`);
  if (!complete) return tell('writableAndExecutable', null, 'unknown: not all load commands could be read');
  if (segments.length === 0) return tell('writableAndExecutable', null, 'unknown: there is no segment');
  return tell('writableAndExecutable', false, 'no segment is mapped both writable and executable');
}

/** A program with this section is started without the DYLD_ variables that would change what it loads (dyld; codesign has a flag for it too). */
function restrict({ segments, complete }: MachOFile, tell: Tell): boolean | null {
  const found = segments.some(({ header, sections }) => header.name === '__RESTRICT' && sections.some(({ name }) => name === '__restrict'));
  if (found) return tell('restrict', true, 'section __RESTRICT,__restrict');
  if (!complete) return tell('restrict', null, 'unknown: not all load commands could be read');
  return tell('restrict', false, 'there is no section __RESTRICT,__restrict');
}

function symbolFacts(file: MachOFile, linkage: Linkage | null, tell: Tell): Pick<Hardening, 'stackCanary' | 'fortify'> {
  const { names, where } = findSymbolNames(file, linkage, TELLING);
  if (names === null) {
    return { stackCanary: tell('stackCanary', null, `unknown: ${where}`), fortify: tell('fortify', null, `unknown: ${where}`) };
  }
  const canary = [...names].find((name) => CANARY.test(name));
  const fortified = [...names].filter((name) => FORTIFIED.test(name));
  const checked = fortified.length === 0 ? 'no checked function' : fortified.slice(0, 3).join(', ');
  return {
    stackCanary: tell('stackCanary', canary !== undefined, `${canary ?? 'no ___stack_chk_fail'} among the ${where}`),
    fortify: tell('fortify', fortified.length > 0, `${checked} among the ${where}`),
  };
}
