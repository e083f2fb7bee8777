// From a source to what is said of it: the wing that reads its format, and what the wings can't say by themselves.
// No disk and no crypto library here: who opens sources brings the digests that its runtime has.

import type { Opened } from '../bytes/given.ts';
import { readAsync, readBytes } from '../bytes/input.ts';
import type { Input, Reader } from '../bytes/input.ts';
import type { ByteSource, SyncSource } from '../bytes/source.ts';
import { readElf } from '../elf/facts/binary.ts';
import { BinspectError, refuseAborted } from '../errors.ts';
import { goCandidate, withGo, withGoSync } from '../golang/facts.ts';
import type { GoCandidate } from '../golang/go-build.ts';
import { LIMITS } from '../limits.ts';
import type { Limits } from '../limits.ts';
import type { DirectoryDigest } from '../macho/code-signature.ts';
import { readMachO } from '../macho/facts/binary.ts';
import { openFat } from '../macho/fat.ts';
import { readUniversal } from '../macho/universal.ts';
import type { Binary, Facts, Format, Inspection, Warning } from '../model/binary.ts';
import { nearest } from '../model/nearest.ts';
import type { OptionKinds } from '../model/options.ts';
import { mzVerdict } from '../pe/dos.ts';
import { readPe } from '../pe/facts/binary.ts';
import { cdHashDigest, withCdHashes, withCdHashesSync } from './passes.ts';
import type { PartDigest, SyncPartDigest } from './passes.ts';
import { recognise } from './recognise.ts';

