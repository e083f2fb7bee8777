// Where Go may be found in a PE file whose build information Go's own reader doesn't see.

import type { Input } from '../bytes/input.ts';
import { find, needle } from '../bytes/search.ts';
import { BinspectError } from '../errors.ts';
import { MOST_GO_RANGES } from './image.ts';
import type { GoMemory, GoRange } from './image.ts';

const SECTION_SIZE = 40;
const SYMBOL_SIZE = 18;
const FLAG = { CODE: 0x20, DATA: 0x40, WRITE: 0x8000_0000 } as const;
const PE32_PLUS = 0x20b;

interface Section {
  readonly name: string;
  readonly address: number;
  readonly offset: number;
  readonly size: number;
  readonly flags: number;
}

interface Headers {
  readonly input: Input;
  readonly wide: boolean;
  readonly imageBase: bigint;
  readonly symbolsAt: number;
  readonly symbolCount: number;
  readonly sections: readonly Section[];
}

function readHeaders(plain: Input): Headers {
  const input = plain.encoded({ little: true, wide: false });
  const at = input.read(0x3c, 4, 'e_lfanew').u32(0);
  const header = input.read(at, 24, 'PE header');
  if (header.u32(0) !== 0x4550) throw new BinspectError('malformed', `there is no PE signature at 0x${at.toString(16)}`, { offset: plain.start + at });
  const optionalSize = header.u16(20);
  const optional = input.readUpTo(at + 24, optionalSize, 'optional header');
  const wide = optional.size >= 32 && optional.u16(0) === PE32_PLUS;
  const imageBase = optional.size < 32 ? 0n : wide ? optional.u64(24) : BigInt(optional.u32(28));
  const table = input.readUpTo(at + 24 + optionalSize, header.u16(6) * SECTION_SIZE, 'section headers');
  const sections: Section[] = [];
  for (let entry = 0; entry + SECTION_SIZE <= table.size; entry += SECTION_SIZE) {
    const offset = table.u32(entry + 20);
    sections.push({
      name: table.slice(entry, 8).text(),
      address: table.u32(entry + 12),
      offset,
      size: offset === 0 ? 0 : input.available(offset, table.u32(entry + 16)),
      flags: table.u32(entry + 36),
    });
  }
  return { input, wide, imageBase, symbolsAt: header.u32(12), symbolCount: header.u32(16), sections };
}

/** What Go's blob begins with, and how far into the data a quick look for it goes: Go's linker puts it first. */
const MAGIC = needle('\xff Go buildinf:');
const QUICK_LOOK = 16 * 1024;

/**
 * A sign that a PE file may be Go's, told from its headers and the beginning of its data; null where there is none. Only Go's
 * own linker makes a section .symtab.
 */
export function goSign(plain: Input): string | null {
  const headers = plain.attempt(() => readHeaders(plain));
  if (headers === null) return null;
  if (headers.sections.some(({ name }) => name === '.symtab')) return 'there is a section .symtab';
  const data = headers.sections.find(({ flags, size }) => size > 0 && (flags & FLAG.DATA) !== 0 && (flags & FLAG.WRITE) !== 0);
  const begin = data === undefined ? null : headers.input.readUpTo(data.offset, Math.min(data.size, QUICK_LOOK), 'data');
  return begin === null || find(begin.bytes(), MAGIC) === -1 ? null : "Go's build information stands in the data";
}

/** The image that a search goes by. Throws `malformed` or `truncated` where the file has no header to go by. */
export function goMemory(plain: Input): GoMemory {
  const { input, wide, imageBase, symbolsAt, symbolCount, sections } = readHeaders(plain);
  const filled = sections.filter(({ size }) => size > 0).slice(0, MOST_GO_RANGES);
  const ranges: GoRange[] = filled.map(({ address, offset, size, flags }) => ({
    address: imageBase + BigInt(address),
    offset,
    size,
    writable: (flags & FLAG.WRITE) !== 0,
  }));
  const code = filled.find(({ flags }) => (flags & FLAG.CODE) !== 0);
  const stringsAt = symbolsAt + symbolCount * SYMBOL_SIZE;
  return {
    bits: wide ? 64 : 32,
    little: true,
    ranges,
    fixupBase: null,
    relocations: [],
    buildIdNote: null,
    code: code === undefined ? null : { at: code.offset, length: code.size },
    symbols:
      symbolsAt === 0
        ? null
        : {
            strings: { at: stringsAt, length: input.available(stringsAt, 2 ** 32) },
            table: { at: symbolsAt, length: input.available(symbolsAt, symbolCount * SYMBOL_SIZE) },
            entrySize: SYMBOL_SIZE,
            nameAt: 4, // after four zeros where the name is in the string table
            valueAt: 8,
            valueSize: 4,
            section: { at: 12, addresses: sections.map(({ address }) => imageBase + BigInt(address)) },
            ignored: null,
            prefix: '',
          },
  };
}
