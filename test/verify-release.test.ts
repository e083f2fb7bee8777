// Whole releases in a folder: goreleaser's dist, what lies beside programs, links, copies, and policies over thousands of files.

import { createHash } from 'node:crypto';
import { copyFileSync, linkSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EM, ET, OSABI } from '../src/elf/constants.ts';
import { scan } from '../src/files/scan.ts';
import { verifyFiles } from '../src/files/verify-files.ts';
import { CPU_TYPE, LC } from '../src/macho/constants.ts';
import type { Expectations, Policy, VerifyReport } from '../src/model/verdict.ts';
import { MACHINE } from '../src/pe/constants.ts';
import { describeFiles } from '../src/verify/policy/describe.ts';
import type { Described } from '../src/verify/policy/describe.ts';
import { buildElf } from './build/elf.ts';
import { buildFat } from './build/fat.ts';
import { buildMachO } from './build/macho.ts';
import { buildPe } from './build/pe.ts';
import { buildTar } from './build/tar.ts';
import { run } from './terminal.ts';

let folder: string;
const home = process.cwd();

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'binspect-release-'));
  process.chdir(folder);
});

afterEach(() => {
  process.chdir(home);
  rmSync(folder, { recursive: true });
}, 60_000);

function put(path: string, bytes: Uint8Array | string, mode = 0o644): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), bytes, { mode });
}

/** A program that is like no other: the entry point tells them apart. */
let next = 0x40_1000n;
function elf(machine: number, plan: Parameters<typeof buildElf>[0] = {}): Uint8Array {
  next += 16n;
  return buildElf({ machine, entry: next, ...plan });
}

const note = (owner: string): { owner: string; type: number; data: Uint8Array }[] => [{ owner, type: 1, data: new Uint8Array(4) }];
const version = (platform: number): Parameters<typeof buildMachO>[0] => ({ commands: [{ type: LC.BUILD_VERSION, write: (w) => void w.u32(platform, 14 << 16, 14 << 16, 0) }] });
const mac = (cpuType: number): Uint8Array => buildMachO({ ...version(1), cpuType });
const pe = (machine: number, wide: boolean): Uint8Array => buildPe({ machine, wide, timestamp: Number((next += 16n)) });

/** What goreleaser builds of a project for thirty targets, by the names of its folders. */
const TARGETS: Readonly<Record<string, () => Uint8Array>> = {
  linux_amd64_v1: () => elf(EM.X86_64),
  linux_amd64_v3: () => elf(EM.X86_64),
  linux_386_sse2: () => elf(EM['386'], { wide: false }),
  linux_arm64_v8: () => elf(EM.AARCH64),
  'linux_arm64_v8.0': () => elf(EM.AARCH64),
  linux_arm_5: () => elf(EM.ARM, { wide: false }),
  linux_arm_6: () => elf(EM.ARM, { wide: false }),
  linux_arm_7: () => elf(EM.ARM, { wide: false }),
  linux_ppc64le_power8: () => elf(EM.PPC64),
  linux_ppc64_power8: () => elf(EM.PPC64, { little: false }),
  linux_s390x: () => elf(EM.S390, { little: false }),
  linux_riscv64_rva20u64: () => elf(EM.RISCV),
  linux_loong64: () => elf(EM.LOONGARCH),
  linux_mips_hardfloat: () => elf(EM.MIPS, { little: false, wide: false }),
  linux_mipsle_softfloat: () => elf(EM.MIPS, { wide: false }),
  linux_mips64_hardfloat: () => elf(EM.MIPS, { little: false }),
  linux_mips64le_hardfloat: () => elf(EM.MIPS),
  darwin_amd64_v1: () => mac(CPU_TYPE.X86_64),
  'darwin_arm64_v8.0': () => mac(CPU_TYPE.ARM64),
  darwin_all: () => buildFat({ slices: [CPU_TYPE.X86_64, CPU_TYPE.ARM64].map((cpuType) => ({ cpuType, bytes: mac(cpuType) })) }),
  windows_amd64_v1: () => pe(MACHINE.AMD64, true),
  windows_386_sse2: () => pe(MACHINE.I386, false),
  'windows_arm64_v8.0': () => pe(MACHINE.ARM64, true),
  freebsd_amd64_v1: () => elf(EM.X86_64, { osAbi: OSABI.FREEBSD }),
  freebsd_arm64: () => elf(EM.AARCH64, { osAbi: OSABI.FREEBSD }),
  openbsd_amd64_v1: () => elf(EM.X86_64, { notes: note('OpenBSD') }),
  netbsd_arm64: () => elf(EM.AARCH64, { notes: note('NetBSD') }),
  dragonfly_amd64_v1: () => elf(EM.X86_64, { notes: note('DragonFly') }),
  solaris_amd64_v1: () => elf(EM.X86_64, { osAbi: OSABI.SOLARIS }),
  android_arm64: () => elf(EM.AARCH64, { interpreter: '/system/bin/linker64' }),
};

