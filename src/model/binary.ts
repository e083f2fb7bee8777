// What is said about a file and the binaries in it. Plain data: it prints, compares and crosses threads as it is.

import type { Hardening } from './hardening.ts';
import type { Identity, Overlay, Signature } from './identity.ts';
import type { Platform } from './platform.ts';

/** What to tell: what the headers say, or also what costs more reads. */
export type Facts = 'main' | 'all';

export type Format = 'elf' | 'mach-o' | 'pe';

/** Something odd that spoiled at most a part of the answer. Codes are stable. */
export interface Warning {
  readonly code: string;
  readonly message: string;
  /** Position in the file in bytes, where there is one. */
  readonly offset: number | null;
}

/** What one file is. */
export interface Inspection {
  readonly schemaVersion: 1;
  /** As given; '-' for standard input; null for bytes. */
  readonly path: string | null;
  /** Bytes of the whole file. */
  readonly size: number;
  /** Lower-case hex; null when it was not asked for. */
  readonly sha256: string | null;
  readonly format: Format;
  /** Whether this is a universal ("fat") Mach-O file. */
  readonly universal: boolean;
  /** One; for a universal file one for each slice, in the file's order. */
  readonly binaries: readonly Binary[];
  readonly warnings: readonly Warning[];
}

export type Kind =
  | 'executable'
  | 'shared-library'
  | 'relocatable'
  | 'core'
  | 'bundle'
  | 'driver'
  | 'debug-symbols'
  | 'other';

export type Linkage = 'static' | 'dynamic';

export interface Machine {
  /** e_machine, cputype, or the COFF header's Machine. */
  readonly value: number;
  /** The document's own name: 'EM_AARCH64', 'CPU_TYPE_ARM64', 'IMAGE_FILE_MACHINE_ARM64'; null for a number that nobody listed. */
  readonly name: string | null;
}

/**
 * How a library is depended on. `required`, and for Mach-O: `weak` may be absent at run time, `reexport` is handed on to
 * the users of this library, `upward` closes a circle, `lazy` is loaded at its first use. PE: `delay` is loaded at its first use.
 */
export type DependencyKind = 'required' | 'weak' | 'reexport' | 'upward' | 'lazy' | 'delay';

export interface Dependency {
  readonly name: string;
  readonly kind: DependencyKind;
  /** Mach-O: the version of the library that this was linked with, X.Y.Z. */
  readonly currentVersion: string | null;
  /** Mach-O: the oldest version of the library that will do, X.Y.Z. */
  readonly compatibilityVersion: string | null;
}

export interface SearchPath {
  readonly path: string;
  readonly from: 'DT_RPATH' | 'DT_RUNPATH' | 'LC_RPATH';
}

export interface GoModule {
  readonly path: string;
  readonly version: string;
  readonly sum: string;
  readonly replace: GoModule | null;
}

export interface GoSetting {
  readonly key: string;
  readonly value: string;
}

export interface GoBuild {
  /** 'go1.26.5', as written. */
  readonly version: string | null;
  /**
   * `present`: Go's own reader finds it. `recovered`: that fails, but the module text is in the file. `absent`: Go by other
   * evidence. `because.go` says which.
   */
  readonly buildInfo: 'present' | 'recovered' | 'absent';
  /** The main package. */
  readonly path: string | null;
  readonly main: GoModule | null;
  readonly deps: readonly GoModule[];
  readonly settings: readonly GoSetting[];
  readonly buildId: string | null;
}

/** The oldest systems that will do; null where nothing is asked for, or nothing tells. */
export interface Minimums {
  /** The newest GLIBC_ version that the file asks for: '2.28'. */
  readonly glibc: string | null;
  /** The newest GLIBCXX_ and CXXABI_ versions, of GNU's C++ library: '3.4.29', '1.3.11'. */
  readonly glibcxx: string | null;
  readonly cxxabi: string | null;
  /** LC_BUILD_VERSION and kin, the PE subsystem version, the Android API level. */
  readonly os: string | null;
  /** NT_GNU_ABI_TAG: '3.2.0'. */
  readonly kernel: string | null;
}

