// Facts about machines and processes, over made systems: Linux's files, macOS's and Windows' one command.

import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hostOf } from '../src/host/host.ts';
import { levelOf, pageSizeOf } from '../src/host/linux.ts';
import { processOf } from '../src/host/process.ts';
import { thisSystem } from '../src/host/system.ts';
import type { System } from '../src/host/system.ts';
import { treeAt } from '../src/host/tree.ts';
import { EM, ET } from '../src/elf/constants.ts';
import { buildElf } from './build/elf.ts';
import { run } from './terminal.ts';

let root: string;

function put(path: string, bytes: Uint8Array | string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), bytes);
}

function link(path: string, target: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  symlinkSync(target, join(root, path));
}

/** A system whose files are the made tree's. */
function system(more: Partial<System> = {}): System {
  return { platform: 'linux', arch: 'x64', machine: 'x86_64', release: '6.0', version: '', env: {}, node: { version: 'v20.0.0', modules: '115' }, files: treeAt(root), run: () => Promise.resolve(null), ...more };
}

function auxv(wide: boolean, pairs: readonly (readonly [number, number])[]): Uint8Array {
  const bytes = Buffer.alloc(pairs.length * (wide ? 16 : 8));
  for (const [i, [type, value]] of pairs.entries()) {
    if (wide) bytes.writeBigUInt64LE(BigInt(type), i * 16), bytes.writeBigUInt64LE(BigInt(value), i * 16 + 8);
    else bytes.writeUInt32LE(type, i * 8), bytes.writeUInt32LE(value, i * 8 + 4);
  }
  return bytes;
}

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'binspect-host-'));
  put('usr/bin/node', buildElf({ machine: EM.X86_64 }));
  put('usr/bin/qemu-aarch64-static', buildElf({ machine: EM.X86_64 }));
  put('srv/app', buildElf({ machine: EM.AARCH64 }));
  put('proc/sys/kernel/osrelease', '5.15.0-test\n');
  put('proc/sys/abi/vsyscall32', '1\n');
  put('proc/cpuinfo', 'processor\t: 0\nflags\t\t: lm cx16 lahf_lm popcnt pni sse4_1 sse4_2 ssse3 avx\n');
  put('proc/self/auxv', auxv(true, [[33, 5], [6, 16_384], [0, 0]]));
  link('proc/self/exe', '/usr/bin/node');
  link('proc/thread-self/exe', '/usr/bin/node');
  put('proc/sys/fs/binfmt_misc/status', 'enabled\n');
  const magic = `7f454c46020101${'00'.repeat(9)}0200b700`;
  put('proc/sys/fs/binfmt_misc/qemu-aarch64', `enabled\ninterpreter /usr/bin/qemu-aarch64-static\nflags: PF\noffset 0\nmagic ${magic}\nmask ffffffffffffff00fffffffffffffffffeffffff\n`);
  put('proc/sys/fs/binfmt_misc/jar', 'disabled\ninterpreter /usr/bin/jexec\nflags: \nextension .jar\n');
  const stat = (pid: number, flags = 0): string => `${pid} (a (b) c) S 1 1 1 0 -1 ${flags} 0 0 0 0 0 0 0 0 20 0 1 0 4711 0 0`;
  for (const [pid, words] of [[100, ['/usr/bin/qemu-aarch64-static', '/srv/app', './app', '-x']], [101, ['app']]] as const) {
    put(`proc/${pid}/stat`, stat(pid));
    put(`proc/${pid}/comm`, pid === 100 ? 'app\n' : 'kworker\n');
    put(`proc/${pid}/cmdline`, `${words.join('\0')}\0`);
    put(`proc/${pid}/auxv`, auxv(true, [[6, 4096], [0, 0]]));
    put(`proc/${pid}/maps`, '00010000-00020000 r--p 00000000 08:01 1 /srv/app\n7f0000000000-7f0000001000 r-xp 00000000 08:01 2 /usr/bin/qemu-aarch64-static\n');
    link(`proc/${pid}/exe`, '/usr/bin/qemu-aarch64-static');
  }
  put('proc/2/stat', stat(2, 0x20_0000));
  put('proc/2/comm', 'kthreadd\n');
});
afterAll(() => rmSync(root, { recursive: true }));

