// tar in all its writings: names, sizes, holes, ends, and what is wrong with some.

import { describe, expect, it } from 'vitest';
import { bytesOf } from './build/archive-bytes.ts';
import { AMD64, ARM64 } from './build/programs.ts';
import { base256, buildTar, pax, tarHeader } from './build/tar.ts';
import type { TarPlan } from './build/tar.ts';
import { membersOf } from './members.ts';

const LONG = `${'d/'.repeat(90)}app`;

describe('names', () => {
  it.each<[string, TarPlan[], string]>([
    ['v7', [{ name: 'bin/app', magic: 'v7', type: '\0', data: AMD64 }], 'bin/app'],
    ['ustar with a prefix', [{ name: 'app', magic: 'ustar', prefix: 'usr/bin', data: AMD64 }], 'usr/bin/app'],
    ['GNU, whose bytes at 345 are no prefix', [{ name: 'app', magic: 'gnu', prefix: '14352461233', data: AMD64 }], 'app'],
    ['GNU long name', [{ name: '././@LongLink', type: 'L', data: `${LONG}\0` }, { name: LONG.slice(0, 100), data: AMD64 }], LONG],
    ['PAX path', [{ name: 'PaxHeaders/app', type: 'x', magic: 'ustar', data: pax([['path', 'bin/ünï']]) }, { name: 'bin/uni', magic: 'ustar', data: AMD64 }], 'bin/ünï'],
    ['PAX path of the later of two headers', [
      { name: 'x', type: 'x', data: pax([['path', 'first']]) },
      { name: 'x', type: 'X', data: pax([['path', 'second']]) },
      { name: 'app', data: AMD64 },
    ], 'second'],
    ['PAX over GNU', [
      { name: 'x', type: 'x', data: pax([['path', 'pax']]) },
      { name: 'L', type: 'L', data: 'gnu\0' },
      { name: 'app', data: AMD64 },
    ], 'pax'],
    ['a value with a line break and an equals sign', [{ name: 'x', type: 'x', data: pax([['comment', 'a\nb=c'], ['path', 'a=b']]) }, { name: 'app', data: AMD64 }], 'a=b'],
    ['a global header first', [{ name: 'g', type: 'g', magic: 'ustar', data: pax([['comment', '0123']]) }, { name: 'app', magic: 'ustar', data: AMD64 }], 'app'],
    ['a volume label first', [{ name: 'label', type: 'V', magic: 'v7', size: '', mode: '' }, { name: 'app', data: AMD64 }], 'app'],
    ['./ before it', [{ name: './bin/app', data: AMD64 }], 'bin/app'],
    ['contiguous, and a letter that nobody defined', [{ name: 'app', type: '7', data: AMD64 }], 'app'],
    ['a letter that nobody defined', [{ name: 'app', type: 'Z', data: AMD64 }], 'app'],
    ['a check sum of signed bytes', [{ name: 'äpp', signed: true, data: AMD64 }], 'äpp'],
  ])('%s', async (_, plans, name) => {
    const { told, container } = await membersOf(buildTar(plans));
    expect(told).toEqual([`${name} amd64`]);
    expect(container).toMatchObject({ format: 'tar', complete: true, binaries: 1 });
  });

  it('are forgotten after the member that they are for', async () => {
    const { told } = await membersOf(buildTar([{ name: 'L', type: 'L', data: 'long\0' }, { name: 'a', data: AMD64 }, { name: 'b', data: ARM64 }]));
    expect(told).toEqual(['long amd64', 'b arm64']);
  });

  it('keep bytes that are not UTF-8', async () => {
    const { told } = await membersOf(buildTar([{ name: '', patch: [[0, Uint8Array.of(0x61, 0xff)]], data: AMD64 }]));
    expect(told).toEqual(['a\udcff amd64']);
  });

  it('that lead elsewhere are warned of', async () => {
    const names = ['../../etc/app', '/etc/app', 'C:\\app', 'a\u202eb', 'a\nb'];
    const { container, told } = await membersOf(buildTar(names.map((name) => ({ name, data: AMD64 }))));
    expect(container.warnings.filter(({ code }) => code === 'unsafe-path')).toHaveLength(names.length);
    expect(told[0]).toBe('../../etc/app amd64');
  });
});

