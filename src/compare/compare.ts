// Two files: opened, hashed, and where their bytes differ, inspected and held against one another.

import { digest } from '../bytes/digest.ts';
import type { InspectInput, Opened } from '../bytes/given.ts';
import { readAsync } from '../bytes/input.ts';
import type { Input } from '../bytes/input.ts';
import { scanAsync } from '../bytes/search.ts';
import { FileSource } from '../bytes/source-file.ts';
import type { ByteSource } from '../bytes/source.ts';
import { BinspectError } from '../errors.ts';
import { limitsOf } from '../inspect/examine.ts';
import type { InspectOptions } from '../inspect/examine.ts';
import { inspectOpened } from '../inspect/inspect-file.ts';
import { mapSource } from '../inspect/map.ts';
import { openInput } from '../inspect/open-input.ts';
import type { Limits } from '../limits.ts';
import type { Binary, Inspection } from '../model/binary.ts';
import { IGNORABLE, isIgnored } from '../model/comparison.ts';
import type { ComparedFile, Comparison, DifferenceClass, FactChange, Ignorable } from '../model/comparison.ts';
import { nearest } from '../model/nearest.ts';
import { checkOptions } from '../model/options.ts';
import type { OptionKinds } from '../model/options.ts';
import type { Warning } from '../model/warning.ts';
import { architectureText } from '../model/platform.ts';
import { titleParts } from '../render/map-rows.ts';
import { inOrder, rangesOf } from './explain.ts';
import { exportChanges, exportsOf } from './exports.ts';
import { factChanges } from './facts.ts';
import { goRanges } from './go-ranges.ts';
import type { NamedRange } from './named-range.ts';
import { pairsOf, piecesOf } from './pieces.ts';
import type { Piece } from './pieces.ts';
import { differencesOf } from './regions.ts';
import type { Side } from './regions.ts';
import { incomparable, remarksOf } from './remarks.ts';
import { readAhead } from './runs.ts';
import { containerEdits, UNSIGNED } from './signatures.ts';
import type { Edit, Unsigning } from './signatures.ts';

/** What `compare` may be told. */
export interface CompareOptions {
  /** What counts as equal: 'signature', 'identity', 'vcs'. The verdict is the same, only `equal` follows it. */
  readonly ignore?: readonly Ignorable[] | undefined;
  /** Ends the work: rejects with a BinspectError `aborted` whose cause is the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** What one file may cost; see `Limits` for the defaults. */
  readonly limits?: Partial<Limits> | undefined;
}

const COMPARE_OPTIONS: OptionKinds<CompareOptions> = { ignore: 'any', signal: 'signal', limits: 'any' };

/** What is to be ignored, checked. Throws `invalid-argument` for a word that is none of the three. */
export function readIgnored(words: unknown): Ignorable[] {
  if (words === undefined) return [];
  if (!Array.isArray(words)) throw new BinspectError('invalid-argument', "ignore is a list: ['signature']");
  return IGNORABLE.filter((known) => {
    for (const word of words as unknown[]) {
      if (IGNORABLE.includes(word as Ignorable)) continue;
      const near = typeof word === 'string' ? nearest(word, IGNORABLE) : null;
      throw new BinspectError('invalid-argument', `ignore takes ${IGNORABLE.join(', ')}, not ${JSON.stringify(word)}${near === null ? '' : `; did you mean ${near}?`}`);
    }
    return words.includes(known);
  });
}

/**
 * Compares two builds: whether they are the same, which bytes differ and what those are, and which facts changed. Reads both files twice, in
 * streams. Files of the same bytes are `identical` whatever they are; of others both have to be executables: rejects as `inspect` does.
 *
 * @example
 * const { verdict, facts } = await compare('old/app', 'new/app');
 * if (verdict === 'differs') console.log(facts.filter(({ worse }) => worse === true));
 */
export function compare(a: InspectInput, b: InspectInput, options: CompareOptions = {}): Promise<Comparison> {
  return compareInputs(a, b, options, false);
}

