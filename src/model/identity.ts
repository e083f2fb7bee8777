// Which build a binary is, where its debug information lies, what was appended to it, and whether it is signed.

/** The strings of a PE version resource that name a product (VS_VERSIONINFO, StringFileInfo). */
export interface VersionResource {
  readonly fileVersion: string | null;
  readonly productVersion: string | null;
  readonly productName: string | null;
  readonly companyName: string | null;
  readonly fileDescription: string | null;
  readonly originalFilename: string | null;
  /** The fixed part's numbers: '10.0.19041.1'. */
  readonly fixedFileVersion: string | null;
  readonly fixedProductVersion: string | null;
}

/** What tells one build from another, beside `buildId`. */
export interface Identity {
  /** ELF .gnu_debuglink: the name of the separate debug file, and the CRC-32 of its bytes. */
  readonly debugLink: string | null;
  readonly debugLinkCrc: number | null;
  /** ELF .gnu_debugaltlink: a debug file that several share (dwz). */
  readonly debugAltLink: string | null;
  /** ELF .gnu_debugdata: whether a compressed symbol table for backtraces is inside. */
  readonly miniDebugInfo: boolean | null;
  /** PE: the path of the PDB as the linker wrote it, its GUID and its age. */
  readonly pdbPath: string | null;
  readonly pdbGuid: string | null;
  readonly pdbAge: number | null;
  /** PE: TimeDateStamp, in seconds since 1970; null where `reproducible` says that it is a hash. */
  readonly timestamp: number | null;
  /** PE: whether the linker says that the same input gives the same bytes (debug directory, type REPRO). */
  readonly reproducible: boolean | null;
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

/** Bytes after everything that the headers speak of. */
export interface Overlay {
  /** Position in the file (of a slice: counted from the slice). */
  readonly offset: number;
  readonly size: number;
}

/** A signature that is there. Nothing is said of whether it holds, nor of whom to trust. */
export interface Signature {
  /** `adhoc`: digests only. `linker-signed`: those, written by the linker. `cms`: with a certificate. `authenticode`: PE's. */
  readonly kind: 'adhoc' | 'linker-signed' | 'cms' | 'authenticode';
  /** Where it lies, in bytes. */
  readonly offset: number;
  readonly size: number;
  /** Mach-O: the code directory's identifier and team identifier. */
  readonly identifier: string | null;
  readonly teamId: string | null;
  /** Mach-O: the code directory's flags. */
  readonly flags: number | null;
  /** Mach-O: the first 20 bytes of the strongest code directory's digest, in hex. */
  readonly cdHash: string | null;
}
