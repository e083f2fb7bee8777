// The numbers of PE: Microsoft's "PE Format", winnt.h and corhdr.h.

/** Marks of the header that e_lfanew points at. Only the first is PE; the others are older kinds of "new executable". */
export const SIGNATURE = {
  PE: 0x0000_4550, // 'PE', followed by two zeros
  NE: 0x454e,
  LE: 0x454c,
  LX: 0x584c,
  W3: 0x3357,
  W4: 0x3457,
} as const;

/** e_magic: 'MZ', and 'ZM', which DOS takes for the same and Windows does not. */
export const DOS_MAGIC = { MZ: 0x5a4d, ZM: 0x4d5a } as const;

/** The optional header's Magic. It alone distinguishes 32 from 64 bits; Machine doesn't. */
export const OPTIONAL_MAGIC = { PE32: 0x10b, PE32_PLUS: 0x20b } as const;

/** IMAGE_FILE_MACHINE_…: the COFF header's Machine. */
export const MACHINE = {
  UNKNOWN: 0,
  I386: 0x14c,
  I860: 0x14d,
  R3000BE: 0x160,
  R3000: 0x162,
  R4000: 0x166,
  R10000: 0x168,
  WCEMIPSV2: 0x169,
  ALPHA: 0x184,
  SH3: 0x1a2,
  SH3DSP: 0x1a3,
  SH3E: 0x1a4,
  SH4: 0x1a6,
  SH5: 0x1a8,
  ARM: 0x1c0,
  THUMB: 0x1c2,
  ARMNT: 0x1c4,
  AM33: 0x1d3,
  POWERPC: 0x1f0,
  POWERPCFP: 0x1f1,
  POWERPCBE: 0x1f2, // Xbox 360
  IA64: 0x200,
  MIPS16: 0x266,
  M68K: 0x268,
  ALPHA64: 0x284,
  PARISC: 0x290,
  MIPSFPU: 0x366,
  MIPSFPU16: 0x466,
  TRICORE: 0x520,
  MPPC: 0x601,
  CEF: 0xcef,
  EBC: 0xebc, // EFI byte code
  CHPE_X86: 0x3a64, // in objects; an image says I386
  RISCV32: 0x5032,
  RISCV64: 0x5064,
  RISCV128: 0x5128,
  LOONGARCH32: 0x6232,
  LOONGARCH64: 0x6264,
  AMD64: 0x8664, // ARM64EC images too
  M32R: 0x9041,
  ARM64EC: 0xa641, // in objects; an image says AMD64
  ARM64X: 0xa64e, // in objects; an image says ARM64
  ARM64: 0xaa64,
  CEE: 0xc0ee,
} as const;

/** IMAGE_FILE_…: the COFF header's Characteristics. */
export const FILE = {
  RELOCS_STRIPPED: 0x0001,
  EXECUTABLE_IMAGE: 0x0002,
  LINE_NUMS_STRIPPED: 0x0004,
  LOCAL_SYMS_STRIPPED: 0x0008,
  AGGRESSIVE_WS_TRIM: 0x0010,
  LARGE_ADDRESS_AWARE: 0x0020,
  BYTES_REVERSED_LO: 0x0080,
  '32BIT_MACHINE': 0x0100,
  DEBUG_STRIPPED: 0x0200, // Go sets it on files full of symbols: it says nothing
  REMOVABLE_RUN_FROM_SWAP: 0x0400,
  NET_RUN_FROM_SWAP: 0x0800,
  SYSTEM: 0x1000,
  DLL: 0x2000,
  UP_SYSTEM_ONLY: 0x4000,
  BYTES_REVERSED_HI: 0x8000,
} as const;

/** IMAGE_DLLCHARACTERISTICS_…. They are said of programs as well as of DLLs. */
export const DLL_CHARACTERISTICS = {
  HIGH_ENTROPY_VA: 0x0020,
  DYNAMIC_BASE: 0x0040,
  FORCE_INTEGRITY: 0x0080,
  NX_COMPAT: 0x0100,
  NO_ISOLATION: 0x0200,
  NO_SEH: 0x0400,
  NO_BIND: 0x0800,
  APPCONTAINER: 0x1000,
  WDM_DRIVER: 0x2000,
  GUARD_CF: 0x4000,
  TERMINAL_SERVER_AWARE: 0x8000,
} as const;

