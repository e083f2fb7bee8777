// --max-glibc, from the bytes of DT_VERNEED to the finding.

import { describe, expect, it } from 'vitest';
import { DT, PT } from '../src/elf/constants.ts';
import { inspectSync } from '../src/inspect/inspect.ts';
import type { Status } from '../src/model/verdict.ts';
import { verify } from '../src/verify/verify.ts';
import { buildElf } from './build/elf.ts';

/** A version: its name, vna_flags, and what replaces vna_next. */
type Version = readonly [name: string, flags?: number, next?: number];

interface Plan {
  readonly little?: boolean;
  readonly wide?: boolean;
  /** Versions by their libraries. */
  readonly libraries: Readonly<Record<string, readonly Version[]>>;
  /** DT_VERNEEDNUM; the true one where it is not given. */
  readonly count?: bigint;
  /** What replaces the address of the table. */
  readonly address?: bigint;
  /** What replaces the name of the last version in the string table. */
  readonly name?: number;
  /** vn_cnt of every library. */
  readonly versions?: number;
}

const BASE = 0x40_0000n;
const MARK = 0x7abc; // the vna_hash that is looked for

/** A dynamic program that needs versions of libraries. */
function build({ little = true, wide = true, libraries, count, address, name, versions }: Plan): Uint8Array {
  const names = Object.entries(libraries);
  const texts = names.flatMap(([library, list]) => [library, ...list.map(([version]) => version)]);
  const at = new Map<number, number>();
  let end = 1;
  for (const [i, text] of texts.entries()) {
    at.set(i, end);
    end += text.length + 1;
  }
  const bytes: number[] = [];
  const put = (value: number, size: number): void => {
    const out = Array.from({ length: size }, (_, i) => (value >>> (8 * i)) & 0xff);
    bytes.push(...(little ? out : out.reverse()));
  };
  let text = 0;
  for (const [i, [, list]] of names.entries()) {
    const size = 16 + 16 * list.length;
    for (const [value, width] of [[1, 2], [versions ?? list.length, 2], [at.get(text++), 4], [16, 4], [i === names.length - 1 ? 0 : size, 4]] as const) put(value as number, width); // prettier-ignore
    for (const [j, [, flags = 0, next]] of list.entries()) {
      const last = i === names.length - 1 && j === list.length - 1;
      const own = at.get(text++) as number;
      for (const [value, width] of [[MARK, 4], [flags, 2], [j + 2, 2], [last ? (name ?? own) : own, 4], [next ?? (j === list.length - 1 ? 0 : 16), 4]] as const) put(value, width); // prettier-ignore
    }
  }
  const file = (place: bigint): Uint8Array =>
    buildElf({
      little,
      wide,
      machine: wide ? 62 : 8,
      interpreter: '/lib64/ld-linux-x86-64.so.2',
      dynamic: [
        ...texts.map((one, i): readonly [number, string] => [one.startsWith('lib') ? DT.NEEDED : 0x6000_0010 + i, one]), // the others only for their text
        [DT.VERNEED, place],
        [DT.VERNEEDNUM, count ?? BigInt(names.length)],
      ],
      segments: [{ type: PT.NULL, data: Uint8Array.from(bytes) }],
    });
  const offset = Buffer.from(file(0n)).indexOf(Buffer.from(bytes));
  return file(address ?? BASE + BigInt(offset));
}

function judged(bytes: Uint8Array, maxGlibc: string): { status: Status | undefined; found: string | null | undefined; message: string | undefined } {
  const [finding] = verify(inspectSync(bytes), { maxGlibc }).findings;
  return { status: finding?.status, found: finding?.found, message: finding?.message };
}

