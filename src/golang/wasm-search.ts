// Go's module text in a WebAssembly module: in the bytes of the data section, where the program's own string variable points at it.

import { CHUNK, find, inChunks, needle, wanted } from '../bytes/search.ts';
import type { Scan, Stretch } from '../bytes/search.ts';
import { decodeText } from '../bytes/text.ts';
import type { Limits } from '../limits.ts';
import { warningOf } from '../model/warning.ts';
import type { Warning } from '../model/warning.ts';
import { readBuildId } from './build-id.ts';
import { GO_SAYS } from './build-info.ts';
import { buildOf, NO_MODULES, NOTHING, NOWHERE } from './finding.ts';
import type { GoFinding } from './finding.ts';
import type { GoWasm } from './image.ts';
import { SENTINEL } from './modules.ts';
import { readTexts } from './recover.ts';
import type { Text } from './recover.ts';

const START = needle(SENTINEL.START);
const MOST_TEXTS = 64;

/** Everything about Go in one module. `sign` is what speaks for Go; null where only a search can tell. */
export function* searchWasm({ version, data, buildId: buildIdAt }: GoWasm, sign: string | null, limits: Limits): Scan<GoFinding> {
  const buildId = yield* readBuildId({ buildIdNote: null, code: buildIdAt });
  const warnings: Warning[] = [];
  const searched = data === null ? null : { at: data.at, length: Math.min(data.length, limits.goSearchBytes) };
  if (data !== null && searched !== null && searched.length < data.length) {
    warnings.push(warningOf('limit-exceeded', `the data section has ${data.length} bytes, of which ${searched.length} are searched for traces of Go`, null, ['go']));
  }
  const texts = searched === null ? [] : yield* readTexts(yield* findTexts(searched), limits.goTextBytes);
  const own = searched === null || texts.length === 0 ? null : yield* ownText(searched, texts);
  if (texts.length > 0 && own === null) {
    const [first] = texts as [Text];
    const message = `${texts.length} module texts stand in the file, the first at 0x${first.at.toString(16)}, and nothing tells which is its own`;
    warnings.push(warningOf('go-build-info', message, null));
  }
  const evidence = own?.because ?? sign;
  if (evidence === null) return NOTHING;
  const because: Record<string, string> = { go: `${evidence}; go version says: ${GO_SAYS.UNRECOGNIZED}` };
  if (version !== null) because['goVersion'] = 'section producers';
  return { go: buildOf(version, own === null ? 'absent' : 'recovered', own?.text.modules ?? NO_MODULES, buildId), because, target: NOWHERE, warnings };
}

function* findTexts(data: Stretch): Scan<number[]> {
  const starts: number[] = [];
  yield* inChunks(data, START.bytes.length, (bytes, at, own) => {
    for (let hit = find(bytes, START); hit !== -1 && hit < own && starts.length < MOST_TEXTS; hit = find(bytes, START, hit + 1)) starts.push(at + hit);
    return starts.length >= MOST_TEXTS;
  });
  return starts;
}

/** The text that a string variable of the program points at; null where none is, or where several differ. Texts of programs that it carries as data have no such variable. */
function* ownText(data: Stretch, texts: readonly Text[]): Scan<{ readonly text: Text; readonly because: string } | null> {
  const addresses = yield* addressesOf(data, texts.map(({ at }) => at));
  const pointers = texts.flatMap((text, index) => {
    const address = addresses[index] ?? null;
    return address === null ? [] : [{ text, needle: needle(pointerTo(address, text.length)) }];
  });
  const own: { readonly text: Text; readonly at: number }[] = [];
  yield* inChunks(data, POINTER_SIZE, (bytes, at, size) => {
    for (const { text, needle: sought } of pointers) {
      const hit = find(bytes, sought);
      if (hit !== -1 && hit < size && !own.some((one) => one.text === text)) own.push({ text, at: at + hit });
    }
    return own.length === pointers.length;
  });
  const [first] = own;
  if (first === undefined || own.some(({ text }) => decodeText(text.bytes) !== decodeText(first.text.bytes))) return null;
  return { text: first.text, because: `the module text at 0x${first.text.at.toString(16)}, which the string variable at 0x${first.at.toString(16)} points at` };
}