/** IMAGE_SUBSYSTEM_…. */
export const SUBSYSTEM = {
  UNKNOWN: 0,
  NATIVE: 1, // drivers, the kernel, and the few programs that start before the Windows subsystem does
  WINDOWS_GUI: 2,
  WINDOWS_CUI: 3,
  OS2_CUI: 5,
  POSIX_CUI: 7,
  NATIVE_WINDOWS: 8,
  WINDOWS_CE_GUI: 9,
  EFI_APPLICATION: 10,
  EFI_BOOT_SERVICE_DRIVER: 11,
  EFI_RUNTIME_DRIVER: 12,
  EFI_ROM: 13,
  XBOX: 14,
  WINDOWS_BOOT_APPLICATION: 16,
  XBOX_CODE_CATALOG: 17,
} as const;

/** IMAGE_DIRECTORY_ENTRY_…: what the data directories are, by their index. */
export const DIRECTORY = {
  EXPORT: 0,
  IMPORT: 1,
  RESOURCE: 2,
  SECURITY: 4, // the only one that is a place in the file, and not in memory
  BASE_RELOCATION: 5,
  DEBUG: 6,
  TLS: 9,
  LOAD_CONFIG: 10,
  DELAY_IMPORT: 13,
  COM_DESCRIPTOR: 14,
} as const;

/** As many data directories as there are names for; more are not looked at, whatever NumberOfRvaAndSizes says. */
export const DIRECTORY_COUNT = 16;

/** IMAGE_SCN_…: a section's Characteristics. */
export const SCN = { CNT_CODE: 0x20, MEM_EXECUTE: 0x2000_0000, MEM_WRITE: 0x8000_0000 } as const;

/** IMAGE_DEBUG_TYPE_…. */
export const DEBUG_TYPE = { CODEVIEW: 2, REPRO: 16, EMBEDDED_PORTABLE_PDB: 17, EX_DLLCHARACTERISTICS: 20 } as const;

/** IMAGE_DLLCHARACTERISTICS_EX_…: for more flags the optional header had no room, so they stand in a debug entry. */
export const EX_DLL_CHARACTERISTICS = { CET_COMPAT: 0x01 } as const;

/** IMAGE_GUARD_…: GuardFlags of the load configuration. The highest four bits are the width of a table's entries. */
export const GUARD = {
  CF_INSTRUMENTED: 0x100, // the C runtime alone brings this with it
  CF_FUNCTION_TABLE_PRESENT: 0x400,
  SECURITY_COOKIE_UNUSED: 0x800,
} as const;

/** RT_…: the types of resources. */
export const RESOURCE_TYPE = { RCDATA: 10, VERSION: 16 } as const;

/** dwSignature of VS_FIXEDFILEINFO. */
export const FIXED_FILE_INFO = 0xfeef_04bd;

/** WIN_CERT_TYPE_…: what an entry of the certificate table holds. PKCS_SIGNED_DATA is what Authenticode is. */
export const CERTIFICATE_TYPE = { X509: 1, PKCS_SIGNED_DATA: 2, TS_STACK_SIGNED: 4, EFI_PKCS115: 0xef0, EFI_GUID: 0xef1 } as const;

/** The first word of a CodeView entry: a reference to a PDB 7.0 or 2.0 file, or the debug information itself (5.0, 4.0). */
export const CODEVIEW = { RSDS: 0x5344_5352, NB10: 0x3031_424e, NB11: 0x3131_424e, NB09: 0x3930_424e } as const;

/** A delay-load descriptor's Attributes: its fields are RVAs. Visual C++ 6 wrote addresses and left it out. */
export const DELAY_RVA_BASED = 1;

/** COMIMAGE_FLAGS_…: Flags of the .NET header. A preference is written with the requirement set as well. */
export const COMIMAGE = { ILONLY: 1, '32BITREQUIRED': 2, '32BITPREFERRED': 0x2_0000 } as const;

/** 'BSJB', where .NET metadata begins (ECMA-335 II.24.2.1). */
export const METADATA_SIGNATURE = 0x424a_5342;

/** What .NET's ahead-of-time compiler XORs the machine with, so that no other loader takes its images for Windows programs. */
export const READY_TO_RUN_SYSTEMS: readonly (readonly [mask: number, os: string])[] = [
  [0x7b79, 'linux'],
  [0x4644, 'darwin'],
  [0xadc4, 'freebsd'],
  [0x1993, 'netbsd'],
  [0x1992, 'solaris'],
];

/** The machines that compiler has. */
export const READY_TO_RUN_MACHINES: ReadonlySet<number> = new Set([
  MACHINE.I386, MACHINE.AMD64, MACHINE.ARMNT, MACHINE.ARM64, MACHINE.RISCV64, MACHINE.LOONGARCH64,
]); // prettier-ignore

/** Below this SectionAlignment an image is mapped as it lies in the file. */
export const PAGE = 0x1000;

/** Raw data begins and ends at sectors: Windows rounds, whatever FileAlignment says. */
export const SECTOR = 0x200;
