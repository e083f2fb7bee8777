// The one table of spellings: a row for each system and each architecture, in Go's, Node's, OCI's and target triples' words.

import { describe, expect, it } from 'vitest';
import { platformOf } from '../src/model/platform.ts';

type Row = readonly [os: string, arch: string, variant: string | null, libc: string | null, abi: string | null, go: string | null, node: string | null, oci: string | null, triple: string | null];

const ROWS: readonly Row[] = [
  ['linux', 'amd64', null, 'glibc', null, 'linux/amd64', 'linux-x64', 'linux/amd64', 'x86_64-unknown-linux-gnu'],
  ['linux', 'amd64', 'v3', 'musl', null, 'linux/amd64', 'linux-x64', 'linux/amd64/v3', 'x86_64-unknown-linux-musl'],
  ['linux', 'amd64', 'x32', 'glibc', 'x32', null, null, null, 'x86_64-unknown-linux-gnux32'],
  ['linux', '386', null, 'glibc', null, 'linux/386', 'linux-ia32', 'linux/386', 'i686-unknown-linux-gnu'],
  ['linux', 'arm64', null, 'musl', null, 'linux/arm64', 'linux-arm64', 'linux/arm64', 'aarch64-unknown-linux-musl'],
  ['linux', 'arm', 'v7', 'glibc', 'eabihf', 'linux/arm', 'linux-arm', 'linux/arm/v7', 'armv7-unknown-linux-gnueabihf'],
  ['linux', 'arm', 'v6', 'musl', 'eabihf', 'linux/arm', 'linux-arm', 'linux/arm/v6', 'arm-unknown-linux-musleabihf'],
  ['linux', 'arm', 'v5', 'glibc', 'eabi', 'linux/arm', 'linux-arm', 'linux/arm/v5', 'armv5te-unknown-linux-gnueabi'],
  ['linux', 'arm', null, 'uclibc', 'eabi', 'linux/arm', 'linux-arm', 'linux/arm', 'arm-unknown-linux-uclibceabi'],
  ['linux', 'loong64', null, 'glibc', null, 'linux/loong64', 'linux-loong64', 'linux/loong64', 'loongarch64-unknown-linux-gnu'],
  ['linux', 'mips', null, 'glibc', null, 'linux/mips', 'linux-mips', 'linux/mips', 'mips-unknown-linux-gnu'],
  ['linux', 'mipsle', null, 'glibc', null, 'linux/mipsle', 'linux-mipsel', 'linux/mipsle', 'mipsel-unknown-linux-gnu'],
  ['linux', 'mips64', null, 'glibc', 'abi64', 'linux/mips64', null, 'linux/mips64', 'mips64-unknown-linux-gnuabi64'],
  ['linux', 'mips64le', null, 'musl', 'abi64', 'linux/mips64le', null, 'linux/mips64le', 'mips64el-unknown-linux-muslabi64'],
  ['linux', 'mips64le', 'n32', 'glibc', 'abin32', null, null, null, 'mips64el-unknown-linux-gnuabin32'],
  ['linux', 'ppc', null, 'glibc', null, null, 'linux-ppc', 'linux/ppc', 'powerpc-unknown-linux-gnu'],
  ['linux', 'ppc64', null, 'glibc', null, 'linux/ppc64', 'linux-ppc64', 'linux/ppc64', 'powerpc64-unknown-linux-gnu'],
  ['linux', 'ppc64le', null, 'glibc', null, 'linux/ppc64le', 'linux-ppc64', 'linux/ppc64le', 'powerpc64le-unknown-linux-gnu'],
  ['linux', 'riscv64', null, 'glibc', null, 'linux/riscv64', 'linux-riscv64', 'linux/riscv64', 'riscv64gc-unknown-linux-gnu'],
  ['linux', 's390x', null, 'glibc', null, 'linux/s390x', 'linux-s390x', 'linux/s390x', 's390x-unknown-linux-gnu'],
  ['linux', 'sparc64', null, 'glibc', null, null, null, 'linux/sparc64', 'sparc64-unknown-linux-gnu'],
  ['linux', 'amd64', null, null, null, 'linux/amd64', 'linux-x64', 'linux/amd64', null],
  ['android', 'arm64', null, 'bionic', null, 'android/arm64', 'android-arm64', 'linux/arm64', 'aarch64-linux-android'],
  ['android', 'arm', 'v7', 'bionic', null, 'android/arm', 'android-arm', 'linux/arm/v7', 'armv7-linux-androideabi'],
  ['darwin', 'arm64', null, 'libsystem', null, 'darwin/arm64', 'darwin-arm64', 'darwin/arm64', 'aarch64-apple-darwin'],
  ['darwin', 'arm64', 'arm64e', 'libsystem', null, 'darwin/arm64', 'darwin-arm64', 'darwin/arm64', 'arm64e-apple-darwin'],
  ['darwin', 'amd64', 'x86_64h', 'libsystem', null, 'darwin/amd64', 'darwin-x64', 'darwin/amd64', 'x86_64h-apple-darwin'],
  ['ios', 'arm64', null, 'libsystem', 'sim', null, null, null, 'aarch64-apple-ios-sim'],
  ['tvos', 'arm64', null, 'libsystem', null, null, null, null, 'aarch64-apple-tvos'],
  ['watchos', 'arm64', 'arm64_32', 'libsystem', null, null, null, null, 'arm64_32-apple-watchos'],
  ['visionos', 'arm64', null, 'libsystem', null, null, null, null, 'aarch64-apple-visionos'],
  ['windows', 'amd64', null, 'ucrt', 'msvc', 'windows/amd64', 'win32-x64', 'windows/amd64', 'x86_64-pc-windows-msvc'],
  ['windows', '386', null, 'msvcrt', 'gnu', 'windows/386', 'win32-ia32', 'windows/386', 'i686-pc-windows-gnu'],
  ['windows', 'arm64', null, 'ucrt', null, 'windows/arm64', 'win32-arm64', 'windows/arm64', null],
  ['windows', 'arm64', 'arm64ec', 'ucrt', 'msvc', null, null, null, 'arm64ec-pc-windows-msvc'],
  ['windows', 'arm', 'v7', 'ucrt', 'msvc', 'windows/arm', 'win32-arm', 'windows/arm/v7', 'thumbv7a-pc-windows-msvc'],
  ['freebsd', 'amd64', null, 'freebsd', null, 'freebsd/amd64', 'freebsd-x64', 'freebsd/amd64', 'x86_64-unknown-freebsd'],
  ['netbsd', 'amd64', null, 'netbsd', null, 'netbsd/amd64', 'netbsd-x64', 'netbsd/amd64', 'x86_64-unknown-netbsd'],
  ['openbsd', 'arm64', null, 'openbsd', null, 'openbsd/arm64', 'openbsd-arm64', 'openbsd/arm64', 'aarch64-unknown-openbsd'],
  ['dragonfly', 'amd64', null, 'dragonfly', null, 'dragonfly/amd64', null, 'dragonfly/amd64', 'x86_64-unknown-dragonfly'],
  ['solaris', 'amd64', null, 'solaris', null, 'solaris/amd64', 'sunos-x64', 'solaris/amd64', 'x86_64-pc-solaris'],
  ['illumos', 'amd64', null, 'solaris', null, 'illumos/amd64', 'sunos-x64', 'illumos/amd64', 'x86_64-unknown-illumos'],
  ['aix', 'ppc64', null, null, null, 'aix/ppc64', 'aix-ppc64', 'aix/ppc64', null],
  ['haiku', 'amd64', null, 'haiku', null, null, 'haiku-x64', null, 'x86_64-unknown-haiku'],
  ['hurd', '386', null, 'glibc', null, null, null, null, 'i686-unknown-hurd-gnu'],
  ['plan10', 'amd64', null, 'glibc', null, null, null, null, null],
  ['linux', 'pdp11', null, 'glibc', null, null, null, null, null],
];

describe('spellings', () => {
  it.each(ROWS)('%s %s %s %s %s', (os, arch, variant, libc, abi, go, node, oci, triple) => {
    expect(platformOf({ os, arch, variant, libc, abi })).toEqual({ os, arch, variant, libc, go, node, oci, triple });
  });
});
