// CRC-32 (IEEE 802.3) and CRC-64 (ECMA-182), both reflected, as xz uses them: eight and four bytes a step by tables.

/** A checksum over bytes that come in pieces. */
export interface Checksum {
  update(bytes: Uint8Array): void;
  /** The checksum as it stands in the file; ends the work. */
  digest(): Uint8Array;
}

const POLYNOMIAL_32 = 0xedb8_8320;
const POLYNOMIAL_64 = { high: 0xc96c_5795, low: 0xd787_0f42 };
const SLICES_32 = 8;
const SLICES_64 = 4;

let tables32: Int32Array | null = null;
let tables64: { readonly high: Int32Array; readonly low: Int32Array } | null = null;

/** Table k, at k * 256: what a byte does to the sum when k more bytes follow it in the same step. */
function makeTables32(): Int32Array {
  const tables = new Int32Array(SLICES_32 * 256);
  for (let i = 0; i < 256; i++) {
    let sum = i;
    for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ (-(sum & 1) & POLYNOMIAL_32);
    tables[i] = sum;
  }
  for (let i = 256; i < tables.length; i++) {
    const before = tables[i - 256] as number;
    tables[i] = (before >>> 8) ^ (tables[before & 255] as number);
  }
  return tables;
}

function makeTables64(): { readonly high: Int32Array; readonly low: Int32Array } {
  const high = new Int32Array(SLICES_64 * 256);
  const low = new Int32Array(SLICES_64 * 256);
  for (let i = 0; i < 256; i++) {
    let [upper, lower] = [0, i];
    for (let bit = 0; bit < 8; bit++) {
      const mask = -(lower & 1);
      lower = ((lower >>> 1) | (upper << 31)) ^ (mask & POLYNOMIAL_64.low);
      upper = (upper >>> 1) ^ (mask & POLYNOMIAL_64.high);
    }
    [high[i], low[i]] = [upper, lower];
  }
  for (let i = 256; i < high.length; i++) {
    const [upper, lower] = [high[i - 256] as number, low[i - 256] as number];
    low[i] = ((lower >>> 8) | (upper << 24)) ^ (low[lower & 255] as number);
    high[i] = (upper >>> 8) ^ (high[lower & 255] as number);
  }
  return { high, low };
}

/** The CRC-32 of bytes that follow others whose CRC-32 is `before`; an unsigned number. */
export function crc32(bytes: Uint8Array, before = 0): number {
  tables32 ??= makeTables32();
  const tables = tables32;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let sum = ~before;
  let at = 0;
  for (; at + 8 <= bytes.length; at += 8) {
    const low = sum ^ view.getInt32(at, true);
    const high = view.getInt32(at + 4, true);
    sum =
      (tables[1792 + (low & 255)] as number) ^
      (tables[1536 + ((low >>> 8) & 255)] as number) ^
      (tables[1280 + ((low >>> 16) & 255)] as number) ^
      (tables[1024 + (low >>> 24)] as number) ^
      (tables[768 + (high & 255)] as number) ^
      (tables[512 + ((high >>> 8) & 255)] as number) ^
      (tables[256 + ((high >>> 16) & 255)] as number) ^
      (tables[high >>> 24] as number);
  }
  for (; at < bytes.length; at++) sum = (sum >>> 8) ^ (tables[(sum ^ (bytes[at] as number)) & 255] as number);
  return ~sum >>> 0;
}

/** CRC-32 in pieces; its digest is little-endian. */
export function crc32Checksum(): Checksum {
  let sum = 0;
  return {
    update: (bytes) => {
      sum = crc32(bytes, sum);
    },
    digest: () => littleEndian([sum]),
  };
}

/** CRC-64 in pieces; its digest is little-endian. */
export function crc64Checksum(): Checksum {
  tables64 ??= makeTables64();
  const { high, low } = tables64;
  let upper = -1;
  let lower = -1;
  function update(bytes: Uint8Array): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    let [above, below] = [upper, lower];
    let at = 0;
    for (; at + 4 <= bytes.length; at += 4) {
      const word = below ^ view.getInt32(at, true);
      const [a, b, c, d] = [768 + (word & 255), 512 + ((word >>> 8) & 255), 256 + ((word >>> 16) & 255), word >>> 24];
      below = above ^ (low[a] as number) ^ (low[b] as number) ^ (low[c] as number) ^ (low[d] as number);
      above = (high[a] as number) ^ (high[b] as number) ^ (high[c] as number) ^ (high[d] as number);
    }
    for (; at < bytes.length; at++) {
      const index = (below ^ (bytes[at] as number)) & 255;
      below = ((below >>> 8) | (above << 24)) ^ (low[index] as number);
      above = (above >>> 8) ^ (high[index] as number);
    }
    [upper, lower] = [above, below];
  }
  return { update, digest: () => littleEndian([~lower, ~upper]) };
}

function littleEndian(words: readonly number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(4 * words.length));
  for (const [index, word] of words.entries()) view.setUint32(4 * index, word, true);
  return new Uint8Array(view.buffer);
}
