// Container images: every form that they are stored in, how layers merge, what a container starts, and what verify makes of it.

import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { EM } from '../src/elf/constants.ts';
import { inspectImages } from '../src/files/images.ts';
import type { ImagesOptions } from '../src/files/images.ts';
import { inspect } from '../src/inspect/inspect.ts';
import type { InspectInput } from '../src/bytes/given.ts';
import type { Image } from '../src/model/image.ts';
import { imageFindings } from '../src/verify/targets/image.ts';
import { bytesOf } from './build/archive-bytes.ts';
import { buildElf } from './build/elf.ts';
import { buildLayout, buildSaved, buildSavedLayout, imageTar } from './build/image.ts';
import type { ImageFiles, ImagePlan } from './build/image.ts';
import { AMD64, ARM64 } from './build/programs.ts';
import { buildTar } from './build/tar.ts';
import type { TarPlan } from './build/tar.ts';
import { run } from './terminal.ts';

const FOLDER = mkdtempSync(join(tmpdir(), 'binspect-images-'));
afterAll(() => rmSync(FOLDER, { recursive: true }));

function file(name: string, bytes: Uint8Array): string {
  const path = join(FOLDER, name);
  writeFileSync(path, bytes);
  return path;
}

function folder(name: string, files: ImageFiles): string {
  for (const [path, bytes] of files) {
    mkdirSync(dirname(join(FOLDER, name, path)), { recursive: true });
    writeFileSync(join(FOLDER, name, path), bytes);
  }
  return join(FOLDER, name);
}

async function imagesOf(input: InspectInput, options: ImagesOptions = {}): Promise<Image[]> {
  const images: Image[] = [];
  for await (const image of inspectImages(input, options)) images.push(image);
  return images;
}

/** The only image of a plan. */
async function only(plan: Partial<ImagePlan>): Promise<Image> {
  const [image] = await imagesOf(imageTar(buildLayout([{ platform: 'linux/arm64', layers: [], ...plan }])));
  return image as Image;
}

const script = (line: string, body = ''): string => `#!${line}\n${body}`;
const exe = (name: string, data: Uint8Array | string): TarPlan => ({ name, mode: 0o755, data });
const link = (name: string, to: string): TarPlan => ({ name, type: '2', link: to });
const LOADER: TarPlan = exe('lib/ld-linux-aarch64.so.1', buildElf({ machine: EM.AARCH64, type: 3 }));
const LOADER64: TarPlan = exe('lib64/ld-linux-x86-64.so.2', buildElf({ machine: EM.X86_64, type: 3 }));
const BASE = (program: Uint8Array, loader: TarPlan): TarPlan[] => [loader, { name: 'usr/bin/', type: '5' }, exe('usr/bin/busybox', program), link('bin', 'usr/bin'), link('usr/bin/sh', 'busybox'), exe('entry.sh', script('/bin/sh', 'exec /srv/app "$@"\n'))];
const GOOD: ImagePlan = { platform: 'linux/amd64', layers: [BASE(AMD64, LOADER64), [exe('srv/app', AMD64)]], entrypoint: ['/entry.sh'] };
const ARM: ImagePlan = { platform: 'linux/arm64', index: 'linux/arm64/v8', layers: [BASE(ARM64, LOADER), [exe('srv/app', ARM64)]], entrypoint: ['/entry.sh'] };
const WRONG: ImagePlan = { ...ARM, layers: [BASE(AMD64, LOADER), [exe('srv/app', ARM64)]] };
const WRONG_APP: ImagePlan = { ...ARM, layers: [BASE(ARM64, LOADER), [exe('srv/app', AMD64)]] };