/** The same for files of any kind: of two that are no executables only the bytes are compared, and one that is none has no likeness to one that is. */
export function compareAny(a: InspectInput, b: InspectInput, options: CompareOptions = {}): Promise<Comparison> {
  return compareInputs(a, b, options, true);
}

async function compareInputs(a: InspectInput, b: InspectInput, options: CompareOptions, any: boolean): Promise<Comparison> {
  checkOptions(options, COMPARE_OPTIONS);
  const ignored = readIgnored(options.ignore);
  const limits = limitsOf(options);
  const one = await openInput(a, options);
  try {
    const other = await openInput(b, options);
    try {
      return await compareOpened(one, other, ignored, options, limits, any);
    } finally {
      await other.close();
    }
  } finally {
    await one.close();
  }
}

/** An inspection, or why there is none. */
async function attempt(opened: Opened<ByteSource>, options: InspectOptions, limits: Limits): Promise<Inspection | BinspectError> {
  try {
    return await inspectOpened(opened, { ...options, facts: 'all' }, limits);
  } catch (error) {
    if (!(error instanceof BinspectError) || error.code === 'io' || error.code === 'aborted' || error.code === 'invalid-argument') throw error;
    if (opened.path !== null) error.path ??= opened.path;
    return error;
  }
}

async function compareOpened(one: Opened<ByteSource>, other: Opened<ByteSource>, ignored: readonly Ignorable[], options: CompareOptions, limits: Limits, any: boolean): Promise<Comparison> {
  const { signal } = options;
  const [left, right] = [await attempt(one, { signal }, limits), await attempt(other, { signal }, limits)];
  const files = [one, other].map(async ({ path, source }): Promise<ComparedFile> => ({ path, size: source.size, sha256: await digest(source, { signal }) }));
  const [a, b] = (await Promise.all(files)) as [ComparedFile, ComparedFile];
  const told = left instanceof BinspectError ? [] : titleParts(left).slice(0, -1);
  if (a.size === b.size && a.sha256 === b.sha256) return { ...NOTHING_DIFFERS, ignored, a, b, description: told };
  if (left instanceof BinspectError || right instanceof BinspectError) {
    const failure = left instanceof BinspectError ? left : (right as BinspectError);
    if (!any) throw failure;
    const told = { ...NOTHING_DIFFERS, equal: false, ignored, a, b };
    if (!(left instanceof BinspectError && right instanceof BinspectError)) return { ...told, verdict: 'incomparable', remarks: [`${left instanceof BinspectError ? 'A' : 'B'} is no executable file: ${failure.message}`] };
    const [x, y] = [one, other].map(({ source }): Side => ({ read: readAhead(source, signal), ranges: [], edits: [], cuts: [] })) as [Side, Side];
    const { classes: _, ...found } = await differencesOf([{ a: wholeFile(a.size), b: wholeFile(b.size) }], x, y, false);
    return { ...told, ...found, remarks: ['neither is an executable file: only the bytes are compared'] };
  }
  const reasons = incomparable(left, right);
  const pairs = binaryPairs(left, right);
  const facts: FactChange[] = [];
  for (const { a: x, b: y, slice } of pairs) {
    if (x === null || y === null) facts.push(sliceChange(x, y, slice));
    else facts.push(...factChanges(x, y, slice), ...(reasons.length > 0 ? [] : exportChanges(await exportsIn(one.source, x, limits, signal), await exportsIn(other.source, y, limits, signal), x.kind, slice)));
  }
  const warnings = warningsOf(left, right);
  if (reasons.length > 0) return { ...NOTHING_DIFFERS, verdict: 'incomparable', equal: false, ignored, a, b, remarks: reasons, facts, warnings };
  const unsigning = await Promise.all(pairs.map(({ a: x, b: y }) => unsigningOf(one.source, x, other.source, y, limits, signal)));
  const sides = await Promise.all([sideOf(one.source, left, pairs.map(({ a: x }) => x), unsigning.map(({ a: x }) => x), limits, signal), sideOf(other.source, right, pairs.map(({ b: x }) => x), unsigning.map(({ b: x }) => x), limits, signal)]);
  const [sideA, sideB] = sides;
  const resized = unsigning.some(({ a: x, b: y }) => x !== null && y !== null && cutSize(x) !== cutSize(y));
  const moving = left.universal && resized;
  const container = moving ? await Promise.all([one, other].map(({ source }) => readAsync(source, containerEdits, limits, signal))) : [[], []];
  const [piecesA, piecesB] = await Promise.all([piecesIn(one.source, left, sideA, limits, signal), piecesIn(other.source, right, sideB, limits, signal)]);
  const joined = unsigning.some(({ a: x, b: y }) => x !== null && y !== null && x.signed !== y.signed);
  const found = await differencesOf(
    pairsOf(joined ? withRoom(piecesA) : piecesA, joined ? withRoom(piecesB) : piecesB),
    { ...sideA, edits: merged(sideA.edits, container[0] as readonly Edit[]) },
    { ...sideB, edits: merged(sideB.edits, container[1] as readonly Edit[]) },
    moving,
  );
  for (const { source, path } of [one, other]) if (source instanceof FileSource && source.changed()) throw new BinspectError('io', 'the file was written to while it was read', path === null ? {} : { path });
  const { classes, ...rest } = found;
  return {
    ...NOTHING_DIFFERS,
    ...rest,
    equal: found.regions.length > 0 && [...classes].every((of: DifferenceClass | null) => isIgnored(of, ignored)),
    ignored,
    a,
    b,
    description: told,
    remarks: [...unsigning.flatMap(({ problems }) => problems), ...(moving ? ["the container's offsets differ, as its signatures are not equally long"] : []), ...remarksOf(left, right, found)],
    facts,
    warnings,
  };
}

