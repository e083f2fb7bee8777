// Targets in all their spellings, and what names claim.

import { describe, expect, it } from 'vitest';
import type { Binary } from '../src/model/binary.ts';
import { platformOf } from '../src/model/platform.ts';
import type { PlatformSeed } from '../src/model/platform.ts';
import { claimsOfPath } from '../src/verify/targets/claims.ts';
import { matchesPackage, packagePlatforms } from '../src/verify/targets/package-json.ts';
import { isNamedOtherwise, isNamedProgram } from '../src/verify/targets/programs.ts';
import { matchesTarget, parseTarget, targetText } from '../src/verify/targets/target.ts';
import type { Target } from '../src/verify/targets/target.ts';
import { elf, machO, platform } from './build/binary.ts';
import { withinSync } from './cost.ts';

function target(text: string): Target {
  const parsed = parseTarget(text);
  if (typeof parsed === 'string') throw new Error(parsed);
  return parsed;
}

describe('targets', () => {
  it.each([
    ['linux/arm64', 'linux/arm64'],
    ['linux-arm64', 'linux/arm64'],
    ['Linux/ARM64', 'linux/arm64'],
    ['linux/arm/v7', 'linux/arm/v7'],
    ['linux/amd64/v3', 'linux/amd64/v3'],
    ['aarch64-unknown-linux-musl', 'linux/arm64 (musl)'],
    ['aarch64-linux-gnu', 'linux/arm64 (glibc)'],
    ['linux-x64-musl', 'linux/amd64 (musl)'],
    ['armv7-unknown-linux-gnueabihf', 'linux/arm/v7 (glibc, eabihf)'],
    ['thumbv7neon-linux-androideabi', 'android/arm/v7'],
    ['aarch64-linux-android', 'android/arm64'],
    ['x86_64-pc-windows-msvc', 'windows/amd64'],
    ['win32-x64', 'windows/amd64'],
    ['win32-ia32', 'windows/386'],
    ['windows/386', 'windows/386'],
    ['x86_64-apple-darwin', 'darwin/amd64'],
    ['macos-arm64', 'darwin/arm64'],
    ['x86_64h-apple-darwin', 'darwin/x86_64h'],
    ['aarch64-apple-ios-sim', 'ios/arm64 (sim)'],
    ['darwin/universal', 'darwin/universal (amd64 and arm64)'],
    ['darwin-universal', 'darwin/universal (amd64 and arm64)'],
    ['universal-apple-darwin', 'darwin/universal (amd64 and arm64)'],
    ['x86_64-unknown-linux-gnux32', 'linux/x32 (glibc)'],
    ['x86_64-unknown-freebsd13.2', 'freebsd/amd64'],
    ['sunos-x64', 'solaris or illumos/amd64'],
    ['linux/ppc64', 'linux/ppc64'],
    ['linux-ppc64', 'linux/ppc64 or ppc64le'], // Node has one word for both
  ])('%s is %s', (written, read) => {
    expect(targetText(target(written))).toBe(read);
  });

  it.each([
    ['linux/arm46', /'arm46' is no system, architecture or C library; did you mean arm/],
    ['linus/arm64', /did you mean linux\?/],
    ['linux', /names no architecture/],
    ['arm64', /names no system/],
    ['universal', /names no system/],
    ['', /names no system/],
    ['linux/windows/amd64', /more than one system/],
    ['linux/amd64/arm64', /more than one architecture/],
    ['linux/amd64 ; rm', /'rm'|';'/],
  ])('%s is none', (written, message) => {
    expect(parseTarget(written)).toMatch(message);
  });

  /** Platforms that exist. */
  const SEEDS: readonly Partial<PlatformSeed>[] = [
    ...['amd64', '386', 'arm64', 'loong64', 'ppc64le', 'riscv64', 's390x', 'mipsle'].map((arch) => ({ arch })),
    ...['amd64', 'arm64', 'ppc64le'].map((arch) => ({ arch, libc: 'musl' })),
    { arch: 'amd64', libc: null },
    { arch: 'amd64', variant: 'v3' },
    { arch: 'amd64', variant: 'x32', abi: 'x32' },
    { arch: 'arm64', variant: 'ilp32', abi: '_ilp32' },
    { arch: 'mips64le', abi: 'abi64' },
    { arch: 'mips64le', variant: 'n32', abi: 'abin32' },
    ...['v5', 'v6', 'v7'].flatMap((variant) => ['eabi', 'eabihf'].map((abi) => ({ arch: 'arm', variant, abi }))),
    { arch: 'arm', libc: 'musl', abi: 'eabihf' },
    ...['amd64', 'arm64', '386', 'arm'].map((arch) => ({ os: 'android', arch, libc: 'bionic' })),
    ...['amd64', '386', 'arm64'].flatMap((arch) => ['msvc', 'gnu'].map((abi) => ({ os: 'windows', arch, libc: 'ucrt', abi }))),
    { os: 'windows', arch: 'arm64', variant: 'arm64ec', libc: 'ucrt', abi: 'msvc' },
    ...['amd64', 'arm64'].map((arch) => ({ os: 'darwin', arch, libc: 'libsystem' })),
    { os: 'darwin', arch: 'arm64', variant: 'arm64e', libc: 'libsystem' },
    { os: 'darwin', arch: 'amd64', variant: 'x86_64h', libc: 'libsystem' },
    { os: 'ios', arch: 'arm64', libc: 'libsystem' },
    { os: 'ios', arch: 'arm64', libc: 'libsystem', abi: 'sim' },
    { os: 'ios', arch: 'amd64', libc: 'libsystem', abi: 'macabi' },
    { os: 'watchos', arch: 'arm64', variant: 'arm64_32', libc: 'libsystem' },
    ...['freebsd', 'netbsd', 'openbsd', 'dragonfly', 'solaris', 'illumos', 'haiku', 'fuchsia'].map((os) => ({ os, arch: 'amd64', libc: os })),
    { os: 'aix', arch: 'ppc64', libc: 'aix' },
    { os: 'uefi', arch: 'amd64', libc: null },
  ];

  it.each(SEEDS)('every spelling of %j is read and matches', (seed) => {
    const own = platform(seed);
    for (const spelling of [own.go, own.node, own.os === 'android' ? null : own.oci, own.triple]) { // for OCI, Android is a Linux
      if (spelling === null) continue;
      expect(matchesTarget(elf({ platform: own }), target(spelling)), spelling).toBe('yes');
    }
  });

  it('no other platform matches, unless it is another spelling of the same', () => {
    const key = ({ os, arch, variant }: Binary['platform']): string => `${os} ${arch} ${variant !== null && /^v\d/.test(variant) && variant !== 'v7k' ? null : variant}`;
    for (const one of SEEDS) {
      for (const other of SEEDS) {
        const [a, b] = [platform(one), platform(other)];
        if (a.go === null || key(a) === key(b) || a.os === 'illumos') continue;
        if (b.go === a.go) continue; // arm64e is an arm64 for Go
        expect(matchesTarget(elf({ platform: b }), target(a.go)), `${a.go} for ${JSON.stringify(b)}`).toBe('no');
      }
    }
  });

  it('takes a step of an architecture exactly, where the file tells its own', () => {
    const arm = (variant: string | null): Binary => elf({ platform: platform({ arch: 'arm', variant, abi: 'eabihf' }) });
    expect(matchesTarget(arm('v7'), target('linux/arm/v7'))).toBe('yes');
    expect(matchesTarget(arm('v6'), target('linux/arm/v7'))).toBe('no');
    expect(matchesTarget(arm('v7'), target('linux/arm/v6'))).toBe('no');
    expect(matchesTarget(arm(null), target('linux/arm/v6'))).toBe('yes');
    expect(matchesTarget(arm('v7'), target('linux/arm'))).toBe('yes');
  });
});