describe('every form', () => {
  const layout = buildLayout([GOOD, ARM], true);
  const forms: [string, InspectInput][] = [
    ['a layout as a folder', folder('layout', layout)],
    ['as a tar archive', file('layout.tar', imageTar(layout))],
    ['with ./ before the names', imageTar(layout, './')],
    ['compressed', file('layout.tar.gz', gzipSync(imageTar(layout)))],
  ];

  it.each(forms)('%s', async (_, input) => {
    const images = await imagesOf(input);
    expect(images.map(({ inside, config, complete, digestsChecked, warnings }) => [inside[0]?.member, config?.platform.arch, complete, digestsChecked, warnings])).toEqual([
      ['linux/amd64', 'amd64', true, true, []],
      ['linux/arm64', 'arm64', true, true, []],
    ]);
    expect(images[0]?.names).toEqual(['latest']);
    expect(images[1]?.entrypoint?.chain.map(({ path, by }) => [path, by])).toEqual([['/entry.sh', 'config'], ['/bin/sh', 'interpreter'], ['/usr/bin/busybox', 'link']]);
    expect(images[1]?.binaries.map(({ member, layer }) => [member, layer])).toEqual([['/lib/ld-linux-aarch64.so.1', 0], ['/usr/bin/busybox', 0], ['/srv/app', 1]]);
  });

  it('docker save before and after version 25', async () => {
    const [old] = await imagesOf(file('old.tar', imageTar(buildSaved(ARM, ['app:1', 'app:2']))));
    expect(old).toMatchObject({ format: 'docker-archive', names: ['app:1', 'app:2'], digest: null, indexPlatform: null, complete: true, layers: [{ members: 6 }, { members: 1 }] });
    const both = await imagesOf(imageTar(buildSavedLayout(ARM)));
    expect(both.map(({ format, complete }) => [format, complete])).toEqual([['oci-layout', true]]); // manifest.json lists the same image once more
  });

  it('an image that only manifest.json lists is another one', async () => {
    const files = buildSavedLayout(ARM);
    for (const [name, bytes] of buildSaved(WRONG)) files.set(name, bytes);
    expect((await imagesOf(imageTar(files))).map(({ digest, binaries }) => [digest !== null, binaries[1]?.inspection.binaries[0]?.platform.arch])).toEqual([[true, 'arm64'], [false, 'amd64']]);
  });

  it('links within docker-archive are followed, as skopeo writes them', async () => {
    const files = [...buildSaved({ ...ARM, layers: [BASE(ARM64, LOADER)] })].map(([name, data]): TarPlan => ({ name, data }));
    const layer = files.find(({ name }) => name.endsWith('layer.tar')) as TarPlan;
    const members = files.map((plan) => (plan === layer ? link(layer.name, '../real.tar') : plan));
    const [image] = await imagesOf(buildTar([...members, { name: 'real.tar', data: layer.data as Uint8Array }]));
    expect(image).toMatchObject({ complete: true, binaries: [{}, { member: '/usr/bin/busybox' }] });
  });

  it('attestations and artifacts are no images', async () => {
    const skipped: string[] = [];
    const attestation: ImagePlan = { platform: 'unknown/unknown', layers: [], descriptor: (one) => void (one['annotations'] = { 'vnd.docker.reference.type': 'attestation-manifest' }) };
    const chart: ImagePlan = { platform: 'linux/amd64', index: null, layers: [], manifest: (one) => void ((one['config'] as Record<string, unknown>)['mediaType'] = 'application/vnd.cncf.helm.config.v1+json') };
    const images = await imagesOf(imageTar(buildLayout([ARM, attestation, chart])), { onSkip: (_, reason) => void skipped.push(reason) });
    expect(images).toHaveLength(1);
    expect(skipped).toEqual(['an attestation or another artifact, not an image', 'an artifact, not an image']);
  });

  it('what is no image says so', async () => {
    await expect(imagesOf(buildTar([exe('bin/app', AMD64)]))).rejects.toMatchObject({ code: 'unsupported' });
    await expect(imagesOf(AMD64)).rejects.toMatchObject({ code: 'unsupported' });
    await expect(imagesOf(join(FOLDER, 'missing'))).rejects.toMatchObject({ code: 'io' });
  });
});

