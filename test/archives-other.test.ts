// gzip, ar, Debian packages, cpio and RPM packages: members, names, and what is wrong with some.

import { deflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { bytesOf } from './build/archive-bytes.ts';
import { buildAr, buildDeb } from './build/ar.ts';
import { buildCpio, buildRpm, buildStripped, rpmHeader } from './build/cpio.ts';
import { buildGzip } from './build/gzip.ts';
import { AMD64, ARM64, padded } from './build/programs.ts';
import { buildTar } from './build/tar.ts';
import { membersOf } from './members.ts';

const TAR = buildTar([{ name: 'bin/app', data: AMD64 }, { name: 'bin/b', data: ARM64 }]);

describe('gzip', () => {
  it.each([
    ['alone', buildGzip(TAR)],
    ['with every field of its header', buildGzip(TAR, { name: 'x.tar', comment: 'a', extra: Uint8Array.of(1, 2, 3), headerCrc: true })],
    ['in several members, one of them empty', bytesOf(buildGzip(TAR.subarray(0, 700)), buildGzip(''), buildGzip(TAR.subarray(700)))],
    ['with zeros behind it', bytesOf(buildGzip(TAR), new Uint8Array(1000))],
    ['with zeros between members', bytesOf(buildGzip(TAR.subarray(0, 700)), new Uint8Array(10), buildGzip(TAR.subarray(700)))],
  ])('%s', async (_, bytes) => {
    const { told, container } = await membersOf(bytes, { hash: true });
    expect(told).toEqual(['bin/app amd64', 'bin/b arm64']);
    expect(container).toMatchObject({ format: 'tar.gz', complete: true, warnings: [] });
    expect(container.sha256).toHaveLength(64);
  });

  it('junk behind it loses no output, and is told', async () => {
    const large = buildTar([{ name: 'app', data: padded(3_000_000) }]);
    const { told, container } = await membersOf(bytesOf(buildGzip(large), 'JUNKJUNK'), { hash: true });
    expect(told).toEqual(['app amd64']);
    expect(container).toMatchObject({ complete: true, warnings: [{ code: 'trailing-bytes' }] });
  });

  it('of one file: named by itself, else by its archive', async () => {
    expect((await membersOf(buildGzip(AMD64, { name: 'dir/app' }))).told).toEqual(['app amd64']);
    const { container, told } = await membersOf(buildGzip('text'));
    expect(told).toEqual([]);
    expect(container).toMatchObject({ format: 'gz', complete: true, members: 1, binaries: 0 });
  });

  it('wrong check sums make it incomplete; what was told stands', async () => {
    for (const plan of [{ crc: 1 }, { size: 1 }]) {
      const { told, container } = await membersOf(buildGzip(TAR, plan));
      expect(told).toHaveLength(2);
      expect(container).toMatchObject({ complete: false, warnings: [{ code: 'malformed' }] });
    }
  });

  it('cut at any place it ends with truncated, never with less said', async () => {
    const bytes = buildGzip(TAR);
    for (let end = 3; end < bytes.length; end += 1) {
      const { container, errors } = await membersOf(bytes.subarray(0, end));
      expect(container.complete, `cut at ${end}`).toBe(false);
      for (const { code } of [...container.warnings, ...errors]) expect(code).toBe('truncated');
      expect(container.warnings.at(-1)?.offset ?? 0).toBeLessThanOrEqual(end);
    }
  });

  it('headers that nobody defined', async () => {
    for (const plan of [{ flags: 0x20 }, { method: 7 }]) {
      const { container } = await membersOf(buildGzip(TAR, plan));
      expect(container).toMatchObject({ complete: false, members: 0 });
    }
  });

  it('a bomb is dropped on the way, up to the limit', async () => {
    const zeros = buildTar([{ name: 'zeros', data: new Uint8Array(100 * 1024 * 1024) }, { name: 'app', data: AMD64 }]);
    const bytes = buildGzip(zeros);
    expect((await membersOf(bytes)).told).toEqual(['app amd64']);
    const { container, told } = await membersOf(bytes, { limits: { archiveBytes: 10 * 1024 * 1024 } });
    expect(told).toEqual([]);
    expect(container).toMatchObject({ complete: false, warnings: [{ code: 'limit-exceeded' }] });
    expect((await membersOf(bytes, { limits: { archiveRatio: 100 } })).container.warnings.at(-1)).toMatchObject({ code: 'limit-exceeded' });
  });

  it('stored blocks, and a stream that ends at the edge of a read', async () => {
    for (const extra of [0, 1, 7, 8]) {
      const data = buildTar([{ name: 'app', data: padded(1024 * 1024 - 600 + extra) }]);
      const raw = new Uint8Array(deflateRawSync(data, { level: 0 }));
      const { told, container } = await membersOf(bytesOf(Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3), raw, buildGzip(data).slice(-8)));
      expect(told).toEqual(['app amd64']);
      expect(container.complete).toBe(true);
    }
  });
});

