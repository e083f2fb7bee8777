// Bytes for the builders of archives: texts, numbers and paddings, put one behind the other.

const encoder = new TextEncoder();

/** One piece behind the other; texts as UTF-8. */
export function bytesOf(...pieces: readonly (Uint8Array | string)[]): Uint8Array {
  return new Uint8Array(Buffer.concat(pieces.map((piece) => (typeof piece === 'string' ? encoder.encode(piece) : piece))));
}

/** Zeros up to the next multiple. */
export function padding(length: number, to: number): Uint8Array {
  return new Uint8Array((to - (length % to)) % to);
}

/** Little-endian numbers, each with its width in bytes. */
export function little(...fields: readonly (readonly [value: number, width: 1 | 2 | 4 | 8])[]): Uint8Array {
  const out: number[] = [];
  for (const [value, width] of fields) {
    let rest = BigInt.asUintN(width * 8, BigInt(value));
    for (let i = 0; i < width; i++, rest >>= 8n) out.push(Number(rest & 0xffn));
  }
  return Uint8Array.from(out);
}

/** Big-endian 32-bit numbers. */
export function big32(...values: readonly number[]): Uint8Array {
  return Uint8Array.from(values.flatMap((value) => [value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff]));
}