describe('the merged tree', () => {
  const members = async (...layers: TarPlan[][]): Promise<string[]> => (await only({ layers })).binaries.map(({ member, layer }) => `${member} ${layer}`);

  it('whiteouts delete what is below, not what is beside them', async () => {
    expect(await members([exe('a', ARM64), exe('d/b', ARM64), exe('d/c', ARM64)], [exe('d/new', ARM64), { name: 'd/.wh.b' }, { name: '.wh.a' }])).toEqual(['/d/c 0', '/d/new 1']);
    expect(await members([exe('d/b', ARM64)], [exe('d/new', ARM64), { name: 'd/.wh..wh..opq' }])).toEqual(['/d/new 1']);
    expect(await members([exe('d/b', ARM64)], [{ name: '.wh.d' }, exe('d/c', ARM64)])).toEqual(['/d/c 1']);
    expect(await members([exe('d/b', ARM64)], [{ name: '.wh..wh.plnk/', type: '5' }, { name: '.wh..wh.plnk/x', data: 'x' }])).toEqual(['/d/b 0']);
  });

  it('a file over a folder takes the tree, a folder over a file takes the file', async () => {
    expect(await members([exe('d/b', ARM64)], [exe('d', ARM64)])).toEqual(['/d 1']);
    expect(await members([exe('d', ARM64)], [exe('d/b', ARM64)])).toEqual(['/d/b 1']);
    expect(await members([exe('usr/lib/a', ARM64), link('lib', 'usr/lib')], [exe('lib/b', ARM64)])).toEqual(['/usr/lib/a 0', '/lib/b 1']);
    expect(await members([{ name: 'usr/lib/', type: '5' }, link('lib', 'usr/lib'), exe('lib/b', ARM64)])).toEqual(['/usr/lib/b 0']);
  });

  it('hard links are the same file, also over layers; one to nothing spoils the image', async () => {
    expect(await members([exe('a', ARM64)], [{ name: 'b', type: '1', link: 'a' }, { name: '.wh.a' }])).toEqual([]);
    expect(await members([exe('a', ARM64)], [{ name: './b', type: '1', link: './a' }])).toEqual(['/a 0', '/b 0']);
    const broken = await only({ layers: [[{ name: 'b', type: '1', link: 'nothing' }]] });
    expect(broken).toMatchObject({ complete: false, warnings: [{ code: 'malformed', message: 'b: a hard link to nothing, which is not there' }] });
  });

  it('paths that lead out are refused', async () => {
    for (const name of ['../a', 'a/../../b', `${'x/'.repeat(3000)}a`]) {
      const pax = name.length > 90 ? [{ name: 'x', type: 'L', data: `${name}\0` }, exe('long', ARM64)] : [exe(name, ARM64)];
      expect(await only({ layers: [pax] })).toMatchObject({ complete: false, binaries: [], warnings: [{ code: 'malformed' }] });
    }
    expect(await only({ layers: [[exe('/abs//./b', ARM64)]] })).toMatchObject({ complete: true, binaries: [{ member: '/abs/b' }] });
  });

  it('an empty layer is one of zeros, or none at all', async () => {
    expect(await only({ layers: [new Uint8Array(1024), [exe('a', ARM64)]] })).toMatchObject({ complete: true, binaries: [{ member: '/a', layer: 1 }] });
  });
});

