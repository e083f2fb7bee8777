// What is said about a file and the binaries in it. Plain data: it prints, compares and crosses threads as it is.

import type { Component } from './bom.ts';
import type { Hardening } from './hardening.ts';
import type { Identity, Overlay, Signature } from './identity.ts';
import type { Platform } from './platform.ts';
import type { SignatureCheck } from './signature.ts';
import type { Warning } from './warning.ts';
import type { WasmDetail } from './wasm.ts';

/** What to tell: what the headers say, or also what costs more reads. */
export type Facts = 'main' | 'all';

/** The container formats that are read. */
export type Format = 'elf' | 'mach-o' | 'pe' | 'wasm';

/** What one file is. */
export interface Inspection {
  /** Of this shape; fields may be added without a new one. */
  readonly schemaVersion: 1;
  /** As given; '-' for standard input; null for bytes. */
  readonly path: string | null;
  /** Bytes of the whole file. */
  readonly size: number;
  /** Lower-case hex; null when it was not asked for. */
  readonly sha256: string | null;
  /** The container format of the file and of all its binaries. */
  readonly format: Format;
  /** Whether this is a universal ("fat") Mach-O file. */
  readonly universal: boolean;
  /** One; for a universal file one for each slice, in the file's order. */
  readonly binaries: readonly Binary[];
  /** What is odd about the file as a whole; what concerns one binary stands there. */
  readonly warnings: readonly Warning[];
}

/** What a binary is for: e_type with what distinguishes a program from a library, the Mach-O filetype, the PE characteristics and subsystem. */
export type Kind =
  | 'executable'
  | 'shared-library'
  | 'relocatable'
  | 'core'
  | 'bundle'
  | 'driver'
  | 'debug-symbols'
  | 'other';

/** Whether a loader brings libraries at run time. A `static` program has no interpreter (ELF), no dyld (Mach-O), no imports (PE). */
export type Linkage = 'static' | 'dynamic';

/** The processor that the headers name. */
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

/** A library that is asked for by name: DT_NEEDED, LC_LOAD_DYLIB and related ones, the PE import and delay import directories. */
export interface Dependency {
  /** As the file writes it: 'libc.so.6', '/usr/lib/libSystem.B.dylib', 'KERNEL32.dll'. */
  readonly name: string;
  /** How strongly; `required` unless the format says otherwise. */
  readonly kind: DependencyKind;
  /** Mach-O: the version of the library that this was linked with, X.Y.Z. */
  readonly currentVersion: string | null;
  /** Mach-O: the oldest version of the library that will do, X.Y.Z. */
  readonly compatibilityVersion: string | null;
}

/** A library that the loader brings in although it is no dependency: filters, auditors, and what dyld's environment inserts. */
export interface Auxiliary {
  /** As the file writes it. */
  readonly name: string;
  /** Which entry says so. */
  readonly from: 'DT_FILTER' | 'DT_AUXILIARY' | 'DT_AUDIT' | 'DT_DEPAUDIT' | 'LC_DYLD_ENVIRONMENT';
}

/** Where the loader is told to look for libraries. */
export interface SearchPath {
  /** As written, `$ORIGIN` and `@loader_path` and all; ELF's lists are split at ':'. */
  readonly path: string;
  /** Which entry says so. DT_RPATH is looked at before LD_LIBRARY_PATH, DT_RUNPATH after it. */
  readonly from: 'DT_RPATH' | 'DT_RUNPATH' | 'LC_RPATH' | 'LC_DYLD_ENVIRONMENT';
}

/** A module as Go's build information lists it (runtime/debug, Module). */
export interface GoModule {
  /** 'golang.org/x/sys'. */
  readonly path: string;
  /** 'v1.2.3', '(devel)', or empty. */
  readonly version: string;
  /** 'h1:…', or empty. */
  readonly sum: string;
  /** What a replace directive put in its place; null without one. */
  readonly replace: GoModule | null;
}

/** A build setting as Go's build information lists it (runtime/debug, BuildSetting). */
export interface GoSetting {
  /** '-ldflags', 'CGO_ENABLED', 'vcs.revision', … */
  readonly key: string;
  /** As written. */
  readonly value: string;
}

/** What is known of a program that Go's toolchain built (runtime/debug, BuildInfo). */
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
  /** The module of the main package; null where none is recorded. */
  readonly main: GoModule | null;
  /** The modules that went into it, in the order recorded. */
  readonly deps: readonly GoModule[];
  /** In the order recorded. */
  readonly settings: readonly GoSetting[];
  /** Go's own build id, of four parts as a rule; null where none is found. */
  readonly buildId: string | null;
}

