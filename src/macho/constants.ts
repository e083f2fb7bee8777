// The numbers of Mach-O: Apple's mach-o/loader.h, mach-o/fat.h, mach-o/nlist.h, mach/machine.h and mach/*/thread_status.h.

/** The first four bytes, read as big-endian: the byte order of the file is in how they stand. */
export const MAGIC = {
  MH_MAGIC: 0xfeed_face,
  MH_CIGAM: 0xcefa_edfe,
  MH_MAGIC_64: 0xfeed_facf,
  MH_CIGAM_64: 0xcffa_edfe,
  FAT_MAGIC: 0xcafe_babe, // Java classes begin with it too
  FAT_MAGIC_64: 0xcafe_babf,
  FAT_CIGAM: 0xbeba_feca, // no tool writes these two, and no system loads them
  FAT_CIGAM_64: 0xbfba_feca,
  AR: 0x213c_6172, // '!<ar', of '!<arch>'
  AR_THIN: 0x213c_7468, // '!<th', of '!<thin>'
  BITCODE: 0x4243_c0de,
  BITCODE_WRAPPER: 0xdec0_170b,
} as const;

/** Bits of a cputype: what kind of ABI it is. */
export const CPU_ARCH = { ABI64: 0x0100_0000, ABI64_32: 0x0200_0000 } as const;

/** cputype. */
export const CPU_TYPE = {
  VAX: 1,
  MC680x0: 6,
  X86: 7,
  X86_64: 0x0100_0007,
  MIPS: 8,
  MC98000: 10,
  HPPA: 11,
  ARM: 12,
  ARM64: 0x0100_000c,
  ARM64_32: 0x0200_000c,
  MC88000: 13,
  SPARC: 14,
  I860: 15,
  ALPHA: 16,
  POWERPC: 18,
  POWERPC64: 0x0100_0012,
} as const;

/** The part of a cpusubtype that numbers the machine; the byte above it tells capabilities. */
export const CPU_SUBTYPE_MASK = 0x00ff_ffff;

export const SUBTYPE_ARM = {
  ARM_ALL: 0,
  ARM_V4T: 5,
  ARM_V6: 6,
  ARM_V5TEJ: 7,
  ARM_XSCALE: 8,
  ARM_V7: 9,
  ARM_V7F: 10,
  ARM_V7S: 11,
  ARM_V7K: 12,
  ARM_V8: 13,
  ARM_V6M: 14,
  ARM_V7M: 15,
  ARM_V7EM: 16,
} as const;

export const SUBTYPE_ARM64 = { ARM64_ALL: 0, ARM64_V8: 1, ARM64E: 2 } as const;

export const SUBTYPE_X86_64 = { X86_64_ALL: 3, X86_ARCH1: 4, X86_64_H: 8 } as const;

export const SUBTYPE_POWERPC = {
  POWERPC_ALL: 0,
  POWERPC_601: 1,
  POWERPC_602: 2,
  POWERPC_603: 3,
  POWERPC_603e: 4,
  POWERPC_603ev: 5,
  POWERPC_604: 6,
  POWERPC_604e: 7,
  POWERPC_620: 8,
  POWERPC_750: 9,
  POWERPC_7400: 10,
  POWERPC_7450: 11,
  POWERPC_970: 100,
} as const;