describe('what a container starts', () => {
  const chain = async (plan: Partial<ImagePlan>): Promise<string> => {
    const { entrypoint } = await only(plan);
    return `${entrypoint?.chain.map(({ path }) => path).join(' ')}${entrypoint?.program === null ? ` ! ${entrypoint.problem}` : ''}`;
  };
  const app = exe('usr/bin/app', ARM64);

  it.each<[string, Partial<ImagePlan>, string]>([
    ['by PATH', { layers: [[app]], entrypoint: ['app'] }, '/usr/bin/app'],
    ['PATH of the environment', { layers: [[exe('opt/app', ARM64), app]], cmd: ['app'], env: ['PATH=/opt:/usr/bin'] }, '/opt/app'],
    ['what may not be executed is skipped', { layers: [[{ name: 'opt/app', data: ARM64, mode: 0o644 }, app]], cmd: ['app'], env: ['PATH=/opt:/usr/bin'] }, '/usr/bin/app'],
    ['the usual PATH', { layers: [[app]], cmd: ['app'], env: [] }, '/usr/bin/app'],
    ['relative to the folder', { layers: [[exe('srv/app', ARM64)]], cmd: ['./app'], workingDir: '/srv' }, '/srv/./app /srv/app'],
    ['through links', { layers: [[app, link('bin', 'usr/bin'), link('a', '/bin/b'), link('usr/bin/b', '../../usr/bin/app')]], cmd: ['/a'] }, '/a /usr/bin/app'],
    ['links do not leave', { layers: [[app, link('a', '../../../../usr/bin/app')]], cmd: ['/a'] }, '/a /usr/bin/app'],
    ['links in a circle', { layers: [[link('a', 'b'), link('b', 'a')]], cmd: ['/a'] }, '/a ! /a is not in the image'],
    ['env', { layers: [[exe('usr/bin/env', ARM64), app, exe('e', script('/usr/bin/env -S X=1 app -v'))]], cmd: ['/e'] }, '/e /usr/bin/env /usr/bin/app'],
    ['a script of a script', { layers: [[app, exe('b', script('/usr/bin/app')), exe('a', script(' /b -x'))]], cmd: ['/a'] }, '/a /b /usr/bin/app'],
    ['scripts of each other', { layers: [[exe('b', script('/a')), exe('a', script('/b'))]], cmd: ['/a'] }, '/a /b /a /b /a ! more than 4 scripts interpret each other'],
    ['nothing', { layers: [[app]] }, ' ! the configuration starts nothing'],
    ['an interpreter that is not there', { layers: [[exe('a', script('/bin/bash'))]], cmd: ['/a'] }, '/a /bin/bash ! /bin/bash is not in the image'],
    ['text', { layers: [[exe('a', 'echo')]], cmd: ['/a'] }, '/a ! /a is neither a program nor a script'],
    ['a text as the entrypoint', { layers: [[app]], entrypoint: '/usr/bin/app' }, '/usr/bin/app'],
  ])('%s', async (_, plan, expected) => {
    expect(await chain(plan)).toBe(expected);
  });
});

