// A part of a file that has a name: a field that distinguishes one build from another, or the text of a fact.

import type { DifferenceClass } from '../model/comparison.ts';

export interface NamedRange {
  /** Position in the file, in bytes. */
  readonly offset: number;
  readonly size: number;
  /** 'build id', 'time stamp'. Of two files, ranges with one name belong together. */
  readonly what: string;
  readonly class: DifferenceClass;
  /** Its value, as people write it. */
  readonly text: string;
  /** Whether it was recognised by what stands in it, and may lie among code. */
  readonly amongCode: boolean;
}

/** A range that a header or a table names; it is not believed where it lies over code. */
export function identityRange(offset: number, size: number, what: string, text: string): NamedRange {
  return { offset, size, what, class: 'identity', text, amongCode: false };
}

export function hexText(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** '2026-01-31 12:00:00 UTC' for seconds since 1970; '0' for none. */
export function timeText(seconds: number): string {
  return seconds === 0 ? '0' : `${new Date(seconds * 1000).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

const GO_BUILD_ID = /^[A-Za-z0-9_-]{20}(\/[A-Za-z0-9_-]{20}){3}$/;

/** Which step of the build each part of Go's build id is a digest of. */
const GO_PARTS = ['inputs of the link', 'inputs of the main package', 'the main package', 'the program'] as const;

/** What the four parts of Go's build id are called here. */
export function goPartName(index: number): string {
  return `Go build id, part ${index + 1} (${GO_PARTS[index] ?? '?'})`;
}

/** The parts of Go's build id that stands at a position; none for what is not of the usual four parts. */
export function goBuildIdRanges(offset: number, id: string): NamedRange[] {
  if (!GO_BUILD_ID.test(id)) return [];
  return id.split('/').map((part, index) => ({ offset: offset + 21 * index, size: 20, what: goPartName(index), class: 'identity', text: part, amongCode: true }));
}
