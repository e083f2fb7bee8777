// Archives in verify: what they claim, by name and by their own metadata, against what is in them; their members as entries; policies, lists and reports over both.

import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EM, ET, EF_ARM } from '../src/elf/constants.ts';
import { verifyFiles } from '../src/files/verify-files.ts';
import { CPU_TYPE, LC } from '../src/macho/constants.ts';
import type { Policy, PolicyExpectations, VerifyReport } from '../src/model/verdict.ts';
import { MACHINE } from '../src/pe/constants.ts';
import { buildDeb } from './build/ar.ts';
import { buildCpio, buildRpm, rpmHeader } from './build/cpio.ts';
import { buildElf } from './build/elf.ts';
import { buildFat } from './build/fat.ts';
import { buildGzip } from './build/gzip.ts';
import { buildMachO } from './build/macho.ts';
import { buildPe } from './build/pe.ts';
import { buildTar } from './build/tar.ts';
import type { TarPlan } from './build/tar.ts';
import { buildZip } from './build/zip.ts';
import { run } from './terminal.ts';

let folder: string;
const home = process.cwd();

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'binspect-contents-'));
  process.chdir(folder);
});

afterEach(() => {
  process.chdir(home);
  rmSync(folder, { recursive: true });
}, 60_000);

function put(path: string, bytes: Uint8Array | string): string {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), bytes);
  return path;
}

const NOTE = [{ owner: 'GNU', type: 1, data: new Uint8Array([0, 0, 0, 0, 3, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0]) }]; // made for Linux
const linux = (machine: number, plan: Parameters<typeof buildElf>[0] = {}): Uint8Array => buildElf({ machine, notes: NOTE, ...plan });
const library = (machine: number, interpreter: string[] = [], needed: string[] = ['libc.so.6']): Uint8Array => buildElf({ machine, type: ET.DYN, entry: 0n, dynamic: needed.map((name) => [1, name]), ...(interpreter.length === 0 ? {} : { interpreter: interpreter[0] as string }) });
const mac = (cpuType: number, minimum = 11 << 16): Uint8Array => buildMachO({ cpuType, commands: [{ type: LC.BUILD_VERSION, write: (w) => void w.u32(1, minimum, minimum, 0) }] });
const fat = (minimum = 11 << 16): Uint8Array => buildFat({ slices: [CPU_TYPE.X86_64, CPU_TYPE.ARM64].map((cpuType) => ({ cpuType, bytes: mac(cpuType, minimum) })) });
const windows = (machine: number): Uint8Array => buildPe({ machine, wide: machine !== MACHINE.I386 });

const AMD64 = linux(EM.X86_64);
const ARM64 = linux(EM.AARCH64);
const I386 = linux(EM['386'], { wide: false });
const S390X = linux(EM.S390, { little: false });
const WIN64 = windows(MACHINE.AMD64);
const WINARM = windows(MACHINE.ARM64);
const MACARM = mac(CPU_TYPE.ARM64);
const MACX86 = mac(CPU_TYPE.X86_64);

