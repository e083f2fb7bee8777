// From a source to what is said of it: the wing that reads its format, and what the wings can't say by themselves.
// No disk and no crypto library here: who opens sources brings the digests that its runtime has.

import type { Opened } from '../bytes/given.ts';
import { readAsync, readBytes } from '../bytes/input.ts';
import type { Input, Reader } from '../bytes/input.ts';
import { joinStreamed, runPasses, runPassesSync, tapOf } from '../bytes/pass.ts';
import type { PartDigest, Pass, SyncPartDigest } from '../bytes/pass.ts';
import type { ByteSource, SyncSource } from '../bytes/source.ts';
import { readElf } from '../elf/facts/binary.ts';
import { BinspectError, refuseAborted } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import type { Limits } from '../limits.ts';
import { readMachO } from '../macho/facts/binary.ts';
import { isJavaClass, openFat } from '../macho/fat.ts';
import { readUniversal } from '../macho/universal.ts';
import type { Binary, Facts, Format, Inspection } from '../model/binary.ts';
import { nearest } from '../model/nearest.ts';
import type { OptionKinds } from '../model/options.ts';
import type { Warning } from '../model/warning.ts';
import { mzVerdict } from '../pe/dos.ts';
import { readPe } from '../pe/facts/binary.ts';
import type { SignatureOptions } from '../signature/settings.ts';
import { WASM_MAGIC } from '../wasm/constants.ts';
import { readWasm } from '../wasm/facts/binary.ts';
import { passesOf } from './passes.ts';
import type { PassMaker } from './passes.ts';
import { recognise } from './recognise.ts';

