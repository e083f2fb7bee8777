// Where Go may be found in a Mach-O file whose build information Go's own reader doesn't see.

import type { Bytes } from '../bytes/bytes.ts';
import type { Input } from '../bytes/input.ts';
import { BinspectError } from '../errors.ts';
import { openFat, overlaps, OVERLAPPING } from '../macho/fat.ts';
import { MOST_GO_RANGES } from './image.ts';
import type { GoMemory, GoRange, GoSymbolTable } from './image.ts';

const MAGIC = { THIN_32: 0xfeed_face, THIN_64: 0xfeed_facf } as const;
const COMMAND = { SEGMENT: 0x1, SYMTAB: 0x2, SEGMENT_64: 0x19 } as const;
const NAME_SIZE = 16;
const VM_PROT_WRITE = 2;
/** n_type: an entry with any of these bits is the debugger's. */
const N_STAB = 0xe0;

/** Sections that only Go's linker makes: __go_buildinfo, __gopclntab, __gosymtab. */
const SIGN = /^__go(_|pclntab|symtab)/;

interface Section {
  readonly name: string;
  readonly address: bigint;
  readonly offset: number;
  readonly size: number;
}

/** The load commands, as far as a search for Go goes by them; those that are cut are left out. */
interface Commands {
  readonly input: Input;
  readonly ranges: GoRange[];
  readonly sections: Section[];
  symbols: GoSymbolTable | null;
}

const MOST_COMMAND_BYTES = 1024 * 1024; // a program's load commands take some kilobytes; the header's own word for it may be anything

function readCommands(plain: Input): Commands {
  const head = plain.encoded({ little: true, wide: false }).read(0, 28, 'Mach-O header');
  const small = head.u32(0);
  const little = small === MAGIC.THIN_32 || small === MAGIC.THIN_64;
  const wide = head.bytes(0, 4)[little ? 0 : 3] === 0xcf;
  const input = plain.encoded({ little, wide });
  const header = input.read(0, 28, 'Mach-O header');
  if (header.u32(0) !== (wide ? MAGIC.THIN_64 : MAGIC.THIN_32)) {
    throw new BinspectError('malformed', `the magic number is 0x${header.u32(0).toString(16)}, not Mach-O's`, { offset: plain.start });
  }
  const commands = input.readUpTo(wide ? 32 : 28, Math.min(header.u32(20), MOST_COMMAND_BYTES), 'load commands');
  const found: Commands = { input, ranges: [], sections: [], symbols: null };
  for (let at = 0; at + 8 <= commands.size; ) {
    const size = commands.u32(at + 4);
    if (size < 8 || size > commands.size - at) break;
    const command = commands.slice(at, size);
    const type = command.u32(0);
    if (type === COMMAND.SEGMENT_64 && size >= 72) readSegment(command, true, found);
    else if (type === COMMAND.SEGMENT && size >= 56) readSegment(command, false, found);
    else if (type === COMMAND.SYMTAB && size >= 24) found.symbols = symbols(command, input);
    at += size;
  }
  return found;
}

/** segment_command and segment_command_64 with their sections. */
function readSegment(command: Bytes, wide: boolean, { input, ranges, sections }: Commands): void {
  const cursor = command.slice(0, command.size).cursor(8 + NAME_SIZE);
  const word = (): bigint => (wide ? cursor.u64() : BigInt(cursor.u32()));
  const address = word();
  word(); // vmsize
  const offset = Number(word());
  const fileSize = Number(word());
  cursor.u32(); // maxprot
  const writable = (cursor.u32() & VM_PROT_WRITE) !== 0;
  const count = cursor.u32();
  cursor.u32(); // flags
  const size = input.available(offset, fileSize);
  if (size > 0 && ranges.length < MOST_GO_RANGES) ranges.push({ address, offset, size, writable });
  const entrySize = wide ? 80 : 68;
  for (let i = 0; i < count && cursor.at + entrySize <= command.size; i++) {
    const name = command.slice(cursor.at, NAME_SIZE).text();
    const entry = command.cursor(cursor.at + 2 * NAME_SIZE);
    const address = wide ? entry.u64() : BigInt(entry.u32());
    const sectionSize = wide ? Number(entry.u64()) : entry.u32();
    const at = entry.u32();
    sections.push({ name, address, offset: at, size: input.available(at, sectionSize) });
    cursor.skip(entrySize);
  }
}

function symbols(command: Bytes, input: Input): GoSymbolTable {
  const at = command.u32(8);
  const stringsAt = command.u32(16);
  const entrySize = input.encoding.wide ? 16 : 12;
  return {
    strings: { at: stringsAt, length: input.available(stringsAt, command.u32(20)) },
    table: { at, length: input.available(at, command.u32(12) * entrySize) },
    entrySize,
    nameAt: 0, // n_strx
    valueAt: 8, // n_value
    valueSize: input.encoding.wide ? 8 : 4,
    section: null,
    ignored: { at: 4, bits: N_STAB },
    prefix: '_',
  };
}

/** A sign that a Mach-O file may be Go's, told from its load commands; null where there is none. */
export function goSign(plain: Input): string | null {
  const commands = plain.attempt(() => readCommands(plain));
  const section = commands?.sections.find(({ name }) => SIGN.test(name));
  return section === undefined ? null : `there is a section ${section.name}`;
}

/** The image that a search goes by. Throws `malformed` or `truncated` where the file has no header to go by. */
export function goMemory(plain: Input): GoMemory {
  const { input, ranges, sections, symbols } = readCommands(plain);
  const code = sections.find(({ name }) => name === '__text');
  const image = ranges.find(({ offset }) => offset === 0) ?? ranges[0];
  return {
    bits: input.encoding.wide ? 64 : 32,
    little: input.encoding.little,
    ranges,
    fixupBase: image?.address ?? null,
    relocations: [],
    buildIdNote: null,
    code: code === undefined ? null : { at: code.offset, length: code.size },
    symbols,
    tables: sections.filter(({ name }) => name === '__gopclntab').map(({ address }) => address),
  };
}

/** Where the slices of a universal file lie, but only a few of those that overlap; null for a file that is not universal. */
export function slicesOf(input: Input): { readonly offset: number; readonly size: number }[] | null {
  const fat = input.attempt(() => openFat(input));
  if (fat?.kind !== 'universal') return null;
  const unread = new Set(overlaps(fat.slices, 0).slice(OVERLAPPING).map(({ index }) => index));
  return fat.slices.filter((_, index) => !unread.has(index));
}