/** CPU_SUBTYPE_ names for each cputype: the same number means another machine under another type. */
export const CPU_SUBTYPE: Readonly<Record<number, Readonly<Record<string, number>>>> = {
  [CPU_TYPE.VAX]: { VAX_ALL: 0 },
  [CPU_TYPE.MC680x0]: { MC680x0_ALL: 1, MC68040: 2, MC68030_ONLY: 3 },
  [CPU_TYPE.X86]: {
    I386_ALL: 3,
    '486': 4,
    '486SX': 0x84,
    '586': 5,
    PENTPRO: 0x16,
    PENTII_M3: 0x36,
    PENTII_M5: 0x56,
    CELERON: 0x67,
    CELERON_MOBILE: 0x77,
    PENTIUM_3: 0x08,
    PENTIUM_3_M: 0x18,
    PENTIUM_3_XEON: 0x28,
    PENTIUM_M: 0x09,
    PENTIUM_4: 0x0a,
    PENTIUM_4_M: 0x1a,
    ITANIUM: 0x0b,
    ITANIUM_2: 0x1b,
    XEON: 0x0c,
    XEON_MP: 0x1c,
  },
  [CPU_TYPE.X86_64]: SUBTYPE_X86_64,
  [CPU_TYPE.MIPS]: { MIPS_ALL: 0 },
  [CPU_TYPE.MC98000]: { MC98000_ALL: 0, MC98601: 1 },
  [CPU_TYPE.HPPA]: { HPPA_ALL: 0, HPPA_7100LC: 1 },
  [CPU_TYPE.ARM]: SUBTYPE_ARM,
  [CPU_TYPE.ARM64]: SUBTYPE_ARM64,
  [CPU_TYPE.ARM64_32]: { ARM64_32_ALL: 0, ARM64_32_V8: 1 },
  [CPU_TYPE.MC88000]: { MC88000_ALL: 0, MC88100: 1, MC88110: 2 },
  [CPU_TYPE.SPARC]: { SPARC_ALL: 0 },
  [CPU_TYPE.I860]: { I860_ALL: 0, I860_860: 1 },
  [CPU_TYPE.ALPHA]: { ALPHA_ALL: 0 },
  [CPU_TYPE.POWERPC]: SUBTYPE_POWERPC,
  [CPU_TYPE.POWERPC64]: SUBTYPE_POWERPC,
};

/** filetype. */
export const MH = {
  OBJECT: 1,
  EXECUTE: 2,
  FVMLIB: 3,
  CORE: 4,
  PRELOAD: 5,
  DYLIB: 6,
  DYLINKER: 7,
  BUNDLE: 8,
  DYLIB_STUB: 9,
  DSYM: 10,
  KEXT_BUNDLE: 11,
  FILESET: 12,
  GPU_EXECUTE: 13,
  GPU_DYLIB: 14,
} as const;

/** Bits of the header's flags. */
export const MH_FLAG = {
  NOUNDEFS: 0x1,
  INCRLINK: 0x2,
  DYLDLINK: 0x4, // input for dyld
  BINDATLOAD: 0x8,
  PREBOUND: 0x10,
  SPLIT_SEGS: 0x20,
  LAZY_INIT: 0x40,
  TWOLEVEL: 0x80,
  FORCE_FLAT: 0x100,
  NOMULTIDEFS: 0x200,
  NOFIXPREBINDING: 0x400,
  PREBINDABLE: 0x800,
  ALLMODSBOUND: 0x1000,
  SUBSECTIONS_VIA_SYMBOLS: 0x2000,
  CANONICAL: 0x4000,
  WEAK_DEFINES: 0x8000,
  BINDS_TO_WEAK: 0x1_0000,
  ALLOW_STACK_EXECUTION: 0x2_0000,
  ROOT_SAFE: 0x4_0000,
  SETUID_SAFE: 0x8_0000,
  NO_REEXPORTED_DYLIBS: 0x10_0000,
  PIE: 0x20_0000, // says something of MH_EXECUTE only: everything else may be loaded anywhere
  DEAD_STRIPPABLE_DYLIB: 0x40_0000,
  HAS_TLV_DESCRIPTORS: 0x80_0000,
  NO_HEAP_EXECUTION: 0x100_0000,
  APP_EXTENSION_SAFE: 0x200_0000,
  NLIST_OUTOFSYNC_WITH_DYLDINFO: 0x400_0000,
  SIM_SUPPORT: 0x800_0000,
  IMPLICIT_PAGEZERO: 0x1000_0000,
  DYLIB_IN_CACHE: 0x8000_0000,
} as const;