describe('verify', () => {
  const found = async (plan: Partial<ImagePlan>): Promise<string[]> => imageFindings(await only(plan)).map(({ rule, status, message }) => `${status} ${rule} ${message}`);

  it('fails for one wrong binary behind a script, with the chain', async () => {
    const path = file('two.tar', imageTar(buildLayout([GOOD, WRONG])));
    const { status, out } = await run(['verify', path]);
    expect(status).toBe(1);
    expect(out).toContain('two.tar!/linux/amd64');
    expect(out).toContain('found     /entry.sh → /bin/sh → /usr/bin/busybox linux/amd64   e_machine is 62 (EM_X86_64)');
    expect(out).toContain('1 of 3 programs and libraries for something else   /usr/bin/busybox is linux/amd64');
    expect((await run(['verify', file('good.tar', imageTar(buildLayout([GOOD, ARM])))])).status).toBe(0);
    for (const form of ['junit', 'sarif', 'github', 'json']) expect((await run(['verify', '-o', form, path])).out).toContain('/entry.sh');
  });

  it('names the script that names a wrong program', async () => {
    const { status, out } = await run(['verify', file('app.tar', imageTar(buildSaved(WRONG_APP)))]);
    expect(status).toBe(1);
    expect(out).toContain('/srv/app is linux/amd64; the entrypoint names it: /entry.sh → /srv/app linux/amd64');
  });

  it('holds the index against the configuration', async () => {
    expect((await found({ ...GOOD, index: 'linux/arm64' }))[0]).toBe('fail contents expected linux/arm64, found linux/amd64 (the index says linux/arm64, the configuration says linux/amd64; the configuration)');
    for (const [index, platform] of [['linux/arm64/v8', 'linux/arm64'], ['linux/aarch64', 'linux/arm64'], ['linux/arm/v5', 'linux/arm'], ['linux/arm64', 'linux/arm64/v8']]) {
      expect((await found({ index: index as string, platform: platform as string }))[0]).toMatch(/^pass contents/);
    }
  });

  const armv6 = buildElf({ machine: EM.ARM, wide: false, flags: 0x0500_0400 });
  const i386 = buildElf({ machine: EM['386'], wide: false });
  it.each<[string, Partial<ImagePlan>, RegExp]>([
    ['386 in amd64 runs', { platform: 'linux/amd64', layers: [[exe('a', i386), exe('b', buildElf({ machine: EM.X86_64 }))]] }, /^pass .*1 of them is for another architecture that runs there/],
    ['arm in arm64 does not', { layers: [[exe('a', armv6)]] }, /^fail .*1 of 1 program or library for something else/],
    ['data without the mark to be executed', { layers: [[{ name: 'a', mode: 0o644, data: AMD64 }]] }, /^unknown .*holds no executable/],
    ['files of tests', { layers: [[exe('go/src/testdata/a', AMD64), LOADER]] }, /^pass/],
    ['emulators by their name', { layers: [[exe('usr/bin/qemu-x86_64-static', AMD64), LOADER]] }, /^pass/],
    ['libraries for other platforms in folders that say so', { layers: [[exe('app/prebuilds/linux-x64/a.node', buildElf({ machine: EM.X86_64, type: 3 })), LOADER]] }, /^pass/],
    ['the same without such a folder', { layers: [[exe('app/lib/a.node', buildElf({ machine: EM.X86_64, type: 3 })), LOADER]] }, /^fail/],
    ['nothing', { layers: [[]] }, /^unknown .*holds no executable/],
    ['deleted', { layers: [[exe('a', AMD64), LOADER], [{ name: '.wh.a' }]] }, /^pass/],
  ])('%s', async (_, plan, expected) => {
    expect((await found({ index: null, ...plan }))[0]).toMatch(expected);
  });

  it('asks for the loader of every program', async () => {
    expect((await found({ layers: [[exe('usr/bin/app', ARM64)]], cmd: ['app'] })).at(-1)).toBe(
      'fail interpreterPresent expected the loader of every program, found 1 of 1 program without (/usr/bin/app asks for /lib/ld-linux-aarch64.so.1: starting it fails with "no such file or directory"; it is what the entrypoint starts: /usr/bin/app; PT_INTERP)',
    );
    expect((await found({ layers: [[exe('usr/bin/app', ARM64), link('lib', 'usr/lib'), { ...LOADER, name: 'usr/lib/ld-linux-aarch64.so.1' }]], cmd: ['app'] })).at(-1)).toMatch(/^pass interpreterPresent/);
  });

  it('other rules are asked of every program of every platform', async () => {
    const path = file('rules.tar', imageTar(buildLayout([GOOD, ARM])));
    const { out, status } = await run(['verify', '--json', '--dynamic', '--kind', 'executable', path]);
    expect(status).toBe(1);
    const files = out.trimEnd().split('\n').map((line) => (JSON.parse(line) as { path: string }).path.slice(path.length));
    expect(files).toContain('!/linux/arm64!/srv/app');
    expect((await run(['verify', '--sha256', '0'.repeat(64), path])).out).toContain('rules.tar\n    sha256\n');
  });
});