describe('ar', () => {
  it('names of GNU, BSD and Microsoft', async () => {
    const long = 'a-name-of-more-than-fifteen.o';
    const gnu = buildAr([{ name: '/', style: 'raw', data: 'table' }, { name: 'x.o', data: AMD64 }, { name: long, data: ARM64 }, { name: 'x.o', data: AMD64 }]);
    expect((await membersOf(gnu)).told).toEqual(['x.o amd64', `${long} arm64`, 'x.o#2 amd64']);
    const bsd = buildAr([{ name: '__.SYMDEF SORTED', style: 'bsd', data: 'table' }, { name: long, style: 'bsd', data: AMD64 }]);
    expect((await membersOf(bsd)).told).toEqual([`${long} amd64`]);
    const microsoft = buildAr([{ name: '//', style: 'raw', data: `x\0${long}\0` }, { name: '/2', style: 'raw', data: ARM64 }]);
    expect((await membersOf(microsoft)).told).toEqual([`${long} arm64`]);
    expect((await membersOf(gnu)).container).toMatchObject({ format: 'ar', kind: 'static-library', members: 3, complete: true });
  });

  it('a thin one has its members elsewhere', async () => {
    const { told, container } = await membersOf(buildAr([{ name: 'x.o', size: 1000, bare: true }, { name: 'y.o', size: 1000, bare: true }], '!<thin>\n'));
    expect(told).toEqual([]);
    expect(container).toMatchObject({ members: 2, complete: false, warnings: [{ code: 'unsupported' }] });
  });

  it('damage', async () => {
    const good = { name: 'x.o', data: AMD64 };
    for (const plan of [{ name: 'y', size: 'many' }, { name: '/99', style: 'raw' }, { name: '#1/999', style: 'raw', data: 'x' }] as const) {
      const { told, container } = await membersOf(buildAr([good, plan]));
      expect(told).toEqual(['x.o amd64']);
      expect(container).toMatchObject({ complete: false, warnings: [{ code: 'malformed' }] });
    }
    const whole = buildAr([good]);
    expect((await membersOf(whole.subarray(0, 50))).container.warnings).toMatchObject([{ code: 'truncated', offset: 8 }]);
  });
});

const CONTROL = buildTar([{ name: './control', data: 'Package: x\nArchitecture: arm64\nDescription: x\n Architecture: no\n' }]);

describe('Debian packages', () => {
  it.each([
    ['plain', buildDeb(CONTROL, TAR)],
    ['gzip', buildDeb(buildGzip(CONTROL), buildGzip(TAR), { control: 'control.tar.gz', data: 'data.tar.gz' })],
  ])('%s', async (_, bytes) => {
    const { told, container } = await membersOf(bytes, { hash: true });
    expect(told).toEqual(['bin/app amd64', 'bin/b arm64']);
    expect(container).toMatchObject({ format: 'deb', kind: 'deb', complete: true, claims: [{ text: 'arm64', from: 'DEBIAN/control Architecture' }] });
  });

  it('without data, or with data that are not read', async () => {
    expect((await membersOf(buildDeb(CONTROL, null))).container).toMatchObject({ complete: false, warnings: [{ code: 'malformed' }] });
    const bzip2 = await membersOf(buildDeb(CONTROL, bytesOf('BZh91AY&SY'), { data: 'data.tar.bz2' }));
    expect(bzip2.container).toMatchObject({ complete: false, warnings: [{ code: 'unsupported', message: expect.stringContaining('data.tar.bz2') as string }] });
  });
});

