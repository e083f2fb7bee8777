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

/** Text of any bytes. What is no UTF-8 stands as U+DC80–U+DCFF, so that `encodeText` gives the same bytes back. */
export function decodeText(bytes: Uint8Array): string {
  const length = bytes.length;
  if (length <= 64) {
    let text = '';
    let i = 0;
    for (; i < length; i++) {
      const byte = bytes[i] as number;
      if (byte >= 0x80) break;
      text += String.fromCharCode(byte);
    }
    if (i === length) return text;
  }
  try {
    return strict.decode(bytes);
  } catch {
    return decodeBroken(bytes);
  }
}

function decodeBroken(bytes: Uint8Array): string {
  const parts: string[] = [];
  let start = 0;
  for (let at = 0; at < bytes.length; ) {
    const length = sequenceLength(bytes, at);
    if (length > 0) {
      at += length;
      continue;
    }
    parts.push(strict.decode(bytes.subarray(start, at)), String.fromCharCode(0xdc00 + (bytes[at] as number)));
    at++;
    start = at;
  }
  parts.push(strict.decode(bytes.subarray(start)));
  return parts.join('');
}

const ESCAPED = /[\udc80-\udcff]/;

/** The bytes of a text from `decodeText`, exactly. */
export function encodeText(text: string): Uint8Array {
  if (!ESCAPED.test(text)) return encoder.encode(text);
  const parts: Uint8Array[] = [];
  let plain = '';
  for (const character of text) { // by code points: only a lone surrogate is an escape
    const code = character.charCodeAt(0);
    if (character.length === 1 && code >= 0xdc80 && code <= 0xdcff) {
      parts.push(encoder.encode(plain), Uint8Array.of(code & 0xff));
      plain = '';
    } else plain += character;
  }
  parts.push(encoder.encode(plain));
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
