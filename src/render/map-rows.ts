// What a picture of a map shows, on a terminal as in an SVG: which regions, in which words, and how much of what there is.

import type { Inspection } from '../model/binary.ts';
import { isWritableCode, ownSize } from '../model/regions.ts';
import type { Content, FileMap, Region } from '../model/regions.ts';
import { visible } from './visible.ts';
import { sizeText, targetsText, targetText, whatText } from './words.ts';

/** A line of the picture: a region, or those of its siblings that are left out. */
export interface Row {
  readonly depth: number;
  /** Null for what is left out. */
  readonly region: Region | null;
  readonly left: { readonly count: number; readonly size: number; readonly padding: boolean } | null;
}

/** Regions that are shown where not all are; more than that, nobody takes in. */
const MOST_ROWS = 40;
const MOST_REMARKABLE = 16;
const MOST_IN_MEMORY = 8;

/** Padding below this part of the file is left out. */
const TRIVIAL = 1 / 50;

interface Node {
  readonly region: Region;
  readonly parent: Node | null;
  readonly depth: number;
}

/** Headers that follow one another as one region: six lines of less than a kilobyte hide what people look for. */
function foldHeaders(regions: readonly Region[]): Region[] {
  const folded: Region[] = [];
  let held: Region[] = [];
  const release = (): void => {
    const [first, ...others] = held;
    held = [];
    if (first === undefined) return;
    if (others.length === 0) return void folded.push(first);
    const all = [first, ...others];
    const sum = (of: (region: Region) => number): number => all.reduce((total, region) => total + of(region), 0);
    folded.push({ ...first, name: 'headers', kind: 'header', size: sum(({ size }) => size), shared: sum(({ shared }) => shared), missing: sum(({ missing }) => missing), note: null });
  };
  for (const region of regions) {
    const last = held.at(-1);
    const plain = region.content === 'headers' && region.children.length === 0 && region.offset !== null && region.size > 0 && region.missing === 0 && region.shared === 0;
    if (last !== undefined && (!plain || region.permissions !== last.permissions || region.offset !== (last.offset as number) + last.size)) release();
    if (plain) held.push(region);
    else folded.push(region.children.length === 0 ? region : { ...region, children: foldHeaders(region.children) });
  }
  release();
  return folded;
}

/** The parts of the file, the largest first, whatever they lie in; small ones are left out unless `all`. */
export function rowsBySize({ regions, size }: FileMap, all: boolean): Row[] {
  const leaves = [...leavesOf(foldHeaders(regions))].sort((a, b) => ownSize(b) - ownSize(a));
  const shown = all ? leaves : leaves.filter((region, index) => index < MOST_ROWS && (ownSize(region) >= size / 1000 || isRemarkable(region)));
  const kept = new Set(shown);
  const left = leaves.filter((region) => !kept.has(region));
  const rows: Row[] = shown.map((region) => ({ depth: 0, region, left: null }));
  if (left.length > 0) rows.push({ depth: 0, region: null, left: { count: left.length, size: left.reduce((sum, region) => sum + ownSize(region), 0), padding: false } });
  return rows;
}

/** The lines: all regions, or those that have the most bytes, those that people should see, and for the rest of each parent's children one line. `folded`: headers in a row are one. */
export function rowsOf({ regions: whole, size }: FileMap, all: boolean, folded = false): Row[] {
  const regions = folded ? foldHeaders(whole) : whole;
  const nodes: Node[] = [];
  const gather = (list: readonly Region[], parent: Node | null, depth: number): void => {
    for (const region of list) {
      const node = { region, parent, depth };
      nodes.push(node);
      gather(region.children, node, depth + 1);
    }
  };
  gather(regions, null, 0);
  const shown = all ? new Set(nodes.map(({ region }) => region)) : choose(nodes, size);
  const rows: Row[] = [];
  const list = (siblings: readonly Region[], depth: number): void => {
    const left = siblings.filter((region) => !shown.has(region));
    if (left.length === 1) shown.add(left.pop() as Region); // a line that says so would be as long
    for (const region of siblings) {
      if (!shown.has(region)) continue;
      rows.push({ depth, region, left: null });
      list(region.children, depth + 1);
    }
    if (left.length === 0) return;
    const bytes = left.reduce((sum, region) => sum + ownSize(region), 0);
    rows.push({ depth, region: null, left: { count: left.length, size: bytes, padding: left.every(({ kind }) => kind === 'padding') } });
  };
  list(regions, 0);
  return rows;
}

