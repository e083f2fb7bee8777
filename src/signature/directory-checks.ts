// Code directories, judged one by one: their pages, how much they cover, and the slots for what is sealed beside code.

import { hex } from '../errors.ts';
import type { FullCodeDirectory, FullSignature } from '../macho/code-directory.ts';
import { LC } from '../macho/constants.ts';
import type { MachOFile } from '../macho/file.ts';
import type { CodeDirectoryCheck, Level, SpecialSlot } from '../model/signature.ts';
import { hexOf } from '../pki/der.ts';
import { directoryHash, pagesOf } from './code-pages.ts';
import type { PagesFound } from './code-pages.ts';
import type { Cryptography } from './cryptography.ts';
import { runsOf } from './runs.ts';
import type { Report } from './signer-levels.ts';

/** A signature that can be read, and what it seals beside code. */
export interface Sealed {
  readonly file: MachOFile;
  readonly signature: FullSignature;
  /** The section __TEXT,__info_plist; null without. */
  readonly infoPlist: Uint8Array | null;
}

/** A code directory's check, but for who covers it. */
export interface DirectoryCheck {
  readonly check: Omit<CodeDirectoryCheck, 'covered'>;
  readonly intact: Level;
}

const CDHASH_SIZE = 20;
const MOST_RUNS = 16; // of bad pages that are named; the list has all
const MOST_SPECIAL = 64; // slots that are looked at; eleven are known

/** Judges every code directory, in the order of their slots. */
export function directoryChecks(sealed: Sealed, pages: readonly PagesFound[], cryptography: Cryptography, report: Report): DirectoryCheck[] {
  const base = sealed.file.input.start;
  const { range } = sealed.signature;
  return sealed.signature.directories.map(({ slot, directory }, index) => {
    const { version, flags, codeLimit, pageSize, codeSlots, hashType, bytes } = directory;
    const { bad, unknown } = pages[index] as PagesFound;
    const algorithm = directoryHash(hashType);
    const levels: Level[] = ['yes'];
    const spoil = (level: Level, code: string, message: string, offset: number | null, size: number | null = null): void => {
      levels.push(level);
      report(code, message, { offset, size, level: 'intact' });
    };
    const at = base + directory.range.offset;
    if (unknown !== null) spoil('unknown', 'algorithm', `code directory ${hex(slot)}: ${unknown}`, at);
    if (codeSlots !== pagesOf(directory)) spoil('no', 'code-limit', `code directory ${hex(slot)}: ${codeSlots} slots for ${pagesOf(directory)} pages`, at + 28, 4);
    if (codeLimit !== range.offset) {
      const message = `code directory ${hex(slot)}: its pages end at ${hex(base + codeLimit)}, the signature begins at ${hex(base + range.offset)}`;
      const offset = base + Math.min(codeLimit, range.offset);
      spoil('no', 'code-limit', message, offset, Math.abs(range.offset - codeLimit));
    }
    for (const run of runsOf(bad).slice(0, MOST_RUNS)) {
      const word = run.count === 1 ? `page ${run.index}` : `pages ${run.index} to ${run.index + run.count - 1}`;
      const verb = run.count === 1 ? 'is' : 'are';
      spoil('no', 'page-mismatch', `${word}, ${placeOf(sealed.file, run.offset)}, ${verb} not what code directory ${hex(slot)} says${encryptedNote(sealed.file, run)}`, base + run.offset, run.size);
    }
    if (directory.scatterOffset !== 0) report('scatter', `code directory ${hex(slot)} has a scatter vector, which is not looked at`, { offset: at + 44, size: 4 });
    if (directory.linkageSize !== 0) report('scatter', `code directory ${hex(slot)} has linkage data, which is not looked at`, { offset: at + 104, size: 4 });
    const digest = algorithm === null ? null : cryptography.digest(algorithm.hash, bytes);
    const special = specialSlots(sealed, slot, directory, cryptography, spoil, report);
    const check = {
      slot,
      algorithm: algorithm?.name ?? null,
      version,
      flags,
      cdHash: digest === null ? null : hexOf(digest.subarray(0, CDHASH_SIZE)),
      digest: digest === null ? null : hexOf(digest),
      codeLimit,
      pageSize,
      codeSlots,
      badPages: bad.map((page) => ({ ...page, offset: base + page.offset })),
      special,
    };
    return { check, intact: levels.includes('no') ? 'no' : levels.includes('unknown') ? 'unknown' : 'yes' };
  });
}

/** Slots whose blobs lie in the signature; the others' lie in the bundle, but for an Info.plist of the program's own. */
const BLOBS: ReadonlySet<number> = new Set([2, 5, 7, 8, 9, 10, 11]);

