// zip by its directory: what counts, what lies, and what is refused.

import { crc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { zipName } from '../src/archives/zip-directory.ts';
import { bytesOf, little } from './build/archive-bytes.ts';
import { AMD64, ARM64, padded } from './build/programs.ts';
import { buildZip, extraField } from './build/zip.ts';
import type { ZipOptions, ZipPlan } from './build/zip.ts';
import { counted, membersOf } from './members.ts';

const APP: ZipPlan = { name: 'bin/app', data: AMD64, mode: 0o100755 };

describe('what is read', () => {
  it.each<[string, ZipPlan[], ZipOptions]>([
    ['deflated', [APP], {}],
    ['stored', [{ ...APP, method: 0 }], {}],
    ['sizes behind the data', [{ ...APP, descriptor: true }], {}],
    ['zip64 sizes', [{ ...APP, zip64: true }], {}],
    ['a zip64 end', [APP], { zip64: true }],
    ['a zip64 end behind a program whose offsets nobody adjusted', [APP], { zip64: true, prepend: bytesOf('#!/bin/sh\n') }],
    ['something before it, offsets adjusted', [APP], { prepend: bytesOf('#!/usr/bin/env python3\n'), adjusted: true }],
    ['a comment', [APP], { comment: 'PK\x05\x06 is how it ends' }],
    ['bytes behind it', [APP], { append: bytesOf('junk') }],
    ['another extra field in the local header', [{ ...APP, localExtra: extraField(1, little([AMD64.length, 8], [1, 8])) }], {}],
    ['a FIFO by its mode, as `zip -` has it', [{ ...APP, mode: 0o010600 }], {}],
    ['a mode without a type', [{ ...APP, mode: 0o600 }], {}],
    ['DOS as its system', [{ ...APP, system: 0, mode: 0x20 }], {}],
  ])('%s', async (_, plans, options) => {
    const { told, container, errors } = await membersOf(buildZip([{ name: 'doc/', method: 0, mode: 0o040755 }, { name: 'README', data: 'text' }, ...plans], options), { hash: true });
    expect(told).toEqual(['bin/app amd64']);
    expect(errors).toEqual([]);
    expect(container).toMatchObject({ format: 'zip', complete: true, members: 3, binaries: 1 });
  });

  it('modes, folders and links', async () => {
    const { items } = await membersOf(buildZip([{ name: 'a', data: AMD64, mode: 0o104755 }, { name: 'b', data: AMD64, system: 0, mode: 0x20 }, { name: 'c', data: AMD64, mode: 0o120777 }]));
    expect(items.map((item) => ('mode' in item ? [item.path, item.mode] : null))).toEqual([['a', 0o4755], ['b', null], null]);
  });

  it('an empty archive, and one whose name field is not ASCII', async () => {
    expect((await membersOf(buildZip([]))).container).toMatchObject({ complete: true, members: 0 });
    expect((await membersOf(buildZip([{ ...APP, name: Uint8Array.of(0x81, 0x61) }]))).told).toEqual(['üa amd64']);
    expect((await membersOf(buildZip([{ ...APP, name: 'üa' }]))).told).toEqual(['üa amd64']);
    expect(zipName(Uint8Array.of(0xff), 0x800)).toBe('\udcff');
    const unicode = extraField(0x7075, bytesOf(Uint8Array.of(1), little([crc32('x'), 4]), 'ŵ'));
    expect((await membersOf(buildZip([{ ...APP, name: 'x', extra: unicode }]))).told).toEqual(['ŵ amd64']);
    expect((await membersOf(buildZip([{ ...APP, name: 'y', extra: unicode }]))).told).toEqual(['y amd64']);
  });
});

describe('what is wrong', () => {
  it('a wrong CRC is that member\'s error, and the archive is not complete', async () => {
    for (const method of [0, 8]) {
      const { told, errors, container } = await membersOf(buildZip([{ ...APP, method, crc: 1 }, { name: 'b', data: ARM64 }]), { hash: true });
      expect(told).toEqual(['b arm64']);
      expect(errors).toMatchObject([{ code: 'malformed', message: expect.stringMatching(/CRC-32 is 0x\w+, the directory says 0x1/) }]);
      expect(container.complete).toBe(false);
    }
  });

  it('sizes that lie', async () => {
    const small = await membersOf(buildZip([{ ...APP, size: 100 }]));
    expect(small.errors).toMatchObject([{ code: 'malformed' }]);
    const large = await membersOf(buildZip([{ ...APP, size: 10_000_000 }]));
    expect(large.errors).toMatchObject([{ code: 'malformed' }]);
  });

  it('encrypted members and methods that are not read are named, the rest is read', async () => {
    const { told, errors, container } = await membersOf(
      buildZip([
        { ...APP, flags: 1 },
        { ...APP, name: 'l', method: 14 },
        { ...APP, name: 'aes', method: 99, flags: 1, extra: extraField(0x9901, little([2, 2], [0x4541, 2], [3, 1], [8, 2])) },
        { name: 'b', data: ARM64 },
      ]),
    );
    expect(told).toEqual(['b arm64']);
    expect(errors.map(({ code, detected }) => [code, detected])).toEqual([['unsupported', 'encrypted'], ['unsupported', 'lzma'], ['unsupported', 'encrypted']]);
    expect(container.complete).toBe(false);
  });

  it('two end records that both fit', async () => {
    const inner = buildZip([{ name: 'hidden', data: ARM64 }]);
    const end = buildZip([]);
    const both = bytesOf(inner.subarray(0, inner.length - 2), little([end.length, 2]), end);
    const { told, warnings } = await membersOf(both);
    expect(told).toEqual([]);
    expect(warnings).toContain('ambiguous-end');
  });

  it('names that differ, and names that repeat', async () => {
    expect((await membersOf(buildZip([{ ...APP, localName: 'bin/bpp' }]))).warnings).toEqual(['names-differ']);
    const twice = await membersOf(buildZip([APP, { ...APP, data: ARM64 }]));
    expect(twice.told).toEqual(['bin/app amd64', 'bin/app arm64']);
    expect(twice.warnings).toContain('duplicate-name');
  });

  it('members that overlap are refused', async () => {
    const { container, told } = await membersOf(buildZip([{ ...APP, method: 0 }, { name: 'b', data: ARM64, offset: 0 }]));
    expect(told).toEqual([]);
    expect(container).toMatchObject({ complete: false, warnings: [{ code: 'malformed' }] });
  });

  it('no end, a directory that begins before the file, an entry that is none, parts', async () => {
    const whole = buildZip([APP]);
    const damaged = whole.slice();
    damaged[whole.length - 22 - 20] = 0xff;
    for (const [bytes, code] of [
      [whole.subarray(0, whole.length - 5), 'truncated'],
      [buildZip([APP], { disk: 1 }), 'unsupported'],
      [bytesOf(whole.subarray(0, whole.length - 6), little([0x7fff_ffff, 4], [0, 2])), 'malformed'],
      [bytesOf(whole.subarray(0, 4), whole.subarray(8)), 'malformed'],
    ] as const) {
      const { container, told } = await membersOf(bytes);
      expect(told).toEqual([]);
      expect(container).toMatchObject({ complete: false, warnings: [{ code }] });
    }
  });

  it('a count that lies is told, and nothing else', async () => {
    const { told, container } = await membersOf(buildZip([APP, { name: 'b', data: ARM64 }], { count: 1 }));
    expect(told).toHaveLength(2);
    expect(container).toMatchObject({ complete: true, warnings: [{ code: 'count-differs' }] });
  });

  it('a bomb is not inflated beyond its first bytes', async () => {
    const zeros = new Uint8Array(64 * 1024 * 1024);
    const bytes = buildZip([{ name: 'zeros', data: zeros }, APP]);
    const { told } = await membersOf(bytes, { limits: { archiveBytes: 1024 * 1024 } });
    expect(told).toEqual(['bin/app amd64']);
  });
});

describe('cost', () => {
  it('of a large archive by positions: headers, and of stored programs only what tells them', async () => {
    const program = padded(8 * 1024 * 1024);
    const source = counted(buildZip([{ name: 'large', method: 0, data: program }, { name: 'text', method: 0, data: new Uint8Array(8 * 1024 * 1024).fill(0x20) }, { ...APP, method: 0 }]));
    const { told } = await membersOf(source);
    expect(told).toEqual(['large amd64', 'bin/app amd64']);
    expect(source.bytesRead).toBeLessThan(400 * 1024);
  });

  it('many small members share reads', async () => {
    const source = counted(buildZip(Array.from({ length: 2000 }, (_, i) => ({ name: `file-${i}`, data: i % 100 === 0 ? AMD64 : `text ${i}` }))));
    const { told, container } = await membersOf(source);
    expect(told).toHaveLength(20);
    expect(container.members).toBe(2000);
    expect(source.reads).toBeLessThan(50);
  });
});