function choose(nodes: readonly Node[], fileSize: number): Set<Region> {
  const shown = new Set<Region>();
  const show = (some: readonly Node[]): void => {
    for (const node of some) for (let one: Node | null = node; one !== null && !shown.has(one.region); one = one.parent) shown.add(one.region);
  };
  const inFile = nodes.filter(({ region }) => region.size > 0 && !(region.kind === 'padding' && region.size < fileSize * TRIVIAL));
  show(inFile.toSorted((a, b) => b.region.size - a.region.size || a.depth - b.depth).slice(0, MOST_ROWS));
  show(nodes.filter(({ region }) => isRemarkable(region)).slice(0, MOST_REMARKABLE));
  const inMemory = nodes.filter(({ region }) => region.offset === null && (region.memorySize ?? 0) > 0);
  show(inMemory.toSorted((a, b) => (b.region.memorySize ?? 0) - (a.region.memorySize ?? 0)).slice(0, MOST_IN_MEMORY));
  return shown;
}

function isRemarkable(region: Region): boolean {
  const { missing, shared, content } = region;
  return missing > 0 || shared > 0 || content === 'appended' || content === 'signature' || isWritableCode(region);
}

/** What should be said of a region in any case; each in words of its own. */
export function remarksOf(region: Region): string[] {
  const { kind, missing, shared, note, offset } = region;
  const remarks: string[] = [];
  if (offset === null && region.memorySize !== null && region.memorySize > 0) remarks.push(`${sizeText(region.memorySize)} in memory`);
  if (isWritableCode(region)) remarks.push('writable code');
  if (shared > 0) remarks.push(`${sizeText(shared)} of it claimed by others too`);
  if (missing > 0) remarks.push(`${sizeText(missing)} missing: the file ends before`);
  if (note !== null && kind !== 'section') remarks.push(visible(note));
  return remarks;
}

/** Contents as people call them. */
const WORDS: Readonly<Record<Content, string>> = {
  headers: 'headers',
  code: 'code',
  constants: 'read-only data',
  data: 'data',
  linking: 'for the loader',
  go: "Go's tables",
  resources: 'resources',
  symbols: 'symbols',
  debug: 'debug info',
  signature: 'signature',
  appended: 'appended',
  padding: 'padding',
  other: 'other',
};

export function contentText(content: Content): string {
  return WORDS[content];
}

/** What a region is, in a word or two: what is in it, or what it is where others are in it. */
export function holdsText({ kind, content, children }: Region): string {
  return kind === 'slice' || (kind === 'segment' && children.length > 0) ? kind : contentText(content);
}

/** A region's name, safe to show. */
export function nameText({ name }: Region): string {
  return name === '' ? '(no name)' : visible(name);
}

/** The part of a whole: '12.3%'. */
export function shareText(size: number, whole: number): string {
  if (size === 0 || whole === 0) return '';
  const percent = (100 * size) / whole;
  return percent < 0.05 ? '<0.1%' : `${percent.toFixed(1)}%`;
}

/** What the file is: 'ELF64 PIE executable', 'linux/amd64', '94.3 MiB'. */
export function titleParts(inspection: Inspection): string[] {
  const { binaries, universal, size } = inspection;
  const [first] = binaries;
  const what = universal || first === undefined ? ['Mach-O universal', targetsText(inspection)] : [whatText(first), targetText(first)];
  const packer = binaries.find((binary) => binary.packer !== null)?.packer ?? null;
  return [...what, sizeText(size), ...(packer === null ? [] : [`packed with ${visible(packer)}`])];
}

/** Regions that nothing is said to be within, in the file's order. */
export function* leavesOf(regions: readonly Region[]): Generator<Region> {
  for (const region of regions) {
    if (region.children.some(({ size }) => size > 0)) yield* leavesOf(region.children);
    else if (region.offset !== null && ownSize(region) > 0) yield region;
  }
}

/** How many bytes there are of each content, the most first. */
export function totals({ regions }: FileMap): { readonly content: Content; readonly size: number }[] {
  const sizes = new Map<Content, number>();
  for (const leaf of leavesOf(regions)) sizes.set(leaf.content, (sizes.get(leaf.content) ?? 0) + ownSize(leaf));
  return Array.from(sizes, ([content, size]) => ({ content, size })).sort((a, b) => b.size - a.size);
}