/** The bit of a command that the dynamic loader must understand: it refuses a file with such a command that it does not know. */
export const LC_REQ_DYLD = 0x8000_0000;

/** cmd, LC_REQ_DYLD included where it belongs to the command. */
export const LC = {
  SEGMENT: 0x1,
  SYMTAB: 0x2,
  SYMSEG: 0x3,
  THREAD: 0x4,
  UNIXTHREAD: 0x5,
  LOADFVMLIB: 0x6,
  IDFVMLIB: 0x7,
  IDENT: 0x8,
  FVMFILE: 0x9,
  PREPAGE: 0xa,
  DYSYMTAB: 0xb,
  LOAD_DYLIB: 0xc,
  ID_DYLIB: 0xd,
  LOAD_DYLINKER: 0xe,
  ID_DYLINKER: 0xf,
  PREBOUND_DYLIB: 0x10, // repeats a library that LC_LOAD_DYLIB names
  ROUTINES: 0x11,
  SUB_FRAMEWORK: 0x12,
  SUB_UMBRELLA: 0x13,
  SUB_CLIENT: 0x14,
  SUB_LIBRARY: 0x15,
  TWOLEVEL_HINTS: 0x16,
  PREBIND_CKSUM: 0x17,
  LOAD_WEAK_DYLIB: 0x8000_0018,
  SEGMENT_64: 0x19,
  ROUTINES_64: 0x1a,
  UUID: 0x1b,
  RPATH: 0x8000_001c,
  CODE_SIGNATURE: 0x1d,
  SEGMENT_SPLIT_INFO: 0x1e,
  REEXPORT_DYLIB: 0x8000_001f,
  LAZY_LOAD_DYLIB: 0x20,
  ENCRYPTION_INFO: 0x21,
  DYLD_INFO: 0x22,
  DYLD_INFO_ONLY: 0x8000_0022,
  LOAD_UPWARD_DYLIB: 0x8000_0023,
  VERSION_MIN_MACOSX: 0x24,
  VERSION_MIN_IPHONEOS: 0x25,
  FUNCTION_STARTS: 0x26,
  DYLD_ENVIRONMENT: 0x27,
  MAIN: 0x8000_0028,
  DATA_IN_CODE: 0x29,
  SOURCE_VERSION: 0x2a,
  DYLIB_CODE_SIGN_DRS: 0x2b,
  ENCRYPTION_INFO_64: 0x2c,
  LINKER_OPTION: 0x2d,
  LINKER_OPTIMIZATION_HINT: 0x2e,
  VERSION_MIN_TVOS: 0x2f,
  VERSION_MIN_WATCHOS: 0x30,
  NOTE: 0x31,
  BUILD_VERSION: 0x32,
  DYLD_EXPORTS_TRIE: 0x8000_0033,
  DYLD_CHAINED_FIXUPS: 0x8000_0034,
  FILESET_ENTRY: 0x8000_0035,
  ATOM_INFO: 0x36,
  FUNCTION_VARIANTS: 0x37,
  FUNCTION_VARIANT_FIXUPS: 0x38,
  TARGET_TRIPLE: 0x39,
} as const;

/** What a dylib command's timestamp holds where the command is a dylib_use_command, with flags behind the versions (since macOS 15). */
export const DYLIB_USE_MARKER = 0x1a74_1800;

/** Flags of a dylib_use_command. */
export const DYLIB_USE = { WEAK_LINK: 1, REEXPORT: 2, UPWARD: 4, DELAYED_INIT: 8 } as const;

