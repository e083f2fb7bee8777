// Executables inside archives: the same facts as unpacked, archives in archives, limits, and archives that are out to cost.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { SHT } from '../src/elf/constants.ts';
import { Budget, Remarks } from '../src/archives/member.ts';
import { HEAD, openContainer } from '../src/archives/open-container.ts';
import { flowOfChunks } from '../src/bytes/flow.ts';
import type { Flow } from '../src/bytes/flow.ts';
import { NODE_CODECS } from '../src/bytes/inflate-node.ts';
import { inspectMembers } from '../src/files/inspect-members.ts';
import { inspect } from '../src/inspect/inspect.ts';
import { LIMITS } from '../src/limits.ts';
import type { MemberItem } from '../src/model/container.ts';
import { toJSON } from '../src/render/json.ts';
import { bytesOf } from './build/archive-bytes.ts';
import { buildAr, buildDeb } from './build/ar.ts';
import { buildCpio, buildRpm, rpmHeader } from './build/cpio.ts';
import { buildElf } from './build/elf.ts';
import { buildGzip } from './build/gzip.ts';
import { AMD64, ARM64, padded } from './build/programs.ts';
import { buildTar } from './build/tar.ts';
import { buildZip } from './build/zip.ts';
import { fixtureBytes, fixtureNames } from './fixtures.ts';
import { membersOf } from './members.ts';
import { random } from './random.ts';

const FOLDER = mkdtempSync(join(tmpdir(), 'binspect-members-'));
afterAll(() => rmSync(FOLDER, { recursive: true }));

/** Every kind of archive of the same files. */
function archivesOf(files: readonly { name: string; data: Uint8Array }[]): [string, Uint8Array][] {
  const tar = buildTar(files);
  const cpio = buildCpio(files);
  return [
    ['tar', tar],
    ['tar.gz', buildGzip(tar)],
    ['zip', buildZip(files)],
    ['stored zip', buildZip(files.map((file) => ({ ...file, method: 0 })))],
    ['ar', buildAr(files)],
    ['cpio', cpio],
    ['cpio.gz', buildGzip(cpio)],
    ['deb', buildDeb(buildTar([{ name: 'control', data: 'Architecture: amd64\n' }]), buildGzip(tar), { data: 'data.tar.gz' })],
    ['rpm', buildRpm(rpmHeader([[1022, 'x86_64']]), buildGzip(cpio))],
    ['zip in tar.gz', buildGzip(buildTar([{ name: 'x.zip', data: buildZip(files) }]))],
  ];
}

