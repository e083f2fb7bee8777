// Writes DER: what the tests' certificates and signatures are made of.

/** An element: identifier octet, length, content. */
export function element(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const content = Buffer.concat(parts);
  const length = content.length < 0x80 ? Buffer.from([content.length]) : lengthOctets(content.length);
  return Buffer.concat([Buffer.from([tag]), length, content]);
}

function lengthOctets(length: number): Buffer {
  const hex = length.toString(16);
  const octets = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
  return Buffer.concat([Buffer.from([0x80 | octets.length]), octets]);
}

/** An element of indefinite length, as BER allows it. */
export function indefinite(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat([Buffer.from([tag, 0x80]), ...parts, Buffer.from([0, 0])]);
}

export const sequence = (...parts: readonly Uint8Array[]): Uint8Array => element(0x30, ...parts);

/** A SET in the order given; `sorted` makes it DER's. */
export const setOf = (...parts: readonly Uint8Array[]): Uint8Array => element(0x31, ...parts);
export const sorted = (...parts: readonly Uint8Array[]): Uint8Array[] => [...parts].sort(Buffer.compare);
export const octets = (...parts: readonly Uint8Array[]): Uint8Array => element(0x04, ...parts);
export const bits = (bytes: Uint8Array, unused = 0): Uint8Array => element(0x03, Buffer.from([unused]), bytes);
export const nothing = (): Uint8Array => element(0x05);
export const utf8 = (text: string): Uint8Array => element(0x0c, Buffer.from(text));
export const printable = (text: string): Uint8Array => element(0x13, Buffer.from(text, 'latin1'));
export const bmp = (text: string): Uint8Array => element(0x1e, Buffer.from(text, 'utf16le').swap16());
export const truth = (value: boolean): Uint8Array => element(0x01, Buffer.from([value ? 0xff : 0]));

/** `[n]`, holding other elements. */
export const tagged = (number: number, ...parts: readonly Uint8Array[]): Uint8Array => element(0xa0 | number, ...parts);

/** `[n] IMPLICIT` of a primitive. */
export const taggedBytes = (number: number, ...parts: readonly Uint8Array[]): Uint8Array => element(0x80 | number, ...parts);

/** An INTEGER. */
export function integer(value: number | bigint): Uint8Array {
  let left = BigInt(value);
  const bytes: number[] = [];
  do {
    bytes.unshift(Number(BigInt.asUintN(8, left)));
    left >>= 8n;
  } while (left !== 0n && left !== -1n);
  const first = bytes[0] as number;
  if (left === 0n && first >= 0x80) bytes.unshift(0);
  if (left === -1n && first < 0x80) bytes.unshift(0xff);
  return element(0x02, Uint8Array.from(bytes));
}

/** An OBJECT IDENTIFIER. */
export function oid(text: string): Uint8Array {
  const [first = 0n, second = 0n, ...rest] = text.split('.').map(BigInt);
  const octetsOf = (arc: bigint): number[] => {
    const result = [Number(arc & 0x7fn)];
    for (let left = arc >> 7n; left > 0n; left >>= 7n) result.unshift(Number(left & 0x7fn) | 0x80);
    return result;
  };
  return element(0x06, Uint8Array.from([first * 40n + second, ...rest].flatMap(octetsOf)));
}

/** A UTCTime until 2049, else a GeneralizedTime. */
export function time(date: string): Uint8Array {
  const digits = new Date(date).toISOString().replace(/[-:T]|\.\d+/g, '');
  return Number(digits.slice(0, 4)) < 2050 ? element(0x17, Buffer.from(digits.slice(2))) : element(0x18, Buffer.from(digits));
}

/** A GeneralizedTime, with a fraction where the date has one. */
export function longTime(date: string): Uint8Array {
  return element(0x18, Buffer.from(new Date(date).toISOString().replace(/[-:T]/g, '').replace('.000', '')));
}
