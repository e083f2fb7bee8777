// The lists of components that executables carry: where each format has them, and what joins the rest of the facts.

import type { Input } from '../bytes/input.ts';
import { searchPass } from '../bytes/pass.ts';
import type { Pass } from '../bytes/pass.ts';
import { wanted } from '../bytes/search.ts';
import type { Scan, Stretch } from '../bytes/search.ts';
import { openElf, sectionName, sectionNameTable } from '../elf/file.ts';
import { readNotes } from '../elf/notes.ts';
import { BinspectError } from '../errors.ts';
import type { Binary, Facts } from '../model/binary.ts';
import type { Component } from '../model/bom.ts';
import { warningOf } from '../model/warning.ts';
import { openPe, sectionNames } from '../pe/file.ts';
import { openWasm } from '../wasm/file.ts';
import { parseAuditable } from './cargo-auditable.ts';
import { parsePackageNote } from './package-note.ts';

const AUDITABLE = '.dep-v0';
const PACKAGE_NOTE = 0xcafe_1a7e;
const SHT_NOBITS = 8;

/** What a list is, where it stands, how much of it is read at most, and who reads it. */
interface Place {
  readonly at: Stretch;
  readonly what: string;
  readonly most: number;
  readonly parse: (bytes: Uint8Array) => readonly Component[];
}

const MOST_AUDITABLE = 4 * 1024 * 1024; // compressed; a program of 1,000 crates has 20 KB
const MOST_NOTE = 64 * 1024;

function auditable(at: number, length: number): Place {
  return { at: { at, length }, what: `the section ${AUDITABLE} of cargo auditable`, most: MOST_AUDITABLE, parse: parseAuditable };
}

/** The lists of an image, by its headers. */
function placesOf(image: Input, { format }: Binary): Place[] {
  switch (format) {
    case 'elf': {
      const file = openElf(image);
      const names = sectionNameTable(file);
      const section = names === null ? undefined : file.sections?.find((one) => one.type !== SHT_NOBITS && sectionName(names, one) === AUDITABLE);
      const note = readNotes(file).find(({ owner, type }) => owner === 'FDO' && type === PACKAGE_NOTE);
      return [
        ...(section === undefined ? [] : [auditable(section.offset, section.size)]),
        ...(note === undefined ? [] : [{ at: { at: note.offset, length: note.size }, what: 'a package note', most: MOST_NOTE, parse: parsePackageNote }]),
      ];
    }
    case 'pe': {
      const file = openPe(image);
      const section = file.sections[sectionNames(file).indexOf(AUDITABLE)];
      return section === undefined ? [] : [auditable(section.offset, section.fileSize)];
    }
    case 'wasm': {
      const section = openWasm(image).customs.get(AUDITABLE);
      return section === undefined ? [] : [auditable(section.contentOffset, section.contentSize)];
    }
    case 'mach-o':
      return [];
  }
}

interface Found {
  readonly components: readonly Component[];
  readonly because: string | null;
  readonly failures: readonly BinspectError[];
}

/** Reads the lists; one that is damaged costs the others nothing. */
function* readLists(places: readonly Place[]): Scan<Found> {
  const components: Component[] = [];
  const told: string[] = [];
  const failures: BinspectError[] = [];
  for (const { at: { at, length }, what, most, parse } of places) {
    const found = length > most ? new BinspectError('limit-exceeded', `${length} bytes, of which at most ${most} are read`) : outcome(parse, yield* wanted(at, length));
    if (found instanceof BinspectError) {
      failures.push(new BinspectError(found.code, `${what}: ${found.message}`, { offset: at }));
      continue;
    }
    const base = components.length;
    for (const one of found) components.push(base === 0 || one.dependencies === null ? one : { ...one, dependencies: one.dependencies.map((index) => base + index) });
    told.push(what);
  }
  return { components, because: told.length === 0 ? null : told.join(', '), failures };
}

function outcome(parse: Place['parse'], bytes: Uint8Array): readonly Component[] | BinspectError {
  try {
    return parse(bytes);
  } catch (error) {
    if (error instanceof BinspectError) return error;
    throw error;
  }
}

function join(binary: Binary, { components, because, failures }: Found): Binary {
  const warnings = [...binary.warnings, ...failures.map(({ code, message, offset }) => warningOf(code, message, offset === undefined ? null : binary.offset + offset, []))];
  return because === null ? { ...binary, warnings } : { ...binary, components, because: { ...binary.because, components: because }, warnings };
}

/** The pass that reads the lists of an image; null where it has none, or where only headers are asked for. To be called in a reader. */
export function componentsPass(image: Input, binary: Binary, index: number, facts: Facts): Pass | null {
  if (facts === 'main' || binary.packer !== null || binary.kind === 'core') return null;
  const places = image.attempt(() => placesOf(image, binary));
  return places === null || places.length === 0 ? null : searchPass(index, { at: binary.offset, length: binary.size }, readLists(places), join);
}