const program = (target: string): string => `dist/app_${target}/app${target.startsWith('windows') ? '.exe' : ''}`;
/** The archive that goreleaser makes of a program. */
const packed = (target: string): Uint8Array => gzipSync(buildTar([{ name: 'README.md', data: target }, { name: program(target).split('/').at(-1) as string, data: readFileSync(join(folder, program(target))), mode: 0o755 }]));
const sum = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex');

/** The folder that `goreleaser release` leaves. */
function putDist(): void {
  const lines: string[] = [];
  for (const [target, build] of Object.entries(TARGETS)) {
    put(program(target), build(), 0o755);
    const archive = `app_1.2.3_${target}.tar.gz`;
    const bytes = packed(target);
    put(`dist/${archive}`, bytes);
    lines.push(`${sum(bytes)}  ${archive}\n`);
  }
  put('dist/checksums.txt', lines.join(''));
  put('dist/checksums.txt.sig', 'signature');
  for (const name of ['artifacts.json', 'metadata.json', 'config.yaml']) put(`dist/${name}`, '{}');
}

describe("goreleaser's dist of thirty targets", () => {
  it('passes with names and with its checksums, and what was skipped is counted', async () => {
    putDist();
    const { status, out } = await run(['verify', '--target-from-name', '--unique', 'dist/']);
    expect({ status, out: status === 0 ? '' : out }).toEqual({ status: 0, out: '' });
    expect(out).toMatch(/OK {2}\d+ files, \d+ checks · skipped 5 other files\n$/);
    const sums = await run(['verify', '--target-from-name', '--sums', 'dist/checksums.txt', '--coverage', 'listed', 'dist/']);
    expect({ status: sums.status, out: sums.status === 0 ? '' : sums.out }).toEqual({ status: 0, out: '' });
    put('dist/app_1.2.3_linux_s390x.tar.gz', packed('linux_arm64_v8'));
    expect(await run(['verify', '--target-from-name', '--sums', 'dist/checksums.txt', '--coverage', 'listed', 'dist/'])).toMatchObject({ status: 1, out: expect.stringMatching(/FAILED {2}\d+ wrong, \d+ fine of \d+ files/) as string });
  });

  it.each([
    ['linux_arm64_v8', 'linux_amd64_v1'],
    ['linux_amd64_v3', 'linux_arm64_v8'],
    ['linux_arm_6', 'linux_arm64_v8'],
    ['linux_mips_hardfloat', 'linux_mipsle_softfloat'],
    ['linux_ppc64le_power8', 'linux_ppc64_power8'],
    ['darwin_amd64_v1', 'darwin_arm64_v8.0'],
    ['darwin_all', 'darwin_arm64_v8.0'],
    ['windows_arm64_v8.0', 'windows_amd64_v1'],
    ['freebsd_amd64_v1', 'openbsd_amd64_v1'],
    ['android_arm64', 'darwin_arm64_v8.0'],
  ])('%s swapped for %s fails', async (target, other) => {
    putDist();
    copyFileSync(program(other), program(target));
    const { status, out } = await run(['verify', '--target-from-name', '-o', 'json', 'dist/']);
    expect(status).toBe(1);
    const failing = (JSON.parse(out) as VerifyReport).files.filter(({ findings }) => findings.some((one) => one.status === 'fail')).map(({ path }) => path);
    expect(failing).toEqual([program(target)]);
  });

  it('--init writes a policy that passes at once, and sees what comes later', async () => {
    putDist();
    expect(await run(['verify', '--init', '--policy', 'dist/binspect.json', 'dist/'])).toMatchObject({ status: 0, err: '' });
    const first = await run(['verify', '--policy', 'dist/binspect.json', 'dist/']);
    expect({ status: first.status, out: first.status === 0 ? '' : first.out }).toEqual({ status: 0, out: '' });
    expect(await run(['verify', '--policy', 'dist/binspect.json'])).toMatchObject({ status: 0 });
    put('dist/install.sh', '#!/bin/sh\n');
    expect(await run(['verify', '--policy', 'dist/binspect.json', 'dist/'])).toMatchObject({ status: 1, out: expect.stringContaining('dist/install.sh') as string });
  });

  it('--init leaves a file to fail that its name contradicts, and says so', async () => {
    put('dist/app_linux_arm64', elf(EM.X86_64));
    put('dist/app_linux_amd64', elf(EM.X86_64));
    const { status, err } = await run(['verify', '--init', '--policy', 'policy.json', 'dist/']);
    expect({ status, err }).toMatchObject({ status: 0, err: expect.stringMatching(/^binspect: dist\/app_linux_arm64: its name contradicts it, and is left to fail: expected linux\/arm64, found linux\/amd64/) as string });
    const after = await run(['verify', '--policy', 'policy.json']);
    expect(after.status).toBe(1);
    expect(after.out).toMatch(/✗ dist\/app_linux_arm64/);
    expect(after.out).toMatch(/✓ \d+ files? pass(es)?: dist\/app_/);
  });
});

