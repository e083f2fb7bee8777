// Regions as pieces that tile the file, each byte in exactly one, and which piece of A belongs to which of B.

import type { Content, Region, RegionKind } from '../model/regions.ts';

/** A stretch of the file that belongs to one region alone. */
export interface Piece {
  /** What tells it from the others: its path and which one of that path it is. */
  readonly key: string;
  /** Its path, with a number where it is not the first of it. */
  readonly path: string;
  readonly offset: number;
  readonly size: number;
  readonly kind: RegionKind;
  readonly content: Content;
}

/** A region of which no part lies within it, with the names around it. */
interface Leaf {
  readonly path: string;
  readonly name: string;
  readonly region: Region;
  readonly offset: number;
  readonly end: number;
}

/** Segments of ELF all have the one name, and linkers divide sections among them in many ways: a path goes without them. */
const UNNAMED = 'LOAD';

function* leavesOf(regions: readonly Region[], prefix: string): Generator<Leaf> {
  for (const region of regions) {
    const { name, offset, size, children, kind } = region;
    if (children.some((child) => child.size > 0)) yield* leavesOf(children, kind === 'segment' && name === UNNAMED ? prefix : `${prefix}${name}/`);
    else if (offset !== null && size > 0) yield { path: `${prefix}${name}`, name, region, offset, end: offset + size };
  }
}

const isGap = ({ kind }: Region): boolean => kind === 'gap' || kind === 'padding';

/** A stretch and the leaf that has it; null where nothing speaks of it. */
interface Part {
  readonly leaf: Leaf | null;
  readonly from: number;
  readonly to: number;
}

const byPlace = (a: Leaf, b: Leaf): number => a.offset - b.offset || b.end - a.end;

/** Each byte with the leaf that the map counts it for: leaves that share none have theirs, those that share some have what is left. */
function partsOf(leaves: readonly Leaf[], size: number): Part[] {
  const whole = leaves.filter(({ region }) => region.shared === 0).sort(byPlace);
  const rest = leaves.filter(({ region }) => region.shared > 0).sort(byPlace);
  const parts: Part[] = [];
  let next = 0; // of the rest
  let at = 0;
  const fill = (end: number): void => {
    while (at < end) {
      while (next < rest.length && (rest[next] as Leaf).end <= at) next++;
      const leaf = rest[next] ?? null;
      const has = leaf !== null && leaf.offset <= at;
      const to = Math.min(end, leaf === null ? end : has ? leaf.end : leaf.offset);
      parts.push({ leaf: has ? leaf : null, from: at, to });
      at = to;
    }
  };
  for (const leaf of whole) {
    fill(Math.min(leaf.offset, size));
    const to = Math.min(leaf.end, size);
    if (to > at) parts.push({ leaf, from: at, to });
    at = Math.max(at, to);
  }
  fill(size);
  return parts;
}

/**
 * The pieces of a file of `size` bytes, in its order, as the map counts them. `cuts` are positions at which a piece ends in any case. What nothing
 * speaks of is named by what stands before it. In n log n.
 */
export function piecesOf(regions: readonly Region[], size: number, cuts: readonly number[]): Piece[] {
  const pieces: Piece[] = [];
  const counts = new Map<string, number>();
  const ends = [...cuts].sort((a, b) => a - b);
  let next = 0; // of the cuts
  const add = (name: string, shown: string, from: number, to: number, kind: RegionKind, content: Content): void => {
    for (let at = from; at < to; ) {
      while (next < ends.length && (ends[next] as number) <= at) next++;
      const end = Math.min(to, ends[next] ?? to);
      const number = (counts.get(name) ?? 0) + 1;
      counts.set(name, number);
      pieces.push({ key: `${name}\0${number}`, path: number === 1 ? shown : `${shown} (${number})`, offset: at, size: end - at, kind, content });
      at = end;
    }
  };
  let before = 'the beginning';
  for (const { leaf, from, to } of partsOf([...leavesOf(regions, '')], size)) {
    if (leaf !== null && !isGap(leaf.region)) {
      add(leaf.path, leaf.path, from, to, leaf.region.kind, leaf.region.content);
      before = leaf.name;
      continue;
    }
    const [name, kind, content] = leaf === null ? ['bytes', 'gap', 'other'] as const : [leaf.name, leaf.region.kind, leaf.region.content] as const;
    const prefix = leaf === null ? '' : leaf.path.slice(0, leaf.path.length - name.length);
    add(`${prefix}\0behind ${before}`, `${prefix}${name} behind ${before}`, from, to, kind, content);
  }
  return pieces;
}

/** A piece of A and the one of B that belongs to it; null where the other file has none. */
export interface Pair {
  readonly a: Piece | null;
  readonly b: Piece | null;
}

/** Pieces of one path are pairs, in the order of the file that has them first. */
export function pairsOf(a: readonly Piece[], b: readonly Piece[]): Pair[] {
  const others = new Map(b.map((piece) => [piece.key, piece]));
  const pairs: Pair[] = a.map((piece) => {
    const other = others.get(piece.key) ?? null;
    others.delete(piece.key);
    return { a: piece, b: other };
  });
  for (const piece of others.values()) pairs.push({ a: null, b: piece });
  const place = (pair: Pair): number => Math.min(pair.a?.offset ?? Infinity, pair.b?.offset ?? Infinity);
  const path = ({ a: one, b: other }: Pair): string => (one ?? other)?.key ?? '';
  return pairs.sort((x, y) => place(x) - place(y) || (path(x) < path(y) ? -1 : 1));
}
