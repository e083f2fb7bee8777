// The spine: a source, the wing that reads its format, and what comes of it.

import { digest, digestBytes, digestSync } from './bytes/digest.ts';
import { readAsync, readBytes, readSync } from './bytes/input.ts';
import type { Input } from './bytes/input.ts';
import { open, openSync } from './bytes/open.ts';
import type { InspectInput } from './bytes/open.ts';
import { FileSource } from './bytes/source-file.ts';
import { readElf } from './elf/facts.ts';
import { BinspectError } from './errors.ts';
import { LIMITS } from './limits.ts';
import type { Limits } from './limits.ts';
import { readMachO } from './macho/facts.ts';
import { openFat } from './macho/fat.ts';
import { readUniversal } from './macho/universal.ts';
import type { Binary, Format, Inspection, Warning } from './model/binary.ts';
import { mzVerdict } from './pe/dos.ts';
import { readPe } from './pe/facts.ts';
import { recognise } from './recognise.ts';

export interface InspectOptions {
  /** Whether to compute the SHA-256 of the whole file; default false. */
  readonly hash?: boolean;
  /** 'main' (default): what headers tell. 'all': also what costs more reads; it is null in 'main'. */
  readonly facts?: 'main' | 'all';
  /** Ends the work: rejects with a BinspectError `aborted` whose cause is the signal's reason. */
  readonly signal?: AbortSignal;
  /** What one file may cost; see `Limits` for the defaults. */
  readonly limits?: Partial<Limits>;
  /** Called while the file is hashed, with the bytes done and in all. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** What a reader found, before it is joined with the file's path, size and digest. */
interface Found {
  readonly format: Format;
  readonly universal: boolean;
  readonly binaries: readonly Binary[];
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
      const found = bytes === null ? await readAsync(source, readBinaries, limits, signal) : readBytes(bytes, readBinaries, limits);
      const sha256 = options.hash === true ? await digest(source, { signal, onProgress }) : null;
      return inspection(path, source.size, sha256, found);
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
    const found = bytes === null ? readSync(source, readBinaries, limits) : readBytes(bytes, readBinaries, limits);
    const sha256 = options.hash !== true ? null : bytes === null ? digestSync(source) : digestBytes(bytes);
    return inspection(path, source.size, sha256, found);
  } catch (error) {
    throw withPath(error, path);
  } finally {
    if (source instanceof FileSource) source.closeSync();
  }
}

function inspection(path: string | null, size: number, sha256: string | null, { format, universal, binaries, warnings }: Found): Inspection {
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

/** The wing for a file's first bytes. The format is decided at offset 0; whatever else a file can be read as is its own affair. */
function readBinaries(input: Input): Found {
  if (input.size === 0) throw new BinspectError('unrecognized', 'the file is empty', { offset: 0 });
  const head = input.encoded({ little: false, wide: false }).readUpTo(0, 4, 'magic number');
  const magic = head.size === 4 ? head.u32(0) : 0;
  switch (magic) {
    case MAGIC.ELF:
      return one('elf', readElf(input));
    case MAGIC.MACH_O_32:
    case MAGIC.MACH_O_64:
    case MAGIC.MACH_O_32_SWAPPED:
    case MAGIC.MACH_O_64_SWAPPED:
      return one('mach-o', readMachO(input));
    case MAGIC.FAT:
    case MAGIC.FAT_64:
      return universal(input);
  }
  const short = head.size >= 2 ? head.u16(0) : 0;
  if (short === MAGIC.MZ || short === MAGIC.ZM) {
    const verdict = mzVerdict(input);
    if (verdict === 'pe') return one('pe', readPe(input));
    throw unsupported(verdict, `a ${verdict.replace('-executable', '').toUpperCase()} executable`, false);
  }
  const other = recognise(input);
  if (other !== null) throw unsupported(other.detected, other.text, other.archive);
  const bytes = Array.from(head.bytes(), (byte) => byte.toString(16).padStart(2, '0')).join(' ');
  throw new BinspectError('unrecognized', `no executable file: it begins with ${bytes}`, { offset: 0 });
}

function one(format: Format, binary: Binary): Found {
  return { format, universal: false, binaries: [binary], warnings: [] };
}

function universal(input: Input): Found {
  const verdict = openFat(input);
  switch (verdict.kind) {
    case 'java-class':
      throw unsupported('java-class', 'a Java class', false);
    case 'unknown':
      throw new BinspectError('malformed', verdict.message, { offset: 0 });
    case 'universal': {
      const { binaries, warnings } = readUniversal(input, verdict.slices);
      return { format: 'mach-o', universal: true, binaries, warnings };
    }
  }
}

function unsupported(detected: string, text: string, archive: boolean): BinspectError {
  const advice = archive ? '; unpack it first' : '';
  return new BinspectError('unsupported', `${text}: recognised, but none of ELF, Mach-O and PE${advice}`, { detected, offset: 0 });
}
