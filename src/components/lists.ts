// The lists of components that executables carry: where each format has them, and what joins the rest of the facts.

import { inflateAll } from '../bytes/inflate.ts';
import type { Input } from '../bytes/input.ts';
import { searchPass } from '../bytes/pass.ts';
import type { Pass } from '../bytes/pass.ts';
import { wanted } from '../bytes/search.ts';
import type { Scan, Stretch } from '../bytes/search.ts';
import { openElf, sectionNames as elfSectionNames } from '../elf/file.ts';
import type { ElfFile } from '../elf/file.ts';
import { readNotes } from '../elf/notes.ts';
import { symbolValues } from '../elf/symbol-values.ts';
import { BinspectError } from '../errors.ts';
import { openMachO } from '../macho/file.ts';
import type { MachOFile } from '../macho/file.ts';
import { symbolValues as machOSymbolValues } from '../macho/symbol-values.ts';
import type { Binary, Facts } from '../model/binary.ts';
import type { Component } from '../model/bom.ts';
import { warningOf } from '../model/warning.ts';
import { exportedAddresses } from '../pe/exports.ts';
import { openPe, sectionNames } from '../pe/file.ts';
import type { PeFile } from '../pe/file.ts';
import { openWasm } from '../wasm/file.ts';
import { parseAuditable } from './cargo-auditable.ts';
import { bundledDeps, parseDotnetDeps } from './dotnet-bundle.ts';
import { parseNativeImage, SBOM_SYMBOLS } from './native-image.ts';
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

const MOST_DEPS = 8 * 1024 * 1024;
const MOST_NATIVE = 8 * 1024 * 1024; // compressed

/** Sections of native images begin so: their heap. */
const NATIVE_HEAP = /^(\.|__)?svm_hea/;

function auditable(at: number, length: number): Place {
  return { at: { at, length }, what: `the section ${AUDITABLE} of cargo auditable`, most: MOST_AUDITABLE, parse: parseAuditable };
}

/** The bundle of a .NET program: its files lie behind all that the headers account for, but in Mach-O, where they are a part of __LINKEDIT. */
function dotnet(image: Input, data: Stretch | null, appended: boolean): Place[] {
  const deps = data === null || !appended ? null : bundledDeps(image, data);
  if (deps === null) return [];
  const parse = (bytes: Uint8Array): readonly Component[] => parseDotnetDeps(deps.compressed ? inflateAll(bytes, MOST_DEPS) : bytes);
  return [{ at: deps.at, what: 'deps.json of a .NET bundle', most: MOST_DEPS, parse }];
}

/** The list of a native image, whose symbols lead to it and to its length. */
function nativeImage(image: Input, offsetOf: (symbol: string) => number | null): Place[] {
  const [at, lengthAt] = SBOM_SYMBOLS.map(offsetOf);
  if (at == null || lengthAt == null || image.available(lengthAt, 8) < 8) return [];
  const length = Number(image.read(lengthAt, 8, 'length of the list').u64(0));
  return length === 0 ? [] : [{ at: { at, length }, what: 'the bill of materials of a native image', most: MOST_NATIVE, parse: parseNativeImage }];
}

function elfPlaces(image: Input, file: ElfFile, appended: boolean): Place[] {
  const names = elfSectionNames(file);
  const named = (name: string): Stretch | null => {
    const section = file.sections?.find(({ type }, index) => type !== SHT_NOBITS && names[index] === name);
    return section === undefined ? null : { at: section.offset, length: section.size };
  };
  const crates = named(AUDITABLE);
  const note = readNotes(file).find(({ owner, type }) => owner === 'FDO' && type === PACKAGE_NOTE);
  const values = names.some((name) => NATIVE_HEAP.test(name)) ? symbolValues(file, SBOM_SYMBOLS) : null;
  return [
    ...(crates === null ? [] : [auditable(crates.at, crates.length)]),
    ...(note === undefined ? [] : [{ at: { at: note.offset, length: note.size }, what: 'a package note', most: MOST_NOTE, parse: parsePackageNote }]),
    ...dotnet(image, named('.data'), appended),
    ...(values === null ? [] : nativeImage(image, (symbol) => file.memory.offsetOf(values.get(symbol) ?? -1n))),
  ];
}

