// Packages that the field's own tools make: each passes with the program that it claims, and fails with another one in its place, in a folder of all of them too.

import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { inspectMembers } from '../../src/files/inspect-members.ts';
import { verifyFiles } from '../../src/files/verify-files.ts';
import { inspect } from '../../src/inspect/inspect.ts';
import type { VerifyReport } from '../../src/model/verdict.ts';
import { toJSON } from '../../src/render/json.ts';
import { missing, shell } from './tools.ts';

const FOLDER = mkdtempSync(join(tmpdir(), 'binspect-oracle-verify-'));
afterAll(() => rmSync(FOLDER, { recursive: true }));
const RIGHT = join(process.cwd(), 'testdata/elf-x86_64-glibc');
const WRONG = join(process.cwd(), 'testdata/elf-riscv64');

const sh = shell;

const CONTROL = 'Package: app\nVersion: 1\nArchitecture: amd64\nMaintainer: x <x@example.org>\nDescription: x\n';
const SPEC = 'Name: app\nVersion: 1\nRelease: 1\nSummary: x\nLicense: x\n%global __spec_install_post %{nil}\n%global debug_package %{nil}\n%description\nx\n%install\nmkdir -p %{buildroot}/usr/bin\ncp app %{buildroot}/usr/bin/app\n%files\n/usr/bin/app\n';
const WHEEL = 'import zipfile,sys\nz=zipfile.ZipFile(sys.argv[1],"w",zipfile.ZIP_DEFLATED)\nz.write("app","x/libx.so")\nz.writestr("x-1.dist-info/WHEEL","Wheel-Version: 1.0\\nTag: py3-none-linux_x86_64\\n")\nz.close()\n';

/** What makes a package of `app`, in a folder of its own; the package's name, its tool, the command, and what lists its members. */
const PACKAGES: readonly (readonly [name: string, tool: string, command: string, list: string])[] = [
  ['app_1_linux_amd64.tar.gz', 'tar', 'tar czf OUT README.md app', 'tar tf OUT'],
  ['app_1_linux_amd64.tar', 'tar', 'tar --format=pax -cf OUT ./app ./README.md', 'bsdtar tf OUT'],
  ['app_1_linux_amd64.tar.xz', 'xz', 'tar cJf OUT app', 'tar tf OUT'],
  ['app_1_linux_amd64.tar.zst', 'zstd', 'tar --zstd -cf OUT app', 'tar tf OUT'],
  ['app_1_linux_amd64.tgz', 'bsdtar', 'bsdtar -czf OUT app README.md', 'bsdtar tf OUT'],
  ['app_1_linux_amd64.zip', 'zip', 'zip -qr OUT app README.md', 'unzip -Z1 OUT'],
  ['app-1-linux-x86_64.zip', '7z', '7z a -bd -tzip OUT app README.md > /dev/null', 'unzip -Z1 OUT'],
  ['app-1-linux-x64.zip', 'bsdtar', 'bsdtar --format zip -cf OUT app README.md', 'bsdtar tf OUT'],
  ['app_linux_amd64.gz', 'gzip', 'gzip -c app > OUT', 'echo app'],
  ['app_1_linux_amd64.cpio', 'cpio', 'find app README.md | cpio --quiet -o -H newc > OUT', 'bsdtar tf OUT'],
  ['app_1_amd64.deb', 'dpkg-deb', 'mkdir -p p/DEBIAN p/usr/bin && cp app p/usr/bin && cp control p/DEBIAN && dpkg-deb --root-owner-group -b p OUT > /dev/null', "dpkg-deb -c OUT | awk '{ print $6 }'; echo ./; echo ./control"],
  ['app-1-1.x86_64.rpm', 'rpmbuild', 'rpmbuild -bb --quiet --build-in-place --target x86_64 --define "_topdir $PWD/rpm" app.spec 2> /dev/null && mv rpm/RPMS/x86_64/*.rpm OUT', 'rpm -qlp OUT'],
  ['x-1-py3-none-linux_x86_64.whl', 'python3', 'python3 wheel.py OUT', 'unzip -Z1 OUT'],
  ['app-linux-x64-1.0.0.tgz', 'npm', 'mkdir n && cp app package.json n && cd n && npm pack --silent > /dev/null && mv *.tgz OUT', 'tar tf OUT'],
]; // prettier-ignore

let made = 0;
function make(program: string, out: string, command: string): void {
  const folder = join(FOLDER, `work-${made++}`);
  mkdirSync(folder);
  copyFileSync(program, join(folder, 'app'));
  sh('chmod 755 app', folder);
  writeFileSync(join(folder, 'README.md'), 'read me\n');
  writeFileSync(join(folder, 'control'), CONTROL);
  writeFileSync(join(folder, 'app.spec'), SPEC);
  writeFileSync(join(folder, 'wheel.py'), WHEEL);
  writeFileSync(join(folder, 'package.json'), '{"name":"app-linux-x64","version":"1.0.0","os":["linux"],"cpu":["x64"],"bin":"app"}');
  sh(command.replaceAll('OUT', out), folder);
}

const judge = (path: string): Promise<VerifyReport> => verifyFiles({ version: 1, defaults: { targetFromName: true } }, { paths: [path] });
const bad = ({ files }: VerifyReport): string[] => files.flatMap(({ path, findings, error }) => [...findings.filter(({ status }) => status !== 'pass').map(({ message }) => `${path}: ${message}`), ...(error === null ? [] : [`${path}: ${error.message}`])]);

describe.each(PACKAGES)('%s', (name, tool, command, list) => {
  it.skipIf(missing(tool))('passes with its own program, fails with another, and has the members that its tool lists', async () => {
    const right = join(FOLDER, name);
    make(RIGHT, right, command);
    expect(bad(await judge(right))).toEqual([]);
    let members = -1;
    for await (const item of inspectMembers(right, { hash: true, facts: 'all' })) {
      if ('container' in item) ({ members } = item.container);
      else if ('inspection' in item) expect(toJSON({ ...item.inspection, path: null })).toBe(toJSON({ ...(await inspect(RIGHT, { hash: true, facts: 'all' })), path: null }));
    }
    expect(members).toBe(sh(list.replaceAll('OUT', right), FOLDER).trimEnd().split('\n').length);

    mkdirSync(join(FOLDER, 'wrong'), { recursive: true });
    const wrong = join(FOLDER, 'wrong', name);
    make(WRONG, wrong, command);
    const report = await judge(wrong);
    expect(report.ok).toBe(false);
    expect(report.files[0]).toMatchObject({ path: wrong, error: null, findings: expect.arrayContaining([expect.objectContaining({ rule: 'contents', status: 'fail', found: expect.stringContaining(`linux/riscv64 in ${wrong}!/`) as string })]) as unknown[] });
  });
});

it.skipIf(missing('dpkg-deb'))('a folder of them: nothing is configured, and just the package with another program in it fails', async () => {
  const folder = join(FOLDER, 'dist');
  mkdirSync(folder);
  const there = PACKAGES.filter(([, tool]) => !missing(tool));
  for (const [name, , command] of there) make(RIGHT, join(folder, name), command);
  expect(bad(await judge(folder))).toEqual([]);
  for (const [name, , command] of there) {
    const kept = readFileSync(join(folder, name));
    rmSync(join(folder, name));
    make(WRONG, join(folder, name), command);
    const report = await judge(folder);
    expect(report.files.filter(({ findings }) => findings.some(({ status }) => status === 'fail')).map(({ path }) => path)).toEqual([join(folder, name)]);
    writeFileSync(join(folder, name), kept);
  }
});