const POINTER_SIZE = 16;

/** A Go string, as it stands in memory: an address and a length of 64 bits each. The zeros at its end are left out, as segments are cut there. */
function pointerTo(address: number, length: number): Uint8Array {
  const bytes = new Uint8Array(POINTER_SIZE);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, address, true);
  view.setUint32(8, length, true);
  let end = POINTER_SIZE;
  while (end > 9 && bytes[end - 1] === 0) end--;
  return bytes.slice(0, end);
}

const MOST_SEGMENTS = 1_000_000; // engines take a tenth of that
const LONGEST_HEADER = 32; // flags, the index of a memory, an offset, a size

/** Where positions in the data section will be in memory; null for what is copied later, or to where only the host knows. */
function* addressesOf(data: Stretch, positions: readonly number[]): Scan<(number | null)[]> {
  const found = positions.map((): number | null => null);
  const end = data.at + data.length;
  const last = Math.max(...positions); // what lies behind it is not asked for
  let chunk: { at: number; bytes: Uint8Array } = { at: 0, bytes: new Uint8Array() };
  let at = data.at;
  let count = -1; // the section begins with a number too: that of its segments
  for (let segments = 0; segments <= MOST_SEGMENTS && at < end && at <= last; segments++) {
    if (at < chunk.at || at + LONGEST_HEADER > chunk.at + chunk.bytes.length) {
      const bytes = yield* wanted(at, Math.min(CHUNK, end - at));
      if (bytes.length === 0) break;
      chunk = { at, bytes };
    }
    const from = at - chunk.at;
    if (count === -1) {
      const number = leb(chunk.bytes, from);
      if (number === null) break;
      count = number.value;
      at += number.size;
      continue;
    }
    const segment = segments > count ? null : segmentAt(chunk.bytes, from);
    if (segment === null) break;
    const start = at + segment.headerSize;
    positions.forEach((position, index) => {
      if (segment.address !== null && position >= start && position < start + segment.size) found[index] = segment.address + position - start;
    });
    at = start + segment.size;
  }
  return found;
}

interface Segment {
  readonly headerSize: number;
  readonly size: number;
  /** Null where it is not a constant. */
  readonly address: number | null;
}

const SEGMENT = { ACTIVE: 0, PASSIVE: 1, ACTIVE_IN: 2 } as const;
const OPCODE = { I32_CONST: 0x41, END: 0x0b } as const;

/** The header of a data segment; null where it is of no form that Go writes, or is cut. */
function segmentAt(bytes: Uint8Array, from: number): Segment | null {
  const flags = leb(bytes, from);
  if (flags === null || flags.value > SEGMENT.ACTIVE_IN) return null;
  let at = from + flags.size;
  if (flags.value === SEGMENT.ACTIVE_IN) {
    const memory = leb(bytes, at);
    if (memory === null) return null;
    at += memory.size;
  }
  let address: number | null = null;
  if (flags.value !== SEGMENT.PASSIVE) {
    const offset = bytes[at] === OPCODE.I32_CONST ? leb(bytes, at + 1) : null;
    if (offset === null || bytes[at + 1 + offset.size] !== OPCODE.END) return null;
    address = signed(offset);
    at += 2 + offset.size;
  }
  const size = leb(bytes, at);
  return size === null ? null : { headerSize: at + size.size - from, size: size.value, address };
}

interface Leb {
  readonly value: number;
  readonly size: number;
}

/** A LEB128 number of up to 32 bits, taken as unsigned; null where it is longer, or cut. */
function leb(bytes: Uint8Array, at: number): Leb | null {
  let value = 0;
  for (let i = 0, scale = 1; i < 5; i++, scale *= 128) {
    const byte = bytes[at + i];
    if (byte === undefined) return null;
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return { value: value % 2 ** 32, size: i + 1 };
  }
  return null;
}

/** The same bits as an address: what the sign bit fills in a short form counts, and addresses are without sign again. */
function signed({ value, size }: Leb): number {
  const bits = 7 * size;
  const negative = bits < 32 && value >= 2 ** (bits - 1);
  return negative ? 2 ** 32 + value - 2 ** bits : value;
}