function wholeFile(size: number): Piece {
  return { key: 'file', path: 'file', offset: 0, size, kind: 'appended', content: 'other' };
}

/** A comparison in which nothing differs. */
const NOTHING_DIFFERS: Omit<Comparison, 'ignored' | 'a' | 'b'> = {
  schemaVersion: 1,
  verdict: 'identical',
  equal: true,
  description: [],
  remarks: [],
  facts: [],
  regions: [],
  regionsLeftOut: 0,
  identicalRegions: 0,
  values: [],
  explained: 0,
  unexplained: 0,
  warnings: [],
};

/** What is said of two files by their digests alone: the same, or, with why that is all, different. */
export function unlookedInto(a: ComparedFile, b: ComparedFile, ignored: readonly Ignorable[], why: string | null): Comparison {
  return why === null ? { ...NOTHING_DIFFERS, ignored, a, b } : { ...NOTHING_DIFFERS, verdict: 'differs', equal: false, ignored, a, b, remarks: [why] };
}

/** Binaries that belong together: of universal files those for one machine. */
interface BinaryPair {
  readonly a: Binary | null;
  readonly b: Binary | null;
  readonly slice: string | null;
}

function binaryPairs({ binaries, universal }: Inspection, other: Inspection): BinaryPair[] {
  if (!universal || !other.universal) return [{ a: binaries[0] ?? null, b: other.binaries[0] ?? null, slice: null }];
  const [left, right] = [bySlice(binaries), bySlice(other.binaries)];
  return [...new Set([...left.keys(), ...right.keys()])].sort().map((slice) => ({ a: left.get(slice) ?? null, b: right.get(slice) ?? null, slice }));
}

function bySlice(binaries: readonly Binary[]): Map<string, Binary> {
  const slices = new Map<string, Binary>();
  for (const binary of binaries) {
    const name = binary.platform.arch === null ? (binary.machine.name ?? `machine ${binary.machine.value}`) : architectureText(binary.platform.arch, binary.platform.variant);
    let key = name;
    for (let number = 2; slices.has(key); number++) key = `${name} (${number})`;
    slices.set(key, binary);
  }
  return slices;
}

function sliceChange(a: Binary | null, b: Binary | null, slice: string | null): FactChange {
  return { fact: 'binaries', name: slice, slice: null, change: a === null ? 'added' : 'removed', a: a?.kind ?? null, b: b?.kind ?? null, worse: null };
}

function warningsOf(...inspections: readonly Inspection[]): Warning[] {
  return inspections.flatMap(({ warnings, binaries }) => [...warnings, ...binaries.flatMap((binary) => binary.warnings)]);
}

