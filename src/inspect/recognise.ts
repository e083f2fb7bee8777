// What a file is that is none of ELF, Mach-O, PE and WebAssembly: so that people read "a zip archive" and not "unknown bytes".

import { isTarHeader } from '../archives/tar-header.ts';
import type { Input } from '../bytes/input.ts';

/** Something recognised by its first bytes. */
export interface Recognised {
  /** The stable word for it. */
  readonly detected: string;
  /** For people: 'a WebAssembly module'. */
  readonly text: string;
  /** Whether binaries may be inside. */
  readonly archive: boolean;
  /** How it is packed, as `Container.format` says it as far as its first bytes tell; null for what is no archive that is read. */
  readonly container: string | null;
}

interface Signature extends Omit<Recognised, 'container'> {
  readonly at: number;
  readonly bytes: readonly number[];
}

function ascii(text: string): number[] {
  return Array.from(text, (character) => character.charCodeAt(0));
}

function file(detected: string, text: string, bytes: readonly number[], at = 0): Signature {
  return { detected, text, archive: false, at, bytes };
}

function archive(detected: string, text: string, bytes: readonly number[], at = 0): Signature {
  return { detected, text, archive: true, at, bytes };
}

/** Fixed bytes at fixed places; the first match holds. */
const SIGNATURES: readonly Signature[] = [
  file('webassembly', 'a WebAssembly file', [0x00, 0x61, 0x73, 0x6d]), // of another version, or what was appended to another file
  file('llvm-bitcode', 'LLVM bitcode', [0x42, 0x43, 0xc0, 0xde]),
  file('llvm-bitcode', 'LLVM bitcode in its wrapper', [0xde, 0xc0, 0x17, 0x0b]),
  archive('ar-archive', 'an ar archive (a static library, or a Debian package)', ascii('!<arch>\n')),
  archive('ar-archive', 'a thin ar archive: only the names of its members', ascii('!<thin>\n')),
  archive('ar-archive', 'an AIX archive', ascii('<bigaf>\n')),
  file('mach-o-swapped', 'a byte-swapped universal Mach-O header, which no system accepts', [0xbe, 0xba, 0xfe, 0xca]),
  file('mach-o-swapped', 'a byte-swapped universal Mach-O header, which no system accepts', [0xbf, 0xba, 0xfe, 0xca]),
  file('dyld-cache', 'a dyld shared cache', ascii('dyld_v')),
  file('android-dex', 'an Android DEX file', ascii('dex\n')),
  file('te-image', 'an EFI terse executable', ascii('VZ')),
  archive('zip', 'a zip archive', [0x50, 0x4b, 0x03, 0x04]),
  archive('zip', 'an empty zip archive', [0x50, 0x4b, 0x05, 0x06]),
  archive('zip', 'a zip archive in several parts', [0x50, 0x4b, 0x07, 0x08]),
  archive('gzip', 'gzip-compressed', [0x1f, 0x8b]),
  archive('bzip2', 'bzip2-compressed', ascii('BZh')),
  archive('xz', 'xz-compressed', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]),
  archive('zstandard', 'Zstandard-compressed', [0x28, 0xb5, 0x2f, 0xfd]),
  archive('lz4', 'LZ4-compressed', [0x04, 0x22, 0x4d, 0x18]),
  archive('compress', 'compress(1)ed', [0x1f, 0x9d]),
  archive('7-zip', 'a 7-Zip archive', [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c]),
  archive('rar', 'a RAR archive', ascii('Rar!\x1a\x07')),
  archive('cabinet', 'a Microsoft cabinet', ascii('MSCF')),
  archive('rpm', 'an RPM package', [0xed, 0xab, 0xee, 0xdb]),
  archive('xar', 'a xar archive (a macOS installer package)', ascii('xar!')),
  archive('cpio', 'a cpio archive', ascii('07070')),
  archive('compound-file', 'a Microsoft compound file (an installer, perhaps)', [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]),
  archive('squashfs', 'a squashfs image', ascii('hsqs')),
  archive('tar', 'a tar archive', ascii('ustar'), 257),
  file('pdf', 'a PDF document', ascii('%PDF-')),
  file('script', 'a script', ascii('#!')),
  file('html', 'an HTML page', ascii('<!DOCTYPE')),
  file('html', 'an HTML page', ascii('<!doctype')),
  file('html', 'an HTML page', ascii('<html')),
];

