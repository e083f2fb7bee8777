// What tools put behind a program, or into it, for it to run: known by the marks that the program itself looks for.

import type { Input } from './input.ts';

/** A stretch that a tool left in a file, counted from the image. */
export interface Payload {
  /** 'AppImage' 'PyInstaller' 'Node SEA' 'Bun' 'Deno' 'pkg'. */
  readonly kind: string;
  readonly offset: number;
  readonly size: number;
  /** What told it. */
  readonly because: string;
}

const HEAD = 16;
const TAIL = 4096; // bytes at the end that are looked at: trailers are shorter, and signing fills up behind them

const DENO = 'd3n0l4nd';
const BUN = '\n---- Bun! ----\n';
/** PyInstaller's cookie (PyInstaller/archive/writers.py): the mark, then the length of the package up to the cookie's end, all big-endian. */
const PYINSTALLER = 'MEI\x0c\x0b\x0a\x0b\x0e';
const COOKIES = [88, 24] as const; // bytes: since 2.1, before
/** How pkg's prelude begins, which stands last in the file, and how it ends (lib/producer). */
const PRELUDE = '(function(process, require, console, EXECPATH_FD, PAYLOAD_POSITION, PAYLOAD_SIZE';
const PRELUDE_END = '\n})';
const SNAPSHOT = /["'](?:\/snapshot\/|[A-Z]:\\\\snapshot\\\\)/;
/** Node's blob for single executables (src/node_sea.cc, kMagic), in the machine's byte order. */
const SEA_MAGIC = 0x0143_da20;

function latin1(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

/** Whether PyInstaller's cookie stands in a tail, and names a package that lies within what is appended. */
function hasCookie(input: Input, tail: string, tailAt: number, from: number): boolean {
  const at = tail.lastIndexOf(PYINSTALLER);
  if (at === -1) return false;
  const plain = input.encoded({ little: false, wide: false });
  if (plain.available(tailAt + at, 24) < 24) return false;
  const cookie = plain.read(tailAt + at, 24, 'cookie of PyInstaller');
  const length = cookie.u32(8);
  const table = cookie.u32(12) + cookie.u32(16);
  return table <= length && COOKIES.some((size) => tailAt + at + size - length >= from);
}

/** Whether Bun's trailer ends a stretch; older versions have the size of all of it behind that, in eight bytes. */
function endsLikeBun(tail: string): boolean {
  const at = tail.lastIndexOf(BUN);
  if (at === -1) return false;
  const behind = tail.slice(at + BUN.length);
  return behind.length === 0 || behind.length === 8 || /^\0+$/.test(behind);
}

/** What is appended, shown by its first and its last bytes; null where no mark is known. `offset` counts from the image. */
export function appendedPayload(input: Input, offset: number, size: number): Omit<Payload, 'offset' | 'size'> | null {
  const end = Math.min(offset + size, input.size);
  const head = latin1(input.readUpTo(offset, Math.min(HEAD, end - offset), 'appended bytes').bytes());
  const image = imageMark(input, offset, head);
  if (image !== null) return { kind: 'AppImage', because: image };
  if (head.startsWith(DENO)) return { kind: 'Deno', because: `what is appended begins with '${DENO}'` };
  const tailAt = Math.max(offset, end - TAIL);
  const tail = latin1(input.readUpTo(tailAt, end - tailAt, 'appended bytes').bytes());
  if (endsLikeBun(tail)) return { kind: 'Bun', because: "Bun's trailer '---- Bun! ----' at the end" };
  if (hasCookie(input, tail, tailAt, offset)) return { kind: 'PyInstaller', because: "PyInstaller's cookie, with the length of its package, at the end" };
  const deno = tail.lastIndexOf(DENO);
  if (deno !== -1 && tail.length - deno <= 48 && (tail.length - deno) % 8 === 0) return { kind: 'Deno', because: `the trailer '${DENO}' at the end` };
  const text = tail.replace(/\0+$/, '');
  const whole = text.endsWith(PRELUDE_END) ? (tail.includes(PRELUDE) ? `'${PRELUDE}' in what is appended` : SNAPSHOT.test(tail) ? "pkg's prelude, with paths below /snapshot, at the end" : null) : null;
  return whole === null ? null : { kind: 'pkg', because: whole };
}

const EROFS = 0xe0f5_e1e2;
const EROFS_AT = 1024;
const ISO_AT = 0x8001;

/** The mark of an AppImage in the ELF header (AppImage specification), with the image of a file system that it runs from: type 2 has that behind it, type 1 is one itself. */
function imageMark(input: Input, offset: number, head: string): string | null {
  if (input.available(8, 3) < 3) return null;
  const mark = latin1(input.read(8, 3, 'mark of an AppImage').bytes());
  const type = mark === 'AI\x01' ? 1 : mark === 'AI\x02' ? 2 : null;
  if (type === null) return null;
  const said = `the mark AI and type ${type} in the ELF header`;
  if (type === 1) return input.available(ISO_AT, 5) === 5 && latin1(input.read(ISO_AT, 5, 'ISO 9660 volume').bytes()) === 'CD001' ? `${said}, and an ISO 9660 volume` : null;
  if (head.startsWith('hsqs') || head.startsWith('sqsh')) return `${said}, and a squashfs image behind the program`;
  if (head.startsWith('DWARFS')) return `${said}, and a DwarFS image behind the program`;
  if (input.available(offset + EROFS_AT, 4) < 4) return null;
  return input.encoded({ little: true, wide: false }).read(offset + EROFS_AT, 4, 'EROFS image').u32(0) === EROFS ? `${said}, and an EROFS image behind the program` : null;
}

/** Node's blob where a note, a section or a resource of its name says that it lies; null where it does not begin like one. */
export function nodeBlob(input: Input, offset: number, size: number, where: string): Payload | null {
  if (size < 8 || input.available(offset, 4) < 4) return null;
  return input.read(offset, 4, 'blob of Node').u32(0) === SEA_MAGIC ? { kind: 'Node SEA', offset, size, because: `a blob of Node's in ${where}` } : null;
}

/** Bun's graph of modules in a section of its own: its length, then what ends in the trailer; null where it does not. */
export function bunSection(input: Input, offset: number, size: number, where: string): Payload | null {
  if (input.available(offset, size) < size || size < 8 + BUN.length) return null;
  const end = offset + size;
  const tailAt = Math.max(offset, end - TAIL);
  const ends = (tail: string): boolean => tail.endsWith(BUN);
  const length = input.encoded({ little: true, wide: false }).read(offset, 8, "length of Bun's modules");
  const stated = length.u32(0);
  if (length.u32(4) === 0 && stated >= BUN.length && 8 + stated <= size && ends(latin1(input.read(offset + 8 + stated - BUN.length, BUN.length, "Bun's trailer").bytes()))) {
    return { kind: 'Bun', offset, size, because: `Bun's trailer '---- Bun! ----' in ${where}` };
  }
  return endsLikeBun(latin1(input.read(tailAt, end - tailAt, "Bun's trailer").bytes())) ? { kind: 'Bun', offset, size, because: `Bun's trailer '---- Bun! ----' in ${where}` } : null;
}

/** Deno's data where a note, a section or a resource of its name says that it lies; null where it does not begin like that. */
export function denoData(input: Input, offset: number, size: number, where: string): Payload | null {
  if (size < DENO.length || input.available(offset, DENO.length) < DENO.length) return null;
  return latin1(input.read(offset, DENO.length, "Deno's data").bytes()) === DENO ? { kind: 'Deno', offset, size, because: `'${DENO}' begins ${where}` } : null;
}

/** PyInstaller's package in a section of its own, or before a signature; null where no cookie ends it. */
export function pyInstallerPackage(input: Input, offset: number, size: number, where: string): Payload | null {
  const end = offset + input.available(offset, size);
  const tailAt = Math.max(offset, end - TAIL);
  const tail = latin1(input.readUpTo(tailAt, end - tailAt, 'package of PyInstaller').bytes());
  return hasCookie(input, tail, tailAt, offset) ? { kind: 'PyInstaller', offset, size, because: `PyInstaller's cookie, with the length of its package, at the end of ${where}` } : null;
}

/** The name that libsui gives its notes: two bytes of length, the name, the data (denoland/sui, ELF.md). */
export const SUI_NOTE = { OWNER: 'SUI', TYPE: 0x5355_4901 } as const;

/** Deno's data in such a note; null where the note holds something else. */
export function denoNote(input: Input, offset: number, size: number): Payload | null {
  const skip = 2 + DENO.length;
  if (size < skip || input.available(offset, skip) < skip) return null;
  if (latin1(input.read(offset + 2, DENO.length, 'note of libsui').bytes()) !== DENO) return null;
  return denoData(input, offset + skip, size - skip, 'a note of libsui');
}