/** The oldest systems that will do; null where nothing is asked for, or nothing shows. */
export interface Minimums {
  /** The newest GLIBC_ version that the file asks for: '2.28'. */
  readonly glibc: string | null;
  /** The newest GLIBCXX_ version of GNU's C++ library that the file asks for: '3.4.29'. */
  readonly glibcxx: string | null;
  /** The newest CXXABI_ version of that library: '1.3.11'. */
  readonly cxxabi: string | null;
  /** LC_BUILD_VERSION and related ones, the PE subsystem version, the Android API level. */
  readonly os: string | null;
  /** NT_GNU_ABI_TAG: '3.2.0'. */
  readonly kernel: string | null;
  /** The level of x86-64: 'v1' to 'v4', the higher of what GNU_PROPERTY_X86_ISA_1_NEEDED and Go's GOAMD64 say; null where nothing asks for one. */
  readonly cpu: string | null;
  /** ELF: the largest page, in bytes, with which its segments can be mapped; a system with larger ones can't load it. */
  readonly pageSize: number | null;
}

/** What the three formats have in common. */
export interface BinaryFacts {
  /** Where it lies in the file, in bytes. */
  readonly offset: number;
  /** Bytes of it: the file's, or the slice's. */
  readonly size: number;
  /** Width of its addresses, by the header's class or magic. */
  readonly bits: 32 | 64;
  /** Order of bytes in its headers and data. */
  readonly endianness: 'little' | 'big';
  /** The processor, by the header's number. */
  readonly machine: Machine;
  /** What it runs on, in the words of Go, Node, OCI and of target triples. */
  readonly platform: Platform;
  /** What it is for. */
  readonly kind: Kind;
  /** Whether it may be loaded anywhere in memory; null where the question does not arise (libraries, objects, …). */
  readonly pie: boolean | null;
  /** Null for what is not linked (objects, cores) and for what hides it (packed files). */
  readonly linkage: Linkage | null;
  /** PT_INTERP, LC_LOAD_DYLINKER. */
  readonly interpreter: string | null;
  /** DT_SONAME, LC_ID_DYLIB, the PE export directory's name. */
  readonly libraryName: string | null;
  /** In the file's order; PE's delay imports last. */
  readonly dependencies: readonly Dependency[];
  /** Libraries that are loaded beside the dependencies; none in PE. */
  readonly auxiliaries: readonly Auxiliary[];
  /** In the file's order; none in PE. */
  readonly searchPaths: readonly SearchPath[];
  /** Where it starts: an address for ELF and PE (the image base included), and for Mach-O what LC_MAIN or the thread command comes to; null where it has none. */
  readonly entryPoint: bigint | null;
  /** Whether there is no symbol table beyond what the loader needs. */
  readonly stripped: boolean | null;
  /** Whether DWARF or a reference to a PDB is inside. */
  readonly debugInfo: boolean | null;
  /** GNU build-id, LC_UUID, PDB GUID and age. */
  readonly buildId: string | null;
  /** The oldest systems that will do. */
  readonly minimums: Minimums;
  /** What it does against attacks; null for what is not run (objects, cores, debug files) and for packed files. */
  readonly hardening: Hardening | null;
  /** Which build it is. */
  readonly identity: Identity;
  /** Bytes after everything that the headers speak of. */
  readonly overlay: Overlay | null;
  /** The signature that is there, unverified; null without one. */
  readonly signature: Signature | null;
  /** 'UPX' …; what it hides is null then. */
  readonly packer: string | null;
  /** 'NSIS' 'Inno Setup' 'WiX Burn' '7-Zip SFX' 'Squirrel': a stub whose own machine says nothing of what it installs. */
  readonly installer: string | null;
  /** Null: no sign of Go. */
  readonly go: GoBuild | null;
  /** What became of the check of the embedded signature; null: not asked for. */
  readonly signatureCheck: SignatureCheck | null;
  /** What lists inside it name: Go's modules, crates, packages of a .NET bundle or a native image, package notes. Looked for with `facts: 'all'` only. */
  readonly components: readonly Component[];
  /** Facts that are null because they could not be told, and not because the question does not arise. */
  readonly unknown: readonly string[];
  /** Facts that nothing in the file contradicts, but nothing says either. */
  readonly assumed: readonly string[];
  /** For a fact: what in the file told it. */
  readonly because: Readonly<Record<string, string>>;
  /** What was odd, and what could not be read and is null for it. */
  readonly warnings: readonly Warning[];
}

/** A version of a library's symbols that an ELF file asks for (Elf_Verneed, Elf_Vernaux). */
export interface SymbolVersion {
  /** The library that has to bring it: 'libc.so.6'. */
  readonly library: string;
  /** 'GLIBC_2.28'. */
  readonly version: string;
}

