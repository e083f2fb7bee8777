// Archives that the field's own tools make, held against what those tools say is in them: names, and the digests of executables.

import { createHash } from 'node:crypto';
import { copyFileSync, linkSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { inspectMembers } from '../../src/files/inspect-members.ts';
import { scan } from '../../src/files/scan.ts';
import type { Container } from '../../src/model/container.ts';
import { fixtureNames } from '../fixtures.ts';
import { missing, shell } from './tools.ts';

const FOLDER = mkdtempSync(join(tmpdir(), 'binspect-oracle-archives-'));
afterAll(() => rmSync(FOLDER, { recursive: true }));
const TREE = join(FOLDER, 'tree');
const LONG = 'a-folder-with-a-long-name/'.repeat(6);
mkdirSync(join(TREE, 'bin'), { recursive: true });
mkdirSync(join(TREE, LONG), { recursive: true });
for (const name of fixtureNames().filter((one) => !one.startsWith('error-'))) copyFileSync(`testdata/${name}`, join(TREE, 'bin', name));
copyFileSync('testdata/elf-armv7', join(TREE, LONG, 'äpp'));
linkSync(join(TREE, 'bin/elf-armv7'), join(TREE, 'bin/again'));
symlinkSync('elf-armv7', join(TREE, 'bin/soft'));
writeFileSync(join(TREE, 'README'), 'text\n'.repeat(1000));

const sh = (command: string, cwd = TREE): string => shell(command, cwd);

/** Paths and digests of the executables in an archive; and what is said of it. */
async function found(path: string): Promise<{ digests: Map<string, string | null>; container: Container; errors: string[] }> {
  const digests = new Map<string, string | null>();
  const errors: string[] = [];
  let container: Container | null = null;
  for await (const item of inspectMembers(path, { hash: true })) {
    if ('container' in item) ({ container } = item);
    else if ('error' in item) errors.push(`${item.path}: ${item.error.message}`);
    else digests.set(item.path.slice(path.length + 2), item.inspection.sha256);
  }
  return { digests, errors, container: container as unknown as Container };
}

/** The same of the tree on disk; links are followed or not as the archive has them. */
async function expected(links: boolean): Promise<Map<string, string | null>> {
  const digests = new Map<string, string | null>();
  for await (const item of scan([TREE], { hash: true })) {
    const path = item.path.slice(TREE.length + 1);
    if ('inspection' in item && (links || path !== 'bin/soft')) digests.set(path, item.inspection.sha256);
  }
  return digests;
}

const sorted = (map: ReadonlyMap<string, unknown>): [string, unknown][] => [...map].sort(([a], [b]) => (a < b ? -1 : 1));

describe.each<[string, string, string, boolean]>([
  ...['v7', 'gnu', 'pax', 'ustar', 'oldgnu'].map((format): [string, string, string, boolean] => [`GNU tar, ${format}`, 'tar', `tar --format=${format} ${format === 'v7' ? '--exclude=äpp --exclude=a-folder*' : ''} -cf OUT *`, false]),
  ['GNU tar, gzip', 'tar', 'tar czf OUT ./*', false],
  ['GNU tar, xz', 'xz', 'tar cJf OUT ./*', false],
  ['GNU tar, zstd', 'zstd', 'tar --zstd -cf OUT ./*', false],
  ['GNU tar, label and incremental', 'tar', 'tar -V label -g OUT.list -cf OUT *', false],
  ['bsdtar, pax', 'bsdtar', 'bsdtar --format pax -cf OUT *', false],
  ['bsdtar, gzip', 'bsdtar', 'bsdtar -czf OUT *', false],
  ['bsdtar, newc', 'bsdtar', 'bsdtar --format newc -cf OUT *', false],
  ['bsdtar, odc', 'bsdtar', 'bsdtar --format cpio -cf OUT *', false],
  ['cpio', 'cpio', 'find . | cpio --quiet -o -H newc > OUT', false],
  ['bsdtar, zip', 'bsdtar', 'bsdtar --format zip -cf OUT *', false],
  ['zip', 'zip', 'zip -qry OUT.zip . && mv OUT.zip OUT', false],
  ['zip, stored, links followed', 'zip', 'zip -qr0 OUT.zip . && mv OUT.zip OUT', true],
  ['zip through a pipe', 'zip', 'zip -qry - . > OUT', false],
  ['7z, zip', '7z', '7z a -bd -tzip OUT.zip . > /dev/null && mv OUT.zip OUT', false],
  ['Python, zip', 'python3', 'python3 -m zipfile -c OUT bin README a-folder*', true],
  ['Python, tar', 'python3', 'python3 -m tarfile -c OUT bin README a-folder*', false],
])('%s', (_, tool, command, links) => {
  it.skipIf(missing(tool))('has the same executables as the tree', async () => {
    const path = join(FOLDER, `archive-${Math.random().toString(36).slice(2)}`);
    sh(command.replaceAll('OUT', path));
    const { digests, errors, container } = await found(path);
    const wanted = await expected(links);
    if (command.includes('format=v7')) for (const name of [...wanted.keys()]) if (name.startsWith('a-folder')) wanted.delete(name);
    expect(errors).toEqual([]);
    expect(sorted(digests)).toEqual(sorted(wanted));
    expect(container).toMatchObject({ complete: true, size: statSync(path).size, sha256: createHash('sha256').update(readFileSync(path)).digest('hex') });
  });
});

describe('packages', () => {
  const root = join(FOLDER, 'package');
  mkdirSync(join(root, 'DEBIAN'), { recursive: true });
  mkdirSync(join(root, 'usr/bin'), { recursive: true });
  copyFileSync('testdata/elf-armv7', join(root, 'usr/bin/app'));
  writeFileSync(join(root, 'DEBIAN/control'), 'Package: x\nVersion: 1\nArchitecture: arm64\nMaintainer: x <x@example.org>\nDescription: x\n');
  const digest = createHash('sha256').update(readFileSync('testdata/elf-armv7')).digest('hex');

  it.skipIf(missing('dpkg-deb')).each(['gzip', 'xz', 'zstd', 'none'])('dpkg-deb -Z%s', async (compression) => {
    const path = join(FOLDER, `${compression}.deb`);
    sh(`dpkg-deb --root-owner-group -Z${compression} -b ${root} ${path}`);
    const { digests, container } = await found(path);
    expect([...digests]).toEqual([['usr/bin/app', digest]]);
    const listed = sh(`dpkg-deb -c ${path}`).trimEnd().split('\n').length;
    expect(container).toMatchObject({ format: 'deb', complete: true, claims: [{ text: sh(`dpkg-deb -f ${path} Architecture`).trim(), from: 'DEBIAN/control Architecture' }] });
    expect(container.members).toBe(listed + 2); // and ./ with control
  });

  it.skipIf(missing('rpmbuild')).each(['w9.gzdio', 'w6.xzdio', 'w3.zstdio'])('rpmbuild %s', async (payload) => {
    const spec = join(FOLDER, 'x.spec');
    writeFileSync(
      spec,
      `Name: x\nVersion: 1\nRelease: 1\nSummary: x\nLicense: x\n%global __spec_install_post %{nil}\n%global debug_package %{nil}\n%define _binary_payload ${payload}\n%description\nx\n%install\nmkdir -p %{buildroot}/usr/bin\ncp ${join(root, 'usr/bin/app')} %{buildroot}/usr/bin/app\nln %{buildroot}/usr/bin/app %{buildroot}/usr/bin/again\n%files\n/usr/bin/app\n/usr/bin/again\n`,
    );
    sh(`rm -rf rpm && rpmbuild -bb --quiet --target aarch64 --define "_topdir ${FOLDER}/rpm" ${spec}`, FOLDER);
    const path = join(FOLDER, 'rpm/RPMS/aarch64', readdirSync(join(FOLDER, 'rpm/RPMS/aarch64'))[0] as string);
    const { digests, container } = await found(path);
    expect(sorted(digests)).toEqual([['usr/bin/again', digest], ['usr/bin/app', digest]]);
    expect(container).toMatchObject({ format: 'rpm', complete: true, members: sh(`rpm -qlp ${path}`).trimEnd().split('\n').length });
    expect(container.claims).toEqual([{ text: sh(`rpm -qp --qf '%{ARCH}' ${path}`), from: 'header ARCH' }, { text: sh(`rpm -qp --qf '%{OS}' ${path}`), from: 'header OS' }]);
  });

  it.skipIf(missing('ar')).each(['ar rc OUT', 'ar rcT OUT'])('%s', async (command) => {
    const path = join(FOLDER, `lib-${command.includes('rcT') ? 'thin' : 'plain'}.a`);
    sh(`${command.replace('OUT', path)} bin/elf-aarch64_be-object bin/elf-s390x-object bin/elf-bpf-object`);
    const { digests, container } = await found(path);
    expect(container.members).toBe(3);
    if (command.includes('rcT')) expect(container).toMatchObject({ complete: false, binaries: 0 });
    else expect([...digests.keys()]).toEqual(sh(`ar t ${path}`).trimEnd().split('\n'));
  });

  it.skipIf(missing('npm'))('npm pack', async () => {
    const folder = join(FOLDER, 'npm');
    mkdirSync(folder);
    writeFileSync(join(folder, 'package.json'), '{"name":"x","version":"1.0.0","os":["linux"],"cpu":["arm"]}');
    copyFileSync('testdata/elf-armv7', join(folder, 'app'));
    sh('npm pack --silent', folder);
    const { digests, container } = await found(join(folder, 'x-1.0.0.tgz'));
    expect([...digests]).toEqual([['package/app', digest]]);
    expect(container).toMatchObject({ kind: 'npm', format: 'tar.gz', complete: true, claims: [{ text: 'linux', from: 'package/package.json os' }, { text: 'arm', from: 'package/package.json cpu' }] });
  });
});
