// The pass over both files: piece by piece, what differs and what that is. What is kept is bounded by constants, whatever differs.

import type { DifferenceClass, NamedValue, RegionChange, Run } from '../model/comparison.ts';
import { verdictOfClass, worseVerdict } from '../model/comparison.ts';
import type { Comparison } from '../model/comparison.ts';
import { edited, stretchesOf } from './explain.ts';
import type { Known, Stretch } from './explain.ts';
import { hexText } from './named-range.ts';
import type { Pair, Piece } from './pieces.ts';
import { commonEnds, eachRun } from './runs.ts';
import type { Read } from './runs.ts';

/** What is kept of one region, and of all. */
const MOST_RUNS = 1000;
const MOST_RUNS_IN_ALL = 10_000;
const MOST_REGIONS = 10_000;
const MOST_VALUES = 1000;

const SIGNATURE = 'signature';
const PADDING = 8; // signatures begin at a multiple of this

/** One of the files, as far as it takes to compare it. */
export interface Side extends Known {
  readonly read: Read;
  /** What is removed with the signatures: stretches of the file, in order. */
  readonly cuts: readonly { readonly from: number; readonly to: number }[];
}

/** What the pass found. */
export interface Differences extends Pick<Comparison, 'verdict' | 'regions' | 'regionsLeftOut' | 'identicalRegions' | 'values' | 'explained' | 'unexplained'> {
  /** Which classes differing bytes are of; null for those of which nothing is known. */
  readonly classes: ReadonlySet<DifferenceClass | null>;
}

/** What is counted on the way. */
interface Tally {
  readonly classes: Set<DifferenceClass | null>;
  readonly values: NamedValue[];
  readonly explained: { bytes: number };
  runsLeft: number;
}

interface Counted {
  differing: number;
  unexplained: number;
  readonly runs: Run[];
  runsLeftOut: number;
  readonly what: Set<string>;
  commonStart: number | null;
  commonEnd: number | null;
}

function isCut({ offset, size }: Piece, { cuts }: Side): boolean {
  return cuts.some(({ from, to }) => offset >= from && offset + size <= to);
}

/** Compares all pairs. `moving`: whether signatures of other lengths move the slices of universal files, so that padding between those means nothing. */
export async function differencesOf(pairs: readonly Pair[], a: Side, b: Side, moving: boolean): Promise<Differences> {
  const tally: Tally = { classes: new Set(), values: [], explained: { bytes: 0 }, runsLeft: MOST_RUNS_IN_ALL };
  const regions: RegionChange[] = [];
  const headers: boolean[] = [];
  let regionsLeftOut = 0;
  let identicalRegions = 0;
  let unexplained = 0;
  let resized = false;
  for (const pair of pairs) {
    const counted: Counted = { differing: 0, unexplained: 0, runs: [], runsLeftOut: 0, what: new Set(), commonStart: null, commonEnd: null };
    await comparePair(pair, a, b, moving, counted, tally);
    if (counted.differing === 0) {
      identicalRegions++;
      continue;
    }
    unexplained += counted.unexplained;
    if (counted.unexplained > 0 && pair.a?.size !== pair.b?.size) resized = true;
    if (regions.length === MOST_REGIONS) {
      regionsLeftOut++;
      continue;
    }
    const { what, ...rest } = counted;
    regions.push({ path: pathOf(pair), a: placeOf(pair.a), b: placeOf(pair.b), ...rest, what: [...what], consequence: false });
    headers.push((pair.a ?? pair.b)?.content === 'headers');
  }
  const { classes, values, explained } = tally;
  const verdict = [...classes].map(verdictOfClass).reduce(worseVerdict, 'identical');
  const marked = regions.map((region, index) => (resized && headers[index] === true && region.unexplained > 0 ? { ...region, consequence: true } : region));
  return { verdict, classes, regions: marked, regionsLeftOut, identicalRegions, values, explained: explained.bytes, unexplained };
}

/** The path of both; where only one of them is all zeros, it is called padding, in whichever order the files come. */
function pathOf({ a, b }: Pair): string {
  const named = b !== null && (a === null || (b.kind === 'padding' && a.kind !== 'padding')) ? b : a;
  return named?.path ?? '';
}

function placeOf(piece: Piece | null): { offset: number; size: number } | null {
  return piece === null ? null : { offset: piece.offset, size: piece.size };
}