/** What `inspect` and `inspectSync` may be told. */
export interface InspectOptions {
  /** Whether to compute the SHA-256 of the whole file; default false. */
  readonly hash?: boolean | undefined;
  /** 'main' (default): what headers tell. 'all': also what costs more reads; it is null in 'main'. */
  readonly facts?: Facts | undefined;
  /** Ends the work: rejects with a BinspectError `aborted` whose cause is the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** What one file may cost; see `Limits` for the defaults. */
  readonly limits?: Partial<Limits> | undefined;
  /** Called while the file is hashed, with the bytes done and in all. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** What `hash` may be told. */
export interface HashOptions {
  /** Ends the work: rejects with a BinspectError `aborted` whose cause is the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Called as the bytes come, with those done and all. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** The options of `inspect` and `inspectSync`. */
export const INSPECT_OPTIONS: OptionKinds<InspectOptions> = { hash: 'boolean', facts: 'any', signal: 'signal', limits: 'any', onProgress: 'function' };

/** The options of `hash`. */
export const HASH_OPTIONS: OptionKinds<HashOptions> = { signal: 'signal', onProgress: 'function' };

/** What the headers tell. */
export interface Found {
  readonly format: Format;
  readonly universal: boolean;
  readonly binaries: readonly Binary[];
  /** For each binary: what to search for Go, or null where nothing speaks for it. */
  readonly go: readonly (GoCandidate | null)[];
  /** For each binary: what to digest for its cdhash, or null. */
  readonly cdHashes: readonly (DirectoryDigest | null)[];
  readonly warnings: readonly Warning[];
}

/** The SHA-256 of a whole source, lower-case hex. */
export type WholeDigest = (source: ByteSource, options: HashOptions) => Promise<string>;

/** The digests that a runtime has. */
export interface Digests {
  readonly whole: WholeDigest;
  readonly part: PartDigest;
}

/** Says what an open source is. `limits` are those of the options, from `limitsOf`. */
export async function examine({ source, path, bytes }: Opened<ByteSource>, options: InspectOptions, limits: Limits, digests: Digests): Promise<Inspection> {
  const { signal } = options;
  refuseAborted(signal);
  const reader = readerOf(options);
  const found = bytes === null ? await readAsync(source, reader, limits, signal) : readBytes(bytes, reader, limits);
  return complete(source, path, found, options, limits, digests);
}

/** Whether the headers have told all there is to tell, but for a digest of the whole. */
export function isComplete({ go, cdHashes }: Found): boolean {
  return go.every((candidate) => candidate === null) && cdHashes.every((digest) => digest === null);
}

/** What the headers told, with what has to be searched and hashed. */
export async function complete(
  source: ByteSource,
  path: string | null,
  found: Found,
  options: InspectOptions,
  limits: Limits,
  digests: Digests,
): Promise<Inspection> {
  const { signal, onProgress } = options;
  const hashed = await withCdHashes(source, found.binaries, found.cdHashes, digests.part, signal);
  const binaries = await withGo(source, hashed, found.go, limits, signal);
  const sha256 = options.hash === true ? await digests.whole(source, { signal, onProgress }) : null;
  return inspectionOf(path, source.size, sha256, found, binaries);
}

/** The same, at once. `whole` gives the digest of the whole, or null where none is wanted. */
export function completeSync(source: SyncSource, path: string | null, found: Found, limits: Limits, part: SyncPartDigest, whole: () => string | null): Inspection {
  const hashed = withCdHashesSync(source, found.binaries, found.cdHashes, part);
  const binaries = withGoSync(source, hashed, found.go, limits);
  return inspectionOf(path, source.size, whole(), found, binaries);
}

/** What was found, as it is handed out. */
export function inspectionOf(path: string | null, size: number, sha256: string | null, found: Found, binaries: readonly Binary[]): Inspection {
  const { format, universal, warnings } = found;
  return { schemaVersion: 1, path, size, sha256, format, universal, binaries, warnings };
}

/** The limits with what the caller set. Throws `invalid-argument` for a name that is no limit, and for what is no count. */
export function limitsOf({ limits: own, facts }: InspectOptions): Limits {
  if (facts !== undefined && facts !== 'main' && facts !== 'all') {
    throw new BinspectError('invalid-argument', `facts is 'main' or 'all', not ${JSON.stringify(facts)}`);
  }
  if (own === undefined) return LIMITS;
  if (typeof own !== 'object' || own === null) throw new BinspectError('invalid-argument', 'limits are an object: { fetches: 100 }');
  const limits = new Map<string, number>(Object.entries(LIMITS));
  for (const [name, value] of Object.entries(own)) {
    if (!Object.hasOwn(LIMITS, name)) {
      const near = nearest(name, Object.keys(LIMITS));
      throw new BinspectError('invalid-argument', `there is no limit called ${JSON.stringify(name)}${near === null ? '' : `; did you mean ${near}?`}`);
    }
    if (value === undefined) continue;
    if (!(Number.isSafeInteger(value) && value > 0)) throw new BinspectError('invalid-argument', `the limit ${name} is a count above 0, not ${String(value)}`);
    limits.set(name, value);
  }
  return Object.fromEntries(limits) as unknown as Limits;
}

const MAGIC = {
  ELF: 0x7f45_4c46,
  MACH_O_32: 0xfeed_face,
  MACH_O_64: 0xfeed_facf,
  MACH_O_32_SWAPPED: 0xcefa_edfe,
  MACH_O_64_SWAPPED: 0xcffa_edfe,
  FAT: 0xcafe_babe, // Java's classes begin so too
  FAT_64: 0xcafe_babf,
  MZ: 0x4d5a,
  ZM: 0x5a4d,
} as const;

/** What a wing says of a file, before it is known what else is to be read for it. */
type Read = Omit<Found, 'go' | 'cdHashes'>;

/** The reader of a whole file: its binaries, in which of them Go may be, and of what a cdhash is the digest. */
export function readerOf({ facts = 'main' }: InspectOptions): Reader<Found> {
  return (input) => {
    const { format, universal, binaries, warnings } = readBinaries(input, facts);
    const image = ({ offset, size }: Binary): Input => input.part(offset, size);
    const candidate = (binary: Binary): GoCandidate | null => goCandidate(image(binary), binary, facts);
    return {
      format,
      universal,
      binaries,
      go: universal ? binaries.map((binary, index) => input.finish(`Go in slice ${index}`, () => candidate(binary))) : binaries.map(candidate),
      cdHashes: binaries.map((binary) => cdHashDigest(image(binary), binary, facts)),
      warnings,
    };
  };
}

/** The wing for a file's first bytes. The format is decided at offset 0; whatever else a file can be read as is its own affair. */
function readBinaries(input: Input, facts: Facts): Read {
  if (input.size === 0) throw new BinspectError('unrecognized', 'the file is empty', { offset: 0 });
  const head = input.encoded({ little: false, wide: false }).readUpTo(0, 4, 'magic number');
  const magic = head.size === 4 ? head.u32(0) : 0;
  switch (magic) {
    case MAGIC.ELF:
      return one('elf', readElf(input, facts));
    case MAGIC.MACH_O_32:
    case MAGIC.MACH_O_64:
    case MAGIC.MACH_O_32_SWAPPED:
    case MAGIC.MACH_O_64_SWAPPED:
      return one('mach-o', readMachO(input, facts));
    case MAGIC.FAT:
    case MAGIC.FAT_64:
      return universal(input, facts);
  }
  const short = head.size >= 2 ? head.u16(0) : 0;
  if (short === MAGIC.MZ || short === MAGIC.ZM) {
    const verdict = mzVerdict(input);
    if (verdict === 'pe') return one('pe', readPe(input, facts));
    throw unsupported(verdict, `a ${verdict.replace('-executable', '').toUpperCase()} executable`, false);
  }
  const other = recognise(input);
  if (other !== null) throw unsupported(other.detected, other.text, other.archive);
  const bytes = Array.from(head.bytes(), (byte) => byte.toString(16).padStart(2, '0')).join(' ');
  throw new BinspectError('unrecognized', `no executable file: it begins with ${bytes}`, { offset: 0 });
}

function one(format: Format, binary: Binary): Read {
  return { format, universal: false, binaries: [binary], warnings: [] };
}

function universal(input: Input, facts: Facts): Read {
  const verdict = openFat(input);
  switch (verdict.kind) {
    case 'java-class':
      throw unsupported('java-class', 'a Java class', false);
    case 'unknown':
      throw new BinspectError('malformed', verdict.message, { offset: 0 });
    case 'universal': {
      const { binaries, warnings } = readUniversal(input, verdict.slices, facts);
      return { format: 'mach-o', universal: true, binaries, warnings };
    }
  }
}

function unsupported(detected: string, text: string, archive: boolean): BinspectError {
  const advice = archive ? '; unpack it first' : '';
  return new BinspectError('unsupported', `${text}: recognised, but none of ELF, Mach-O and PE${advice}`, { detected, offset: 0 });
}
