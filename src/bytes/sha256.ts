// SHA-256 in TypeScript (FIPS 180-4): for where the runtime offers none: pages without Web Crypto, what is too large for it, and answers at once.

/** The first 32 bits of the fractional parts of the cube roots of the first 64 primes, and of the square roots of the first 8. */
const { ROUNDS, START } = constants();

function constants(): { ROUNDS: Int32Array; START: Int32Array } {
  const primes: number[] = [];
  for (let n = 2; primes.length < 64; n++) if (primes.every((prime) => n % prime !== 0)) primes.push(n);
  const fraction = (root: number): number => ((root - Math.floor(root)) * 2 ** 32) | 0;
  return { ROUNDS: Int32Array.from(primes, (prime) => fraction(Math.cbrt(prime))), START: Int32Array.from(primes.slice(0, 8), (prime) => fraction(Math.sqrt(prime))) };
}

const BLOCK = 64;
const words = new Int32Array(64); // of the block that is being hashed; nothing else runs meanwhile

/** A SHA-256 that is fed piece by piece, as a stream is read. */
export class Sha256 {
  readonly #state = START.slice();
  readonly #rest = new Uint8Array(BLOCK);
  #kept = 0;
  #size = 0;

  /** Adds bytes. */
  update(bytes: Uint8Array): this {
    this.#size += bytes.length;
    let at = 0;
    if (this.#kept > 0) {
      at = Math.min(BLOCK - this.#kept, bytes.length);
      this.#rest.set(bytes.subarray(0, at), this.#kept);
      this.#kept += at;
      if (this.#kept < BLOCK) return this;
      hashBlocks(this.#state, this.#rest, 0, BLOCK);
    }
    const end = bytes.length - ((bytes.length - at) % BLOCK);
    hashBlocks(this.#state, bytes, at, end);
    this.#rest.set(bytes.subarray(end));
    this.#kept = bytes.length - end;
    return this;
  }

  /** Lower-case hex. The hash is used up. */
  digest(): string {
    const size = this.#size;
    const padding = new Uint8Array((this.#kept < 56 ? 56 : 120) - this.#kept + 8);
    padding[0] = 0x80;
    const view = new DataView(padding.buffer);
    view.setUint32(padding.length - 8, Math.floor(size / 2 ** 29));
    view.setUint32(padding.length - 4, (size * 8) >>> 0);
    this.update(padding);
    return Array.from(this.#state, (word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
  }
}

/** The compression function over whole blocks. */
function hashBlocks(state: Int32Array, bytes: Uint8Array, from: number, to: number): void {
  let [h0, h1, h2, h3, h4, h5, h6, h7] = state as unknown as [number, number, number, number, number, number, number, number];
  for (let at = from; at < to; at += BLOCK) {
    for (let i = 0, p = at; i < 16; i++, p += 4) {
      words[i] = ((bytes[p] as number) << 24) | ((bytes[p + 1] as number) << 16) | ((bytes[p + 2] as number) << 8) | (bytes[p + 3] as number);
    }
    for (let i = 16; i < 64; i++) {
      const x = words[i - 15] as number;
      const y = words[i - 2] as number;
      const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
      const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
      words[i] = ((words[i - 16] as number) + s0 + (words[i - 7] as number) + s1) | 0;
    }
    let a = h0, b = h1, c = h2, d = h3, e = h4, f = h5, g = h6, h = h7; // prettier-ignore
    for (let i = 0; i < 64; i++) {
      const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
      const t1 = (h + s1 + ((e & f) ^ (~e & g)) + (ROUNDS[i] as number) + (words[i] as number)) | 0;
      const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
      const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g; g = f; f = e; e = (d + t1) | 0; d = c; c = b; b = a; a = (t1 + t2) | 0; // prettier-ignore
    }
    h0 = (h0 + a) | 0; h1 = (h1 + b) | 0; h2 = (h2 + c) | 0; h3 = (h3 + d) | 0; // prettier-ignore
    h4 = (h4 + e) | 0; h5 = (h5 + f) | 0; h6 = (h6 + g) | 0; h7 = (h7 + h) | 0; // prettier-ignore
  }
  state.set([h0, h1, h2, h3, h4, h5, h6, h7]);
}