describe('Linux', () => {
  it('says what its files say, and what told it', async () => {
    const made = system();
    const host = await hostOf(made, { tree: made.files, libraries: true });
    expect(host).toMatchObject({
      os: 'linux', arch: 'amd64', level: 'v2', kernel: '5.15.0-test', pageSize: 16_384, libc: { name: null, version: null, from: null }, loaders: [], libraries: [], compatible: ['386'],
      translated: false, processArch: 'amd64', node: { version: 'v20.0.0', modules: '115', libc: null },
      emulators: [{ name: 'jar', extension: 'jar', arch: null, enabled: false, present: false }, { name: 'qemu-aarch64', arch: 'arm64', interpreter: '/usr/bin/qemu-aarch64-static', flags: 'PF', enabled: true, present: true }],
    }); // prettier-ignore
    expect(Object.keys(host.because)).toEqual(expect.arrayContaining(['arch', 'level', 'kernel', 'pageSize', 'libc', 'compatible', 'emulators', 'translated']));
  });

  it('knows from within that it is emulated', async () => {
    rmSync(join(root, 'proc/thread-self/exe'));
    link('proc/thread-self/exe', '/usr/bin/qemu-aarch64-static');
    const made = system({ arch: 'arm64', machine: 'aarch64' });
    expect(await hostOf(made, { tree: made.files, libraries: false })).toMatchObject({ translated: true, arch: 'amd64', processArch: 'arm64', because: { translated: '/proc/thread-self/exe is /usr/bin/qemu-aarch64-static' } });
    rmSync(join(root, 'proc/thread-self/exe'));
    link('proc/thread-self/exe', '/usr/bin/node');
  });

  it('levels and pages', () => {
    expect(levelOf('flags : lm')).toBe('v1');
    expect(levelOf('Features : fp asimd')).toBeNull();
    expect(pageSizeOf(auxv(false, [[6, 4096], [0, 0]]), false, true)).toBe(4096);
    expect(pageSizeOf(auxv(true, [[3, 1]]).subarray(0, 9), true, true)).toBeNull();
  });

  it('tells an emulated process from a native one, and a thread of the kernel', async () => {
    const made = system();
    const host = await hostOf(made, { tree: made.files, libraries: false });
    expect(await processOf(100, made, host)).toMatchObject({ mode: 'emulated', name: 'app', startedBy: 'binfmt_misc', program: { path: '/srv/app', platform: expect.stringMatching(/arm64/) as string }, runsIn: { path: '/usr/bin/qemu-aarch64-static' }, because: { program: 'a file of another machine is mapped without execute permission' } });
    rmSync(join(root, 'proc/100/maps'));
    expect(await processOf(100, system(), host)).toMatchObject({ mode: 'emulated', program: { path: '/srv/app' }, because: { program: 'the command line names it: /srv/app' } });
    expect(await processOf(2, made, host)).toMatchObject({ mode: 'kernel-thread', name: 'kthreadd' });
    await expect(processOf(3, made, host)).rejects.toMatchObject({ code: 'io' });
  });
});

describe('macOS and Windows', () => {
  /** A system that answers one command only, and says which was asked for. */
  const answering = (platform: string, arch: string, text: string | null, env = {}): System & { asked: string[] } => {
    const asked: string[] = [];
    return { ...system({ platform, arch, env }), asked, run: (command, args) => (asked.push([command, ...args].join(' ')), Promise.resolve(text)) };
  };

  it.each<[string, string, string | null, object]>([
    ['translated', 'x64', 'hw.optional.arm64: 1\nsysctl.proc_translated: 1\nkern.osproductversion: 14.5\nhw.pagesize: 16384\n', { arch: 'arm64', processArch: 'amd64', translated: true, osVersion: '14.5', pageSize: 16_384 }],
    ['native', 'arm64', 'hw.optional.arm64: 1\nsysctl.proc_translated: 0\nkern.osproductversion: 13.0\n', { arch: 'arm64', translated: false, osVersion: '13.0', pageSize: null }],
    ['Intel', 'x64', 'kern.osproductversion: 12.7\nhw.pagesize: 4096\n', { arch: 'amd64', translated: false, emulators: [] }],
    ['no sysctl', 'x64', null, { arch: null, translated: null, osVersion: null, because: { arch: '/usr/sbin/sysctl could not be run' } }],
  ])('macOS: %s', async (what, arch, text, expected) => {
    const made = answering('darwin', arch, text);
    expect(await hostOf(made, { tree: made.files, libraries: false }), what).toMatchObject({ os: 'darwin', libc: { name: 'libsystem' }, ...expected });
    expect(made.asked).toEqual(['/usr/sbin/sysctl -i hw.optional.arm64 sysctl.proc_translated kern.osproductversion hw.pagesize']);
  });

  it('Windows: the registry, where the environment knows only of an emulated processor', async () => {
    const made = answering('win32', 'x64', '\r\nHKEY…\r\n    PROCESSOR_ARCHITECTURE    REG_SZ    ARM64\r\n\r\n', { SystemRoot: 'C:\\Windows' });
    expect(await hostOf(made, { tree: made.files, libraries: false })).toMatchObject({ os: 'windows', arch: 'arm64', processArch: 'amd64', translated: true, pageSize: 4096 });
    expect(made.asked[0]).toMatch(/^C:\\Windows\\System32\\reg\.exe query /);
    const odd = answering('win32', 'x64', null, { SystemRoot: 'evil.exe &' });
    expect(await hostOf(odd, { tree: odd.files, libraries: false })).toMatchObject({ arch: null });
    expect(odd.asked).toEqual([]);
  });

  it('starts nothing but by an absolute path', async () => {
    expect(() => thisSystem().run('sysctl', [])).toThrow(/absolute path/);
    expect(await thisSystem().run('/nowhere/command', [])).toBeNull();
    expect(ET.EXEC).toBe(2);
  });
});

it('the command prints what the schemas say', async () => {
  expect(await run(['host', '--json'])).toMatchObject({ status: 0 });
  expect((await run(['host', '-v'])).out).toMatch(/because/);
  expect(await run(['host', 'x'])).toMatchObject({ status: 2 });
  if (process.platform !== 'linux') return;
  expect(await run(['process', '--json', String(process.pid)])).toMatchObject({ status: 0 });
  expect((await run(['process', String(process.pid)])).out).toMatch(/^\d+ {2}NATIVE {2}linux/);
}, 30_000);
