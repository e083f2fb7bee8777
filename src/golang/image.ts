// How an executable image looks to whoever searches it for Go: plain data that a format's wing makes and golang/ reads.

import type { Stretch } from '../bytes/search.ts';

/** Addresses that Go's reader takes for one piece of the image. */
export interface GoPiece {
  /** The first and the last address, in 64-bit arithmetic that wraps: an empty piece at 0 holds every address, and has no bytes. */
  readonly first: bigint;
  readonly last: bigint;
  /** Where its bytes lie. */
  readonly offset: number;
  readonly size: number;
  /** What Go says when it is read: a PE section with a size but no place in the file. */
  readonly unreadable: string | null;
}

/**
 * What Go's own reader (debug/buildinfo over debug/elf, debug/macho, debug/pe) makes of a container that it accepts. It
 * refuses more than loaders do, and maps addresses by other rules.
 */
export interface GoView {
  /** Where it searches the build information, by address; null where it finds nothing to search. */
  readonly data: { readonly address: bigint; readonly size: bigint } | null;
  /** Taken from an address before it is looked up (PE: ImageBase). */
  readonly base: bigint;
  /** Of several pieces that hold an address, the first counts. */
  readonly pieces: readonly GoPiece[];
}

/** What there is to search in a WebAssembly module. */
export interface GoWasm {
  /** The version of Go that its producers name. */
  readonly version: string | null;
  /** The contents of the data section. */
  readonly data: Stretch | null;
  /** The contents of the section with the Go build id. */
  readonly buildId: Stretch | null;
}

/** A range of addresses that the file fills, as the loader maps it. */
export interface GoRange {
  readonly address: bigint;
  readonly offset: number;
  readonly size: number;
  readonly writable: boolean;
}

/** A symbol table, as far as it takes to find one symbol's address by its name. */
export interface GoSymbolTable {
  readonly strings: Stretch;
  readonly table: Stretch;
  readonly entrySize: number;
  /** Where in an entry the position of its name stands (32 bits). */
  readonly nameAt: number;
  /** Where in an entry its value stands, and in how many bytes. */
  readonly valueAt: number;
  readonly valueSize: 4 | 8;
  /** COFF: where in an entry the section's number stands (16 bits), and the sections' addresses: values count from there. */
  readonly section: { readonly at: number; readonly addresses: readonly bigint[] } | null;
  /** Mach-O: entries with any of these bits in this byte are the debugger's. */
  readonly ignored: { readonly at: number; readonly bits: number } | null;
  /** What stands before the names of a format: '_' in Mach-O. */
  readonly prefix: string;
}

/** Ranges that a memory has at most: real programs have under twenty. */
export const MOST_GO_RANGES = 256;

/** An image as the loader sees it: what a search for what Go's reader can't find goes by. */
export interface GoMemory {
  /** Where in the file the image begins, for what is said of places; its own positions count from there. 0 where it is left out. */
  readonly start?: number;
  readonly bits: 32 | 64;
  readonly little: boolean;
  readonly ranges: readonly GoRange[];
  /** Mach-O: the address that chained fixups may count from; null where pointers are plain. */
  readonly fixupBase: bigint | null;
  /** ELF: relocations that carry the addresses of pointers beside them. */
  readonly relocations: readonly Stretch[];
  /** The addresses of sections that are called like Go's function table: a hint where it is, and no more. */
  readonly tables?: readonly bigint[];
  /** Where the Go build id stands: the description of an ELF note, or the beginning of the code. */
  readonly buildIdNote: Stretch | null;
  readonly code: Stretch | null;
  readonly symbols: GoSymbolTable | null;
}
