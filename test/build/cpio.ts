// Makes cpio archives for tests, and RPM packages around them.

import { big32, bytesOf, padding } from './archive-bytes.ts';

export interface CpioPlan {
  name: string;
  data?: Uint8Array | string;
  mode?: number;
  inode?: number;
  links?: number;
  size?: number;
}

function hex(value: number): string {
  return value.toString(16).padStart(8, '0');
}

function octal(value: number, width: number): string {
  return value.toString(8).padStart(width, '0');
}

/** An archive in the SVR4 style (newc), or in that of POSIX (odc). */
export function buildCpio(members: readonly CpioPlan[], style: 'newc' | 'odc' = 'newc'): Uint8Array {
  const pieces: (Uint8Array | string)[] = [];
  let at = 0;
  const add = (piece: Uint8Array | string): void => {
    const bytes = bytesOf(piece);
    pieces.push(bytes);
    at += bytes.length;
  };
  for (const plan of [...members, { name: 'TRAILER!!!', mode: 0 }] as readonly CpioPlan[]) {
    const data = bytesOf(plan.data ?? '');
    const mode = plan.mode ?? 0o100644;
    const size = plan.size ?? data.length;
    const inode = plan.inode ?? 0;
    const name = `${plan.name}\0`;
    const nameSize = Buffer.byteLength(name);
    if (style === 'newc') add(`070701${[inode, mode, 0, 0, plan.links ?? 1, 0, size, 0, 0, 0, 0, nameSize, 0].map(hex).join('')}${name}`);
    else add(`070707${[0, inode, mode, 0, 0, plan.links ?? 1, 0].map((value) => octal(value, 6)).join('')}${octal(0, 11)}${octal(nameSize, 6)}${octal(size, 11)}${name}`);
    if (style === 'newc') add(padding(at, 4));
    add(data);
    if (style === 'newc') add(padding(at, 4));
  }
  return bytesOf(...pieces);
}

/** A payload whose members only point into the header's lists of files. */
export function buildStripped(members: readonly (readonly [index: number, data: Uint8Array])[]): Uint8Array {
  const pieces: (Uint8Array | string)[] = [];
  for (const [index, data] of members) pieces.push(`07070X${hex(index)}`, new Uint8Array(2), data, padding(data.length, 4));
  const end = buildCpio([]);
  return bytesOf(...pieces, end);
}

type Value = string | readonly string[] | readonly number[];

/** One header of an RPM package: tags with texts, lists of texts, or 32-bit numbers; those above 5000 have 64 bits, file modes 16. */
export function rpmHeader(tags: readonly (readonly [tag: number, value: Value])[]): Uint8Array {
  const entries: number[] = [];
  const data: Uint8Array[] = [];
  let at = 0;
  for (const [tag, value] of tags) {
    const texts = typeof value === 'string' ? [value] : value.every((one) => typeof one === 'string') ? (value as readonly string[]) : null;
    const width = tag === 1030 ? 2 : tag > 5000 ? 8 : 4;
    const numbers = texts === null ? (value as readonly number[]) : [];
    const bytes =
      texts !== null
        ? bytesOf(...texts.map((text) => `${text}\0`))
        : Uint8Array.from(numbers.flatMap((number) => Array.from({ length: width }, (_, i) => Math.floor(number / 256 ** (width - 1 - i)) % 256)));
    const type = texts !== null ? (typeof value === 'string' ? 6 : 8) : width === 2 ? 3 : width === 8 ? 5 : 4;
    entries.push(tag, type, at, texts?.length ?? numbers.length);
    data.push(bytes);
    at += bytes.length;
  }
  return bytesOf(big32(0x8ead_e801, 0, tags.length, at, ...entries), ...data);
}

/** A package of a header and a payload. */
export function buildRpm(header: Uint8Array, payload: Uint8Array): Uint8Array {
  const lead = bytesOf(big32(0xedab_eedb, 0x0300_0000), 'package-1-1', new Uint8Array(96 - 8 - 11));
  const signature = rpmHeader([[1000, 'x']]);
  return bytesOf(lead, signature, padding(lead.length + signature.length, 8), header, payload);
}
