// Program, library or driver; and whether the loader may put it anywhere.

import type { Kind } from '../../model/binary.ts';
import { nameOf } from '../../model/names.ts';
import { DLL_CHARACTERISTICS, FILE, SCN, SUBSYSTEM } from '../constants.ts';
import type { PeFile } from '../file.ts';
import { OPTIONAL_END } from '../structures.ts';

/**
 * The subsystem first, then IMAGE_FILE_DLL: compilers set that flag on EFI programs as well, and on drivers. What is native is a driver,
 * or one of the few modules of user mode that do without Windows (smss.exe, csrss.exe).
 */
export function kind(file: PeFile, imports: readonly string[], hasDwarf: boolean, because: Record<string, string>): Kind {
  const { input, coff, optional, optionalBytes } = file;
  const told = (value: Kind, reason: string): Kind => {
    because['kind'] = reason;
    return value;
  };
  if ((coff.characteristics & FILE.EXECUTABLE_IMAGE) === 0) {
    input.warn('not-executable-image', 'IMAGE_FILE_EXECUTABLE_IMAGE is not set: no loader takes this', file.headerOffset);
  }
  if (hasDwarf && isDebugFile(file)) return told('debug-symbols', 'its code sections have no bytes: the code is in another file');
  if (optionalBytes < OPTIONAL_END.SUBSYSTEM) return told('other', 'unknown: the subsystem can\'t be read');
  const subsystem = `the subsystem is IMAGE_SUBSYSTEM_${nameOf(SUBSYSTEM, optional.subsystem)}`;
  switch (optional.subsystem) {
    case SUBSYSTEM.NATIVE:
      if (!isUserMode(imports)) return told('driver', subsystem);
      break;
    case SUBSYSTEM.EFI_APPLICATION:
      return told('executable', subsystem);
    case SUBSYSTEM.EFI_BOOT_SERVICE_DRIVER:
    case SUBSYSTEM.EFI_RUNTIME_DRIVER:
      return told('driver', subsystem);
    case SUBSYSTEM.EFI_ROM:
      return told('other', subsystem);
  }
  return (coff.characteristics & FILE.DLL) !== 0 ? told('shared-library', 'IMAGE_FILE_DLL is set') : told('executable', 'IMAGE_FILE_DLL is not set');
}

/** Whether a native module is linked to what user mode begins with, and neither to the kernel nor to anything of Windows above it. */
function isUserMode(imports: readonly string[]): boolean {
  return imports.some((name) => /^ntdll(\.dll)?$/i.test(name)) && !imports.some((name) => /^(ntoskrnl|kernel32|hal)(\.\w+)?$|\.sys$/i.test(name));
}

/** A debug file that was split off keeps all section headers of its program, but not the bytes of code. */
function isDebugFile({ sections }: PeFile): boolean {
  const code = sections.filter(({ characteristics }) => (characteristics & SCN.CNT_CODE) !== 0);
  return code.length > 0 && code.every(({ fileSize, offset }) => fileSize === 0 || offset === 0);
}

/**
 * Whether a program is loaded anywhere. DYNAMIC_BASE asks for it, and where the relocations were stripped the loader does not do it. Having
 * no relocations is something else: code may need none. DLLs are moved in any case, if they have to be.
 */
export function position({ coff, optional, optionalBytes }: PeFile, kind: Kind, because: Record<string, string>): boolean | null {
  const told = (value: boolean | null, reason: string): boolean | null => {
    because['pie'] = reason;
    return value;
  };
  if ((coff.characteristics & FILE.DLL) !== 0 || kind === 'debug-symbols') return null;
  if (optionalBytes < OPTIONAL_END.DLL_CHARACTERISTICS) return told(null, 'unknown: DllCharacteristics can\'t be read');
  if ((optional.dllCharacteristics & DLL_CHARACTERISTICS.DYNAMIC_BASE) === 0) return told(false, 'IMAGE_DLLCHARACTERISTICS_DYNAMIC_BASE is not set');
  return (coff.characteristics & FILE.RELOCS_STRIPPED) !== 0
    ? told(false, 'IMAGE_FILE_RELOCS_STRIPPED is set, so that IMAGE_DLLCHARACTERISTICS_DYNAMIC_BASE has no effect')
    : told(true, 'IMAGE_DLLCHARACTERISTICS_DYNAMIC_BASE is set, IMAGE_FILE_RELOCS_STRIPPED is not');
}