describe('the same facts as unpacked', () => {
  const files = fixtureNames().map((name) => ({ name, data: fixtureBytes(name) }));
  it.each(archivesOf(files))('%s', async (_, bytes) => {
    for (const options of [{ hash: true, facts: 'all' }, {}] as const) {
      const found = new Map<string, string>();
      for await (const item of inspectMembers(bytes, options)) {
        if ('container' in item) continue;
        const name = item.path.split('/').at(-1) as string;
        found.set(name, 'error' in item ? item.error.code : toJSON({ ...item.inspection, path: null }));
      }
      for (const { name, data } of files) {
        const plain = await inspect(data, options).then(
          (inspection) => toJSON(inspection),
          (error: { code: string }) => (error.code === 'unrecognized' || error.code === 'unsupported' ? undefined : error.code),
        );
        expect(found.get(name), name).toEqual(plain);
      }
      expect(found.size).toBeGreaterThan(20);
    }
  });

  it('of a file on disk: path, digest, and a place in JSON', async () => {
    const path = join(FOLDER, 'app.tar.gz');
    const bytes = buildGzip(buildTar([{ name: './bin/app', mode: 0o755, data: AMD64 }]));
    writeFileSync(path, bytes);
    const { items, container } = await membersOf(path, { hash: true });
    const shown = `${path}!/bin/app`;
    expect(items[0]).toMatchObject({ path: shown, mode: 0o755, inside: [{ path, format: 'tar.gz', member: './bin/app' }], inspection: { path: shown, size: AMD64.length } });
    expect(container).toMatchObject({ path, size: bytes.length, members: 1, binaries: 1 });
    expect(container.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect((await membersOf(path)).container.sha256).toBeNull();
  });
});

describe('archives in archives', () => {
  const files = [{ name: 'usr/bin/app', data: AMD64 }];
  const deb = buildDeb(buildTar([{ name: './control', data: 'Architecture: amd64\n' }]), buildTar(files));

  it('show every step, and each says what it is', async () => {
    const { items, told, nested, container } = await membersOf(buildGzip(buildTar([{ name: 'x.deb', data: deb }, { name: 'b', data: ARM64 }])));
    expect(told).toEqual(['x.deb!/usr/bin/app amd64', 'b arm64']);
    expect(items[0]).toMatchObject({ inside: [{ path: '', format: 'tar.gz', member: 'x.deb' }, { path: 'x.deb', format: 'deb', member: 'usr/bin/app' }] });
    expect(nested).toMatchObject([{ path: 'x.deb', format: 'deb', binaries: 1, complete: true, size: deb.length, claims: [{ text: 'amd64' }] }]);
    expect(container).toMatchObject({ members: 2, binaries: 2, claims: [] });
  });

  it('only as deep as the limit; what is deeper makes it incomplete', async () => {
    let bytes = buildZip([{ name: 'app', data: AMD64 }]);
    for (let depth = 1; depth < 6; depth++) bytes = buildZip([{ name: `${depth}.zip`, method: 0, data: bytes }]);
    const { told, container } = await membersOf(bytes);
    expect(told).toEqual([]);
    expect(container.complete).toBe(false);
    expect((await membersOf(bytes, { limits: { archiveDepth: 6 } })).told).toEqual(['5.zip!/4.zip!/3.zip!/2.zip!/1.zip!/app amd64']);
  });

  it('sixteen wide and five deep: the members of all of them count', async () => {
    let bytes = buildZip([{ name: 'app', data: AMD64 }]);
    for (let depth = 0; depth < 3; depth++) bytes = buildZip(Array.from({ length: 16 }, (_, i) => ({ name: `${i}.zip`, data: bytes })));
    const { container, told } = await membersOf(bytes, { limits: { members: 1000 } });
    expect(told.length).toBeLessThan(1000);
    expect(container.complete).toBe(false);
    expect((await membersOf(bytes, { limits: { archiveBytes: 100_000 } })).container.complete).toBe(false);
  });

  it('compressed files without an executable are no archives of their own', async () => {
    const { nested, container } = await membersOf(buildTar([{ name: 'man.1.gz', data: buildGzip('text') }, { name: 'app.gz', data: buildGzip(AMD64) }]));
    expect(nested).toMatchObject([{ path: 'app.gz', format: 'gz', binaries: 1 }]);
    expect(container).toMatchObject({ complete: true, binaries: 1 });
  });

  it('damaged ones spoil the outer one, but not among tests', async () => {
    const cut = buildGzip(buildTar([{ name: 'app', data: AMD64 }])).subarray(0, 40);
    expect((await membersOf(buildTar([{ name: 'a.tar.gz', data: cut }]))).container).toMatchObject({ complete: false, warnings: [{ code: 'incomplete' }] });
    expect((await membersOf(buildTar([{ name: 'src/testdata/a.tar.gz', data: cut }]))).container).toMatchObject({ complete: true });
  });

  it('archives that are not read are named', async () => {
    const { container } = await membersOf(buildTar([{ name: 'x.7z', data: bytesOf(Uint8Array.of(0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c), 'rest') }]));
    expect(container.warnings).toMatchObject([{ code: 'unsupported', message: expect.stringContaining('7-zip') as string }]);
  });
});

describe('what it says that it is', () => {
  const tgz = (files: Record<string, string | Uint8Array>): Uint8Array => buildGzip(buildTar(Object.entries(files).map(([name, data]) => ({ name, data }))));
  const zip = (files: Record<string, string | Uint8Array>): Uint8Array => buildZip(Object.entries(files).map(([name, data]) => ({ name, data })));
  it.each<[string, Uint8Array, { text: string; from: string }[]]>([
    ['npm', tgz({ 'package/package.json': '{"os":["linux","!win32"],"cpu":"arm64"}', 'package/app': AMD64 }), [{ text: 'linux, !win32', from: 'package/package.json os' }, { text: 'arm64', from: 'package/package.json cpu' }]],
    ['wheel', zip({ 'x/a.so': AMD64, 'x-1.dist-info/WHEEL': 'Wheel-Version: 1.0\r\nTag: cp312-cp312-linux_x86_64\r\nTag: cp312-abi3-any\r\n' }), [{ text: 'cp312-cp312-linux_x86_64', from: 'x-1.dist-info/WHEEL Tag' }, { text: 'cp312-abi3-any', from: 'x-1.dist-info/WHEEL Tag' }]],
    ['alpine', tgz({ '.SIGN.RSA.x': '', '.PKGINFO': '# made\npkgname = x\narch = aarch64\n', 'usr/bin/x': ARM64 }), [{ text: 'aarch64', from: '.PKGINFO arch' }]],
    ['arch', tgz({ '.PKGINFO': 'arch = x86_64\n', '.MTREE': 'x', 'usr/bin/x': AMD64 }), [{ text: 'x86_64', from: '.PKGINFO arch' }]],
    ['conda', zip({ 'metadata.json': '{}', 'info/index.json': '{"subdir":"linux-64"}' }), [{ text: 'linux-64', from: 'info/index.json subdir' }]],
    ['vsix', zip({ 'extension.vsixmanifest': '<!-- <Identity TargetPlatform="no"/> --><Identity Id="x" TargetPlatform="linux-x64" />' }), [{ text: 'linux-x64', from: 'extension.vsixmanifest TargetPlatform' }]],
    ['jar', zip({ 'META-INF/MANIFEST.MF': 'Bundle-NativeCode: lib/x.so; osname=Linux; proces\r\n sor=aarch64\r\n' }), [{ text: 'lib/x.so; osname=Linux; processor=aarch64', from: 'META-INF/MANIFEST.MF Bundle-NativeCode' }]],
    ['nupkg', zip({ 'x.nuspec': '<x/>', '[Content_Types].xml': '<x/>', 'runtimes/linux-x64/native/x.so': AMD64 }), []],
    ['android-apk', zip({ 'AndroidManifest.xml': 'x', 'classes.dex': 'dex\n035', 'lib/arm64-v8a/x.so': ARM64 }), []],
    ['ipa', zip({ 'Payload/X.app/X': ARM64 }), []],
    ['oci-layout', buildTar([{ name: './oci-layout', data: '{}' }, { name: './index.json', data: '{}' }]), []],
    ['docker-archive', buildTar([{ name: 'manifest.json', data: '[]' }, { name: `${'a'.repeat(64)}.json`, data: '{}' }]), []],
  ])('%s', async (kind, bytes, claims) => {
    const { container } = await membersOf(bytes);
    expect(container).toMatchObject({ kind, claims, complete: true });
  });

  it('too much of it is not read, and told', async () => {
    const { container } = await membersOf(tgz({ 'package/package.json': `{"os":["linux"],"x":"${'x'.repeat(1000)}"}` }), { limits: { metadataBytes: 100 } });
    expect(container).toMatchObject({ complete: false, claims: [], warnings: [{ code: 'limit-exceeded' }] });
  });
});

describe('what is no archive', () => {
  it.each<[string, Uint8Array, string]>([
    ['an executable', AMD64, 'unsupported'],
    ['nothing', new Uint8Array(), 'unrecognized'],
    ['HTML', bytesOf('<html>no such page</html>'), 'unrecognized'],
    ['bzip2', bytesOf('BZh91AY&SY'), 'unsupported'],
  ])('%s', async (_, bytes, code) => {
    await expect(membersOf(bytes)).rejects.toMatchObject({ code });
  });

  it('but an executable or a script with a zip archive behind it', async () => {
    for (const prepend of [AMD64, bytesOf('#!/usr/bin/env python3\n')]) {
      const { told, warnings } = await membersOf(buildZip([{ name: 'x.so', data: ARM64 }], { prepend }));
      expect(told).toEqual(['x.so arm64']);
      expect(warnings).toEqual(['prepended-bytes']);
    }
  });
});

describe('members larger than may be held', () => {
  const large = padded(24 * 1024 * 1024);
  const limits = { memberBytes: 4 * 1024 * 1024 };
  it('are told by their beginning and their end, and hashed whole', async () => {
    const plain = await inspect(large, { hash: true });
    for (const bytes of [buildGzip(buildTar([{ name: 'app', data: large }])), buildGzip(large), buildZip([{ name: 'app', data: large }]), buildZip([{ name: 'app', method: 0, data: large }])]) {
      const { inspections, container } = await membersOf(bytes, { hash: true, limits });
      expect(inspections).toHaveLength(1);
      expect({ ...inspections[0], path: null }).toEqual(plain);
      expect(container.complete).toBe(true);
    }
  });

  it('with a table in the middle: the main facts and a warning, or an error where those need it', async () => {
    const bytes = new Uint8Array(16 * 1024 * 1024);
    const link = { name: '.gnu_debuglink', type: SHT.PROGBITS, offset: 4 * 1024 * 1024, size: 100 };
    bytes.set(buildElf({ interpreter: '/lib/ld.so', dynamic: [[1, 'libc.so.6']], sections: [link] }));
    const archive = buildGzip(bytes);
    const main = await membersOf(archive, { hash: true, limits });
    expect(main.inspections[0]?.warnings).toEqual([]);
    const { inspections, container } = await membersOf(archive, { hash: true, facts: 'all', limits });
    expect(inspections[0]).toEqual({ ...main.inspections[0], warnings: [{ code: 'limit-exceeded', message: expect.stringContaining('only the main facts') as string, offset: 4 * 1024 * 1024 + 100, doubts: [] }] });
    expect(container.complete).toBe(true);
    bytes.set(buildElf({ header: { phoff: 4 * 1024 * 1024 } }));
    expect((await membersOf(buildGzip(bytes), { limits })).errors).toMatchObject([{ code: 'limit-exceeded' }]);
  });
});

describe('work that is ended', () => {
  it('by the caller\'s signal', async () => {
    const controller = new AbortController();
    const bytes = buildGzip(buildTar(Array.from({ length: 100 }, (_, i) => ({ name: `app-${i}`, data: AMD64 }))));
    const seen: MemberItem[] = [];
    const work = (async () => {
      for await (const item of inspectMembers(bytes, { signal: controller.signal })) {
        seen.push(item);
        if (seen.length === 10) controller.abort(new Error('enough'));
      }
    })();
    await expect(work).rejects.toMatchObject({ code: 'aborted', cause: { message: 'enough' } });
    expect(seen).toHaveLength(10);
  });

  it('by the caller who wants no more', async () => {
    const path = join(FOLDER, 'many.tar.gz');
    writeFileSync(path, buildGzip(buildTar(Array.from({ length: 100 }, (_, i) => ({ name: `app-${i}`, data: AMD64 })))));
    for await (const item of inspectMembers(path)) {
      expect('inspection' in item).toBe(true);
      break;
    }
  });

  it('options that do not exist are refused', async () => {
    await expect(membersOf(AMD64, { limits: { membrs: 1 } as never })).rejects.toMatchObject({ code: 'invalid-argument' });
  });
});

/** A flow that comes in pieces of so many bytes. */
function inPieces(bytes: Uint8Array, size: number): Flow {
  return flowOfChunks(
    (async function* () {
      for (let at = 0; at < bytes.length; at += size) yield await Promise.resolve(bytes.subarray(at, at + size));
    })(),
  );
}

/** Members with what they hold, as lines. */
async function listed(bytes: Uint8Array, size: number): Promise<string[]> {
  const budget = new Budget({ ...LIMITS, memberBytes: 1024 * 1024 }, NODE_CODECS, undefined);
  const remarks = new Remarks(100);
  const lines: string[] = [];
  const opened = await openContainer({ name: 'x', source: null, head: bytes.subarray(0, HEAD), open: () => Promise.resolve(inPieces(bytes, size)) }, budget, remarks);
  for await (const member of opened?.members ?? []) {
    const content = member.kind === 'file' && member.size !== 0 ? await (await member.open()).rest(1024 * 1024, 'content') : new Uint8Array();
    lines.push(`${member.kind} ${member.name} ${member.size} ${member.mode} ${Buffer.from(content).toString('base64')}`);
  }
  await opened?.finish();
  return [...lines, JSON.stringify(remarks.warnings)];
}

describe('pieces of any size', () => {
  it.each(archivesOf([{ name: 'bin/app', data: AMD64 }, { name: 'text', data: bytesOf('some text') }, { name: 'b', data: ARM64 }]))('%s', async (_, bytes) => {
    const whole = await listed(bytes, bytes.length);
    expect(whole.length).toBeGreaterThan(1);
    for (const size of [1, 7, 512, 64 * 1024]) expect(await listed(bytes, size), `pieces of ${size}`).toEqual(whole);
  });
});

describe('damage of any kind', () => {
  const archives = archivesOf([{ name: 'bin/app', data: AMD64 }, { name: 'text', data: bytesOf('some text') }, { name: 'b', data: ARM64 }]);
  it.each(archives)('%s: items or an error of this library, never another, never without end', async (_, bytes) => {
    const chance = random(7);
    for (let round = 0; round < 150; round++) {
      const damaged = round % 3 === 0 ? bytes.slice(0, Math.floor(chance() * bytes.length)) : bytes.slice();
      for (let i = 0; i < 1 + (round % 4) && damaged.length > 0; i++) damaged[Math.floor(chance() * Math.min(damaged.length, round % 2 === 0 ? 600 : damaged.length))] = Math.floor(chance() * 256);
      await membersOf(damaged, { facts: 'all', hash: true }).catch((error: { name: string; code: string; stack: string }) => {
        expect(error.name, error.stack).toBe('BinspectError');
      });
    }
  });
});