/** What the three formats have in common. */
export interface BinaryFacts {
  /** Where it lies in the file, in bytes. */
  readonly offset: number;
  readonly size: number;
  readonly bits: 32 | 64;
  readonly endianness: 'little' | 'big';
  readonly machine: Machine;
  readonly platform: Platform;
  readonly kind: Kind;
  /** Whether it may be loaded anywhere in memory; null where the question does not arise (libraries, objects, …). */
  readonly pie: boolean | null;
  /** Null for what is not linked (objects, cores) and for what hides it (packed files). */
  readonly linkage: Linkage | null;
  /** PT_INTERP, LC_LOAD_DYLINKER. */
  readonly interpreter: string | null;
  /** DT_SONAME, LC_ID_DYLIB, the PE export directory's name. */
  readonly libraryName: string | null;
  readonly dependencies: readonly Dependency[];
  readonly searchPaths: readonly SearchPath[];
  readonly entryPoint: bigint | null;
  /** Whether there is no symbol table beyond what the loader needs. */
  readonly stripped: boolean | null;
  /** Whether DWARF or a reference to a PDB is inside. */
  readonly debugInfo: boolean | null;
  /** GNU build-id, LC_UUID, PDB GUID and age. */
  readonly buildId: string | null;
  readonly minimums: Minimums;
  /** What it does against attacks; null for what is not run (objects, cores, debug files) and for packed files. */
  readonly hardening: Hardening | null;
  readonly identity: Identity;
  /** Bytes after everything that the headers speak of. */
  readonly overlay: Overlay | null;
  readonly signature: Signature | null;
  /** 'UPX' …; what it hides is null then. */
  readonly packer: string | null;
  /** Null: no sign of Go. */
  readonly go: GoBuild | null;
  /** For a fact: what in the file told it. */
  readonly because: Readonly<Record<string, string>>;
  readonly warnings: readonly Warning[];
}

export interface ElfDetail {
  /** e_type. */
  readonly type: number;
  /** 'ET_DYN'. */
  readonly typeName: string | null;
  /** EI_OSABI. */
  readonly osAbi: number;
  /** 'ELFOSABI_GNU'. */
  readonly osAbiName: string | null;
  readonly abiVersion: number;
  /** e_flags. */
  readonly flags: number;
  /** Extensions that single bits of e_flags tell: 'RVC' (RISC-V's compressed instructions), 'RVE', 'TSO'; 'BE8' (ARM). */
  readonly extensions: readonly string[];
  /** What e_flags say of the calling convention: 'eabi5' 'o32' 'n32' 'n64' 'lp64d' 'ilp32' 'elfv2' 'x32' …; null where they don't. */
  readonly abi: string | null;
  /** How floating point numbers are passed; `hard` is ARM's word for registers. */
  readonly floatAbi: 'soft' | 'hard' | 'single' | 'double' | 'quad' | null;
  /** The versions that DT_VERNEED asks for, by library, in the file's order; weak ones left out. */
  readonly neededVersions: readonly { readonly library: string; readonly version: string }[];
  /** Entries of the program header table. */
  readonly segments: number;
  /** Entries of the section header table; 0 where there is none. */
  readonly sections: number;
}

export interface MachODetail {
  /** The whole cpusubtype, its capability byte included. */
  readonly cpuSubtype: number;
  /** 'CPU_SUBTYPE_ARM64E'. */
  readonly cpuSubtypeName: string | null;
  /** arm64e: the version of its pointer-authentication ABI, and whether it is the kernel's; null for the form before there were versions. */
  readonly pointerAuthentication: { readonly version: number; readonly kernel: boolean } | null;
  readonly fileType: number;
  /** 'MH_EXECUTE'. */
  readonly fileTypeName: string | null;
  readonly flags: number;
  /** 'MH_PIE', … */
  readonly flagNames: readonly string[];
  /** The platform of LC_BUILD_VERSION, or the one that an LC_VERSION_MIN command implies. */
  readonly platform: number | null;
  /** 'PLATFORM_MACOS'. */
  readonly platformName: string | null;
  /** As otool prints it: '11.0', '10.13.4'. */
  readonly minimumOs: string | null;
  readonly sdk: string | null;
  /** Number of load commands. */
  readonly loadCommands: number;
}

export interface PeDetail {
  /** The optional header's: 0x10b (PE32), 0x20b (PE32+). */
  readonly magic: number;
  readonly characteristics: number;
  /** 'IMAGE_FILE_DLL', … */
  readonly characteristicsNames: readonly string[];
  readonly dllCharacteristics: number;
  /** 'IMAGE_DLLCHARACTERISTICS_DYNAMIC_BASE', … */
  readonly dllCharacteristicsNames: readonly string[];
  readonly subsystem: number;
  /** 'IMAGE_SUBSYSTEM_WINDOWS_CUI'. */
  readonly subsystemName: string | null;
  /** 'major.minor'. */
  readonly subsystemVersion: string;
  readonly imageBase: bigint;
  /** The COFF header's TimeDateStamp: seconds since 1970, or a hash in reproducible builds. */
  readonly timestamp: number;
  readonly sections: number;
}

export interface ElfBinary extends BinaryFacts {
  readonly format: 'elf';
  readonly elf: ElfDetail;
}

export interface MachOBinary extends BinaryFacts {
  readonly format: 'mach-o';
  /** Null for a slice that is an archive or bitcode. */
  readonly machO: MachODetail | null;
}

export interface PeBinary extends BinaryFacts {
  readonly format: 'pe';
  readonly pe: PeDetail;
}

/** One executable image. `format` tells which of the details it carries. */
export type Binary = ElfBinary | MachOBinary | PeBinary;

/** A fact and what in the file told it. */
export interface Told<T> {
  readonly value: T;
  readonly because: string;
}
