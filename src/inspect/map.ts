// From a source to its map: the wing's claims arranged, appended data recognised, gaps looked at.

import { readAsync } from '../bytes/input.ts';
import type { Input } from '../bytes/input.ts';
import { readFrom } from '../bytes/source.ts';
import type { ByteSource } from '../bytes/source.ts';
import { elfClaims } from '../elf/claims.ts';
import { LIMITS } from '../limits.ts';
import type { Limits } from '../limits.ts';
import { fatClaim, machOClaims } from '../macho/claims.ts';
import { MAGIC } from '../macho/constants.ts';
import { magicAt, openFat } from '../macho/fat.ts';
import { arrange } from '../model/arrange.ts';
import type { Claim } from '../model/arrange.ts';
import type { Binary, Format, Inspection } from '../model/binary.ts';
import type { FileMap, Region } from '../model/regions.ts';
import { architectureText } from '../model/platform.ts';
import { peClaims } from '../pe/claims.ts';
import { titleParts } from '../render/map-rows.ts';
import { wasmClaims } from '../wasm/claims.ts';
import { recognise } from './recognise.ts';

export interface MapOptions {
  /** Ends the work: rejects with a BinspectError `aborted` whose cause is the signal's reason. */
  readonly signal?: AbortSignal;
  readonly limits?: Limits;
}

/**
 * How an inspected file is laid out, by its headers and tables; of the contents, only what nobody claims is looked at, and of that a bounded part.
 * Rejects as `inspect` does.
 */
export async function mapSource(source: ByteSource, inspection: Inspection, { signal, limits = LIMITS }: MapOptions = {}): Promise<FileMap> {
  const regions = await readAsync(source, (input) => readRegions(input, inspection), limits, signal);
  const zeros = await zeroGaps(source, gapsOf(regions), signal);
  const { path, size, format, universal } = inspection;
  return { schemaVersion: 1, path, size, format, universal, description: titleParts(inspection), regions: named(regions, zeros) };
}

function readRegions(input: Input, inspection: Inspection): Region[] {
  return inspection.universal ? universalRegions(input, inspection) : imageRegions(input, inspection.binaries[0] as Binary);
}

function imageRegions(input: Input, binary: Binary): Region[] {
  const regions = arrange(CLAIMS[binary.format](input, binary), input.start, input.size);
  const { overlay } = binary;
  return overlay === null || overlay.inHeaders ? regions : regions.map((region) => asAppended(region, input, overlay.offset));
}

/** What each wing says of where its bytes lie. A table of its own, so that an inspection does not load it. */
const CLAIMS: Readonly<Record<Format, (input: Input, binary: Binary) => Claim[]>> = {
  elf: (input, binary) => elfClaims(input, binary.kind === 'debug-symbols'),
  'mach-o': machOClaims,
  pe: peClaims,
  wasm: wasmClaims,
};

/** What a gap from `start` on is: appended data. */
function asAppended(region: Region, input: Input, start: number): Region {
  const { kind, offset, size } = region;
  if (kind !== 'gap' || offset === null || offset < start) return region;
  const note = appendedNote(input.part(offset - input.start, size));
  return { ...region, kind: 'appended', content: 'appended', name: 'appended data', note };
}

/** Slices are not opened any more once so many regions are known: each could have as many as a file may. */
const MOST_REGIONS = 2 * LIMITS.tableEntries;

