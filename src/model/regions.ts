// How a file is divided: which part of it is what. Plain data: regions within regions, and every byte counted once.

import type { Format } from './binary.ts';

/**
 * What a region is to the file. `header` and `table` are what the format itself needs; `gap` is what nothing speaks of, `padding` the same where
 * it was looked at and is all zeros; `appended` is what comes after all that the headers speak of.
 */
export type RegionKind = 'slice' | 'header' | 'segment' | 'section' | 'table' | 'gap' | 'padding' | 'appended';

/** What a region holds, in the few words that all formats share. `linking`: what the loader goes by. `other`: nothing shows. */
export type Content =
  | 'headers'
  | 'code'
  | 'constants'
  | 'data'
  | 'linking'
  | 'go'
  | 'resources'
  | 'symbols'
  | 'debug'
  | 'signature'
  | 'appended'
  | 'padding'
  | 'other';

/**
 * A stretch of the file, or something that is in memory only. Bytes are counted once: the own bytes (`size - shared`) of a region's children
 * add up to its own, and those of the outermost regions to the file's size.
 */
export interface Region {
  /** As the file has it ('.text', '__LINKEDIT'), or what it is ('section headers'). Not to be trusted. */
  readonly name: string;
  /** What it is to the file. */
  readonly kind: RegionKind;
  /** What it holds. */
  readonly content: Content;
  /** Position in the file in bytes; null for what takes none of it. */
  readonly offset: number | null;
  /** Bytes that the file has of it. */
  readonly size: number;
  /** Bytes that should be there, and lie beyond the end of the file. */
  readonly missing: number;
  /** Bytes of it that another region claims too, and that are counted there. */
  readonly shared: number;
  /** Where it is loaded; null for what is not. */
  readonly address: bigint | null;
  /** Bytes in memory; null for what is not loaded. */
  readonly memorySize: number | null;
  /** In memory: 'r-x'; null for what is not loaded. */
  readonly permissions: string | null;
  /** What else there is to say of it: 'read-only once relocated', 'a zip archive'. */
  readonly note: string | null;
  /** What it is made of, in the file's order; then what is in memory only. Empty where nothing shows. */
  readonly children: readonly Region[];
}

/** One file's map. */
export interface FileMap {
  /** 1 until a field changes its meaning. */
  readonly schemaVersion: 1;
  /** As given; '-' for standard input; null for bytes. */
  readonly path: string | null;
  /** Bytes of the whole file. */
  readonly size: number;
  /** Which wing read it. */
  readonly format: Format;
  /** Whether it is a universal Mach-O file. */
  readonly universal: boolean;
  /** What the file is, in parts of a line: ['ELF64 PIE executable', 'linux/amd64', '1.2 MiB']. Text from the file in it is escaped. */
  readonly description: readonly string[];
  /** The whole file, in its order. */
  readonly regions: readonly Region[];
}

/** 'r-x'. */
export function permissionsText(read: boolean, write: boolean, execute: boolean): string {
  return `${read ? 'r' : '-'}${write ? 'w' : '-'}${execute ? 'x' : '-'}`;
}

/** Whether a region could be written to and then run: what attacks look for. */
export function isWritableCode({ permissions }: Region): boolean {
  return permissions !== null && permissions.includes('w') && permissions.includes('x');
}

/** Bytes that are counted for a region, and for no other. */
export function ownSize({ size, shared }: Region): number {
  return size - shared;
}