describe('claims of names', () => {
  it.each([
    ['app_linux_arm64', 'linux/arm64'],
    ['dist/app_1.2.3_linux_amd64', 'linux/amd64'],
    ['dist/app_linux_amd64_v1/app', 'linux/amd64/v1'],
    ['dist/app_linux_arm_6/app', 'linux/arm/v6'],
    ['app-linux-arm-5.2.0', 'linux/arm'], // a version of the app
    ['app_darwin_all', 'darwin/universal (amd64 and arm64)'],
    ['Acme-Darwin-universal', 'darwin/universal (amd64 and arm64)'],
    ['prebuilds/linux-arm64/x.node', 'linux/arm64'],
    ['prebuilds/darwin-x64+arm64/x.node', 'darwin/universal (amd64 and arm64)'],
    ['prebuilds/win32-ia32/x.node', 'windows/386'],
    ['prebuilds/linux-arm/node.napi.armv7.node', 'linux/* · */arm/v7'],
    ['prebuilds/linux-arm64/node.napi.armv8.node', 'linux/* · */arm64'],
    ['x.musl.node', '*/* (musl)'],
    ['prebuilds/linux-x64/x.glibc.node', 'linux/amd64 · */* (glibc)'],
    ['x-aarch64-unknown-linux-musl.node', 'linux/arm64 (musl)'],
    ['rollup.darwin-universal.node', 'darwin/universal (amd64 and arm64)'],
    ['rollup.win32-x64-msvc.node', 'windows/amd64'],
    ['rollup.android-arm-eabi.node', 'android/arm'],
    ['node_modules/@esbuild/linux-ppc64/bin/esbuild', 'linux/ppc64 or ppc64le'],
    ['sharp-linuxmusl-x64/lib/x.node', 'linux/amd64 (musl)'],
    ['app-windows-amd64.exe', 'windows/amd64'],
    ['app.exe', 'windows/*'],
    ['app-win64-arm64.exe', 'windows/arm64'],
    ['app-x86.exe', '*/386 · windows/*'], // a word that says something only where a system is named
    ['libfoo.dylib', 'darwin or ios or tvos or watchos or visionos/*'],
    ['dist/mac-arm64/App.app/Contents/MacOS/App', 'darwin/* · */arm64'],
    ['bin/linux/amd64/kubectl', 'linux/* · */amd64'],
    ['darwin/linux-arm64/app', 'linux/arm64'], // the nearest that says it all
    ['C:\\build\\linux-arm64\\app', 'linux/arm64'],
    ['linux-x64/app_linux_arm64', 'linux/arm64'], // a nearer claim wins,
    ['x86_64-linux-gnu/app', 'linux/amd64 (glibc)'],
    ['aarch64-linux-android/libc++.so', 'android/arm64'],
    ['app-macos11-arm64', 'darwin/arm64'],
    ['app', ''],
    ['dist/arm', ''],
    ['mac/app', 'darwin/*'],
    ['libwatchman-1.2.so', ''],
    ['selinux', ''],
    ['ios-deploy', ''],
    ['musl-gcc', ''],
    ['windows_exporter-0.30.0-amd64', '*/amd64'],
    ['dragonfly-x86_64', '*/amd64'],
    ['android-tools-linux-x64', 'linux/amd64'],
    ['a/b/c/d/e/linux-x64/1/2/3/4/app', ''], // too far away
  ])('%s claims %s', (path, claims) => {
    const texts = claimsOfPath(path).map(({ target: claimed }) => targetText(claimed));
    expect(texts.sort().join(' · ')).toBe(claims.split(' · ').sort().join(' · '));
  });

  it('a claimed step is the most that may be needed: what runs on ARMv5 runs on ARMv7', () => {
    const [claim] = claimsOfPath('x.armv7.node');
    const arm = (variant: string): Binary => elf({ platform: platform({ arch: 'arm', variant, libc: 'musl', abi: 'eabihf' }) });
    expect(['v5', 'v6', 'v7', 'v8'].map((variant) => matchesTarget(arm(variant), (claim as { target: Target }).target))).toEqual(['yes', 'yes', 'yes', 'no']);
  });

  it('a C library in a name means Linux, where there are several', () => {
    const [claim] = claimsOfPath('x.glibc.node');
    const { target: glibc } = claim as { target: Target };
    expect(matchesTarget(elf(), glibc)).toBe('yes');
    expect(matchesTarget(elf({ platform: platform({ libc: 'musl' }) }), glibc)).toBe('no');
    expect(matchesTarget(machO(), glibc)).toBe('yes');
  });

  it('gives up on no text, however long', () => {
    withinSync(1000, () => {
      claimsOfPath(`${'linux-arm-'.repeat(5000)}x/${'x86_64'.repeat(5000)}`);
      claimsOfPath('-'.repeat(100_000));
    });
  });
});