/** How both images of a pair lose their signatures; null where neither has one, or one of them can't lose it. */
interface UnsigningPair {
  readonly a: Unsigning | null;
  readonly b: Unsigning | null;
  readonly problems: readonly string[];
}

const NO_UNSIGNING: UnsigningPair = { a: null, b: null, problems: [] };

async function unsigningOf(one: ByteSource, a: Binary | null, other: ByteSource, b: Binary | null, limits: Limits, signal: AbortSignal | undefined): Promise<UnsigningPair> {
  if (a === null || b === null) return NO_UNSIGNING;
  const of = (source: ByteSource, binary: Binary): Promise<Unsigning | null> =>
    readAsync(source, (input) => unsignedIn(imageOf(input, binary), binary), limits, signal);
  const [left, right] = await Promise.all([of(one, a), of(other, b)]);
  if (left === null || right === null || (!left.signed && !right.signed)) return NO_UNSIGNING;
  const problems = [left, right].flatMap(({ problem }, index) => (problem === null ? [] : [`${index === 0 ? 'A' : 'B'}: ${problem}`]));
  return problems.length > 0 ? { a: null, b: null, problems } : { a: left, b: right, problems };
}

function unsignedIn(image: Input, binary: Binary): Unsigning | null {
  return image.attempt(() => UNSIGNED[binary.format](image, binary));
}

function imageOf(input: Input, { offset, size }: Binary): Input {
  return input.part(Math.min(offset, input.size), input.available(offset, size));
}

function exportsIn(source: ByteSource, binary: Binary, limits: Limits, signal: AbortSignal | undefined): Promise<string[] | null> {
  return readAsync(source, (input) => exportsOf(imageOf(input, binary), binary), limits, signal);
}

function cutSize({ cut, end }: Unsigning): number {
  return cut === null ? 0 : end - cut;
}

function merged(edits: readonly Edit[], more: readonly Edit[]): Edit[] {
  return [...edits, ...more].sort((x, y) => x.offset - y.offset);
}

async function sideOf(source: ByteSource, { format }: Inspection, binaries: readonly (Binary | null)[], unsigning: readonly (Unsigning | null)[], limits: Limits, signal: AbortSignal | undefined): Promise<Side> {
  const ranges: NamedRange[] = [];
  for (const binary of binaries) {
    if (binary === null) continue;
    ranges.push(...(await readAsync(source, (input) => rangesOf(imageOf(input, binary), binary), limits, signal)));
    if (binary.go === null || binary.packer !== null) continue;
    const length = Math.min(binary.overlay?.inHeaders === false ? binary.overlay.offset : binary.size, binary.size, source.size - binary.offset, limits.goSearchBytes);
    ranges.push(...(await scanAsync(source, { at: binary.offset, length }, goRanges(format, binary.go, length, binary.offset, limits), signal)));
  }
  const cuts = unsigning.flatMap((one) => (one === null || one.cut === null ? [] : [{ from: one.cut, to: one.end }]));
  return { read: readAhead(source, signal), ranges: inOrder(ranges), edits: merged(unsigning.flatMap((one) => one?.edits ?? []), []), cuts };
}

async function piecesIn(source: ByteSource, inspection: Inspection, { cuts }: Side, limits: Limits, signal: AbortSignal | undefined): Promise<Piece[]> {
  const { regions } = await mapSource(source, inspection, { limits, ...(signal === undefined ? {} : { signal }) });
  return piecesOf(regions, source.size, cuts.flatMap(({ from, to }) => [from, to]));
}

/** Load commands with the room behind them: signing takes its command's bytes from there. */
function withRoom(pieces: readonly Piece[]): Piece[] {
  const joined: Piece[] = [];
  for (const piece of pieces) {
    const last = joined.at(-1);
    const isRoom = last !== undefined && /(^|\/)load commands$/.test(last.path) && (piece.kind === 'gap' || piece.kind === 'padding');
    if (isRoom) joined[joined.length - 1] = { ...last, size: last.size + piece.size };
    else joined.push(piece);
  }
  return joined;
}