type Files = Readonly<Record<string, Uint8Array | string>>;
const members = (files: Files): TarPlan[] => Object.entries(files).map(([name, data]) => ({ name, data, mode: typeof data === 'string' ? 0o644 : 0o755 }));
const tgz = (files: Files): Uint8Array => gzipSync(buildTar(members(files)));
const zip = (files: Files): Uint8Array => buildZip(Object.entries(files).map(([name, data]) => ({ name, data })));
const deb = (architecture: string, files: Files): Uint8Array => buildDeb(buildTar([{ name: './control', data: `Package: app\nVersion: 1\nArchitecture: ${architecture}\nMaintainer: a <b@c.d>\n` }]), buildGzip(buildTar(members(files))), { data: 'data.tar.gz' });
const rpm = (arch: string, files: Files): Uint8Array => buildRpm(rpmHeader([[1022, arch], [1021, 'linux']]), buildGzip(buildCpio(Object.entries(files).map(([name, data]) => ({ name, data: typeof data === 'string' ? new TextEncoder().encode(data) : data, mode: 0o100755 })))));
const wheel = (tags: readonly string[], files: Files): Uint8Array => zip({ ...files, 'x-1.dist-info/WHEEL': `Wheel-Version: 1.0\nRoot-Is-Purelib: false\n${tags.map((tag) => `Tag: ${tag}\n`).join('')}` });
const npm = (manifest: object, files: Files): Uint8Array => tgz({ 'package/package.json': JSON.stringify({ name: 'x', version: '1.0.0', ...manifest }), ...files });
const vsix = (platform: string | null, files: Files): Uint8Array => zip({ 'extension.vsixmanifest': `<PackageManifest><Metadata><Identity Id="x" Version="1"${platform === null ? '' : ` TargetPlatform="${platform}"`}/></Metadata></PackageManifest>`, ...files });
const nupkg = (files: Files): Uint8Array => zip({ 'x.nuspec': '<package/>', '[Content_Types].xml': '<Types/>', ...files });
const pkginfo = (arch: string, files: Files): Uint8Array => tgz({ '.PKGINFO': `pkgname = x\narch = ${arch}\n`, ...files });
const archPackage = (arch: string, files: Files): Uint8Array => tgz({ '.PKGINFO': `pkgname = x\narch = ${arch}\n`, '.MTREE': 'x', ...files });
const conda = (index: object, files: Files): Uint8Array => tgz({ 'info/index.json': JSON.stringify(index), ...files });

/** Statuses of the findings about what an archive holds, with the exit status. */
async function verdict(name: string, bytes: Uint8Array): Promise<{ status: number; contents: string[]; report: VerifyReport }> {
  put(name, bytes);
  const { status, out } = await run(['verify', '--target-from-name', '-o', 'json', name]);
  const report = JSON.parse(out) as VerifyReport;
  return { status, contents: report.files.flatMap(({ findings }) => findings.filter(({ rule }) => rule === 'contents').map((one) => one.status)), report };
}

/** A package, and what comes of it: the exit status. */
type Case = readonly [what: string, status: number, name: string, bytes: () => Uint8Array];