describe('cpio', () => {
  it.each(['newc', 'odc'] as const)('%s', async (style) => {
    const bytes = buildCpio([{ name: '.', mode: 0o040755 }, { name: './bin/app', mode: 0o100755, data: AMD64 }, { name: 'l', mode: 0o120777, data: 'bin/app' }, { name: 'b', data: ARM64 }], style);
    const { told, items, container } = await membersOf(bytes);
    expect(told).toEqual(['bin/app amd64', 'b arm64']);
    expect(items[0]).toMatchObject({ mode: 0o755 });
    expect(container).toMatchObject({ format: 'cpio', members: 4, complete: true });
  });

  it('hard links: only the last one has the bytes', async () => {
    const bytes = buildCpio([
      { name: 'one', inode: 5, links: 3 },
      { name: 'other', inode: 6, links: 2 },
      { name: 'two', inode: 5, links: 3 },
      { name: 'three', inode: 5, links: 3, data: AMD64 },
    ]);
    const { told, container } = await membersOf(bytes);
    expect(told).toEqual(['one amd64', 'two amd64', 'three amd64']);
    expect(container).toMatchObject({ members: 4, binaries: 3, complete: true });
  });

  it('damage', async () => {
    const whole = buildCpio([{ name: 'a', data: AMD64 }, { name: 'b', data: ARM64 }]);
    expect((await membersOf(whole.subarray(0, AMD64.length + 200))).container.warnings.at(-1)).toMatchObject({ code: 'truncated' });
    const damaged = whole.slice();
    damaged.set(bytesOf('zzzzzzzz'), 14);
    expect((await membersOf(damaged)).container.warnings).toMatchObject([{ code: 'malformed', offset: 0 }]);
  });
});

describe('RPM packages', () => {
  const TAGS = [[1022, 'aarch64'], [1021, 'linux'], [1044, 'x-1.src.rpm']] as const;
  const payload = buildCpio([{ name: './usr/bin/app', mode: 0o100755, data: ARM64 }]);

  it('say their architecture in the header, never in the lead', async () => {
    const { told, container } = await membersOf(buildRpm(rpmHeader(TAGS), buildGzip(payload)));
    expect(told).toEqual(['usr/bin/app arm64']);
    expect(container).toMatchObject({ format: 'rpm', kind: 'rpm', complete: true, claims: [{ text: 'aarch64', from: 'header ARCH' }, { text: 'linux', from: 'header OS' }] });
    const source = await membersOf(buildRpm(rpmHeader([[1022, 'x86_64'], [1106, [1]]]), payload));
    expect(source.container.claims).toEqual([]);
  });

  it('stripped payloads have their names in the header, and hard links once', async () => {
    const size = ARM64.length;
    const header = rpmHeader([
      ...TAGS,
      [1117, ['app', 'link', 'again']],
      [1118, ['/usr/bin/', '/opt/']],
      [1116, [0, 0, 1]],
      [1030, [0o100755, 0o100755, 0o100755]],
      [5008, [size, AMD64.length, size]],
      [1096, [7, 8, 7]],
      [1095, [1, 1, 1]],
    ]);
    const bytes = buildRpm(header, buildStripped([[0, new Uint8Array()], [1, AMD64], [2, ARM64]]));
    const { told, container } = await membersOf(bytes);
    expect(told).toEqual(['usr/bin/link amd64', 'usr/bin/app arm64', 'opt/again arm64']);
    expect(container.complete).toBe(true);
    const beyond = await membersOf(buildRpm(header, buildStripped([[9, ARM64]])));
    expect(beyond.container).toMatchObject({ complete: false, warnings: [{ code: 'malformed' }] });
  });

  it('damage', async () => {
    const whole = buildRpm(rpmHeader(TAGS), payload);
    for (const end of [50, 120, 200]) expect((await membersOf(whole.subarray(0, end))).container).toMatchObject({ complete: false, warnings: [{ code: 'truncated' }] });
    const other = await membersOf(buildRpm(rpmHeader(TAGS), bytesOf('BZh91AY&SY')));
    expect(other.container.warnings).toMatchObject([{ code: 'unsupported', message: expect.stringContaining('bzip2') as string }]);
    const huge = whole.slice();
    huge.fill(0xff, 96 + 8, 96 + 16);
    expect((await membersOf(huge)).container.warnings).toMatchObject([{ code: 'limit-exceeded' }]);
  });
});