describe('claims of packages', () => {
  const says = (manifest: object): ReturnType<typeof packagePlatforms> => packagePlatforms('package.json', JSON.stringify(manifest));

  it.each([
    [{ os: ['linux'], cpu: ['x64'] }, elf(), 'yes'],
    [{ os: 'linux', cpu: 'x64' }, elf(), 'yes'],
    [{ os: ['darwin'] }, elf(), 'no'],
    [{ cpu: ['arm64'] }, elf(), 'no'],
    [{ os: ['!win32'] }, elf(), 'yes'],
    [{ os: ['!linux'] }, elf(), 'no'],
    [{ os: ['win32'], cpu: ['ia32'] }, elf({ platform: platform({ os: 'windows', arch: '386', libc: 'ucrt' }) }), 'yes'],
    [{ os: ['sunos'] }, elf({ platform: platform({ os: 'illumos', libc: 'solaris' }) }), 'yes'],
    [{ cpu: ['ppc64'] }, elf({ platform: platform({ arch: 'ppc64le' }) }), 'yes'],
    [{ cpu: ['mips64el'] }, elf({ platform: platform({ arch: 'mips64le' }) }), 'yes'],
    [{ cpu: ['x64'] }, elf({ platform: platform({ variant: 'x32' }) }), 'no'],
    [{ os: ['openharmony'], cpu: ['x64'] }, elf({ platform: platform({ libc: 'musl' }) }), 'no'],
    [{ os: ['openharmony'], cpu: ['arm64'] }, elf({ platform: platform({ os: 'openharmony', arch: 'arm64', libc: 'musl' }) }), 'yes'],
    [{ os: ['linux'], libc: ['glibc'] }, elf(), 'yes'],
    [{ os: ['linux'], libc: ['musl'] }, elf(), 'no'],
    [{ os: ['linux'], libc: ['musl'] }, elf({ platform: platform({ libc: null }) }), 'yes'],
    [{ os: ['linux'] }, elf({ platform: platform({ os: null }) }), 'unknown'],
    [{ os: [] }, elf(), 'yes'],
  ] as const)('%j', (manifest, binary, match) => {
    expect(matchesPackage(binary, says(manifest))).toBe(match);
  });

  it('reads what is there, and nothing from what is no package.json', () => {
    expect(says({ os: ['linux'], cpu: 'x64', libc: [1] })).toEqual({ path: 'package.json', os: ['linux'], cpu: ['x64'], libc: null, name: null, files: [], programs: [] });
    expect(packagePlatforms('p', '\ufeff{"os":["linux"]}').os).toEqual(['linux']);
    for (const text of ['', '{', '[]', 'null', '"linux"', '{"os":{"linux":true}}']) expect(packagePlatforms('p', text)).toEqual({ path: 'p', os: null, cpu: null, libc: null, name: null, files: [], programs: [] });
  });
});