const RIGHT: readonly Case[] = [
  ['a tar.gz', 0, 'app_1.2.3_linux_arm64.tar.gz', () => tgz({ 'README.md': 'x', app: ARM64 })],
  ['in a folder of its name', 0, 'app-1.0-linux-amd64.tar.gz', () => tgz({ 'app-1.0-linux-amd64/bin/app': AMD64 })],
  ['a zip', 0, 'app_1.2.3_windows_amd64.zip', () => zip({ 'app.exe': WIN64 })],
  ['a universal program', 0, 'app_darwin_all.tar.gz', () => tgz({ app: fat() })],
  ['one program compressed alone', 0, 'app_linux_arm64.gz', () => gzipSync(ARM64)],
  ['.deb', 0, 'app_1_arm64.deb', () => deb('arm64', { './usr/bin/app': ARM64 })],
  ['.deb named as goreleaser does', 0, 'app_1.2.3_linux_386.deb', () => deb('i386', { './usr/bin/app': I386 })],
  ['.deb for all', 0, 'app_1_all.deb', () => deb('all', { './usr/share/x': 'text' })],
  ['.rpm', 0, 'app-1-1.s390x.rpm', () => rpm('s390x', { './usr/bin/app': S390X })],
  ['npm', 0, 'x-linux-arm64-1.0.0.tgz', () => npm({ os: ['linux'], cpu: ['arm64'], main: 'x.node' }, { 'package/x.node': library(EM.AARCH64) })],
  ['npm with prebuilds for several', 0, 'x-1.0.0.tgz', () => npm({}, { 'package/prebuilds/darwin-arm64/x.node': MACARM, 'package/prebuilds/linux-x64/x.node': library(EM.X86_64) })],
  ['wheel', 0, 'x-1-cp312-cp312-manylinux_2_17_x86_64.whl', () => wheel(['cp312-cp312-manylinux_2_17_x86_64'], { 'x/_x.cpython-312-x86_64-linux-gnu.so': library(EM.X86_64) })],
  ['wheel with a set of tags', 0, 'x-1-py3-none-manylinux_2_17_x86_64.manylinux2014_x86_64.whl', () => wheel(['py3-none-manylinux_2_17_x86_64', 'py3-none-manylinux2014_x86_64'], { 'x/x.so': library(EM.X86_64) })],
  ['wheel for any, with launchers of Windows', 0, 'x-1-py3-none-any.whl', () => wheel(['py3-none-any'], { 'x/cli-64.exe': WIN64, 'x/cli-arm64.exe': WINARM })],
  ['universal2 wheel', 0, 'x-1-cp312-cp312-macosx_10_13_universal2.whl', () => wheel(['cp312-cp312-macosx_10_13_universal2'], { 'x/_x.so': buildFat({ slices: [{ cpuType: CPU_TYPE.X86_64, bytes: mac(CPU_TYPE.X86_64, (10 << 16) | (13 << 8)) }, { cpuType: CPU_TYPE.ARM64, bytes: mac(CPU_TYPE.ARM64) }] }) })],
  ['Alpine', 0, 'x-1-r0.apk', () => pkginfo('aarch64', { 'usr/bin/x': linux(EM.AARCH64, { interpreter: '/lib/ld-musl-aarch64.so.1', notes: [] }) })],
  ['Arch', 0, 'x-1-1-x86_64.pkg.tar.gz', () => archPackage('x86_64', { 'usr/bin/x': AMD64 })],
  ['conda', 0, 'x-1-0.tar.gz', () => conda({ subdir: 'osx-arm64' }, { 'bin/x': MACARM })],
  ['nupkg', 0, 'x.1.0.0.nupkg', () => nupkg({ 'runtimes/linux-x64/native/libx.so': library(EM.X86_64), 'runtimes/win-arm64/native/x.dll': WINARM })],
  ['vsix', 0, 'x-linux-x64-1.0.0.vsix', () => vsix('linux-x64', { 'extension/bin/x': AMD64 })],
  ['vsix for all', 0, 'x-1.0.0.vsix', () => vsix(null, { 'extension/bin/linux-x64/x': AMD64, 'extension/bin/win32-arm64/x.exe': WINARM })],
  ['jar', 0, 'x.jar', () => zip({ 'META-INF/MANIFEST.MF': 'Bundle-NativeCode: lib/x.so; osname=Linux; processor=aarch64\n', 'lib/x.so': library(EM.AARCH64), 'com/sun/jna/linux-x86-64/libj.so': library(EM.X86_64) })],
  ['bottle', 0, 'x--1.0.arm64_sonoma.bottle.tar.gz', () => tgz({ 'x/1.0/bin/x': mac(CPU_TYPE.ARM64, 14 << 16) })],
  ['apk of Android', 0, 'x.apk', () => zip({ 'AndroidManifest.xml': 'x', 'classes.dex': 'x', 'lib/arm64-v8a/libx.so': library(EM.AARCH64, [], ['libc.so', 'liblog.so']) })],
  ['what tests carry is not judged', 0, 'app_linux_amd64.tar.gz', () => tgz({ app: AMD64, 'src/testdata/other': S390X })],
  ['launchers without an x bit are not judged', 0, 'python_linux_arm64.tar.gz', () => gzipSync(buildTar([{ name: 'bin/python', data: ARM64, mode: 0o755 }, { name: 'lib/pip/t64.exe', data: WIN64, mode: 0o644 }]))],
  ['the folder within is nearer', 0, 'app-1.0.0-linux-x64.tgz', () => tgz({ 'app/bin/app': AMD64, 'app/node_modules/x/prebuilds/darwin-arm64/x.node': MACARM })],
  ['libraries of Java beside it', 0, 'app_linux_amd64.tar.gz', () => tgz({ 'bin/app': AMD64, 'lib/netty.jar': zip({ 'META-INF/MANIFEST.MF': '', 'META-INF/native/libnetty_linux_aarch_64.so': library(EM.AARCH64) }) })],
  ['sources are for nobody', 3, 'app_linux_amd64_src.tar.gz', () => tgz({ 'main.c': 'int main;' })],
]; // prettier-ignore