/** A universal file: its slices, each with what is in it. An archive is not looked into. */
function universalRegions(input: Input, { binaries }: Inspection): Region[] {
  const verdict = openFat(input);
  const slices = verdict.kind === 'universal' ? verdict.slices : [];
  let count = 0;
  const claims = slices.map(({ offset, size }, index): Claim => {
    const binary = binaries[index] as Binary;
    const part = input.part(Math.min(offset, input.size), input.available(offset, size));
    const opened = binary.format === 'mach-o' && binary.machO !== null && count <= MOST_REGIONS;
    const children = opened ? imageRegions(part, binary) : [];
    count += children.reduce((sum, region) => sum + 1 + region.children.length, 0);
    return {
      name: binary.platform.arch === null ? (binary.machine.name ?? `machine ${binary.machine.value}`) : architectureText(binary.platform.arch, binary.platform.variant),
      kind: 'slice',
      content: 'other',
      offset,
      size,
      inFile: true,
      holds: true,
      within: null,
      address: null,
      memorySize: null,
      permissions: null,
      note: opened ? null : (recognise(part)?.text ?? 'not looked into'),
      children,
    };
  });
  const header = fatClaim(magicAt(input, 0) === MAGIC.FAT_MAGIC_64, slices.length);
  const end = slices.reduce((most, { offset, size }) => Math.max(most, offset + size), 0);
  return arrange([header, ...claims], 0, input.size).map((region) => asAppended(region, input, end));
}

/** What is known by a mark near its end, or behind its first words: installers, and programs with their scripts behind them. */
const MARKS: readonly { readonly text: string; readonly mark: string; readonly place: 'head' | 'tail' }[] = [
  { text: "an installer's data (NSIS)", mark: '\xef\xbe\xad\xdeNullsoftInst', place: 'head' },
  { text: 'a Python program (PyInstaller)', mark: 'MEI\x0c\x0b\x0a\x0b\x0e', place: 'tail' },
  { text: 'a JavaScript program (Bun)', mark: '\n---- Bun! ----\n', place: 'tail' },
  { text: 'a JavaScript program (Deno)', mark: 'd3n0l4nd', place: 'tail' },
  { text: 'a zip archive', mark: 'PK\x05\x06', place: 'tail' },
];

const EDGE = 128; // bytes at either end that are looked at

/** What appended data is recognised as; null where nothing is known. */
function appendedNote(part: Input): string | null {
  const head = latin1(part.readUpTo(0, EDGE, 'appended data').bytes());
  const tail = latin1(part.readUpTo(Math.max(0, part.size - EDGE), EDGE, 'appended data').bytes());
  const marked = MARKS.find(({ mark, place }) => (place === 'head' ? head : tail).includes(mark));
  return marked?.text ?? recognise(part)?.text ?? null;
}

function latin1(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
}

/** What of the gaps is looked at: so many of them, and so many bytes in all, in reads of so many. */
const MOST_GAPS = 1024;
const MOST_GAP_BYTES = 8 * 1024 * 1024;
const CHUNK = 64 * 1024;

function gapsOf(regions: readonly Region[]): Region[] {
  return regions.flatMap((region) => (region.kind === 'gap' ? [region] : gapsOf(region.children)));
}

/** The positions of those gaps that are zeros from end to end. */
async function zeroGaps(source: ByteSource, gaps: readonly Region[], signal?: AbortSignal): Promise<ReadonlySet<number>> {
  const zeros = new Set<number>();
  let budget = MOST_GAP_BYTES;
  let chunk: { start: number; bytes: Uint8Array } = { start: 0, bytes: new Uint8Array(0) };
  for (const { offset, size } of gaps.slice(0, MOST_GAPS)) {
    const start = offset as number;
    if (size > budget) continue;
    let at = start;
    while (at < start + size) {
      if (at < chunk.start || at >= chunk.start + chunk.bytes.length) {
        chunk = { start: at, bytes: await readFrom(source, at, Math.min(CHUNK, source.size - at), signal) };
        budget -= chunk.bytes.length;
      }
      const from = at - chunk.start;
      const here = chunk.bytes.subarray(from, from + start + size - at);
      if (here.length === 0 || here.some((byte) => byte !== 0)) break;
      at += here.length;
    }
    if (at === start + size) zeros.add(start);
  }
  return zeros;
}

/** The regions, with those gaps called padding that are. */
function named(regions: readonly Region[], zeros: ReadonlySet<number>): Region[] {
  return regions.map((region) => {
    if (region.children.length > 0) return { ...region, children: named(region.children, zeros) };
    const isPadding = region.kind === 'gap' && region.offset !== null && zeros.has(region.offset);
    return isPadding ? { ...region, kind: 'padding', content: 'padding', name: 'padding' } : region;
  });
}
