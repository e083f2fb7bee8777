// Two builds compared: whether they are the same, which bytes differ and what those are, and which facts changed.

import type { BinspectError } from '../errors.ts';
import type { Warning } from './warning.ts';

/**
 * How alike two files are, the closest first. `identical`: the same bytes. `identical-but-signature`: the same once signatures are removed.
 * `identical-but-identity`: besides, only named fields differ that tell one build from another (build id, UUID, time stamp, checksum, PDB id).
 * `explained`: besides, the text of facts that are read (Go's module text, a PE version resource). `differs`: anything else.
 * `incomparable`: another format, machine or kind of file, so that nothing in one belongs to anything in the other.
 */
export type ComparisonVerdict = 'identical' | 'identical-but-signature' | 'identical-but-identity' | 'explained' | 'differs' | 'incomparable';

/** What may count as equal; each also covers those before it. `vcs`: what Go records of the commit, with the build id that follows from it. */
export type Ignorable = 'signature' | 'identity' | 'vcs';

/** What differing bytes are. `vcs` and `text` are the text of facts; null is anything else. */
export type DifferenceClass = Ignorable | 'text';

/** One of the two files. */
export interface ComparedFile {
  /** As given; null for bytes. */
  readonly path: string | null;
  /** Bytes of the file. */
  readonly size: number;
  /** Lower-case hex. */
  readonly sha256: string;
}

/** A fact that is not the same in both. */
export interface FactChange {
  /** The fact's name, as in an inspection: 'platform.libc', 'go.deps', 'hardening.relro'; and 'exports', 'fileSize'. */
  readonly fact: string;
  /** Which one of a list: a module, a setting, a library, a symbol; null for a fact that is one value. */
  readonly name: string | null;
  /** Of a universal file: which slice ('arm64'); null otherwise. */
  readonly slice: string | null;
  /** What happened to it on the way from A to B. */
  readonly change: 'added' | 'removed' | 'changed';
  /** Its value in A; null where A has none. */
  readonly a: string | null;
  /** Its value in B; null where B has none. */
  readonly b: string | null;
  /** Whether B is worse off: protection lost, or a newer system needed. False: better. Null: neither. */
  readonly worse: boolean | null;
}

/** Where something lies in a file, in bytes. */
export interface Place {
  /** Position of the first byte. */
  readonly offset: number;
  /** How many bytes. */
  readonly size: number;
}

/** Bytes that differ, one after the other: at most 8 equal ones stand between two that differ. */
export interface Run {
  /** Position in A, in bytes. */
  readonly a: number;
  /** Position in B, in bytes. */
  readonly b: number;
  /** Bytes from the first to the last that differs. */
  readonly size: number;
  /** What they are: 'build id', 'time stamp', 'module text (vcs.revision)'; null where nothing is known of them. */
  readonly what: string | null;
  /** What kind of thing that is; null likewise. */
  readonly class: DifferenceClass | null;
  /** The first bytes, 32 at most, in hex. */
  readonly bytes: {
    /** Those of A. */
    readonly a: string;
    /** Those of B. */
    readonly b: string;
  };
}

/** A region that differs, or that only one of the files has. */
export interface RegionChange {
  /** Names from the outside in: '.text', '__TEXT/__text', 'arm64/__LINKEDIT/code signature'. A name that occurs again has its number behind it: '.text (2)'. */
  readonly path: string;
  /** Where A has it; null where it has none. */
  readonly a: Place | null;
  /** Where B has it; null where it has none. */
  readonly b: Place | null;
  /** Bytes that differ. Of regions that are not equally long: those between the common beginning and the common end, in the one that has more of them. */
  readonly differing: number;
  /** The runs of differing bytes, the first of them; none for regions that are not equally long. */
  readonly runs: readonly Run[];
  /** How many runs there are besides. */
  readonly runsLeftOut: number;
  /** Bytes that both begin with, of regions that are not equally long; null otherwise. */
  readonly commonStart: number | null;
  /** Bytes behind those that both end with; null likewise. */
  readonly commonEnd: number | null;
  /** What its differing bytes are, without repetition, as far as they are known. */
  readonly what: readonly string[];
  /** Differing bytes of which nothing is known. */
  readonly unexplained: number;
  /** Whether it is a header or a table of positions and sizes, and something's size changed, so that it had to change. */
  readonly consequence: boolean;
}