describe('the newest version that is asked for', () => {
  it.each([
    [{ 'libc.so.6': [['GLIBC_2.2.5'], ['GLIBC_2.17']] }, 'glibc 2.17'],
    [{ 'libc.so.6': [['GLIBC_2.17'], ['GLIBC_2.9']] }, 'glibc 2.17'], // by numbers, not letters
    [{ 'libm.so.6': [['GLIBC_2.29']], 'libc.so.6': [['GLIBC_2.14']] }, 'glibc 2.29'],
    [{ 'libc.so.6': [['GLIBC_2.14'], ['GLIBC_2.38', 2]] }, 'glibc 2.14'], // weak
    [{ 'libc.so.6': [['GLIBC_2.14'], ['GLIBC_ABI_DT_RELR']] }, 'glibc 2.36'],
    [{ 'libc.so.6': [['GLIBC_2.14']], 'libgcc_s.so.1': [['GLIBC_2.19']] }, 'glibc 2.14'], // libgcc's own
    [{ 'libstdc++.so.6': [['GLIBCXX_3.4.29']] }, 'no glibc version is needed'],
  ] as const)('%j: %s', (libraries, found) => {
    const needsNone = found.startsWith('no');
    expect(judged(build({ libraries }), '2.40')).toMatchObject({ status: 'pass', found });
    expect(judged(build({ libraries }), '2.2')).toMatchObject({ status: needsNone ? 'pass' : 'fail', found });
  });

  it.each(['GLIBC_PRIVATE', 'GLIBC_31.30x', 'GLIBC_ABI_GNU2_TLS', 'GLIBC_ABI_DT_X86_64_PLT', 'GLIBC_ABI_OF_NEXT_YEAR'])('%s makes it unknown', (version) => {
    expect(judged(build({ libraries: { 'libc.so.6': [['GLIBC_2.14'], [version]] } }), '2.99')).toMatchObject({ status: 'unknown', message: expect.stringContaining(version) as string });
  });

  it.each([[true, true], [true, false], [false, true], [false, false]])('little-endian %s, 64 bits %s', (little, wide) => {
    expect(judged(build({ little, wide, libraries: { 'libc.so.6': [['GLIBC_2.14'], ['GLIBC_2.28']] } }), '2.17')).toMatchObject({ status: 'fail', found: 'glibc 2.28' });
  }); // prettier-ignore

  it('is what the loader finds, whatever the counts say', () => {
    const libraries = { 'libm.so.6': [['GLIBC_2.14']], 'libc.so.6': [['GLIBC_2.14'], ['GLIBC_2.38']] } as const;
    expect(judged(build({ libraries, count: 0n }), '2.17')).toMatchObject({ status: 'fail', found: 'glibc 2.38' });
    expect(judged(build({ libraries, versions: 0 }), '2.17')).toMatchObject({ status: 'fail', found: 'glibc 2.38' });
    expect(judged(build({ libraries, count: 0xffff_ffffn, versions: 0xffff }), '2.40')).toMatchObject({ status: 'pass' });
  });
});

describe('what can not be read', () => {
  const libraries = { 'libc.so.6': [['GLIBC_2.14'], ['GLIBC_2.17']] } as const;

  it.each([
    ['a table that is not mapped', { libraries, address: 0x9_0000n }],
    ['a table at the end of the segment', { libraries, address: BASE + 0x2f8n }],
    ['a name outside the string table', { libraries, name: 0xffff }],
    ['a link out of the segment', { libraries: { 'libc.so.6': [['GLIBC_2.14', 0, 0x7fff_ffff]] } }],
    ['a link into what is no version', { libraries: { 'libc.so.6': [['GLIBC_2.14', 0, 1]] } }],
  ] as const)('%s is unknown', (_, plan) => {
    expect(judged(build(plan as Plan), '2.40')).toMatchObject({ status: 'unknown', message: expect.stringMatching(/DT_VERNEED|string/) as string });
  });

  it('no table at all is no version', () => {
    const file = buildElf({ interpreter: '/lib64/ld-linux-x86-64.so.2', dynamic: [[DT.NEEDED, 'libc.so.6']] });
    expect(judged(file, '2.17')).toMatchObject({ status: 'pass', found: 'no glibc version is needed' });
  });
});
