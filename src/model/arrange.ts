// From what headers claim to regions: what lies within what, what nobody claims, and what two claim at once.

import type { Content, Region, RegionKind } from './regions.ts';

/** What some header says of a stretch of the file. Positions count from the image's start. */
export interface Claim {
  readonly name: string;
  readonly kind: RegionKind;
  readonly content: Content;
  readonly offset: number;
  /** Bytes in the file, whether it has them or not. */
  readonly size: number;
  /** Whether it takes bytes of the file. Where not, `offset` only says where it stands among the others. */
  readonly inFile: boolean;
  /** Whether other claims may lie within it. */
  readonly holds: boolean;
  /** For what takes no bytes of the file: the claim that it belongs to. */
  readonly within: Claim | null;
  readonly address: bigint | null;
  readonly memorySize: number | null;
  readonly permissions: string | null;
  readonly note: string | null;
  /** What it is made of, where that is known already. */
  readonly children: readonly Region[];
}

/** A claim of the format itself: a header, or a table that is not loaded. */
export function fixed(name: string, kind: 'header' | 'table' | 'appended', content: Content, offset: number, size: number, note: string | null = null): Claim {
  return { name, kind, content, offset, size, inFile: true, holds: false, within: null, address: null, memorySize: null, permissions: null, note, children: [] };
}

/** A stretch that no region speaks of. */
export function gap(offset: number, size: number, content: Content): Region {
  const name = content === 'other' || content === 'linking' ? 'nothing speaks of it' : 'not in a section';
  return { name, kind: 'gap', content, offset, size, missing: 0, shared: 0, address: null, memorySize: null, permissions: null, note: null, children: [] };
}

/** The stretch that a claim has to itself among those that hold others: of two that overlap, the one that begins first has the bytes. */
interface Holding {
  readonly claim: Claim;
  readonly from: number;
  readonly to: number;
  readonly inner: Claim[];
  readonly unfiled: Claim[];
}

const endOf = ({ offset, size }: Claim): number => offset + size;

/** In the file's order; of those that begin together, the longest first. */
const byPlace = (a: Claim, b: Claim): number => a.offset - b.offset || Number(a.inFile) - Number(b.inFile) || b.size - a.size;

/**
 * Regions for an image of `size` bytes that begins at `start` of the file. What a claim wholly holds becomes its child; what crosses its end
 * stands beside it. In time n log n, whatever claims what.
 */
export function arrange(claims: readonly Claim[], start: number, size: number): Region[] {
  const holdings = holdingsOf(claims);
  const holdingOf = new Map(holdings.map((holding) => [holding.claim, holding]));
  const outer: Claim[] = [];
  for (const claim of claims) {
    if (holdingOf.has(claim)) {
      outer.push(claim);
      continue;
    }
    if (!claim.inFile) {
      (holdingOf.get(claim.within as Claim)?.unfiled ?? outer).push(claim);
      continue;
    }
    const holding = holdings[indexAt(holdings, claim.offset)];
    const inside = holding !== undefined && claim.offset < holding.to && endOf(claim) <= holding.to;
    (inside ? holding.inner : outer).push(claim);
  }
  const free = freeBytes(holdings, size);
  return sweep(outer, 0, size, { start, size, filler: 'other', free, holdingOf });
}

/** Claims that hold others, each with what no earlier one has; those that lie wholly within an earlier one are left out. */
function holdingsOf(claims: readonly Claim[]): Holding[] {
  const holdings: Holding[] = [];
  let end = 0;
  for (const claim of claims.filter(({ holds, inFile, size }) => holds && inFile && size > 0).sort(byPlace)) {
    if (endOf(claim) <= end) continue;
    holdings.push({ claim, from: Math.max(claim.offset, end), to: endOf(claim), inner: [], unfiled: [] });
    end = endOf(claim);
  }
  return holdings;
}

/** The index of the last holding that begins at or before a position; -1 where none does. */
function indexAt(holdings: readonly Holding[], at: number): number {
  let low = 0;
  let high = holdings.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((holdings[middle] as Holding).from <= at) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** How many bytes of a range no holding has. */
function freeBytes(holdings: readonly Holding[], size: number): (from: number, to: number) => number {
  const before = [0]; // bytes of all holdings before each
  for (const { from, to } of holdings) before.push((before.at(-1) as number) + Math.max(0, Math.min(to, size) - from));
  const heldUpTo = (at: number): number => {
    const index = indexAt(holdings, at);
    const holding = holdings[index];
    return holding === undefined ? 0 : (before[index] as number) + Math.max(0, Math.min(at, holding.to, size) - holding.from);
  };
  return (from, to) => to - from - (heldUpTo(to) - heldUpTo(from));
}

interface Sweep {
  readonly start: number;
  readonly size: number;
  /** What a stretch holds that nobody claims. */
  readonly filler: Content;
  readonly free: (from: number, to: number) => number;
  readonly holdingOf: ReadonlyMap<Claim, Holding>;
}

/** Claims in the file's order, with gaps between them, over the stretch from `from` to `to`. */
function sweep(claims: readonly Claim[], from: number, to: number, plan: Sweep): Region[] {
  const { start, size, filler, free, holdingOf } = plan;
  const regions: Region[] = [];
  let covered = from;
  const fill = (end: number): void => {
    const here = Math.min(end, to);
    if (here > covered) regions.push(gap(start + covered, here - covered, filler));
    covered = Math.max(covered, here);
  };
  for (const claim of [...claims].sort(byPlace)) {
    if (!claim.inFile) {
      regions.push(regionOf(claim, start, null, 0, 0, claim.children));
      continue;
    }
    const here = Math.max(0, Math.min(claim.size, size - claim.offset));
    const end = claim.offset + here;
    const holding = holdingOf.get(claim);
    fill(holding?.from ?? claim.offset);
    if (holding === undefined) {
      const first = Math.min(end, Math.max(claim.offset, covered));
      regions.push(regionOf(claim, start, claim.offset, here, here === 0 ? 0 : here - free(first, end), claim.children));
    } else {
      const shared = Math.min(here, holding.from - claim.offset);
      regions.push(regionOf(claim, start, claim.offset, here, shared, childrenOf(holding, plan)));
    }
    covered = Math.max(covered, end);
  }
  fill(to);
  return regions;
}

const wholly = (from: number, to: number): number => to - from;

/** What a claim holds; empty where nothing is known of it. */
function childrenOf({ claim, from, to, inner, unfiled }: Holding, plan: Sweep): readonly Region[] {
  if (inner.length === 0 && unfiled.length === 0) return from > claim.offset ? [] : claim.children; // what they say of bytes that count elsewhere is left out
  const filed = sweep(inner, from, Math.min(to, plan.size), { ...plan, filler: claim.content, free: wholly, holdingOf: new Map() });
  const inMemory = unfiled.sort((a, b) => (a.address === b.address ? 0 : (a.address ?? 0n) < (b.address ?? 0n) ? -1 : 1));
  return [...filed, ...inMemory.map((one) => regionOf(one, plan.start, null, 0, 0, one.children))];
}

function regionOf(claim: Claim, start: number, offset: number | null, size: number, shared: number, children: readonly Region[]): Region {
  const { name, kind, content, address, memorySize, permissions, note } = claim;
  const missing = claim.inFile ? claim.size - size : 0;
  return { name, kind, content, offset: offset === null ? null : start + offset, size, missing, shared, address, memorySize, permissions, note, children };
}
