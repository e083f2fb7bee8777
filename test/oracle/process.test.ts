// binspect process held against processes that are really started: native, 32 bits, emulated by hand, through a loader, for a script, deleted, ended.

import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { copyFileSync, readFileSync, rmSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { hostOf } from '../../src/host/host.ts';
import { inspectProcess, processOf } from '../../src/host/process.ts';
import { thisSystem } from '../../src/host/system.ts';
import type { ProcessReport } from '../../src/model/host.ts';
import { missingTools, openWorkshop } from './made-programs.ts';
import type { Workshop } from './made-programs.ts';

const missing = missingTools();
const usable = missing.length === 0 && process.platform === 'linux' && process.arch === 'x64';
if (!usable && process.env['CI'] === undefined) console.warn(`skipped: ${missing.join(', ') || 'this is not Linux on x86-64'}`);

describe.runIf(usable || process.env['CI'] !== undefined)('process', () => {
  let shop: Workshop;
  const children: ChildProcess[] = [];
  beforeAll(() => {
    expect(missing).toEqual([]);
    shop = openWorkshop();
  });
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
  });
  afterAll(() => shop.remove());

  /** Starts a command, waits until it runs what it should, and says what is said of it. */
  async function reportOn(command: string, args: readonly string[] = [], cwd = shop.folder): Promise<ProcessReport> {
    const child = spawn(command, [...args], { cwd, stdio: 'ignore' });
    children.push(child);
    await wait(300);
    return inspectProcess(child.pid as number);
  }

  it('a native program', async () => {
    expect(await reportOn('/bin/sleep', ['100'])).toMatchObject({
      mode: 'native', name: 'sleep', host: 'linux/amd64', program: { path: '/usr/bin/sleep', platform: 'linux/amd64', deleted: false }, runsIn: null, loader: null, script: null,
      commandLine: ['/bin/sleep', '100'], because: { mode: expect.stringMatching(/words of 64 bits/) as string }, notPermitted: [],
    }); // prettier-ignore
  });

  it('a program of 32 bits', async () => {
    const path = shop.foreign('wait-386', 'i386-linux-gnu', 'wait');
    expect(await reportOn(path)).toMatchObject({ mode: 'compatible', program: { path, platform: 'linux/386' }, runsIn: null, because: { mode: expect.stringMatching(/words of 32 bits/) as string } });
  });

  it.each([[['app'], 'app'], [['-cpu', 'max', './app', '-x'], 'app']])('an emulator by hand: %j', async (args, name) => {
    const path = shop.foreign(name, 'aarch64-linux-gnu', 'wait');
    expect(await reportOn('/usr/bin/qemu-aarch64-static', args)).toMatchObject({
      mode: 'emulated', startedBy: 'hand', program: { path, platform: 'linux/arm64' }, runsIn: { path: '/usr/bin/qemu-aarch64-static', platform: 'linux/amd64' },
      because: { program: expect.stringMatching(/mapped without execute permission/) as string },
    }); // prettier-ignore
  });

  it('a program through its loader', async () => {
    const report = await reportOn('/lib64/ld-linux-x86-64.so.2', ['/bin/sleep', '100']);
    expect(report).toMatchObject({ mode: 'native', program: { path: '/usr/bin/sleep', platform: 'linux/amd64' } });
    expect(report.loader).toMatch(/ld-linux/);
  });

  it('a script', async () => {
    const path = shop.write('script', '#!/bin/bash\nread -t 100 < <(sleep 100)\n');
    expect(await reportOn(path)).toMatchObject({ mode: 'native', script: path, program: { path: '/usr/bin/bash' } });
  });

  it('a script by env, with its folder', async () => {
    const path = shop.write('script-env', '#!/usr/bin/env bash\nread -t 100 < <(sleep 100)\n');
    expect(await reportOn('./script-env')).toMatchObject({ mode: 'native', script: path, program: { path: '/usr/bin/bash' } });
  });

  it('a program that was deleted since', async () => {
    const path = shop.path('gone');
    copyFileSync('/bin/sleep', path);
    const child = spawn(path, ['100'], { stdio: 'ignore' });
    children.push(child);
    await wait(300);
    rmSync(path);
    expect(await inspectProcess(child.pid as number)).toMatchObject({ mode: 'native', program: { path, deleted: true, platform: 'linux/amd64' } });
  });

  it('a thread of the kernel', async () => {
    expect(readFileSync('/proc/2/comm', 'utf8')).toBe('kthreadd\n');
    expect(await inspectProcess(2)).toMatchObject({ mode: 'kernel-thread', name: 'kthreadd', program: null });
  });

  it('what may not be read is said, and what is left is told', async () => {
    if (process.getuid?.() !== 0) return;
    const child = spawn('/bin/sleep', ['100'], { stdio: 'ignore' });
    children.push(child);
    await wait(200);
    const { buildEntries } = await import('../built.ts');
    const built = await buildEntries({ cli: 'src/cli.ts' });
    try {
      const { stdout, status } = spawnSync(process.execPath, [built.cli, 'process', '--json', String(child.pid)], { encoding: 'utf8', uid: 65534, gid: 65534 });
      expect(status).toBe(3);
      expect(JSON.parse(stdout)).toMatchObject({ mode: 'unknown', name: 'sleep', program: null, commandLine: ['/bin/sleep', '100'], notPermitted: [`/proc/${child.pid}/exe`, `/proc/${child.pid}/maps`, `/proc/${child.pid}/auxv`] });
    } finally {
      built.remove();
    }
  }, 120_000);

  it('processes that end meanwhile: a report, or an error that says so', async () => {
    const system = thisSystem();
    const host = await hostOf(system, { tree: system.files, libraries: false });
    let ended = 0;
    for (let i = 0; i < 200; i++) {
      const child = spawn('/bin/true', { stdio: 'ignore' });
      const pid = child.pid as number;
      if (i % 2 === 0) await new Promise((resolve) => setImmediate(resolve));
      else await wait(i % 5);
      const report = await processOf(pid, system, host).catch((error: unknown) => error);
      if (report instanceof Error) {
        expect(report).toMatchObject({ code: 'io', message: `there is no process ${pid}` });
        ended++;
      } else expect(report).toMatchObject({ pid });
    }
    expect(ended).toBeGreaterThan(0);
    await expect(inspectProcess(0x7fff_fff0)).rejects.toMatchObject({ code: 'io' });
    await expect(inspectProcess(0)).rejects.toMatchObject({ code: 'invalid-argument' });
  }, 60_000);
});