const WRONG: readonly Case[] = [
  ['a tar.gz', 1, 'app_1.2.3_linux_arm64.tar.gz', () => tgz({ 'README.md': 'x', app: AMD64 })],
  ['for another system', 1, 'app_1.2.3_linux_arm64.tar.gz', () => tgz({ app: MACARM })],
  ['one of two', 1, 'app_linux_arm64.tar.gz', () => tgz({ app: ARM64, tool: AMD64 })],
  ['one of two is for another system', 1, 'app_linux_arm64.tar.gz', () => tgz({ app: ARM64, tool: MACARM })],
  ['a folder of another name', 1, 'helm-v3-linux-arm64.tar.gz', () => tgz({ 'linux-amd64/helm': AMD64 })],
  ['a zip', 1, 'app_1.2.3_windows_arm64.zip', () => zip({ 'app.exe': WIN64 })],
  ['half of a universal program', 1, 'app_darwin_all.tar.gz', () => tgz({ app: MACARM })],
  ['one program compressed alone', 1, 'app_linux_arm64.gz', () => gzipSync(AMD64)],
  ['a package in an archive', 1, 'release.tar.gz', () => tgz({ 'app_1_arm64.deb': deb('arm64', { './usr/bin/app': AMD64 }) })],
  ['.deb: name and content right, field wrong', 1, 'app_1_arm64.deb', () => deb('amd64', { './usr/bin/app': ARM64 })],
  ['.deb: field and content right, name wrong', 1, 'app_1_amd64.deb', () => deb('arm64', { './usr/bin/app': ARM64 })],
  ['.deb: the folder is that of the content', 1, 'app_1_arm64.deb', () => deb('arm64', { './usr/lib/x86_64-linux-gnu/libx.so': library(EM.X86_64) })],
  ['.deb: no architecture of Debian', 1, 'app_1.deb', () => deb('arm64v8.0', { './usr/bin/app': ARM64 })],
  ['.deb: a wildcard', 1, 'app_1.deb', () => deb('linux-any', { './usr/bin/app': ARM64 })],
  ['.deb: for all', 1, 'app_1_all.deb', () => deb('all', { './usr/bin/app': AMD64 })],
  ['.deb: soft float', 1, 'app_1_armhf.deb', () => deb('armhf', { './usr/bin/app': linux(EM.ARM, { wide: false, flags: 0x0500_0000 | EF_ARM.SOFT_FLOAT, interpreter: '/lib/ld-linux.so.3' }) })],
  ['.rpm', 1, 'app-1-1.aarch64.rpm', () => rpm('aarch64', { './usr/bin/app': AMD64 })],
  ['.rpm: noarch', 1, 'app-1-1.noarch.rpm', () => rpm('noarch', { './usr/bin/app': AMD64 })],
  ['npm: cpu', 1, 'x-1.0.0.tgz', () => npm({ os: ['linux'], cpu: ['arm64'] }, { 'package/x.node': library(EM.X86_64) })],
  ['npm: a main that is not there', 1, 'x-1.0.0.tgz', () => npm({ os: ['linux'], cpu: ['x64'], main: 'y.node' }, { 'package/x.node': library(EM.X86_64) })],
  ['npm: prebuilds', 1, 'x-1.0.0.tgz', () => npm({}, { 'package/prebuilds/linux-arm64/x.node': library(EM.X86_64) })],
  ['wheel: architecture', 1, 'x-1-cp312-cp312-manylinux_2_17_aarch64.whl', () => wheel(['cp312-cp312-manylinux_2_17_aarch64'], { 'x/_x.so': library(EM.X86_64) })],
  ['wheel: name and WHEEL differ', 1, 'x-1-py3-none-manylinux_2_28_x86_64.whl', () => wheel(['py3-none-manylinux_2_17_x86_64'], { 'x/x.so': library(EM.X86_64) })],
  ['wheel: for any', 1, 'x-1-py3-none-any.whl', () => wheel(['py3-none-any'], { 'x/x.so': library(EM.X86_64) })],
  ['wheel: universal2 of one slice', 1, 'x-1-cp312-cp312-macosx_11_0_universal2.whl', () => wheel(['cp312-cp312-macosx_11_0_universal2'], { 'x/_x.so': MACARM })],
  ['wheel: a newer macOS', 1, 'x-1-cp312-cp312-macosx_11_0_arm64.whl', () => wheel(['cp312-cp312-macosx_11_0_arm64'], { 'x/_x.so': mac(CPU_TYPE.ARM64, 12 << 16) })],
  ['wheel: a tag that pip accepts nowhere', 1, 'x-1-cp312-cp312-macosx_11_3_arm64.whl', () => wheel(['cp312-cp312-macosx_11_3_arm64'], { 'x/_x.so': MACARM })],
  ['wheel: a tag that nobody accepts', 1, 'x-1-cp312-cp312-macosx_10_9_arm64.whl', () => wheel(['cp312-cp312-macosx_10_9_arm64'], { 'x/_x.so': MACARM })],
  ['wheel: modules of another Python', 1, 'x-1-cp312-cp312-win_amd64.whl', () => wheel(['cp312-cp312-win_amd64'], { 'x/_x.cp311-win_amd64.pyd': WIN64 })],
  ['Alpine', 1, 'x-1-r0.apk', () => pkginfo('aarch64', { 'usr/bin/x': AMD64 })],
  ['Alpine: glibc', 1, 'x-1-r0.apk', () => pkginfo('x86_64', { 'usr/bin/x': linux(EM.X86_64, { interpreter: '/lib64/ld-linux-x86-64.so.2' }) })],
  ['Arch', 1, 'x-1-1-x86_64.pkg.tar.gz', () => archPackage('x86_64', { 'usr/bin/x': ARM64 })],
  ['conda', 1, 'x-1-0.tar.gz', () => conda({ subdir: 'osx-arm64' }, { 'bin/x': MACX86 })],
  ['conda without a subdir', 1, 'x-1-0.tar.gz', () => conda({ platform: 'linux', arch: 'x86_64' }, { 'bin/x': ARM64 })],
  ['nupkg', 1, 'x.1.0.0.nupkg', () => nupkg({ 'runtimes/win-arm64/native/x.dll': WIN64 })],
  ['nupkg: musl under glibc', 1, 'x.1.0.0.nupkg', () => nupkg({ 'runtimes/linux-x64/native/libx.so': library(EM.X86_64, [], ['libc.musl-x86_64.so.1']) })],
  ['vsix', 1, 'x-1.0.0.vsix', () => vsix('alpine-arm64', { 'extension/bin/x': AMD64 })],
  ['vsix: a platform that VS Code does not know', 1, 'x-1.0.0.vsix', () => vsix('linux-arm', { 'extension/bin/x': AMD64 })],
  ['jar: Bundle-NativeCode', 1, 'x.jar', () => zip({ 'META-INF/MANIFEST.MF': 'Bundle-NativeCode: lib/x.so; osname=Linux; processor=aarch64\n', 'lib/x.so': library(EM.X86_64) })],
  ['jar: its folders', 1, 'x.jar', () => zip({ 'META-INF/MANIFEST.MF': '', 'com/sun/jna/linux-aarch64/libj.so': library(EM.X86_64) })],
  ['bottle: architecture', 1, 'x--1.0.sonoma.bottle.tar.gz', () => tgz({ 'x/1.0/bin/x': MACARM })],
  ['bottle: a newer macOS', 1, 'x--1.0.arm64_monterey.bottle.tar.gz', () => tgz({ 'x/1.0/bin/x': mac(CPU_TYPE.ARM64, 14 << 16) })],
  ['apk of Android', 1, 'x.apk', () => zip({ 'AndroidManifest.xml': 'x', 'classes.dex': 'x', 'lib/arm64-v8a/libx.so': library(EM.X86_64, [], ['libc.so']) })],
  ['ipa for a simulator', 1, 'x.ipa', () => zip({ 'Payload/x.app/x': buildMachO({ cpuType: CPU_TYPE.ARM64, commands: [{ type: LC.BUILD_VERSION, write: (w) => void w.u32(7, 14 << 16, 14 << 16, 0) }] }) })],
  ['nothing in it', 3, 'app_linux_arm64.tar.gz', () => tgz({ 'README.md': 'x' })],
  ['cut short', 3, 'app_linux_arm64.tar.gz', () => tgz({ app: ARM64 }).subarray(0, -20)],
  ['cut short, and wrong before that', 3, 'app_linux_arm64.tar.gz', () => tgz({ app: AMD64, b: ARM64 }).subarray(0, -20)],
  ['encrypted', 3, 'app_linux_arm64.zip', () => buildZip([{ name: 'app', data: ARM64, flags: 1 }])],
  ['a method that is not read', 3, 'app_linux_arm64.zip', () => buildZip([{ name: 'app', data: ARM64, method: 14 }])],
  ['no archive', 3, 'app_linux_arm64.tar.gz', () => new TextEncoder().encode('<!DOCTYPE html><html></html>')],
  ['empty', 3, 'app_linux_arm64.tar.gz', () => new Uint8Array(0)],
  ['the same name twice in a zip', 1, 'app_linux_arm64.zip', () => buildZip([{ name: 'app', data: AMD64 }, { name: 'app', data: ARM64 }])],
]; // prettier-ignore