describe('sizes', () => {
  it('in base 256, and beyond 2^53', async () => {
    const plan = { name: 'app', data: AMD64, patch: [[124, base256(AMD64.length)]] } as const;
    expect((await membersOf(buildTar([plan]))).told).toEqual(['app amd64']);
    const { container } = await membersOf(buildTar([{ name: 'a', data: AMD64 }, { name: 'b', patch: [[124, Uint8Array.of(0x80, 0xff, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255)]] }]));
    expect(container).toMatchObject({ complete: false, binaries: 1, warnings: [{ code: 'malformed', offset: 512 + Math.ceil(AMD64.length / 512) * 512 }] });
  });

  it('negative ones are refused', async () => {
    const { container } = await membersOf(buildTar([{ name: 'b', patch: [[124, new Uint8Array(12).fill(0xff)]] }]));
    expect(container).toMatchObject({ complete: false, warnings: [{ code: 'malformed' }] });
  });

  it('of PAX are the ones that count: a file of 8 GiB has none in its header', async () => {
    const header = tarHeader({ name: 'x', type: 'x' }, 20);
    const record = pax([['size', String(AMD64.length)]]);
    const bytes = buildTar([{ name: 'x', type: 'x', data: record }, { name: 'app', size: 0, data: AMD64 }, { name: 'b', data: ARM64 }]);
    expect(header).toHaveLength(512);
    expect((await membersOf(bytes)).told).toEqual(['app amd64', 'b arm64']);
  });

  it('of links and folders mean nothing, with data behind them or without', async () => {
    for (const bare of [true, false]) {
      const plans: TarPlan[] = [{ name: 'a', data: AMD64 }, { name: 'l', type: '2', link: 'a', size: 100, data: 'x'.repeat(100), bare }, { name: 'b', data: ARM64 }];
      const { told, warnings, container } = await membersOf(buildTar(plans));
      expect(told).toEqual(['a amd64', 'b arm64']);
      expect(container.complete).toBe(true);
      expect(warnings).toEqual(bare ? [] : ['link-with-contents']);
    }
  });
});

describe('links', () => {
  it('hard ones show what they point to, symbolic ones nothing', async () => {
    const { items, told, container } = await membersOf(
      buildTar([{ name: './bin/app', mode: 0o755, data: AMD64 }, { name: './bin/again', type: '1', link: './bin/app' }, { name: 'bin/soft', type: '2', link: 'app' }]),
      { hash: true },
    );
    expect(told).toEqual(['bin/app amd64', 'bin/again amd64']);
    expect(items[1]).toMatchObject({ path: 'bin/again', mode: 0o755, inside: [{ path: '', format: 'tar', member: './bin/again' }] });
    expect(container).toMatchObject({ members: 3, binaries: 2 });
  });

  it('are data: a folder that is a link leads nowhere', async () => {
    const { told } = await membersOf(buildTar([{ name: 'bin', type: '2', link: '/etc' }, { name: 'bin/app', data: AMD64 }, { name: 'l', type: '1', link: 'l' }]));
    expect(told).toEqual(['bin/app amd64']);
  });
});

/** A program with holes: its first bytes, zeros, and an end. */
const END = new Uint8Array(512).fill(7);
const SIZE = 20_000;
const HEAD = new Uint8Array(1024);
HEAD.set(AMD64);
const WHOLE = new Uint8Array(SIZE);
WHOLE.set(HEAD);
WHOLE.set(END, SIZE - 512);
const octal12 = (value: number): string => `${value.toString(8).padStart(11, '0')}\0`;

describe('files with holes', () => {
  const data = bytesOf(HEAD, END);
  const map = `1024,0,${SIZE - 512}`;
  const lines = (text: string): Uint8Array => bytesOf(text, new Uint8Array(512 - text.length));
  it.each<[string, TarPlan[]]>([
    ['GNU, old', [{ name: 'app', type: 'S', data, patch: [[386, octal12(0)], [398, octal12(1024)], [410, octal12(SIZE - 512)], [422, octal12(512)], [483, octal12(SIZE)]] }]],
    ['PAX 0.0', [
      { name: 'x', type: 'x', data: pax([['GNU.sparse.size', String(SIZE)], ['GNU.sparse.numblocks', '2'], ['GNU.sparse.offset', '0'], ['GNU.sparse.numbytes', '1024'], ['GNU.sparse.offset', String(SIZE - 512)], ['GNU.sparse.numbytes', '512']]) },
      { name: 'app', data },
    ]],
    ['PAX 0.1', [
      { name: 'x', type: 'x', data: pax([['GNU.sparse.size', String(SIZE)], ['GNU.sparse.numblocks', '2'], ['GNU.sparse.name', 'app'], ['GNU.sparse.map', `0,1024,${SIZE - 512},512`]]) },
      { name: 'GNUSparseFile.1/app', data },
    ]],
    ['PAX 1.0', [
      { name: 'x', type: 'x', data: pax([['GNU.sparse.major', '1'], ['GNU.sparse.minor', '0'], ['GNU.sparse.name', 'app'], ['GNU.sparse.realsize', String(SIZE)]]) },
      { name: 'GNUSparseFile.1/app', data: bytesOf(lines(`2\n0\n1024\n${SIZE - 512}\n512\n`), data) },
    ]],
  ])('%s', async (_, plans) => {
    expect(map).toBeTypeOf('string');
    const plain = await membersOf(buildTar([{ name: 'app', data: WHOLE }]), { hash: true });
    const { told, inspections, container } = await membersOf(buildTar([...plans, { name: 'b', data: ARM64 }]), { hash: true });
    expect(told).toEqual(['app amd64', 'b arm64']);
    expect(container.complete).toBe(true);
    expect(inspections[0]).toEqual(plain.inspections[0]);
  });

  it('maps that lie are refused', async () => {
    const sparse = (text: string, size = SIZE): TarPlan[] => [
      { name: 'x', type: 'x', data: pax([['GNU.sparse.size', String(size)], ['GNU.sparse.map', text]]) },
      { name: 'app', data },
    ];
    for (const text of ['5000,512,0,1024', '0,1024,512,512', '0,1024', '0,1024,19900,512', '0,x', '0,1024,5000']) {
      const { container } = await membersOf(buildTar(sparse(text)));
      expect(container, text).toMatchObject({ complete: false, warnings: [{ code: 'malformed' }] });
    }
    const holes = 2 ** 40;
    const { told } = await membersOf(buildTar([...sparse(`0,1024,${holes - 512},512`, holes), { name: 'b', data: ARM64 }]), { limits: { archiveBytes: 1024 * 1024 } });
    expect(told).toEqual(['b arm64']); // the holes would be more than may be unpacked
    const { container } = await membersOf(buildTar([{ name: 'x', type: 'x', data: pax([['GNU.sparse.size', String(holes)], ['GNU.sparse.map', '0,1024,2048,512']]) }, { name: 'text', data: bytesOf('text', new Uint8Array(1532)) }, { name: 'b', data: ARM64 }]));
    expect(container).toMatchObject({ complete: true, members: 2, binaries: 1 }); // a hole that nobody reads costs nothing
  });
});

