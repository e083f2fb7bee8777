// The spine: a source, the wing that reads its format, and what comes of it.

import { digest, digestBytes, digestSync } from './bytes/digest.ts';
import { readAsync, readBytes, readSync } from './bytes/input.ts';
import type { Input, Reader } from './bytes/input.ts';
import { open, openSync } from './bytes/open.ts';
import type { InspectInput } from './bytes/open.ts';
import { FileSource } from './bytes/source-file.ts';
import { cdHashDigest, withCdHashes, withCdHashesSync } from './digests.ts';
import { readElf } from './elf/facts.ts';
import { BinspectError } from './errors.ts';
import { goCandidate, withGo, withGoSync } from './go-facts.ts';
import type { GoCandidate } from './golang/go-build.ts';
import { LIMITS } from './limits.ts';
import type { Limits } from './limits.ts';
import type { DirectoryDigest } from './macho/code-signature.ts';
import { readMachO } from './macho/facts.ts';
import { openFat } from './macho/fat.ts';
import { readUniversal } from './macho/universal.ts';
import type { Binary, Facts, Format, Inspection, Warning } from './model/binary.ts';
import { mzVerdict } from './pe/dos.ts';
import { readPe } from './pe/facts.ts';
import { recognise } from './recognise.ts';

export interface InspectOptions {
  /** Whether to compute the SHA-256 of the whole file; default false. */
  readonly hash?: boolean;
  /** 'main' (default): what headers tell. 'all': also what costs more reads; it is null in 'main'. */
  readonly facts?: Facts;
  /** Ends the work: rejects with a BinspectError `aborted` whose cause is the signal's reason. */
  readonly signal?: AbortSignal;
  /** What one file may cost; see `Limits` for the defaults. */
  readonly limits?: Partial<Limits>;
  /** Called while the file is hashed, with the bytes done and in all. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** What the headers tell. */
interface Found {
  readonly format: Format;
  readonly universal: boolean;
  readonly binaries: readonly Binary[];
  /** For each binary: what to search for Go, or null where nothing speaks for it. */
  readonly go: readonly (GoCandidate | null)[];
  /** For each binary: what to digest for its cdhash, or null. */
  readonly cdHashes: readonly (DirectoryDigest | null)[];
  readonly warnings: readonly Warning[];
}

/**
 * Says what a file is. Reads its headers and tables, never the whole file; with `hash` it is read once more, in a stream.
 * Rejects with a BinspectError: `unrecognized`, `unsupported` (with `detected`), `truncated`, `malformed`, `io`, `aborted`, …
 */
export async function inspect(input: InspectInput, options: InspectOptions = {}): Promise<Inspection> {
  const limits = limitsOf(options);
  const { signal, onProgress } = options;
  const opened = await named(pathOf(input), () => open(input));
  const { source, path, bytes } = opened;
  try {
    return await named(path, async () => {
      if (signal?.aborted === true) throw new BinspectError('aborted', 'aborted', { cause: signal.reason });
      const reader = readerOf(options);
      const found = bytes === null ? await readAsync(source, reader, limits, signal) : readBytes(bytes, reader, limits);
      const hashed = await withCdHashes(source, found.binaries, found.cdHashes, signal);
      const binaries = await withGo(source, hashed, found.go, limits, signal);
      const sha256 = options.hash === true ? await digest(source, { signal, onProgress }) : null;
      return inspection(path, source.size, sha256, found, binaries);
    });
  } finally {
    await opened.close();
  }
}

/** The same at once, for a local file or bytes. Throws what `inspect` rejects with. */
export function inspectSync(input: string | URL | Uint8Array, options: InspectOptions = {}): Inspection {
  const limits = limitsOf(options);
  const { source, path, bytes } = openSync(input);
  try {
    const reader = readerOf(options);
    const found = bytes === null ? readSync(source, reader, limits) : readBytes(bytes, reader, limits);
    const hashed = withCdHashesSync(source, found.binaries, found.cdHashes);
    const binaries = withGoSync(source, hashed, found.go, limits);
    const sha256 = options.hash !== true ? null : bytes === null ? digestSync(source) : digestBytes(bytes);
    return inspection(path, source.size, sha256, found, binaries);
  } catch (error) {
    throw withPath(error, path);
  } finally {
    if (source instanceof FileSource) source.closeSync();
  }
}

function inspection(path: string | null, size: number, sha256: string | null, found: Found, binaries: readonly Binary[]): Inspection {
  const { format, universal, warnings } = found;
  return { schemaVersion: 1, path, size, sha256, format, universal, binaries, warnings };
}

function pathOf(input: InspectInput): string | null {
  return typeof input === 'string' ? input : input instanceof URL ? input.href : null;
}

/** An error of this library, with the path that it belongs to. */
function withPath(error: unknown, path: string | null): unknown {
  if (error instanceof BinspectError && path !== null) error.path ??= path;
  return error;
}

async function named<T>(path: string | null, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw withPath(error, path);
  }
}

/** The limits with what the caller set. Throws `invalid-argument` for a name that is no limit, and for what is no count. */
function limitsOf({ limits: own, facts }: InspectOptions): Limits {
  if (facts !== undefined && facts !== 'main' && facts !== 'all') {
    throw new BinspectError('invalid-argument', `facts is 'main' or 'all', not ${JSON.stringify(facts)}`);
  }
  if (own === undefined) return LIMITS;
  const limits: Record<string, number> = { ...LIMITS };
  for (const [name, value] of Object.entries(own)) {
    if (!Object.hasOwn(LIMITS, name)) throw new BinspectError('invalid-argument', `there is no limit called ${JSON.stringify(name)}`);
    if (value === undefined) continue;
    if (!(Number.isSafeInteger(value) && value > 0)) throw new BinspectError('invalid-argument', `the limit ${name} is a count above 0, not ${String(value)}`);
    limits[name] = value;
  }
  return limits as unknown as Limits;
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
function readerOf({ facts = 'main' }: InspectOptions): Reader<Found> {
  return (input) => {
    const file = readBinaries(input, facts);
    const image = ({ offset, size }: Binary): Input => input.part(offset, size);
    return {
      ...file,
      go: file.binaries.map((binary) => goCandidate(image(binary), binary, facts)),
      cdHashes: file.binaries.map((binary) => cdHashDigest(image(binary), binary, facts)),
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