function pePlaces(image: Input, file: PeFile, appended: boolean): Place[] {
  const names = sectionNames(file);
  const named = (name: string): Stretch | null => {
    const section = file.sections[names.indexOf(name)];
    return section === undefined ? null : { at: section.offset, length: section.fileSize };
  };
  const crates = named(AUDITABLE);
  const addresses = names.some((name) => name !== null && NATIVE_HEAP.test(name)) ? exportedAddresses(file, SBOM_SYMBOLS) : null;
  return [
    ...(crates === null ? [] : [auditable(crates.at, crates.length)]),
    ...dotnet(image, named('.data'), appended),
    ...(addresses === null ? [] : nativeImage(image, (symbol) => file.memory.offsetOf(BigInt(addresses.get(symbol) ?? -1)))),
  ];
}

function machOPlaces(image: Input, file: MachOFile, kind: Binary['kind']): Place[] {
  const sections = file.segments.flatMap(({ sections: its }) => its);
  const named = (name: string): Stretch | null => {
    const section = sections.find((one) => one.segment === '__DATA' && one.name === name);
    return section === undefined || section.offset === 0 ? null : { at: section.offset, length: section.size };
  };
  const crates = named(AUDITABLE);
  const values = sections.some(({ name }) => NATIVE_HEAP.test(name)) ? machOSymbolValues(file, SBOM_SYMBOLS) : null;
  const offsetOf = (address: bigint | undefined): number | null => {
    const section = sections.find((one) => address !== undefined && address >= one.address && address < one.address + BigInt(one.size));
    return section === undefined || section.offset === 0 ? null : section.offset + Number((address ?? 0n) - section.address);
  };
  return [
    ...(crates === null ? [] : [auditable(crates.at, crates.length)]),
    ...dotnet(image, named('__data'), kind === 'executable'),
    ...(values === null ? [] : nativeImage(image, (symbol) => offsetOf(values.get(symbol)))),
  ];
}

/** The lists of an image, by its headers. */
function placesOf(image: Input, { format, kind, overlay, installer }: Binary): Place[] {
  const appended = overlay !== null && installer === null && kind === 'executable';
  switch (format) {
    case 'elf':
      return elfPlaces(image, openElf(image), appended);
    case 'pe':
      return pePlaces(image, openPe(image), appended);
    case 'mach-o':
      return machOPlaces(image, openMachO(image), kind);
    case 'wasm': {
      const section = openWasm(image).customs.get(AUDITABLE);
      return section === undefined ? [] : [auditable(section.contentOffset, section.contentSize)];
    }
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
    components.push(...shifted(found, base));
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

/** A list behind another one: what it says of positions counts from there. */
function shifted(components: readonly Component[], by: number): readonly Component[] {
  return by === 0 ? components : components.map((one) => (one.dependencies === null ? one : { ...one, dependencies: one.dependencies.map((index) => by + index) }));
}

function join(binary: Binary, { components, because, failures }: Found): Binary {
  const warnings = [...binary.warnings, ...failures.map(({ code, message, offset }) => warningOf(code, message, offset === undefined ? null : binary.offset + offset, []))];
  return because === null ? { ...binary, warnings } : { ...binary, components: [...binary.components, ...shifted(components, binary.components.length)], because: { ...binary.because, components: because }, warnings };
}

/** The pass that reads the lists of an image; null where it has none, or where only headers are asked for. To be called in a reader. */
export function componentsPass(image: Input, binary: Binary, index: number, facts: Facts): Pass | null {
  if (facts === 'main' || binary.packer !== null || binary.kind === 'core' || (binary.format === 'mach-o' && binary.machO === null)) return null;
  const places = image.attempt(() => placesOf(image, binary));
  return places === null || places.length === 0 ? null : searchPass(index, { at: binary.offset, length: binary.size }, readLists(places), join);
}
