// Which build a binary is, where its debug information lies, what was appended to it, and whether it is signed.

/** The strings of a PE version resource that name a product (VS_VERSIONINFO, StringFileInfo). */
export interface VersionResource {
  /** FileVersion, as written. */
  readonly fileVersion: string | null;
  /** ProductVersion, as written. */
  readonly productVersion: string | null;
  /** ProductName. */
  readonly productName: string | null;
  /** CompanyName. */
  readonly companyName: string | null;
  /** FileDescription, which Windows shows as the program's name. */
  readonly fileDescription: string | null;
  /** OriginalFilename, which need not be the file's name. */
  readonly originalFilename: string | null;
  /** The fixed part's file version, four numbers: '10.0.19041.1'. */
  readonly fixedFileVersion: string | null;
  /** The fixed part's product version, four numbers. */
  readonly fixedProductVersion: string | null;
}

/** What tells one build from another, beside `buildId`. */
export interface Identity {
  /** ELF .gnu_debuglink: the name of the separate debug file. */
  readonly debugLink: string | null;
  /** ELF .gnu_debuglink: the CRC-32 of that file's bytes. */
  readonly debugLinkCrc: number | null;
  /** ELF .gnu_debugaltlink: a debug file that several share (dwz). */
  readonly debugAltLink: string | null;
  /** ELF .gnu_debugdata: whether a compressed symbol table for backtraces is inside. */
  readonly miniDebugInfo: boolean | null;
  /** PE: the path of the PDB as the linker wrote it. */
  readonly pdbPath: string | null;
  /** PE: the PDB's GUID. */
  readonly pdbGuid: string | null;
  /** PE: the PDB's age, counted up when it is written anew. */
  readonly pdbAge: number | null;
  /** PE: TimeDateStamp, in seconds since 1970; null where `reproducible` says that it is a hash. */
  readonly timestamp: number | null;
  /** PE: whether the linker says that the same input gives the same bytes (debug directory, type REPRO). */
  readonly reproducible: boolean | null;
  /** PE: the version resource; null without one. */
  readonly version: VersionResource | null;
}

/** Nothing known. */
export const NO_IDENTITY: Identity = {
  debugLink: null,
  debugLinkCrc: null,
  debugAltLink: null,
  miniDebugInfo: null,
  pdbPath: null,
  pdbGuid: null,
  pdbAge: null,
  timestamp: null,
  reproducible: null,
  version: null,
};

/** Bytes after everything that the headers speak of; or, with `inHeaders`, what a known tool put into a note, section or resource of its own. */
export interface Overlay {
  /** Position in the file (of a slice: counted from the slice). */
  readonly offset: number;
  /** Bytes to the end of the file (of the slice), or to a signature behind it; of what stands in a note, section or resource, its own. */
  readonly size: number;
  /** 'AppImage' 'PyInstaller' 'Node SEA' 'Bun' 'Deno' 'pkg': what the program runs, by marks that it can't do without; null where none is known. */
  readonly kind: string | null;
  /** Whether headers speak of it. */
  readonly inHeaders: boolean;
}

/** A signature that is there. Nothing is said of whether it holds, nor of whom to trust. */
export interface Signature {
  /** `adhoc`: digests only. `linker-signed`: those, written by the linker. `cms`: with a certificate. `authenticode`: PE's. `module`: a Linux kernel module's. */
  readonly kind: 'adhoc' | 'linker-signed' | 'cms' | 'authenticode' | 'module';
  /** Where it lies, in bytes. */
  readonly offset: number;
  /** Bytes of it. */
  readonly size: number;
  /** Mach-O: the code directory's identifier. */
  readonly identifier: string | null;
  /** Mach-O: the code directory's team identifier. */
  readonly teamId: string | null;
  /** Mach-O: the code directory's flags. */
  readonly flags: number | null;
  /** Mach-O: the first 20 bytes of the strongest code directory's digest, in hex. */
  readonly cdHash: string | null;
}