describe('what is damaged', () => {
  it('a blob that is not what its digest says', async () => {
    for (const which of ['config', 'layer', 'manifest'] as const) {
      const files = buildLayout([ARM]);
      const manifest = [...files].find(([, bytes]) => Buffer.from(bytes).includes('"layers":[')) as [string, Uint8Array];
      const json = JSON.parse(Buffer.from(manifest[1]).toString()) as { config: { digest: string }; layers: { digest: string }[] };
      const digest = which === 'config' ? json.config.digest : json.layers[0]?.digest;
      const name = which === 'manifest' ? manifest[0] : `blobs/${digest?.replace(':', '/')}`;
      const bytes = files.get(name) as Uint8Array;
      files.set(name, which === 'layer' ? gzipSync(buildTar([exe('usr/bin/evil', ARM64)])) : bytesOf(Buffer.from(bytes).toString().replace('linux', 'LINUX').replace('"schemaVersion":2', '"schemaVersion":3')));
      const path = file(`damaged-${which}.tar`, imageTar(files));
      const [image] = await imagesOf(path);
      expect(image).toMatchObject({ complete: false, warnings: [{ code: 'malformed', message: expect.stringMatching(/has the digest sha256:/) as string }] });
      expect((await run(['verify', path])).status).toBe(3);
      expect((await run([path])).status).toBe(3);
      if (which === 'layer') expect((await imagesOf(path, { digests: false }))[0]).toMatchObject({ complete: true, digestsChecked: false });
    }
  });

  it('a layer whose unpacked digest the configuration has otherwise', async () => {
    const image = await only({ ...ARM, config: (config) => void ((config['rootfs'] as { diff_ids: string[] }).diff_ids[1] = `sha256:${'0'.repeat(64)}`) });
    expect(image).toMatchObject({ complete: false, warnings: [{ message: expect.stringContaining('unpacked, and the configuration says sha256:000') as string }] });
    expect(await only({ ...ARM, config: (config) => void (config['rootfs'] as { diff_ids: string[] }).diff_ids.pop() })).toMatchObject({ complete: false });
  });

  it('a layer that is missing, or compressed with what is not read', async () => {
    const files = buildLayout([ARM]);
    const manifest = JSON.parse(Buffer.from([...files.values()].find((bytes) => Buffer.from(bytes).includes('"layers":['))  as Uint8Array).toString()) as { layers: { digest: string }[] };
    files.delete(`blobs/${manifest.layers[1]?.digest.replace(':', '/')}`);
    expect((await imagesOf(imageTar(files)))[0]).toMatchObject({ complete: false, warnings: [{ code: 'truncated' }] });
    expect(await only({ ...ARM, compress: () => bytesOf('BZh91AY&SY') })).toMatchObject({ complete: false, warnings: [{ code: 'unsupported' }, { code: 'unsupported' }] });
  });

  it('an index in itself, in others without end, and what is no JSON', async () => {
    const files = buildLayout([ARM]);
    const digest = `sha256:${'a'.repeat(64)}`;
    const itself = JSON.stringify({ schemaVersion: 2, manifests: [{ mediaType: 'application/vnd.oci.image.index.v1+json', digest, size: 1 }, { mediaType: 'application/vnd.oci.image.index.v1+json', digest }] });
    files.set('index.json', bytesOf(itself));
    files.set(`blobs/sha256/${'a'.repeat(64)}`, bytesOf(itself));
    expect((await imagesOf(imageTar(files), { digests: false })).every(({ complete }) => !complete)).toBe(true);
    files.set('index.json', bytesOf('{'));
    await expect(imagesOf(imageTar(files))).rejects.toMatchObject({ code: 'malformed' });
    files.set('index.json', bytesOf(JSON.stringify({ manifests: [{ digest: 'sha256:../../../etc/passwd' }] })));
    await expect(imagesOf(imageTar(files))).rejects.toMatchObject({ code: 'malformed' });
  });

  it('limits: layers, and entries of all images together', async () => {
    const many = await only({ layers: Array.from({ length: 513 }, (_, index) => [{ name: `f${index}` }]) });
    expect(many).toMatchObject({ complete: false, warnings: [{ code: 'limit-exceeded', message: '513 layers (the limit layers is 512)' }] });
    const plans = Array.from({ length: 8 }, (_, index): ImagePlan => ({ platform: 'linux/arm64', layers: [Array.from({ length: 30 }, (__, at) => ({ name: `f${at}` }))], cmd: [`${index}`] }));
    const images = await imagesOf(imageTar(buildLayout(plans)), { limits: { members: 50 } });
    expect(images.map(({ complete }) => complete)).toEqual([true, true, true, false, false, false, false, false]);
  });

  it('thousands of manifests over one large layer cost no product', async () => {
    const layer = Array.from({ length: 20_000 }, (_, at): TarPlan => ({ name: `f${at}` }));
    const files = buildLayout([{ platform: 'linux/arm64', layers: [layer] }]);
    const blobs = [...files].filter(([, bytes]) => Buffer.from(bytes).includes('"layers":['));
    const manifests: unknown[] = [];
    for (let index = 0; index < 2000; index++) {
      const bytes = bytesOf(`${Buffer.from(blobs[0]?.[1] as Uint8Array).toString()}${' '.repeat(index)}`);
      const { sha256 } = await import('./build/image.ts');
      files.set(`blobs/sha256/${sha256(bytes)}`, bytes);
      manifests.push({ mediaType: 'application/vnd.oci.image.manifest.v1+json', digest: `sha256:${sha256(bytes)}`, size: bytes.length });
    }
    files.set('index.json', bytesOf(JSON.stringify({ schemaVersion: 2, manifests })));
    const started = process.cpuUsage();
    const images = await imagesOf(imageTar(files), { digests: false });
    const { user, system } = process.cpuUsage(started);
    expect(images).toHaveLength(2000);
    expect(images.at(-1)?.complete).toBe(false);
    expect((user + system) / 1e6).toBeLessThan(15);
  }, 60_000);

  it('every cut gives images or an error', async () => {
    const bytes = imageTar(buildLayout([WRONG]));
    for (let length = 0; length < bytes.length; length += 389) {
      try {
        for (const image of await imagesOf(bytes.subarray(0, length))) expect(imageFindings(image).length).toBeGreaterThan(0);
      } catch (error) {
        expect(error).toMatchObject({ name: 'BinspectError' });
      }
    }
  });
});