describe('ends and damage', () => {
  const plans: TarPlan[] = [{ name: 'a', data: AMD64 }, { name: 'b', data: ARM64 }];
  const second = 512 + Math.ceil(AMD64.length / 512) * 512;

  it('without blocks of zeros, with one, and with one in the middle', async () => {
    expect((await membersOf(buildTar(plans, false))).container).toMatchObject({ complete: true, warnings: [] });
    expect((await membersOf(bytesOf(buildTar(plans, false), new Uint8Array(512)))).container).toMatchObject({ complete: true, warnings: [] });
    const middle = bytesOf(buildTar(plans.slice(0, 1), false), new Uint8Array(512), buildTar(plans.slice(1)));
    const { told, warnings } = await membersOf(middle);
    expect(told).toEqual(['a amd64', 'b arm64']);
    expect(warnings).toEqual(['zero-block']);
  });

  it('bytes behind the end are told once', async () => {
    const { told, container } = await membersOf(bytesOf(buildTar(plans), buildTar(plans)));
    expect(told).toHaveLength(2);
    expect(container).toMatchObject({ complete: true, warnings: [{ code: 'trailing-bytes' }] });
  });

  it('a wrong check sum in the middle: what came before stands', async () => {
    const { told, container } = await membersOf(buildTar([plans[0] as TarPlan, { name: 'b', checksum: 1, data: ARM64 }]));
    expect(told).toEqual(['a amd64']);
    expect(container).toMatchObject({ complete: false, warnings: [{ code: 'malformed', offset: second }] });
  });

  it('cut in a header, in contents and in a member that is being told', async () => {
    const whole = buildTar(plans, false);
    const header = await membersOf(whole.subarray(0, second + 100));
    expect(header.told).toEqual(['a amd64']);
    expect(header.container).toMatchObject({ complete: false, warnings: [{ code: 'malformed', offset: second }] });
    const content = await membersOf(whole.subarray(0, second + 700));
    expect(content.container.complete).toBe(false);
    expect(content.container.warnings.at(-1)).toMatchObject({ code: 'truncated' });
  });

  it('listed twice: both are told, and that the last one counts', async () => {
    const { told, warnings } = await membersOf(buildTar([{ name: 'a', data: AMD64 }, { name: './a', data: ARM64 }]));
    expect(told).toEqual(['a amd64', 'a arm64']);
    expect(warnings).toEqual(['duplicate-name']);
  });

  it.each([
    ['no length', 'path=app\n'],
    ['a length of 0', '0 path=app\n'],
    ['a length beyond the end', '1000000000 path=app\n'],
    ['no line end', '12 path=appx'],
    ['no equals sign', '8 pathx\n'],
  ])('PAX records with %s', async (_, data) => {
    const { container } = await membersOf(buildTar([{ name: 'x', type: 'x', data }, { name: 'app', data: AMD64 }]));
    expect(container).toMatchObject({ complete: false, warnings: [{ code: 'malformed' }] });
  });

  it('headers without end are refused by their sum', async () => {
    const record = pax([['comment', 'x'.repeat(4000)]]);
    const plan: TarPlan = { name: 'x', type: 'x', data: record };
    const { container } = await membersOf(buildTar([...Array.from({ length: 1000 }, () => plan), { name: 'app', data: AMD64 }]));
    expect(container).toMatchObject({ complete: false, warnings: [{ code: 'limit-exceeded' }] });
    const large = await membersOf(buildTar([{ name: 'L', type: 'L', data: 'x'.repeat(1024 * 1024 + 1) }, { name: 'app', data: AMD64 }]));
    expect(large.container).toMatchObject({ complete: false, warnings: [{ code: 'limit-exceeded' }] });
  });
});