describe('names of programs', () => {
  it.each(['app_linux_arm64', 'a/x.exe', 'X.DLL', 'libx.so', 'libx.so.1.2.3', 'x.dylib', 'x.node', 'app_linux_amd64.tar.gz', 'linux-x64/app-1.2.3-linux-x64'])(
    '%s says that it is one',
    (path) => {
      expect(isNamedProgram(path)).toBe(true);
    },
  );

  it.each([
    'README.md', 'linux-arm64/app', 'prebuilds/linux-x64/noext', 'Australia/Darwin', 'linux-arm64/README.md', 'linux-arm64/package.json', 'linux-arm64/LICENSE', 'linux-arm64/icudtl.dat', 'app', 'dist/app', 'Makefile.freebsd',
    'linux/Makefile-manual', 'app_linux_arm64.sha256', 'app_linux_arm64.sbom.json', 'serialport_linux.cpp', 'SHA256SUMS', 'a.b.c',
  ])('%s does not', (path) => {
    expect(isNamedProgram(path)).toBe(false);
  }); // prettier-ignore

  it.each([['app.txt', true], ['LICENSE', true], ['app.tar.gz', true], ['app', false], ['app_linux_arm64', false], ['x.node', false], ['app-1.2.3', false], ['app.darwin-arm64', false]] as const)(
    '%s says that it is something else: %s',
    (path, otherwise) => {
      expect(isNamedOtherwise(path)).toBe(otherwise);
    },
  );
});

it('platforms of tests are what the model makes of them', () => {
  expect(platform()).toEqual(platformOf({ os: 'linux', arch: 'amd64', variant: null, libc: 'glibc', abi: null }));
});
