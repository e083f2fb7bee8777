// Makes tar archives for tests: every field can be set, and what is not said is what GNU tar would write.

import { bytesOf, padding } from './archive-bytes.ts';

export interface TarPlan {
  name: string;
  type?: string;
  data?: Uint8Array | string;
  /** What the header says; the data's length where nothing is said. Text goes into the field as it is. */
  size?: number | string;
  mode?: number | string;
  link?: string;
  magic?: 'ustar' | 'gnu' | 'v7';
  prefix?: string;
  /** A check sum that replaces the right one. */
  checksum?: number;
  /** Whether the check sum adds signed bytes. */
  signed?: boolean;
  /** Bytes at positions of the header, written last. */
  patch?: readonly (readonly [at: number, bytes: Uint8Array | string])[];
  /** Whether the data are left out although a size is given. */
  bare?: boolean;
}

const MAGIC = { ustar: 'ustar\x0000', gnu: 'ustar  \0', v7: '' };

/** One header. */
export function tarHeader(plan: TarPlan, length: number): Uint8Array {
  const block = new Uint8Array(512);
  const put = (at: number, text: Uint8Array | string): void => block.set(bytesOf(text), at);
  const octal = (value: number | string, width: number): string => (typeof value === 'string' ? value : `${value.toString(8).padStart(width - 1, '0')}\0`);
  put(0, plan.name);
  put(100, octal(plan.mode ?? 0o644, 8));
  put(108, '0000000\0');
  put(116, '0000000\0');
  put(124, octal(plan.size ?? length, 12));
  put(136, '00000000000\0');
  put(156, plan.type ?? '0');
  put(157, plan.link ?? '');
  put(257, MAGIC[plan.magic ?? 'gnu']);
  put(345, plan.prefix ?? '');
  for (const [at, bytes] of plan.patch ?? []) put(at, bytes);
  block.fill(0x20, 148, 156);
  const sum = block.reduce((all, byte) => all + (plan.signed === true && byte > 127 ? byte - 256 : byte), 0);
  put(148, `${(plan.checksum ?? sum).toString(8).padStart(6, '0')}\0 `);
  return block;
}

/** Members, and two blocks of zeros unless `end` is false. */
export function buildTar(members: readonly TarPlan[], end = true): Uint8Array {
  const pieces: Uint8Array[] = [];
  for (const plan of members) {
    const data = bytesOf(plan.data ?? '');
    pieces.push(tarHeader(plan, data.length));
    if (plan.bare !== true) pieces.push(data, padding(data.length, 512));
  }
  if (end) pieces.push(new Uint8Array(1024));
  return bytesOf(...pieces);
}

/** PAX records, each with its length. */
export function pax(records: readonly (readonly [key: string, value: string])[]): string {
  return records
    .map(([key, value]) => {
      const rest = Buffer.byteLength(` ${key}=${value}\n`);
      let length = rest + 1;
      while (String(length).length + rest !== length) length = String(length).length + rest;
      return `${length} ${key}=${value}\n`;
    })
    .join('');
}

/** A base-256 number for a field of 12 bytes. */
export function base256(value: number): Uint8Array {
  const bytes = new Uint8Array(12);
  let rest = value;
  for (let i = 11; i > 0; i--) {
    bytes[i] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  bytes[0] = 0x80;
  return bytes;
}
