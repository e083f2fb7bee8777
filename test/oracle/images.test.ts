// Images that skopeo writes in every form that it knows, with layers made by GNU tar, held against what skopeo says of them and against the files themselves.

import { createHash } from 'node:crypto';
import { copyFileSync, linkSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { inspectImages } from '../../src/files/images.ts';
import { inspect } from '../../src/inspect/inspect.ts';
import type { Image } from '../../src/model/image.ts';
import { imageFindings } from '../../src/verify/targets/image.ts';
import { buildLayout } from '../build/image.ts';
import { missing, shell } from './tools.ts';

const FOLDER = mkdtempSync(join(tmpdir(), 'binspect-oracle-images-'));
afterAll(() => rmSync(FOLDER, { recursive: true }));

const sh = (command: string, cwd = FOLDER): string => shell(command, cwd);

/** A tree for an architecture, as a layer: GNU tar writes it. */
function layer(name: string, program: string, loader: string): Uint8Array {
  const tree = join(FOLDER, `tree-${name}`);
  for (const folder of ['usr/bin', 'usr/lib64', 'srv', join('.', dirname(loader))]) mkdirSync(join(tree, folder), { recursive: true });
  copyFileSync(`testdata/${program}`, join(tree, 'usr/bin/busybox'));
  linkSync(join(tree, 'usr/bin/busybox'), join(tree, 'usr/bin/hard'));
  symlinkSync('busybox', join(tree, 'usr/bin/sh'));
  symlinkSync('usr/bin', join(tree, 'bin'));
  writeFileSync(join(tree, loader), 'a loader');
  writeFileSync(join(tree, 'entry.sh'), '#!/bin/sh\nexec "$@"\n');
  sh(`chmod 755 usr/bin/busybox entry.sh && tar --sort=name --mtime=@0 --owner=0 --group=0 -cf ../${name}.tar .`, tree);
  return readFileSync(join(FOLDER, `${name}.tar`));
}

async function imagesOf(path: string): Promise<Image[]> {
  const images: Image[] = [];
  for await (const image of inspectImages(path, { hash: true })) images.push(image);
  return images;
}

const FORMS: readonly (readonly [name: string, to: string, options: string])[] = [
  ['OCI layout', 'oci:layout:app:1', ''],
  ['OCI archive', 'oci-archive:oci.tar:app:1', ''],
  ['OCI archive of zstd layers', 'oci-archive:zstd.tar:app:1', '--dest-compress-format zstd --dest-compress'],
  ['docker archive', 'docker-archive:docker.tar:app:1', ''],
];

describe.skipIf(missing('skopeo'))('skopeo', () => {
  const amd64 = { platform: 'linux/amd64', layers: [layer('amd64', 'elf-x86_64-glibc', 'usr/lib64/ld-linux-x86-64.so.2')], entrypoint: ['/entry.sh'], cmd: ['busybox'] };
  const source = join(FOLDER, 'source');
  for (const [name, bytes] of buildLayout([amd64])) {
    mkdirSync(dirname(join(source, name)), { recursive: true });
    writeFileSync(join(source, name), bytes);
  }
  const digest = createHash('sha256').update(readFileSync('testdata/elf-x86_64-glibc')).digest('hex');

  it.each(FORMS)('%s', async (_, to, options) => {
    sh(`skopeo copy --quiet ${options} oci:${source} ${to}`);
    const path = join(FOLDER, to.split(':')[1] as string);
    const said = JSON.parse(sh(`skopeo inspect ${to}`)) as { Architecture: string; Os: string; Layers: string[]; Digest: string; Env: string[] };
    const config = JSON.parse(sh(`skopeo inspect --config ${to}`)) as { config: { Entrypoint: string[]; Cmd: string[] }; rootfs: { diff_ids: string[] } };
    const images = await imagesOf(path);
    expect(images).toHaveLength(1);
    const image = images[0] as Image;
    expect(image.warnings).toEqual([]);
    expect(image).toMatchObject({ complete: true, digestsChecked: true, config: { platform: { os: said.Os, arch: said.Architecture }, entrypoint: config.config.Entrypoint, cmd: config.config.Cmd } });
    expect(image.layers.map(({ diffId }) => diffId)).toEqual(config.rootfs.diff_ids);
    if (image.digest !== null) expect([image.digest, image.layers.map(({ name }) => name)]).toEqual([said.Digest, said.Layers]);
    expect(image.names.join()).toMatch(/app:1|^1$/);
    expect(image.binaries.map(({ member, inspection }) => [member, inspection.sha256])).toEqual([['/usr/bin/busybox', digest], ['/usr/bin/hard', digest]]);
    expect(image.entrypoint?.chain.map((step) => step.path)).toEqual(['/entry.sh', '/bin/sh', '/usr/bin/busybox']);
    expect(image.missingInterpreters.map(({ interpreter }) => interpreter)).toEqual(['/lib64/ld-linux-x86-64.so.2']); // lib64 is no link here: it lies below usr only
    expect(imageFindings(image).map(({ status }) => status)).toEqual(image.indexPlatform === null ? ['pass', 'pass', 'fail'] : ['pass', 'pass', 'pass', 'fail']);
    const inside = `${path}!/linux/amd64!/bin/sh`;
    expect(await inspect(inside, { hash: true })).toMatchObject({ path: inside, sha256: digest });
  });
});
