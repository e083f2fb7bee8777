// Makes gzip members for tests.

import { crc32, deflateRawSync } from 'node:zlib';
import { bytesOf, little } from './archive-bytes.ts';

export interface GzipPlan {
  name?: string;
  comment?: string;
  extra?: Uint8Array;
  headerCrc?: boolean;
  flags?: number;
  method?: number;
  crc?: number;
  size?: number;
}

/** One member. */
export function buildGzip(data: Uint8Array | string, plan: GzipPlan = {}): Uint8Array {
  const bytes = bytesOf(data);
  const flags = (plan.flags ?? 0) | (plan.headerCrc === true ? 2 : 0) | (plan.extra === undefined ? 0 : 4) | (plan.name === undefined ? 0 : 8) | (plan.comment === undefined ? 0 : 16);
  return bytesOf(
    Uint8Array.from([0x1f, 0x8b, plan.method ?? 8, flags, 0, 0, 0, 0, 0, 3]),
    plan.extra === undefined ? '' : bytesOf(little([plan.extra.length, 2]), plan.extra),
    plan.name === undefined ? '' : `${plan.name}\0`,
    plan.comment === undefined ? '' : `${plan.comment}\0`,
    plan.headerCrc === true ? little([0, 2]) : '',
    new Uint8Array(deflateRawSync(bytes)),
    little([plan.crc ?? crc32(bytes), 4], [plan.size ?? bytes.length, 4]),
  );
}
