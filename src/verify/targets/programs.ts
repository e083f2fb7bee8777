// Whether a file's name says that it is a program, or something else.

import { namesOf } from './claims.ts';
import { readName } from './name.ts';

/** Endings of programs and libraries, a library's version behind it or not. */
const PROGRAM = /\.(exe|dll|dylib|node|wasm)$|\.so(\.\d+)*$/i;

/** Texts that come with programs, whatever their ending. */
const TEXTS = /^(licen[cs]es?|copying|notice|readme|changelog|changes|authors|version|makefile|dockerfile|containerfile|package\.json)([-._].*)?$/i;

/** An ending of letters that is no part of a target, of a version or of a program's name. */
const OTHER_ENDING = /\.[a-z][a-z0-9]{0,23}$/i;

/** Packages of files, which hold programs for the target that they are called by. */
const ARCHIVE = /\.(tar|tgz|txz|tbz2?|gz|xz|bz2|zst|zip|7z|deb|rpm|apk|dmg|pkg|msi|appimage|snap|flatpak|whl|vsix|nupkg|jar)$/i;

/** Whether a file's name says that it is an archive or a package. */
export function isNamedArchive(path: string): boolean {
  return ARCHIVE.test(path);
}

/** Whether a file's name says that it is something else than a program. */
export function isNamedOtherwise(path: string): boolean {
  const name = namesOf(path).at(-1) ?? '';
  if (PROGRAM.test(name)) return false;
  return TEXTS.test(name) || (OTHER_ENDING.test(name) && !isTarget(name.slice(name.lastIndexOf('.') + 1)));
}

function isTarget(text: string): boolean {
  const reading = readName(text, { file: false, addon: false, product: null });
  return reading !== null && !reading.soft.os; // 'js' is a system, and an ending of many files that are for none
}

/** Whether a file's own name claims anything of a target. */
export function claimsTarget(path: string): boolean {
  return readName(namesOf(path).at(-1) ?? '', { file: true, addon: false, product: null }) !== null;
}

/** Where packages put what is read, called by the package (Filesystem Hierarchy Standard, share). */
const DOCUMENTS = /(^|[/\\])share[/\\](doc|lintian|man|info|bug|locale|zoneinfo|licenses)[/\\]/i;

/** Whether a file's own name says that it is a program: by its ending, or by a system and an architecture. */
export function isNamedProgram(path: string): boolean {
  const name = namesOf(path).at(-1) ?? '';
  if (PROGRAM.test(name)) return true;
  if (DOCUMENTS.test(path)) return false;
  if (isNamedOtherwise(name) && !isNamedArchive(name)) return false;
  const stem = name.replace(ARCHIVE, '').replace(/\.tar$/i, '');
  const reading = readName(stem, { file: true, addon: false, product: null });
  return reading !== null && reading.os !== null && (reading.arch !== null || reading.universal);
}