/** A named value that the two builds have in different versions: a build id, a time stamp. */
export interface NamedValue {
  /** 'build id', 'time stamp', 'Go build id, part 4'. */
  readonly what: string;
  /** Position in A. */
  readonly offset: number;
  /** Position in B. */
  readonly offsetB: number;
  /** Bytes of it. */
  readonly size: number;
  /** As people write it: hex, a time, a text. */
  readonly a: string;
  /** As people write it. */
  readonly b: string;
}

/** Two files compared. */
export interface Comparison {
  /** 1 until a field changes its meaning. */
  readonly schemaVersion: 1;
  /** How alike they are. */
  readonly verdict: ComparisonVerdict;
  /** Whether they are equal but for what was to be ignored. */
  readonly equal: boolean;
  /** What was to be ignored. */
  readonly ignored: readonly Ignorable[];
  /** The first file. */
  readonly a: ComparedFile;
  /** The second file. */
  readonly b: ComparedFile;
  /** What both are, in parts of a line: ['ELF64 executable', 'linux/arm64']; empty for what is not known. Text from the file in it is escaped. */
  readonly description: readonly string[];
  /** Why they can't be compared, or what is likely behind the difference; one sentence each. */
  readonly remarks: readonly string[];
  /** Facts that changed, in the order of an inspection. */
  readonly facts: readonly FactChange[];
  /** Regions that differ, in the order of the file that has them first. */
  readonly regions: readonly RegionChange[];
  /** Regions that differ, or that only one file has, and are left out here. */
  readonly regionsLeftOut: number;
  /** Regions that are the same in both. */
  readonly identicalRegions: number;
  /** Named values that differ, by their place. */
  readonly values: readonly NamedValue[];
  /** Differing bytes that are known to be part of a signature, of a build's identity, or of the text of a fact. */
  readonly explained: number;
  /** All other differing bytes. */
  readonly unexplained: number;
  /** What was odd about the files. */
  readonly warnings: readonly Warning[];
}

/** Verdicts from the closest on; each covers those before it. */
const LADDER: readonly ComparisonVerdict[] = ['identical', 'identical-but-signature', 'identical-but-identity', 'explained', 'differs', 'incomparable'];

/** Which of two verdicts is the farther from `identical`. */
export function worseVerdict(one: ComparisonVerdict, other: ComparisonVerdict): ComparisonVerdict {
  return LADDER.indexOf(one) >= LADDER.indexOf(other) ? one : other;
}

/** What differing bytes of a class come to. */
export function verdictOfClass(of: DifferenceClass | null): ComparisonVerdict {
  return of === null ? 'differs' : of === 'signature' ? 'identical-but-signature' : of === 'identity' ? 'identical-but-identity' : 'explained';
}

const COVERS: Readonly<Record<Ignorable, readonly DifferenceClass[]>> = {
  signature: ['signature'],
  identity: ['signature', 'identity'],
  vcs: ['signature', 'identity', 'vcs'],
};

/** Whether bytes of a class count as equal. */
export function isIgnored(of: DifferenceClass | null, ignored: readonly Ignorable[]): boolean {
  return of !== null && ignored.some((word) => COVERS[word].includes(of));
}

/** What may be ignored. */
export const IGNORABLE: readonly Ignorable[] = ['signature', 'identity', 'vcs'];

/** One path of two folders, or of two archives. */
export interface ComparedPath {
  /** Below the folder, with `/` between names. */
  readonly path: string;
  /** Which of the two alone has it; null where both do. */
  readonly only: 'a' | 'b' | null;
  /** What came of the two files; null where only one has it, and where one can't be read. */
  readonly comparison: Comparison | null;
  /** Why they could not be compared; null otherwise. */
  readonly error: BinspectError | null;
}