async function report(expectations: Expectations & { unique?: boolean }, policy: Partial<Policy> = {}): Promise<string[]> {
  const { files } = await verifyFiles({ version: 1, ...policy }, { paths: ['d'], overrides: expectations });
  return files.map(({ path, findings }) => `${path} ${findings.map(({ rule, status }) => `${rule}:${status}`).join(' ')}`);
}

const LIBRARY = (machine: number): Uint8Array => buildElf({ machine, type: ET.DYN, entry: 0n, dynamic: [[1, 'libc.so.6'], [14, 'x.so']] }); // prettier-ignore

describe('every name of a folder counts', () => {
  it('unique: a hard link and a symbolic link under another claim are copies', async () => {
    put('d/linux-x64/x.node', LIBRARY(EM.X86_64));
    mkdirSync('d/linux-arm64');
    linkSync('d/linux-x64/x.node', 'd/linux-arm64/x.node');
    expect(await report({ unique: true })).toEqual(['d/linux-arm64/x.node unique:fail', 'd/linux-x64/x.node unique:pass']);
    rmSync('d/linux-arm64/x.node');
    symlinkSync('../linux-x64/x.node', 'd/linux-arm64/x.node');
    expect(await report({ unique: true })).toEqual(['d/linux-arm64/x.node unique:fail', 'd/linux-x64/x.node unique:pass']);
  });

  it('targetFromName: a link to a folder is what its name claims, or fails', async () => {
    put('d/linux-x64/x.node', LIBRARY(EM.X86_64));
    symlinkSync('linux-x64', 'd/linux-arm64');
    symlinkSync('linux-x64', 'd/linux-amd64');
    symlinkSync('linux-x64', 'd/latest');
    expect(await report({ targetFromName: true })).toEqual(['d/linux-amd64 targetFromName:pass', 'd/linux-arm64 targetFromName:fail', 'd/linux-x64/x.node targetFromName:pass']);
  });

  it('sums and unmatched: links, scripts, other files', async () => {
    put('d/app', elf(EM.X86_64));
    put('d/postinstall.js', 'run()');
    put('d/tool', '#!/bin/sh\n', 0o755);
    symlinkSync('/bin/sh', 'd/plugin');
    put('d/SHA256SUMS', '');
    writeFileSync('d/SHA256SUMS', `${sum(new Uint8Array(0))}  nothing\n`);
    put('d/SHA256SUMS.asc', 'signature');
    expect(await report({}, { sums: { file: 'd/SHA256SUMS' } })).toEqual(['d/app sums:fail', 'd/plugin sums:fail', 'd/postinstall.js sums:fail', 'd/tool sums:fail', 'd/nothing sums:fail']);
    const artifacts = [{ files: ['d/app', 'd/SHA256SUMS*'] }];
    expect((await report({}, { artifacts })).filter((line) => line.includes('fail'))).toEqual(['d/plugin unmatched:fail', 'd/postinstall.js unmatched:fail', 'd/tool unmatched:fail']);
    expect((await report({}, { artifacts: [{ files: ['d/*'], count: 5 }] })).at(-1)).toBe('d/* count:fail');
    expect((await report({}, { artifacts: [{ files: ['d/*'], count: 6 }] })).at(-1)).toBe('d/* count:pass');
  });

  it('unique: copies for one target pass, and a universal file under each of its own', async () => {
    put('d/prebuilds/linux-x64/node.abi120.node', LIBRARY(EM.X86_64));
    put('d/prebuilds/linux-x64/node.abi127.node', LIBRARY(EM.X86_64));
    const fat = (TARGETS['darwin_all'] as () => Uint8Array)();
    put('d/mac/x64/7zz', fat);
    put('d/mac/arm64/7zz', fat);
    expect((await report({ unique: true, targetFromName: true })).filter((line) => !line.includes('unique:pass') || line.includes('fail'))).toEqual([]);
  });

  it('a folder that claims a target and holds no program fails, and so does what a package names and does not have', async () => {
    put('d/linux-x64/x.node', LIBRARY(EM.X86_64));
    put('d/linux-arm64/README.md', 'hello');
    put('d/include/linux-arm/x.h', '');
    put('d/npm/package.json', '{"name":"x-linux-arm","os":["linux"],"cpu":["arm"],"main":"x.linux-arm.node","files":["x.linux-arm.node"]}');
    expect(await report({ targetFromName: true })).toEqual(['d/linux-x64/x.node targetFromName:pass', 'd/npm/x.linux-arm.node targetFromName:fail', 'd/linux-arm64 targetFromName:fail']);
  });

  it('what has an executable bit and is no program is skipped, but for a name that claims a target or nothing', async () => {
    for (const [name, text] of [['package.json', '{}'], ['README.md', '#'], ['x.h', ''], ['Dockerfile', 'FROM'], ['Dockerfile.alpine', ''], ['build.sh', '#!/bin/sh'], ['bin/turbo', '#!/usr/bin/env node'], ['app.bat', '@echo']] as const) put(`d/${name}`, text, 0o755);
    put('d/Australia/Darwin', 'TZif2', 0o644);
    expect(await report({ targetFromName: true })).toEqual([]);
    put('d/app', 'Not Found', 0o755);
    put('d/app_linux_arm64', '<html>', 0o644);
    expect(await report({ targetFromName: true })).toEqual(['d/app targetFromName:unknown', 'd/app_linux_arm64 targetFromName:unknown']);
  });
});

/** Milliseconds of the processor's time since: other work on the machine does not count. */
function cost(since: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1000;
}

it('a policy that names ten thousand files one by one costs little more than reading them', async () => {
  const count = 10_000;
  const bytes = elf(EM.X86_64);
  mkdirSync('many');
  for (let i = 0; i < count; i++) writeFileSync(`many/app${i}`, bytes);
  const files: Described[] = [];
  const once = async (): Promise<number> => {
    files.length = 0;
    const started = process.cpuUsage();
    for await (const item of scan(['many'])) if ('inspection' in item) files.push(item);
    return cost(started);
  };
  await once();
  const policy = describeFiles(files);
  expect(policy.artifacts?.[0]?.files).toHaveLength(count);
  const verifying = async (): Promise<number> => {
    const started = process.cpuUsage();
    expect((await verifyFiles(policy, { paths: ['many'] })).ok).toBe(true);
    return cost(started);
  };
  const [scanned, verified] = [[await once()], [await verifying()]]; // by turns, as the machine is not equally busy all the time
  for (let i = 0; i < 2; i++) {
    scanned.push(await once());
    verified.push(await verifying());
  }
  expect(Math.min(...verified) / Math.min(...scanned)).toBeLessThan(3);
}, 120_000);