/** What `inspect` and `inspectSync` may be told. */
export interface InspectOptions {
  /** Whether to compute the SHA-256 of the whole file; default false. */
  readonly hash?: boolean | undefined;
  /** 'main' (default): what headers tell. 'all': also what costs more reads; it is null in 'main'. */
  readonly facts?: Facts | undefined;
  /** Whether to check embedded signatures, and against which roots and at which time; default false. The whole file is read for it, once. */
  readonly signatures?: boolean | SignatureOptions | undefined;
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
  /** What it may cost to get at the bytes; see `Limits` for the defaults. */
  readonly limits?: Partial<Limits> | undefined;
  /** Called as the bytes come, with those done and all. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** The options of `inspect` and `inspectSync`. */
export const INSPECT_OPTIONS: OptionKinds<InspectOptions> = { hash: 'boolean', signatures: 'any', facts: 'any', signal: 'signal', limits: 'any', onProgress: 'function' };

/** The options of `mapFile`. */
export const MAP_OPTIONS: OptionKinds<MapFileOptions> = { signal: 'signal', limits: 'any' };

/** The options of `hash`. */
export const HASH_OPTIONS: OptionKinds<HashOptions> = { signal: 'signal', limits: 'any', onProgress: 'function' };

/** What `mapFile` accepts. */
export type MapFileOptions = Pick<InspectOptions, 'signal' | 'limits'>;

/** What the headers say. */
export interface Found {
  readonly format: Format;
  readonly universal: boolean;
  readonly binaries: readonly Binary[];
  readonly warnings: readonly Warning[];
  /** What is still to be searched and hashed, in this order. */
  readonly passes: readonly Pass[];
}

/** The SHA-256 of a whole source, lower-case hex. */
export type WholeDigest = (source: ByteSource, options: HashOptions) => Promise<string>;

/** Takes a stretch of a file that streams by. */
export type Tap = (bytes: Uint8Array, at: number) => void;

/** The digests that a runtime has. */
export interface Digests {
  readonly whole: WholeDigest;
  readonly part: PartDigest;
  /** All bytes of a source through `tap`, and the SHA-256 of the whole where `hash` says so. */
  readonly tapped: (source: ByteSource, tap: Tap, hash: boolean, options: HashOptions) => Promise<string | null>;
  /** What makes the passes that check signatures; null where none is asked for. Throws `invalid-argument`. */
  readonly signatures: (option: InspectOptions['signatures']) => Promise<PassMaker | null>;
}

/** The same for runtimes that answer at once. */
export interface SyncDigests {
  readonly whole: () => string;
  readonly part: SyncPartDigest;
  readonly tapped: (tap: Tap, hash: boolean) => string | null;
}

/** Says what an open source is. `limits` are those of the options, from `limitsOf`. */
export async function examine({ source, path, bytes }: Opened<ByteSource>, options: InspectOptions, limits: Limits, digests: Digests): Promise<Inspection> {
  const { signal } = options;
  refuseAborted(signal);
  const reader = readerOf(options, await digests.signatures(options.signatures));
  const found = bytes === null ? await readAsync(source, reader, limits, signal) : readBytes(bytes, reader, limits);
  return complete(source, path, found, options, digests);
}

/** What the headers say, with what has to be searched and hashed. */
export async function complete(
  source: ByteSource,
  path: string | null,
  found: Found,
  options: InspectOptions,
  digests: Digests,
): Promise<Inspection> {
  const { signal, onProgress } = options;
  const { hash = false } = options;
  const binaries = await runPasses(source, found.binaries, found.passes, digests.part, signal);
  const tap = tapOf(found.passes);
  if (tap !== null) {
    const sha256 = await digests.tapped(source, tap, hash, { signal, onProgress });
    return inspectionOf(path, source.size, sha256, found, joinStreamed(binaries, found.passes));
  }
  const sha256 = hash ? await digests.whole(source, { signal, onProgress }) : null;
  return inspectionOf(path, source.size, sha256, found, binaries);
}

/** The same, at once. */
export function completeSync(source: SyncSource, path: string | null, found: Found, hash: boolean, { whole, part, tapped }: SyncDigests): Inspection {
  const binaries = runPassesSync(source, found.binaries, found.passes, part);
  const tap = tapOf(found.passes);
  if (tap !== null) {
    const sha256 = tapped(tap, hash);
    return inspectionOf(path, source.size, sha256, found, joinStreamed(binaries, found.passes));
  }
  return inspectionOf(path, source.size, hash ? whole() : null, found, binaries);
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
  const given = new Map<string, number>();
  for (const [name, value] of Object.entries(own)) {
    if (!Object.hasOwn(LIMITS, name)) {
      const near = nearest(name, Object.keys(LIMITS));
      throw new BinspectError('invalid-argument', `there is no limit called ${JSON.stringify(name)}${near === null ? '' : `; did you mean ${near}?`}`);
    }
    if (value === undefined) continue;
    if (!(Number.isSafeInteger(value) && value > 0)) throw new BinspectError('invalid-argument', `the limit ${name} is a count above 0, not ${String(value)}`);
    given.set(name, value);
  }
  return given.size === 0 ? LIMITS : { ...LIMITS, ...(Object.fromEntries(given) as Partial<Limits>) };
}

/** What a wing says of a file, before it is known what else is to be read for it. */
type Read = Omit<Found, 'passes'>;

/** The reader of a whole file: its binaries, and the passes that they need. */
export function readerOf({ facts = 'main' }: InspectOptions, signatures: PassMaker | null): Reader<Found> {
  return (input) => {
    const { format, universal, binaries, warnings } = readBinaries(input, facts);
    return { format, universal, binaries, warnings, passes: passesOf(input, binaries, universal, facts, signatures) };
  };
}

/** The wings: what a file begins with, and who reads it. The first bytes decide; whatever else a file can be read as is its own affair. */
const WINGS: readonly { readonly magic: readonly number[]; readonly bytes: 2 | 4; readonly read: (input: Input, facts: Facts) => Read }[] = [
  { magic: [0x7f45_4c46], bytes: 4, read: (input, facts) => one('elf', readElf(input, facts)) },
  { magic: [0xfeed_face, 0xfeed_facf, 0xcefa_edfe, 0xcffa_edfe], bytes: 4, read: (input, facts) => one('mach-o', readMachO(input, facts)) },
  { magic: [0xcafe_babe, 0xcafe_babf], bytes: 4, read: universal }, // Java's classes begin so too
  { magic: [WASM_MAGIC], bytes: 4, read: (input, facts) => one('wasm', readWasm(input, facts)) },
  { magic: [0x4d5a, 0x5a4d], bytes: 2, read: dos }, // MZ, ZM
];

/** The binaries of a file, by the wing for its first bytes. Throws `unsupported` for what is recognised as something else, and `unrecognized`. */
function readBinaries(input: Input, facts: Facts): Read {
  if (input.size === 0) throw new BinspectError('unrecognized', 'the file is empty', { offset: 0 });
  const head = input.encoded({ little: false, wide: false }).readUpTo(0, 4, 'magic number');
  const long = head.size === 4 ? head.u32(0) : 0;
  const short = head.size >= 2 ? head.u16(0) : 0;
  for (const { magic, bytes, read } of WINGS) if (magic.includes(bytes === 4 ? long : short)) return read(input, facts);
  const other = recognise(input);
  if (other !== null) throw unsupported(other.detected, other.text, other.archive, other.container);
  if (isText(input.readUpTo(0, TEXT_SEEN, 'first bytes').bytes())) throw new BinspectError('unrecognized', 'no executable file: it begins like a text', { offset: 0 });
  const bytes = Array.from(head.bytes(), (byte) => byte.toString(16).padStart(2, '0')).join(' ');
  throw new BinspectError('unrecognized', `no executable file: it begins with ${bytes}`, { offset: 0 });
}

/** Whether a file that begins so may be an executable: its first bytes, at least 16 where it has as many. For the rest of what `readBinaries` decides, all of it is wanted. */
export function mayBeBinary(head: Uint8Array): boolean {
  if (head.length < 4) return false;
  const short = (head[0] as number) * 256 + (head[1] as number);
  const long = short * 2 ** 16 + (head[2] as number) * 256 + (head[3] as number);
  return WINGS.some(({ magic, bytes }) => magic.includes(bytes === 4 ? long : short)) && !(long === 0xcafe_babe && head.length >= 8 && readBytes(head, isJavaClass, LIMITS));
}

const TEXT_SEEN = 64; // bytes: few, as they have been read with the headers

/** Whether bytes are text of the kind that people write: no control characters but those between lines. */
function isText(bytes: Uint8Array): boolean {
  return bytes.length > 0 && bytes.every((byte) => byte >= 0x20 ? byte !== 0x7f : byte === 0x09 || byte === 0x0a || byte === 0x0d || byte === 0x0c);
}

function one(format: Format, binary: Binary): Read {
  return { format, universal: false, binaries: [binary], warnings: [] };
}

/** A file that begins as a DOS program does. */
function dos(input: Input, facts: Facts): Read {
  const verdict = mzVerdict(input);
  if (verdict === 'pe') return one('pe', readPe(input, facts));
  throw unsupported(verdict, `a ${verdict.replace('-executable', '').toUpperCase()} executable`, false);
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

function unsupported(detected: string, text: string, archive: boolean, container: string | null = null): BinspectError {
  const advice = archive ? '; unpack it first' : '';
  return new BinspectError('unsupported', `${text}: recognised, but none of ELF, Mach-O, PE and WebAssembly${advice}`, { detected, offset: 0, container: container ?? undefined });
}