/** What only ELF has. */
export interface ElfDetail {
  /** e_type. */
  readonly type: number;
  /** 'ET_DYN'. */
  readonly typeName: string | null;
  /** EI_OSABI. */
  readonly osAbi: number;
  /** 'ELFOSABI_GNU'. */
  readonly osAbiName: string | null;
  /** EI_ABIVERSION. */
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
  readonly neededVersions: readonly SymbolVersion[];
  /** The versions that DT_VERDEF defines, in the file's order; empty where there are none. Null in 'main', and where the table can't be read. */
  readonly providedVersions: readonly string[] | null;
  /** Entries of the program header table. */
  readonly segments: number;
  /** Entries of the section header table; 0 where there is none. */
  readonly sections: number;
}

/** The version of arm64e's pointer-authentication ABI (mach/machine.h, CPU_SUBTYPE_ARM64E_PTRAUTH_VERSION). */
export interface PointerAuthentication {
  /** 0 to 15. */
  readonly version: number;
  /** Whether it is the kernel's ABI. */
  readonly kernel: boolean;
}

/** What only Mach-O has. */
export interface MachODetail {
  /** The whole cpusubtype, its capability byte included. */
  readonly cpuSubtype: number;
  /** 'CPU_SUBTYPE_ARM64E'. */
  readonly cpuSubtypeName: string | null;
  /** arm64e: its pointer-authentication ABI; null for the form before there were versions. */
  readonly pointerAuthentication: PointerAuthentication | null;
  /** filetype. */
  readonly fileType: number;
  /** 'MH_EXECUTE'. */
  readonly fileTypeName: string | null;
  /** flags of the header. */
  readonly flags: number;
  /** 'MH_PIE', … */
  readonly flagNames: readonly string[];
  /** The platform of LC_BUILD_VERSION, or the one that an LC_VERSION_MIN command implies. */
  readonly platform: number | null;
  /** 'PLATFORM_MACOS'. */
  readonly platformName: string | null;
  /** As otool prints it: '11.0', '10.13.4'. */
  readonly minimumOs: string | null;
  /** The SDK it was built with, as otool prints it. */
  readonly sdk: string | null;
  /** Number of load commands. */
  readonly loadCommands: number;
  /** Whether a part of it is encrypted, as programs of the App Store are (LC_ENCRYPTION_INFO with a cryptid that is not 0): what stands there can't be read. */
  readonly encrypted: boolean;
}

/** What only PE has. */
export interface PeDetail {
  /** The optional header's: 0x10b (PE32), 0x20b (PE32+). */
  readonly magic: number;
  /** The COFF header's Characteristics. */
  readonly characteristics: number;
  /** 'IMAGE_FILE_DLL', … */
  readonly characteristicsNames: readonly string[];
  /** The optional header's DllCharacteristics. */
  readonly dllCharacteristics: number;
  /** 'IMAGE_DLLCHARACTERISTICS_DYNAMIC_BASE', … */
  readonly dllCharacteristicsNames: readonly string[];
  /** The optional header's Subsystem. */
  readonly subsystem: number;
  /** 'IMAGE_SUBSYSTEM_WINDOWS_CUI'. */
  readonly subsystemName: string | null;
  /** 'major.minor'. */
  readonly subsystemVersion: string;
  /** .NET: 'il-only' is code that no system and, but for `platform.arch`, no processor is asked of; 'native' has some of a processor's own. Null for what is not .NET. */
  readonly managed: 'il-only' | 'native' | null;
  /** The address that it would like to be loaded at. */
  readonly imageBase: bigint;
  /** The COFF header's TimeDateStamp: seconds since 1970, or a hash in reproducible builds. */
  readonly timestamp: number;
  /** Entries of the section table. */
  readonly sections: number;
}

/** An ELF image. */
export interface ElfBinary extends BinaryFacts {
  /** Tells it from the others. */
  readonly format: 'elf';
  /** What only ELF has. */
  readonly elf: ElfDetail;
}

/** A Mach-O image; of a universal file one slice. */
export interface MachOBinary extends BinaryFacts {
  /** Tells it from the others. */
  readonly format: 'mach-o';
  /** Null for a slice that is an archive or bitcode. */
  readonly machO: MachODetail | null;
}

/** A PE image. */
export interface PeBinary extends BinaryFacts {
  /** Tells it from the others. */
  readonly format: 'pe';
  /** What only PE has. */
  readonly pe: PeDetail;
}

/** A WebAssembly module or component. */
export interface WasmBinary extends BinaryFacts {
  /** Tells it from the others. */
  readonly format: 'wasm';
  /** What only WebAssembly has. */
  readonly wasm: WasmDetail;
}

/** One executable image. `format` says which of the details it carries. */
export type Binary = ElfBinary | MachOBinary | PeBinary | WasmBinary;

/** A fact and what in the file told it. */
export interface Told<T> {
  readonly value: T;
  readonly because: string;
}