describe('packages that are what they claim', () => {
  it.each(RIGHT)('%s', async (_, wanted, name, bytes) => {
    const { status, report } = await verdict(name, bytes());
    expect({ status, bad: report.files.flatMap(({ path, findings }) => findings.filter((one) => one.status === 'fail' || (wanted === 0 && one.status !== 'pass')).map((one) => `${path}: ${one.message}`)) }).toEqual({ status: wanted, bad: [] });
  });
});

describe('packages that are not', () => {
  it.each(WRONG)('%s', async (_, wanted, name, bytes) => {
    const { status, report } = await verdict(name, bytes());
    expect({ status, ok: report.ok }, JSON.stringify(report.files, null, 1)).toEqual({ status: wanted, ok: false });
  });
});

describe('members as entries', () => {
  const check = async (expectations: PolicyExpectations, paths: readonly string[], policy: Partial<Policy> = {}): Promise<VerifyReport> => verifyFiles({ version: 1, ...policy }, { paths, overrides: expectations });
  const lines = ({ files }: VerifyReport): string[] => files.map(({ path, findings, error }) => `${path} ${findings.map(({ rule, status }) => `${rule}:${status}`).join(' ')}${error === null ? '' : ` (${error.code})`}`);
  const sum = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex');

  it('each executable that counts is asked what a file is asked, the archive what bytes are asked', async () => {
    put('a.tar.gz', tgz({ 'README.md': 'x', 'bin/app': AMD64, 'lib/libx.so': library(EM.X86_64), 'testdata/x': ARM64 }));
    expect(lines(await check({ target: 'linux/amd64', maxSize: '1MiB' }, ['a.tar.gz']))).toEqual(['a.tar.gz maxSize:pass contents:pass', 'a.tar.gz!/bin/app target:pass', 'a.tar.gz!/lib/libx.so target:pass']);
    expect(lines(await check({ target: 'linux/arm64' }, ['a.tar.gz']))).toEqual(['a.tar.gz contents:pass', 'a.tar.gz!/bin/app target:fail', 'a.tar.gz!/lib/libx.so target:fail']);
    expect(lines(await check({ sha256: sum('x') }, ['a.tar.gz']))).toEqual(['a.tar.gz sha256:fail']);
  });

  it('says the way to each in JSON, and the archive in the other forms', async () => {
    put('b.tgz', tgz({ 'x.deb': deb('arm64', { './usr/bin/app': ARM64 }) }));
    const { files } = await check({ stripped: false }, ['b.tgz']);
    expect(files.at(-1)).toMatchObject({ path: 'b.tgz!/x.deb!/usr/bin/app', inside: [{ path: 'b.tgz', format: 'tar.gz', member: 'x.deb' }, { path: 'b.tgz!/x.deb', format: 'deb', member: './usr/bin/app' }] });
    expect((await run(['verify', '--target', 'linux/amd64', '-o', 'github', 'b.tgz'])).out).toContain('::error file=b.tgz,title=binspect target%3A fail::b.tgz!/x.deb!/usr/bin/app: expected linux/amd64');
    expect((await run(['verify', '--target', 'linux/amd64', '-o', 'junit', 'b.tgz'])).out).toContain('<property name="archive" value="b.tgz"/>');
    const sarif = JSON.parse((await run(['verify', '--target', 'linux/amd64', '-o', 'sarif', 'b.tgz'])).out) as { runs: [{ artifacts: unknown; results: unknown[] }] };
    expect(sarif.runs[0].artifacts).toEqual([{ location: { uri: 'b.tgz' } }, { location: { uri: 'x.deb' }, parentIndex: 0 }, { location: { uri: 'usr/bin/app' }, parentIndex: 1 }]);
    expect(sarif.runs[0].results[0]).toMatchObject({ locations: [{ physicalLocation: { artifactLocation: { uri: 'b.tgz', index: 0 } } }], relatedLocations: [{ physicalLocation: { artifactLocation: { index: 2 } } }] });
  });

  it('globs of a policy go into archives, count what they name, and what they leave out is unmatched', async () => {
    put('dist/app_linux_amd64.tar.gz', tgz({ 'bin/app': AMD64, 'README.md': 'x' }));
    put('dist/app_linux_arm64.tar.gz', tgz({ 'bin/app': ARM64, 'README.md': 'x' }));
    const artifacts = [{ files: ['dist/*_linux_*.tar.gz!/bin/app'], count: 2, expect: { kind: 'executable' as const } }];
    expect(lines(await check({}, [], { artifacts }))).toEqual([
      'dist/app_linux_amd64.tar.gz contents:pass',
      'dist/app_linux_amd64.tar.gz!/bin/app kind:pass',
      'dist/app_linux_arm64.tar.gz contents:pass',
      'dist/app_linux_arm64.tar.gz!/bin/app kind:pass',
      'dist/*_linux_*.tar.gz!/bin/app count:pass',
    ]);
    put('dist/app_linux_arm64.tar.gz', tgz({ 'bin/app': ARM64, 'bin/more': ARM64 }));
    expect((await check({}, [], { artifacts })).ok).toBe(false);
    expect(lines(await check({}, [], { artifacts: [{ files: ['dist/*.tar.gz!/sbin/*'], expect: { pie: true } }] })).filter((line) => line.includes('files:fail'))).toHaveLength(1);
  });

  it('--init describes what archives hold, and the policy holds', async () => {
    put('dist/app_linux_amd64.tar.gz', tgz({ app: AMD64, 'README.md': 'x' }));
    put('dist/app_windows_arm64.zip', zip({ 'app.exe': WINARM }));
    put('dist/notes.zip', zip({ 'notes.txt': 'x' }));
    put('dist/broken.tar.gz', tgz({ app: AMD64 }).subarray(0, 60));
    expect((await run(['verify', '--init', '--policy', 'policy.json', 'dist'])).status).toBe(0);
    expect((await run(['verify', '--policy', 'policy.json', 'dist'])).out).toMatch(/^OK {2}/m);
    put('dist/app_linux_amd64.tar.gz', tgz({ app: ARM64, 'README.md': 'x' }));
    expect((await run(['verify', '--policy', 'policy.json', 'dist'])).status).toBe(1);
  });

  it('lists are of archives by their own digest, and of members where they say so', async () => {
    const bytes = tgz({ app: AMD64, 'README.md': 'x' });
    put('dist/app_linux_amd64.tar.gz', bytes);
    put('dist/SUMS', `${sum(bytes)}  app_linux_amd64.tar.gz\n${sum(AMD64)}  app_linux_amd64.tar.gz!/app\n${sum('x')}  app_linux_amd64.tar.gz!/README.md\n`);
    expect(lines(await check({}, ['dist'], { sums: { file: 'dist/SUMS' } }))).toEqual(['dist/app_linux_amd64.tar.gz sums:pass', 'dist/app_linux_amd64.tar.gz!/app sums:pass', 'dist/app_linux_amd64.tar.gz!/README.md sums:pass']);
    put('dist/SUMS', `${sum('y')}  app_linux_amd64.tar.gz!/README.md\n${sum('x')}  app_linux_amd64.tar.gz!/nothing\n`);
    expect((await check({}, ['dist'], { sums: { file: 'dist/SUMS', coverage: 'listed' } })).ok).toBe(false);
  });

  it('--unique: the same archive, and the same program in two archives, under two targets', async () => {
    put('dist/app_linux_amd64.tar.gz', tgz({ app: AMD64 }));
    put('dist/app_linux_arm64.tar.gz', tgz({ app: ARM64 }));
    put('dist/app_linux_arm64.zip', zip({ app: ARM64 })); // a copy for the same target
    expect((await run(['verify', '--unique', '--target-from-name', 'dist'])).status).toBe(0);
    put('dist/app_linux_arm64.tar.gz', tgz({ app: AMD64, 'README.md': 'x' }));
    expect(lines(await check({ unique: true }, ['dist'])).filter((line) => line.includes('unique:fail'))).toEqual(['dist/app_linux_arm64.tar.gz!/app unique:fail']);
    put('dist/app_linux_arm64.tar.gz', tgz({ app: AMD64 }));
    expect(lines(await check({ unique: true }, ['dist'])).filter((line) => line.includes('unique:fail'))).toHaveLength(2);
  });

  it('which archives of a folder are opened', async () => {
    put('dist/x.tar.gz', tgz({ app: AMD64 }));
    put('dist/app_linux_arm64.tar.gz', tgz({ app: AMD64 }));
    const status = async (...args: string[]): Promise<[number, string]> => {
      const { status: ended, out } = await run(['verify', '--target', 'linux/arm64', ...args]);
      return [ended, /skipped .*/.exec(out)?.[0] ?? ''];
    };
    expect(await status('dist')).toEqual([1, 'skipped 1 archive']);
    expect(await status('--archives', 'dist')).toEqual([1, '']);
    expect((await run(['verify', '--target', 'linux/amd64', '--archives', 'dist'])).status).toBe(0);
    expect(await status('dist/x.tar.gz')).toEqual([1, '']);
    expect((await run(['verify', '--target', 'linux/amd64', '--no-archives', 'dist/x.tar.gz'])).status).toBe(3);
  });

  it('a member is an input of its own', async () => {
    const path = put('app_linux_arm64.tar.gz', tgz({ 'bin/app': ARM64, 'README.md': 'x' }));
    expect(lines(await check({ targetFromName: true, maxSize: '1MiB' }, [`${path}!/bin/app`]))).toEqual([`${path}!/bin/app targetFromName:pass maxSize:pass`]);
    expect(lines(await check({ target: 'linux/amd64' }, [`${path}!/bin/app`, `${path}!/nothing`, `${path}!/README.md`]))).toEqual([`${path}!/bin/app target:fail`, `${path}!/nothing target:unknown (io)`, `${path}!/README.md target:unknown (unrecognized)`]);
  });

  it('limits make an archive incomplete', async () => {
    put('app_linux_arm64.tar.gz', tgz(Object.fromEntries(Array.from({ length: 20 }, (_, at) => [`f${at}`, ARM64]))));
    const report = await verifyFiles({ version: 1, defaults: { targetFromName: true } }, { paths: ['app_linux_arm64.tar.gz'], limits: { members: 10 } });
    expect(report.files[0]).toMatchObject({ error: { code: 'limit-exceeded' }, findings: [{ rule: 'contents', status: 'unknown' }, { rule: 'contents', status: 'unknown' }] });
  });
});
