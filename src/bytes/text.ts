// UTF-8 both ways, with bytes that are no UTF-8 kept: each stands as a lone surrogate U+DC80–U+DCFF (Python's PEP 383).

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

/** The length of the well-formed UTF-8 sequence at a position (Unicode 16, table 3-7); 0 where there is none. */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at] as number;
  if (first < 0x80) return 1;
  const length = first >= 0xc2 && first <= 0xdf ? 2 : first >= 0xe0 && first <= 0xef ? 3 : first >= 0xf0 && first <= 0xf4 ? 4 : 0;
  if (length === 0 || at + length > bytes.length) return 0;
  const second = bytes[at + 1] as number;
  const low = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  const high = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  if (second < low || second > high) return 0;
  for (let i = 2; i < length; i++) if (((bytes[at + i] as number) & 0xc0) !== 0x80) return 0;
  return length;
}

/** Names recur, in a file and from file to file: the last ones are kept, and stand for themselves. All are ASCII. */
const recent: string[] = new Array<string>(4096).fill('');
const LONGEST_NAME = 64;

/** Text of any bytes. What is no UTF-8 stands as U+DC80–U+DCFF, so that `encodeText` gives the same bytes back. */
export function decodeText(bytes: Uint8Array, start = 0, end: number = bytes.length): string {
  const length = end - start;
  if (length === 0) return '';
  if (length > LONGEST_NAME) return decodeAny(bytes.subarray(start, end));
  const slot = slotOf(bytes, start, end);
  const known = recent[slot] as string;
  if (known.length === length && begins(bytes, start, known)) return known;
  for (let i = start; i < end; i++) if ((bytes[i] as number) >= 0x80) return decodeBroken(bytes.subarray(start, end)); // an exception costs more than this
  const text = String.fromCharCode.apply(null, bytes.subarray(start, end) as unknown as number[]);
  recent[slot] = text;
  return text;
}

/** Where a name would be kept: names differ in their length, their middles and their ends. */
function slotOf(bytes: Uint8Array, start: number, end: number): number {
  const last = (bytes[end - 1] as number) + (end - start > 1 ? (bytes[end - 2] as number) * 7 : 0);
  const middle = (bytes[start + ((end - start) >> 1)] as number) + (bytes[start + ((end - start) >> 2)] as number) * 5;
  return (last * 31 + middle * 17 + (end - start) * 131) % recent.length;
}

function begins(bytes: Uint8Array, start: number, text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) !== bytes[start + i]) return false;
  return true;
}

function decodeAny(bytes: Uint8Array): string {
  try {
    return strict.decode(bytes);
  } catch {
    return decodeBroken(bytes);
  }
}

const UNITS = 8192; // that become text at once

function decodeBroken(bytes: Uint8Array): string {
  const units = new Uint16Array(bytes.length); // no sequence has more units than bytes
  let count = 0;
  for (let at = 0; at < bytes.length; ) {
    const length = sequenceLength(bytes, at);
    const first = bytes[at] as number;
    if (length === 0) {
      units[count++] = 0xdc00 + first;
      at++;
      continue;
    }
    let point = length === 1 ? first : first & (0x7f >> length);
    for (let i = 1; i < length; i++) point = (point << 6) | ((bytes[at + i] as number) & 0x3f);
    if (point > 0xffff) {
      units[count++] = 0xd7c0 + (point >> 10);
      units[count++] = 0xdc00 + (point & 0x3ff);
    } else units[count++] = point;
    at += length;
  }
  let text = '';
  for (let at = 0; at < count; at += UNITS) text += String.fromCharCode.apply(null, units.subarray(at, Math.min(at + UNITS, count)) as unknown as number[]);
  return text;
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** Bytes as lower-case hexadecimal digits, two a byte. */
export function hexText(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i++) text += HEX[bytes[i] as number] as string;
  return text;
}

const ESCAPED = /[\udc80-\udcff]/;

/** The bytes of a text from `decodeText`, exactly. */
export function encodeText(text: string): Uint8Array {
  if (!ESCAPED.test(text)) return encoder.encode(text);
  const bytes = new Uint8Array(3 * text.length); // no unit has more
  let size = 0;
  let plain = 0; // where the text begins that is not encoded yet
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    const pair = code >= 0xd800 && code <= 0xdbff && isLow(text.charCodeAt(at + 1));
    if (pair) at++; // only a lone surrogate is an escape
    if (pair || code < 0xdc80 || code > 0xdcff) continue;
    if (plain < at) size += encoder.encodeInto(text.slice(plain, at), bytes.subarray(size)).written;
    bytes[size++] = code & 0xff;
    plain = at + 1;
  }
  size += encoder.encodeInto(text.slice(plain), bytes.subarray(size)).written;
  return bytes.slice(0, size);
}

function isLow(code: number): boolean {
  return code >= 0xdc00 && code <= 0xdfff;
}