/** platform of LC_BUILD_VERSION. */
export const PLATFORM = {
  UNKNOWN: 0,
  MACOS: 1,
  IOS: 2,
  TVOS: 3,
  WATCHOS: 4,
  BRIDGEOS: 5,
  MACCATALYST: 6,
  IOSSIMULATOR: 7,
  TVOSSIMULATOR: 8,
  WATCHOSSIMULATOR: 9,
  DRIVERKIT: 10,
  VISIONOS: 11,
  VISIONOSSIMULATOR: 12,
  FIRMWARE: 13,
  SEPOS: 14,
  MACOS_EXCLAVECORE: 15,
  MACOS_EXCLAVEKIT: 16,
  IOS_EXCLAVECORE: 17,
  IOS_EXCLAVEKIT: 18,
  TVOS_EXCLAVECORE: 19,
  TVOS_EXCLAVEKIT: 20,
  WATCHOS_EXCLAVECORE: 21,
  WATCHOS_EXCLAVEKIT: 22,
  VISIONOS_EXCLAVECORE: 23,
  VISIONOS_EXCLAVEKIT: 24,
  ANY: 0xffff_ffff,
} as const;

/** Bits of n_type that mark an entry for debuggers. */
export const N_STAB = 0xe0;

/** The stab that strip(1) and linkers leave where they took debugging symbols away. */
export const N_OPT = 0x3c;

/** The bit of n_desc that keeps a symbol through strip(1). */
export const REFERENCED_DYNAMICALLY = 0x10;

/** Where LC_UNIXTHREAD holds the program counter: the flavor of the state, and the counter's position in it in bytes. */
export const PROGRAM_COUNTER: Readonly<Record<number, { readonly flavor: number; readonly at: number }>> = {
  [CPU_TYPE.X86]: { flavor: 1, at: 10 * 4 }, // x86_THREAD_STATE32: eip
  [CPU_TYPE.X86_64]: { flavor: 4, at: 16 * 8 }, // x86_THREAD_STATE64: rip
  [CPU_TYPE.ARM]: { flavor: 1, at: 15 * 4 }, // ARM_THREAD_STATE: pc
  [CPU_TYPE.ARM64]: { flavor: 6, at: 32 * 8 }, // ARM_THREAD_STATE64: pc
  [CPU_TYPE.POWERPC]: { flavor: 1, at: 0 }, // PPC_THREAD_STATE: srr0
  [CPU_TYPE.POWERPC64]: { flavor: 5, at: 0 }, // PPC_THREAD_STATE64: srr0
};

/** Magics of the blobs in a code signature (xnu, osfmk/kern/cs_blobs.h). */
export const CS_MAGIC = { EMBEDDED_SIGNATURE: 0xfade_0cc0, CODE_DIRECTORY: 0xfade_0c02, ENTITLEMENTS: 0xfade_7171, CMS: 0xfade_0b01 } as const;

/** Which blob is what. Of code directories there may be several, for systems that know other digests. */
export const CS_SLOT = { CODE_DIRECTORY: 0, ENTITLEMENTS: 5, ALTERNATE_CODE_DIRECTORIES: 0x1000, CMS: 0x1_0000 } as const;

/** The most alternate code directories. */
export const CS_ALTERNATES = 5;

/** Flags of a code directory (Security, SecCodeSignatureFlags). */
export const CS_FLAG = {
  HOST: 0x1,
  ADHOC: 0x2, // nobody signed: it holds digests only
  FORCE_HARD: 0x100,
  FORCE_KILL: 0x200,
  FORCE_EXPIRATION: 0x400,
  RESTRICT: 0x800,
  ENFORCEMENT: 0x1000,
  LIBRARY_VALIDATION: 0x2000,
  RUNTIME: 0x1_0000, // the hardened runtime
  LINKER_SIGNED: 0x2_0000,
} as const;

/** The digests of a code directory. */
export const CS_HASH = { SHA1: 1, SHA256: 2, SHA256_TRUNCATED: 3, SHA384: 4 } as const;

/** Bits of a segment's protection. */
export const VM_PROT = { READ: 1, WRITE: 2, EXECUTE: 4 } as const;
