// Makes zip archives for tests: what the local header, the directory and the end record say can differ.

import { crc32, deflateRawSync } from 'node:zlib';
import { bytesOf, little } from './archive-bytes.ts';

export interface ZipPlan {
  name: string | Uint8Array;
  data?: Uint8Array | string;
  /** 0 stored, 8 deflate; others are written as they are. */
  method?: number;
  flags?: number;
  /** Version made by, upper byte: 3 is Unix. */
  system?: number;
  mode?: number;
  crc?: number;
  size?: number;
  compressed?: number;
  localName?: string;
  localExtra?: Uint8Array;
  extra?: Uint8Array;
  /** Where the directory says that the local header is. */
  offset?: number;
  /** Sizes and CRC behind the data, as a stream writes them. */
  descriptor?: boolean;
  /** Sizes of the directory in a zip64 field. */
  zip64?: boolean;
}

export interface ZipOptions {
  prepend?: Uint8Array;
  /** Whether offsets count from the start of the file, what was put before the archive included. */
  adjusted?: boolean;
  comment?: string;
  append?: Uint8Array;
  count?: number;
  zip64?: boolean;
  disk?: number;
}

const ALL = 0xffff_ffff;

/** An extra field. */
export function extraField(id: number, data: Uint8Array): Uint8Array {
  return bytesOf(little([id, 2], [data.length, 2]), data);
}

/** An archive of the members. */
export function buildZip(members: readonly ZipPlan[], options: ZipOptions = {}): Uint8Array {
  const prepend = options.prepend ?? new Uint8Array();
  const shift = options.adjusted === true ? prepend.length : 0;
  const local: Uint8Array[] = [];
  const central: Uint8Array[] = [];
  let at = 0;
  for (const plan of members) {
    const name = bytesOf(plan.name);
    const data = bytesOf(plan.data ?? '');
    const method = plan.method ?? 8;
    const stored = method === 8 ? new Uint8Array(deflateRawSync(data)) : data;
    const crc = plan.crc ?? crc32(data);
    const flags = (plan.flags ?? 0) | (plan.descriptor === true ? 8 : 0);
    const compressed = plan.compressed ?? stored.length;
    const size = plan.size ?? data.length;
    const own = bytesOf(plan.localName ?? name);
    const localExtra = plan.localExtra ?? new Uint8Array();
    const sizes = plan.descriptor === true ? little([0, 4], [0, 4], [0, 4]) : little([crc, 4], [compressed, 4], [size, 4]);
    const header = bytesOf(little([0x0403_4b50, 4], [20, 2], [flags, 2], [method, 2], [0, 4]), sizes, little([own.length, 2], [localExtra.length, 2]), own, localExtra);
    const tail = plan.descriptor === true ? little([0x0807_4b50, 4], [crc, 4], [compressed, 4], [size, 4]) : new Uint8Array();
    const offset = plan.offset ?? at + shift;
    const wide = plan.zip64 === true ? extraField(1, little([size, 8], [compressed, 8], [offset, 8])) : new Uint8Array();
    const extra = bytesOf(wide, plan.extra ?? '');
    const system = plan.system ?? 3;
    const attributes = ((plan.mode ?? 0o100644) << 16) >>> 0;
    central.push(
      bytesOf(
        little([0x0201_4b50, 4], [20, 1], [system, 1], [20, 2], [flags, 2], [method, 2], [0, 4], [crc, 4]),
        plan.zip64 === true ? little([ALL, 4], [ALL, 4]) : little([compressed, 4], [size, 4]),
        little([name.length, 2], [extra.length, 2], [0, 2], [0, 2], [0, 2], [system === 3 || system === 19 ? attributes : (plan.mode ?? 0), 4], [plan.zip64 === true ? ALL : offset, 4]),
        name,
        extra,
      ),
    );
    local.push(header, stored, tail);
    at += header.length + stored.length + tail.length;
  }
  const directory = bytesOf(...central);
  const count = options.count ?? members.length;
  const start = at + shift;
  const record = bytesOf(little([0x0606_4b50, 4], [44, 8], [45, 2], [45, 2], [0, 4], [0, 4], [count, 8], [count, 8], [directory.length, 8], [start, 8]));
  const locator = little([0x0706_4b50, 4], [0, 4], [start + directory.length, 8], [1, 4]);
  const comment = bytesOf(options.comment ?? '');
  const narrow = options.zip64 === true ? little([0xffff, 2], [0xffff, 2], [ALL, 4], [ALL, 4]) : little([count, 2], [count, 2], [directory.length, 4], [start, 4]);
  const end = bytesOf(little([0x0605_4b50, 4], [options.disk ?? 0, 2], [options.disk ?? 0, 2]), narrow, little([comment.length, 2]), comment);
  return bytesOf(prepend, ...local, directory, options.zip64 === true ? bytesOf(record, locator) : '', end, options.append ?? '');
}
