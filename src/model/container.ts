// What is said of an archive, and of the executables in it: plain data.

import type { BinspectError } from '../errors.ts';
import type { Inspection } from './binary.ts';
import type { Warning } from './warning.ts';

/** One step into an archive: which archive, how it is packed, and which of its members. */
export interface Inside {
  /** The archive, as it is shown: `app.tar.gz`, or `a.tgz!/x.deb` for one in another. */
  readonly path: string;
  /** 'tar' 'tar.gz' 'tar.xz' 'tar.zst' 'zip' 'ar' 'deb' 'rpm' 'cpio' 'gz' … */
  readonly format: string;
  /** The member's name, as written. */
  readonly member: string;
}

/** What an archive says that it is for, as it is written there. */
export interface ContainerClaim {
  /** The words: 'arm64', 'cp312-cp312-manylinux_2_17_x86_64'; those of a list with ', ' between them. */
  readonly text: string;
  /** The member and the field in it: 'DEBIAN/control Architecture', 'package/package.json cpu'; 'header ARCH' for a package's own header. */
  readonly from: string;
}

/** An archive, after all of it was looked at. */
export interface Container {
  /** As it is shown; '' for bytes that have no name. */
  readonly path: string;
  /** How it is packed: as in `Inside`. */
  readonly format: string;
  /** What it is: 'npm' 'wheel' 'deb' 'jar' 'alpine' …; null where it is just an archive. */
  readonly kind: string | null;
  /** Bytes of the archive itself; null in a stream whose size nobody knows. */
  readonly size: number | null;
  /** SHA-256 of the archive itself; null where none was asked for, and for archives in archives. */
  readonly sha256: string | null;
  /** Its entries, folders and links among them; those of archives in it are not counted. */
  readonly members: number;
  /** Executables in it, and in archives in it. */
  readonly binaries: number;
  /** False where something could not be read that may hold executables: nothing that is said of all members is certain then. */
  readonly complete: boolean;
  /** What files in it, or its own header, say that it is for. */
  readonly claims: readonly ContainerClaim[];
  /** What was found odd, and why it is not complete. */
  readonly warnings: readonly Warning[];
}

/** An executable in an archive. */
export interface InspectedMember {
  /** As it is shown, and can be given as an input: `app.tar.gz!/bin/app`. */
  readonly path: string;
  /** The same, step by step: the outermost archive first. */
  readonly inside: readonly Inside[];
  /** Permission bits; null where the archive has none. */
  readonly mode: number | null;
  /** What it is: the facts of the same file unpacked. */
  readonly inspection: Inspection;
}

/** A member that could not be told. */
export interface MemberFailure {
  /** As it is shown. */
  readonly path: string;
  /** The same, step by step. */
  readonly inside: readonly Inside[];
  /** Why. */
  readonly error: BinspectError;
}

/** What is said of an archive, behind its members. */
export interface ContainerItem {
  /** The archive. */
  readonly container: Container;
}

/** An executable in an archive, or why a member can't be read, or, behind its members, an archive. */
export type MemberItem = InspectedMember | MemberFailure | ContainerItem;

/** Folders of tests: archives carry damaged files and foreign programs there on purpose. */
const TEST_FOLDERS: ReadonlySet<string> = new Set(['testdata', 'test', 'tests', '__tests__', 'fixtures', 'spec']);

/** Whether a path is below a folder of tests, so that it says nothing of what the archive is for. */
export function isTestPath(path: string): boolean {
  return path
    .split(/[/\\]/)
    .slice(0, -1)
    .some((name) => TEST_FOLDERS.has(name.toLowerCase()));
}

/** A member's name as it is shown and compared: without a leading `./` or `/`. */
export function shownName(name: string): string {
  return name.replace(/^(?:\.?\/)+/, '');
}

/** Whether a name would lead out of a folder, or is none that a system shows as it is. */
export function isUnsafeName(name: string): boolean {
  return /(?:^|[/\\])\.\.(?:[/\\]|$)|^[/\\]|^[a-z]:|[\0-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/i.test(name);
}