async function comparePair({ a: one, b: other }: Pair, a: Side, b: Side, moving: boolean, counted: Counted, tally: Tally): Promise<void> {
  const count = (differing: number, what: string | null, of: DifferenceClass | null): void => {
    if (differing === 0) return;
    counted.differing += differing;
    if (of === null) counted.unexplained += differing;
    else tally.explained.bytes += differing;
    tally.classes.add(of);
    if (what !== null && counted.what.size < MOST_VALUES) counted.what.add(what);
  };
  const cut = (one === null || isCut(one, a)) && (other === null || isCut(other, b));
  if (one === null || other === null || one.size !== other.size) {
    await compareUnequal(one, other, a, b, cut || (moving && isPadding(one) && isPadding(other)), counted, count);
    return;
  }
  const stretches: readonly Stretch[] = cut ? [{ from: 0, to: one.size, what: SIGNATURE, class: 'signature', ranges: null, edited: false }] : stretchesOf(one, other, a, b);
  for (const stretch of stretches) {
    const [atA, atB, size] = [one.offset + stretch.from, other.offset + stretch.from, stretch.to - stretch.from];
    const gone = stretch.edited && (await isGone(atA, atB, size, a, b));
    const [what, of]: [string | null, DifferenceClass | null] = gone ? [SIGNATURE, 'signature'] : [stretch.what, stretch.class];
    let differs = false;
    await eachRun(a.read, b.read, atA, atB, size, ({ start, end, differing, a: x, b: y }) => {
      differs = true;
      count(differing, what, of);
      if (counted.runs.length === MOST_RUNS || tally.runsLeft === 0) {
        counted.runsLeftOut++;
        return;
      }
      tally.runsLeft--;
      counted.runs.push({ a: atA + start, b: atB + start, size: end - start, what, class: of, bytes: { a: hexText(x), b: hexText(y) } });
    });
    if (differs && !gone && stretch.ranges !== null && tally.values.length < MOST_VALUES) {
      const [x, y] = stretch.ranges;
      if (tally.values.at(-1)?.offset !== x.offset) tally.values.push({ what: x.what, offset: x.offset, offsetB: y.offset, size: x.size, a: x.text, b: y.text });
    }
  }
}

function isPadding(piece: Piece | null): boolean {
  return piece === null || piece.kind === 'padding';
}

/** Whether a field that speaks of the signature is the same in both once that is removed. */
async function isGone(atA: number, atB: number, size: number, a: Side, b: Side): Promise<boolean> {
  const [x, y] = await Promise.all([a.read(atA, size), b.read(atB, size)]);
  const [left, right] = [edited(x, atA, a.edits), edited(y, atB, b.edits)];
  return left.every((byte, index) => byte === right[index]);
}

/** Pieces of different lengths, or one that has no other. */
async function compareUnequal(
  one: Piece | null,
  other: Piece | null,
  a: Side,
  b: Side,
  cut: boolean,
  counted: Counted,
  count: (differing: number, what: string | null, of: DifferenceClass | null) => void,
): Promise<void> {
  const [sizeA, sizeB] = [one?.size ?? 0, other?.size ?? 0];
  const { start, end } = one === null || other === null ? { start: 0, end: 0 } : await commonEnds(a.read, b.read, one, other);
  if (one !== null && other !== null) {
    counted.commonStart = start;
    counted.commonEnd = end;
  }
  const differing = Math.max(sizeA, sizeB) - start - end;
  const signing = cut || (await isSigningPadding(one, other, start, a, b));
  count(differing, signing ? SIGNATURE : null, signing ? 'signature' : null);
}

/** Whether all that one piece has more is what signing fills up with before the signature: under 8 zeros. */
async function isSigningPadding(one: Piece | null, other: Piece | null, common: number, a: Side, b: Side): Promise<boolean> {
  const [sizeA, sizeB] = [one?.size ?? 0, other?.size ?? 0];
  const more = Math.abs(sizeA - sizeB);
  const [longer, side] = sizeA > sizeB ? [one, a] : [other, b];
  if (longer === null || more >= PADDING || common !== Math.min(sizeA, sizeB)) return false;
  const end = longer.offset + longer.size;
  if (!side.cuts.some(({ from }) => from === end)) return false;
  const bytes = await side.read(end - more, more);
  return bytes.every((byte) => byte === 0);
}
