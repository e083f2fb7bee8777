// What a PE file does against attacks: flags of its headers, and the load configuration.

import type { Kind } from '../../model/binary.ts';
import { HARDENING_REASON } from '../../model/hardening.ts';
import type { Hardening } from '../../model/hardening.ts';
import { COMIMAGE, DEBUG_TYPE, DLL_CHARACTERISTICS, EX_DLL_CHARACTERISTICS, FILE, GUARD, MACHINE, SCN } from '../constants.ts';
import { entryOf, readDebugData } from '../debug.ts';
import type { DebugDirectory } from '../debug.ts';
import { isEfi } from '../file.ts';
import type { PeFile } from '../file.ts';
import { OPTIONAL_END } from '../structures.ts';
import type { ClrHeader, LoadConfig } from '../structures.ts';

/** What the hardening follows from, beside the headers. */
interface Evidence {
  readonly debug: DebugDirectory;
  /** The load configuration, and whether it could be read. */
  readonly config: LoadConfig | null;
  readonly configComplete: boolean;
  readonly managed: ClrHeader | null;
}

type Tell = <T>(fact: keyof Hardening, value: T, reason: string) => T;

const UNKNOWN_CONFIG = 'unknown: the load configuration can\'t be read';

/**
 * The hardening of a program, library or driver; null for what is none of them. Where Windows' loader is not asked, as in firmware's
 * programs, what it alone would do is null.
 */
export function hardening(file: PeFile, kind: Kind, evidence: Evidence, because: Record<string, string>): Hardening | null {
  if (kind !== 'executable' && kind !== 'shared-library' && kind !== 'driver') return null;
  const tell: Tell = (fact, value, reason) => {
    because[HARDENING_REASON[fact]] = reason;
    return value;
  };
  const forWindows = !isEfi(file.optional);
  const aslr = forWindows ? addressRandomised(file, tell) : null;
  return {
    nonExecutableStack: nonExecutableStack(file, tell),
    nonExecutableHeap: null,
    relro: null,
    stackCanary: forWindows ? stackCanary(evidence, tell) : null,
    fortify: null,
    ibt: null,
    shadowStack: forWindows ? shadowStack(file, evidence.debug, tell) : null,
    bti: null,
    pac: null,
    writableAndExecutable: writableAndExecutable(file, tell),
    textRelocations: null,
    hardenedRuntime: null,
    libraryValidation: null,
    restrict: null,
    aslr,
    highEntropyAslr: forWindows ? highEntropy(file, aslr, tell) : null,
    controlFlowGuard: forWindows ? controlFlowGuard(file, evidence, tell) : null,
    safeSeh: forWindows ? safeSeh(file, evidence, tell) : null,
    forceIntegrity: forWindows ? forceIntegrity(file, tell) : null,
  };
}

/** Whether a flag of DllCharacteristics is set; null where the file ends before them. */
function flag({ optional, optionalBytes }: PeFile, bit: number): boolean | null {
  return optionalBytes < OPTIONAL_END.DLL_CHARACTERISTICS ? null : (optional.dllCharacteristics & bit) !== 0;
}

const isSet = (name: string, set: boolean): string => `IMAGE_DLLCHARACTERISTICS_${name} is ${set ? '' : 'not '}set`;

const UNKNOWN_FLAGS = 'unknown: DllCharacteristics can\'t be read';

/** NX_COMPAT as the file has it. Only 32-bit programs need it: whatever has 64 bits is run with a stack that can't be executed. */
function nonExecutableStack(file: PeFile, tell: Tell): boolean | null {
  const set = flag(file, DLL_CHARACTERISTICS.NX_COMPAT);
  if (set === null) return tell('nonExecutableStack', null, UNKNOWN_FLAGS);
  const regardless = !set && file.input.encoding.wide && !isEfi(file.optional);
  const remark = regardless ? '; Windows makes no stack of a 64-bit process executable, with the flag or without' : '';
  return tell('nonExecutableStack', set, isSet('NX_COMPAT', set) + remark);
}

/** Whether the loader puts it somewhere else each time. The flag alone does not tell: without relocations there is nothing to move it by. */
function addressRandomised(file: PeFile, tell: Tell): boolean | null {
  const set = flag(file, DLL_CHARACTERISTICS.DYNAMIC_BASE);
  if (set === null) return tell('aslr', null, UNKNOWN_FLAGS);
  if (!set) return tell('aslr', false, isSet('DYNAMIC_BASE', false));
  return (file.coff.characteristics & FILE.RELOCS_STRIPPED) !== 0
    ? tell('aslr', false, 'IMAGE_DLLCHARACTERISTICS_DYNAMIC_BASE is set, but IMAGE_FILE_RELOCS_STRIPPED too')
    : tell('aslr', true, 'IMAGE_DLLCHARACTERISTICS_DYNAMIC_BASE is set, IMAGE_FILE_RELOCS_STRIPPED is not');
}

/** Whether all 64 bits of an address are put to use. LLVM's linker sets the flag on what it fixes to an address as well. */
function highEntropy(file: PeFile, aslr: boolean | null, tell: Tell): boolean | null {
  const set = flag(file, DLL_CHARACTERISTICS.HIGH_ENTROPY_VA);
  if (set === null || aslr === null) return tell('highEntropyAslr', null, UNKNOWN_FLAGS);
  if (!set) return tell('highEntropyAslr', false, isSet('HIGH_ENTROPY_VA', false));
  if (!aslr) return tell('highEntropyAslr', false, `${isSet('HIGH_ENTROPY_VA', true)}, but it is not moved at all`);
  if (!file.input.encoding.wide) return tell('highEntropyAslr', false, `${isSet('HIGH_ENTROPY_VA', true)}, but addresses have 32 bits`);
  return (file.coff.characteristics & FILE.LARGE_ADDRESS_AWARE) === 0
    ? tell('highEntropyAslr', false, `${isSet('HIGH_ENTROPY_VA', true)}, but IMAGE_FILE_LARGE_ADDRESS_AWARE is not`)
    : tell('highEntropyAslr', true, isSet('HIGH_ENTROPY_VA', true));
}