/** The first words of Plan 9's programs (a.out(6), big-endian), and what Go calls the machine. */
const PLAN_9: ReadonlyMap<number, string> = new Map([[0x1eb, '386'], [0x8a97, 'amd64'], [0x647, 'arm'], [0x8c47, 'arm64'], [0x107, 'm68k'], [0x407, 'mips'], [0x797, 'mips'], [0x2ab, 'sparc'], [0x6eb, 'ppc'], [0x8b6b, 'ppc64']]); // prettier-ignore
const PLAN_9_HEADER = 32;

/** A program of Plan 9: its magic, and parts that fill the file to its end, as its own loader wants them. */
function plan9Machine(input: Input): string | null {
  const head = input.encoded({ little: false, wide: false }).readUpTo(0, PLAN_9_HEADER, 'a.out header');
  if (head.size < PLAN_9_HEADER) return null;
  const machine = PLAN_9.get(head.u32(0)) ?? null;
  const parts = head.u32(4) + head.u32(8) + head.u32(16) + head.u32(24) + head.u32(28); // text, data, symbols, sp, pc: bss has no bytes
  return machine !== null && head.u32(4) > 0 && PLAN_9_HEADER + parts <= input.size ? machine : null;
}

const HEAD = 512; // a tar header

/** Machine values of COFF objects (PE format, "Machine Types"): without a magic, they have to carry the recognition. */
const COFF_MACHINES: ReadonlySet<number> = new Set([
  0x14c, 0x166, 0x169, 0x184, 0x1a2, 0x1a6, 0x1c0, 0x1c2, 0x1c4, 0x1f0, 0x200, 0xebc, 0x3a64, 0x5032, 0x5064, 0x6232, 0x6264, 0x8664, 0xa641, 0xa64e, 0xaa64,
]); // prettier-ignore

const COFF_HEADER = 20;

/** A COFF object: no optional header, and a section table and a symbol table that lie within the file. */
function isCoffObject(input: Input): boolean {
  if (input.size < COFF_HEADER) return false;
  const head = input.encoded({ little: true, wide: false }).read(0, COFF_HEADER, 'COFF header');
  const machine = head.u16(0);
  const sections = head.u16(2);
  if (machine === 0 && sections === 0xffff) return COFF_MACHINES.has(head.u16(6)); // an import object, or one with more than 65,279 sections
  const symbols = head.u32(8);
  const tables = COFF_HEADER + sections * 40 <= input.size && symbols + head.u32(12) * 18 <= input.size;
  return COFF_MACHINES.has(machine) && sections > 0 && head.u16(16) === 0 && tables && (symbols === 0 || symbols >= COFF_HEADER);
}

/** XCOFF's two magics (AIX), confirmed by a plausible count of sections. */
function isXcoff(input: Input): boolean {
  const head = input.encoded({ little: false, wide: false }).readUpTo(0, 4, 'XCOFF header');
  return head.size === 4 && (head.u16(0) === 0x01df || head.u16(0) === 0x01f7) && head.u16(2) > 0 && head.u16(2) < 4096;
}

/** How archives are packed that are read, by what they are recognised as. */
const CONTAINERS: ReadonlyMap<string, string> = new Map([
  ['zip', 'zip'],
  ['gzip', 'gz'],
  ['xz', 'xz'],
  ['zstandard', 'zst'],
  ['rpm', 'rpm'],
  ['cpio', 'cpio'],
  ['tar', 'tar'],
]);

function containerOf(detected: string, head: Uint8Array): string | null {
  if (detected !== 'ar-archive') return CONTAINERS.get(detected) ?? null;
  const begins = (at: number, text: string): boolean => ascii(text).every((byte, i) => head[at + i] === byte);
  return begins(0, '<bigaf>') ? null : begins(8, 'debian-binary') ? 'deb' : 'ar';
}

/** What the file is recognised as, other than what binspect reads; null where nothing is known. */
export function recognise(input: Input): Recognised | null {
  const head = input.readUpTo(0, HEAD, 'beginning of the file').bytes();
  const match = SIGNATURES.find(({ at, bytes }) => at + bytes.length <= head.length && bytes.every((byte, i) => head[at + i] === byte));
  if (match !== undefined) return { detected: match.detected, text: match.text, archive: match.archive, container: containerOf(match.detected, head) };
  if (isXcoff(input)) return { detected: 'xcoff', text: 'an XCOFF file (AIX)', archive: false, container: null };
  const plan9 = plan9Machine(input);
  if (plan9 !== null) return { detected: 'plan9-executable', text: `a Plan 9 a.out program for ${plan9}`, archive: false, container: null };
  if (isCoffObject(input)) return { detected: 'coff-object', text: 'a COFF object file', archive: false, container: null };
  if (isTarHeader(head)) return { detected: 'tar', text: 'a tar archive', archive: true, container: 'tar' }; // the oldest have no mark
  return null;
}
