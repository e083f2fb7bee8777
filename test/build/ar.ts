// Makes ar archives for tests, in GNU's and BSD's ways of writing names; and Debian packages.

import { bytesOf } from './archive-bytes.ts';

export interface ArPlan {
  name: string;
  data?: Uint8Array | string;
  /** How the name is written; 'raw' puts it in the field as it is. */
  style?: 'gnu' | 'bsd' | 'raw';
  size?: number | string;
  mode?: string;
  /** Whether its bytes are left out, as in a thin archive. */
  bare?: boolean;
}

function header(name: string, size: number | string, mode: string): string {
  return `${name.padEnd(16)}${'0'.padEnd(12)}${'0'.padEnd(6)}${'0'.padEnd(6)}${mode.padEnd(8)}${String(size).padEnd(10)}\`\n`;
}

/** An archive of the members. Long names of GNU's get their table. */
export function buildAr(members: readonly ArPlan[], magic = '!<arch>\n'): Uint8Array {
  const long = members.filter(({ name, style }) => (style ?? 'gnu') === 'gnu' && name.length > 15);
  const table = long.map(({ name }) => `${name}/\n`).join('');
  const pieces: (Uint8Array | string)[] = [magic];
  if (table !== '') pieces.push(header('//', table.length, ''), table, table.length % 2 === 1 ? '\n' : '');
  for (const plan of members) {
    const style = plan.style ?? 'gnu';
    const before = style === 'bsd' ? `${plan.name}\0` : '';
    const name = style === 'raw' ? plan.name : style === 'bsd' ? `#1/${before.length}` : plan.name.length > 15 ? `/${table.indexOf(`${plan.name}/\n`)}` : `${plan.name}/`;
    const data = bytesOf(before, plan.data ?? '');
    pieces.push(header(name, plan.size ?? data.length, plan.mode ?? '100644'));
    if (plan.bare !== true) pieces.push(data, data.length % 2 === 1 ? '\n' : '');
  }
  return bytesOf(...pieces);
}

/** A Debian package of two tar archives, each as it is to be stored. */
export function buildDeb(control: Uint8Array, data: Uint8Array | null, names: { control?: string; data?: string } = {}): Uint8Array {
  const members: ArPlan[] = [
    { name: 'debian-binary', data: '2.0\n', style: 'raw' },
    { name: names.control ?? 'control.tar', data: control, style: 'raw' },
  ];
  if (data !== null) members.push({ name: names.data ?? 'data.tar', data, style: 'raw' });
  return buildAr(members);
}