describe('the command', () => {
  const path = file('command.tar', imageTar(buildLayout([GOOD, WRONG], true)));

  it('shows a row a platform', async () => {
    const { out, status } = await run([path]);
    expect(status).toBe(0);
    expect(out.split('\n').map((line) => line.replace(/ {2,}/g, '  '))).toEqual([
      `${path}  oci-layout · latest`,
      'PLATFORM  CONFIG  LAYERS  BINARIES  ENTRYPOINT',
      'linux/amd64  linux/amd64  2  3  /entry.sh → /bin/sh → /usr/bin/busybox  linux/amd64 ELF64 executable',
      'linux/arm64  linux/arm64  2  3  /entry.sh → /bin/sh → /usr/bin/busybox  linux/amd64 ELF64 executable',
      '  /lib64/ld-linux-x86-64.so.2 is not in the image; /usr/bin/busybox asks for it',
      '',
    ]);
    expect((await run([folder('command', buildLayout([GOOD]))])).out).toContain('linux/amd64');
    expect((await run(['-'], { input: [gzipSync(imageTar(buildLayout([GOOD])))] })).out).toContain('/usr/bin/busybox');
  });

  it('JSON has a line a platform; single facts and -v a line a program', async () => {
    const lines = (await run(['--json', path])).out.trimEnd().split('\n').map((line) => JSON.parse(line) as { image: Image });
    expect(lines.map(({ image }) => image.binaries.length)).toEqual([3, 3]);
    expect((await run(['--fields', 'path,platform.go', path])).out).toContain('command.tar!/linux/arm64!/usr/bin/busybox\tlinux/amd64');
    expect((await run(['-v', path])).out).toContain('command.tar!/linux/arm64!/srv/app');
  });

  it('a file of a platform is an input, links followed, the same as unpacked', async () => {
    for (const [at, archive] of [path, join(FOLDER, 'command'), file('member.tar.gz', gzipSync(imageTar(buildLayout([GOOD, WRONG])))), file('member-old.tar', imageTar(buildSaved(GOOD)))].entries()) {
      const inside = `${archive}!/linux/amd64!/bin/sh`;
      expect(await inspect(inside, { hash: true, facts: 'all' }), String(at)).toEqual({ ...(await inspect(AMD64, { hash: true, facts: 'all' })), path: inside });
    }
    await expect(inspect(`${path}!/linux/amd64!/nope`)).rejects.toMatchObject({ code: 'io', message: 'the image has no file /nope' });
    await expect(inspect(`${path}!/linux/s390x!/bin/sh`)).rejects.toMatchObject({ code: 'io' });
  });

  it('runs holds a file of an image against a machine', async () => {
    const host = (await run(['host', '--json'])).out;
    const other = file('host.json', bytesOf(host));
    const { out, status } = await run(['runs', `${path}!/linux/arm64!/srv/app`, '--host', other]);
    expect(out).toContain('linux/arm64');
    expect([0, 1, 3]).toContain(status);
  });
});
