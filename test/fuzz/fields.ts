// Where a file's fields are: told by the readers themselves, which are watched while they read it.

/** A number that a reader took from a file. */
export interface Field {
  readonly at: number;
  readonly size: 1 | 2 | 4 | 8;
  readonly little: boolean;
}

const GETTERS = { getUint8: 1, getUint16: 2, getUint32: 4, getBigUint64: 8 } as const;
type Getter = keyof typeof GETTERS;

const MOST = 20_000; // of large tables the first entries are as good as all

/**
 * Fields that readers look at byte by byte, or through a search: they follow something that never changes. Of each its bytes, and how many
 * of those that follow are told as fields.
 */
const LANDMARKS: readonly (readonly [bytes: string, behind: number])[] = [
  ['\xff Go buildinf:', 40], // Go's blob: sizes, flags, pointers, varints
  ['\x30\x77\xaf\x0c\x92\x74\x08\x02', 24], // the frame of its module text
  ['\x00\x00\x01\x08', 16], // the function table's header, behind its magic
  ['aeabi', 24], // .ARM.attributes: LEB128
  ['riscv', 24],
  ['RSDS', 24],
  ['NB10', 16],
  ['BSJB', 16],
  ['UPX!', 8],
  ['GNU\0', 24], // descriptions of notes: the ABI tag, properties
];

/** The fields of a file, in the order in which `read` asks for them, each once. What `read` throws is of no interest. */
export function fieldsOf(bytes: Uint8Array, read: (bytes: Uint8Array) => unknown): Field[] {
  const fields = new Map<number, Field>();
  const add = (at: number, size: Field['size'], little: boolean): void => {
    if (at >= 0 && at + size <= bytes.length && fields.size < MOST) fields.set(at * 8 + size - 1, { at, size, little });
  };
  const plain = new Map<Getter, DataView[Getter]>();
  for (const name of Object.keys(GETTERS) as Getter[]) {
    const getter = DataView.prototype[name] as (this: DataView, at: number, little?: boolean) => unknown;
    plain.set(name, DataView.prototype[name]);
    const watched = function (this: DataView, at: number, little?: boolean): unknown {
      if (this.buffer === bytes.buffer) add(this.byteOffset + at - bytes.byteOffset, GETTERS[name], little === true);
      return getter.call(this, at, little);
    };
    Object.defineProperty(DataView.prototype, name, { value: watched, configurable: true, writable: true });
  }
  try {
    read(bytes);
  } catch {
    // a fixture of what can't be read has fields too
  } finally {
    for (const [name, getter] of plain) Object.defineProperty(DataView.prototype, name, { value: getter, configurable: true, writable: true });
  }
  for (const [mark, behind] of LANDMARKS) {
    const sought = Uint8Array.from(mark, (character) => character.charCodeAt(0));
    const first = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).indexOf(sought);
    if (first === -1) continue;
    for (let at = first + sought.length; at < first + sought.length + behind; at++) {
      add(at, 1, true);
      if ((at - first) % 4 === 0) add(at, 4, true);
    }
  }
  return [...fields.values()];
}

/** What stands in a field. */
export function valueOf(bytes: Uint8Array, { at, size, little }: Field): bigint {
  let value = 0n;
  for (let i = 0; i < size; i++) value = (value << 8n) | BigInt(bytes[little ? at + size - 1 - i : at + i] ?? 0);
  return value;
}

/** A field's bytes for a value, which is cut to its size. */
export function encode({ size, little }: Field, value: bigint): Uint8Array {
  const bytes = Uint8Array.from({ length: size }, (_, i) => Number((BigInt.asUintN(64, value) >> BigInt(8 * i)) & 0xffn));
  return little ? bytes : bytes.reverse();
}