function forceIntegrity(file: PeFile, tell: Tell): boolean | null {
  const set = flag(file, DLL_CHARACTERISTICS.FORCE_INTEGRITY);
  return tell('forceIntegrity', set, set === null ? UNKNOWN_FLAGS : isSet('FORCE_INTEGRITY', set));
}

/**
 * Whether Control Flow Guard is at work. It takes the flag, code that was compiled for it, and a table of what may be called: the C
 * runtime brings the second without the third.
 */
function controlFlowGuard(file: PeFile, { config, configComplete }: Evidence, tell: Tell): boolean | null {
  const told = (value: boolean | null, reason: string): boolean | null => tell('controlFlowGuard', value, reason);
  const set = flag(file, DLL_CHARACTERISTICS.GUARD_CF);
  if (set === null) return told(null, UNKNOWN_FLAGS);
  if (!set) return told(false, isSet('GUARD_CF', false));
  if (config === null && !configComplete) return told(null, UNKNOWN_CONFIG);
  if (config === null) return told(false, `${isSet('GUARD_CF', true)}, but there is no load configuration`);
  if ((config.guardFlags & GUARD.CF_INSTRUMENTED) === 0) return told(false, `${isSet('GUARD_CF', true)}, but CF_INSTRUMENTED is not set in GuardFlags`);
  if ((config.guardFlags & GUARD.CF_FUNCTION_TABLE_PRESENT) === 0 || config.guardTable === 0n || config.guardCount === 0) {
    return told(false, `${isSet('GUARD_CF', true)}, but there is no table of functions that may be called`);
  }
  return told(true, `${isSet('GUARD_CF', true)}, with a table of ${config.guardCount} functions that may be called`);
}

/** Microsoft's stack canary. Others keep theirs where no header tells, so that without a load configuration nothing is known. */
function stackCanary({ config, configComplete }: Evidence, tell: Tell): boolean | null {
  if (config === null) return tell('stackCanary', null, configComplete ? 'unknown: there is no load configuration' : UNKNOWN_CONFIG);
  if (config.securityCookie === 0n) return tell('stackCanary', false, 'the load configuration has no SecurityCookie');
  return (config.guardFlags & GUARD.SECURITY_COOKIE_UNUSED) !== 0
    ? tell('stackCanary', false, 'SECURITY_COOKIE_UNUSED is set in GuardFlags')
    : tell('stackCanary', true, 'the load configuration has a SecurityCookie');
}

/** Whether exception handlers are in a table. The question arises for x86 only, where they would lie on the stack; .NET code has none. */
function safeSeh(file: PeFile, { config, configComplete, managed }: Evidence, tell: Tell): boolean | null {
  const isNative = managed === null || (managed.flags & COMIMAGE.ILONLY) === 0;
  if (file.coff.machine !== MACHINE.I386 || file.input.encoding.wide || !isNative) return null;
  const without = flag(file, DLL_CHARACTERISTICS.NO_SEH);
  if (without === null) return tell('safeSeh', null, UNKNOWN_FLAGS);
  if (without) return tell('safeSeh', true, `${isSet('NO_SEH', true)}: there are no handlers`);
  if (config === null) return configComplete ? tell('safeSeh', false, 'there is no load configuration') : tell('safeSeh', null, UNKNOWN_CONFIG);
  return config.handlerTable !== 0n && config.handlerCount !== 0
    ? tell('safeSeh', true, `the load configuration has a table of ${config.handlerCount} handlers`)
    : tell('safeSeh', false, 'the load configuration has no table of handlers');
}

/** Whether it can be run with a shadow stack, which processors for x86 have. */
function shadowStack(file: PeFile, { entries, complete }: DebugDirectory, tell: Tell): boolean | null {
  if (file.coff.machine !== MACHINE.AMD64 && file.coff.machine !== MACHINE.I386) return null;
  const entry = entryOf(entries, DEBUG_TYPE.EX_DLLCHARACTERISTICS);
  if (entry === undefined) {
    return complete
      ? tell('shadowStack', false, 'no debug entry holds extended DLL characteristics')
      : tell('shadowStack', null, 'unknown: the debug directory can\'t be read');
  }
  const bytes = readDebugData(file, entry, 4, 'extended DLL characteristics');
  if (bytes === null || bytes.size < 4) return tell('shadowStack', null, 'unknown: the extended DLL characteristics can\'t be read');
  const set = (bytes.u32(0) & EX_DLL_CHARACTERISTICS.CET_COMPAT) !== 0;
  return tell('shadowStack', set, `IMAGE_DLLCHARACTERISTICS_EX_CET_COMPAT is ${set ? '' : 'not '}set`);
}

function writableAndExecutable({ sections, coff }: PeFile, tell: Tell): boolean | null {
  const both = sections.find(({ characteristics }) => (characteristics & SCN.MEM_WRITE) !== 0 && (characteristics & SCN.MEM_EXECUTE) !== 0);
  if (both !== undefined) return tell('writableAndExecutable', true, `section ${both.name} is writable and executable`);
  const isWhole = sections.length > 0 && sections.length === coff.sectionCount;
  if (!isWhole) return tell('writableAndExecutable', null, 'unknown: not all section headers are there');
  return tell('writableAndExecutable', false, 'no section is both writable and executable');
}