type Spoil = (level: Level, code: string, message: string, offset: number | null, size?: number | null) => void;

/** The special slots that a code directory has, and the blobs that it should have one for. */
function specialSlots(sealed: Sealed, of: number, directory: FullCodeDirectory, cryptography: Cryptography, spoil: Spoil, report: Report): SpecialSlot[] {
  const { file, signature, infoPlist } = sealed;
  const { bytes, hashOffset, hashSize, hashType, specialSlots: count } = directory;
  const base = file.input.start;
  const algorithm = directoryHash(hashType);
  const slots: SpecialSlot[] = [];
  const judge = (slot: number, digest: Uint8Array | null): SpecialSlot['state'] => {
    const blob = BLOBS.has(slot) ? signature.blobs.find((candidate) => candidate.slot === slot) : undefined;
    if (digest === null) return blob === undefined ? 'empty' : 'unsealed';
    const content = slot === 1 ? infoPlist : (blob?.bytes ?? null);
    if (content === null) return BLOBS.has(slot) ? 'missing' : 'outside';
    if (algorithm === null) return 'outside';
    const found = cryptography.digest(algorithm.hash, content);
    return found !== null && digest.every((byte, at) => byte === found[at]) ? 'ok' : 'mismatch';
  };
  for (let slot = 1; slot <= Math.min(count, MOST_SPECIAL); slot++) {
    const at = hashOffset - slot * hashSize;
    const digest = bytes.subarray(at, at + hashSize);
    const state = judge(slot, digest.every((byte) => byte === 0) ? null : digest);
    slots.push({ slot, state });
    const place = signature.blobs.find((candidate) => candidate.slot === slot)?.range;
    const name = `${SLOT_NAMES.get(slot) ?? 'what is sealed'} (slot ${slot} of code directory ${hex(of)})`;
    if (state === 'mismatch') {
      spoil('no', 'special-mismatch', `${name}: not what was sealed`, place === undefined ? base + directory.range.offset + at : base + place.offset, place?.size ?? hashSize);
    }
    if (state === 'missing') spoil('no', 'special-missing', `${name}: sealed, and not there`, base + directory.range.offset + at, hashSize);
    if (state === 'unsealed' && place !== undefined) report('special-unsealed', `${name}: there, and not sealed, so that it does not count`, { offset: base + place.offset, size: place.size });
  }
  for (const { slot, range } of signature.blobs) {
    if (!BLOBS.has(slot) || slot <= count) continue;
    slots.push({ slot, state: 'unsealed' });
    report('special-unsealed', `${SLOT_NAMES.get(slot) ?? 'a blob'} (slot ${slot}): there, and not sealed by code directory ${hex(of)}, so that it does not count`, { offset: base + range.offset, size: range.size });
  }
  return slots;
}

const SLOT_NAMES: ReadonlyMap<number, string> = new Map([
  [1, 'Info.plist'],
  [2, 'requirements'],
  [3, 'the list of resources'],
  [4, 'the application'],
  [5, 'entitlements'],
  [6, "the disk image's own"],
  [7, 'entitlements in DER'],
  [8, 'launch constraints on itself'],
  [9, 'launch constraints on its parent'],
  [10, 'launch constraints on who is responsible'],
  [11, 'constraints on libraries'],
]);

/** Where in an image an offset lies, for messages: segment and section. */
function placeOf({ segments }: MachOFile, offset: number): string {
  const segment = segments.find(({ header }) => offset >= header.offset && offset < header.offset + header.fileSize);
  const section = segment?.sections.find((candidate) => candidate.offset > 0 && offset >= candidate.offset && offset < candidate.offset + candidate.size);
  return segment === undefined ? `at ${hex(offset)}` : `in ${segment.header.name}${section === undefined ? '' : `,${section.name}`}`;
}

/** Pages of the App Store are encrypted where LC_ENCRYPTION_INFO says so: cryptoff, cryptsize. */
function encryptedNote({ commands }: MachOFile, run: { readonly offset: number; readonly size: number }): string {
  const command = commands.find(({ type }) => type === LC.ENCRYPTION_INFO || type === LC.ENCRYPTION_INFO_64);
  if (command === undefined || command.size < 20) return '';
  const cursor = command.bytes.cursor(command.position + 8);
  const offset = cursor.u32();
  const size = cursor.u32();
  const encrypted = cursor.u32() !== 0;
  const within = run.offset >= offset && run.offset + run.size <= offset + size;
  return within ? `; it lies in the range of LC_ENCRYPTION_INFO${encrypted ? '' : ', which says that it was decrypted'}` : '';
}
