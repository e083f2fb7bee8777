// The GitHub Action: its one shell step, run as the runner runs it, with the program in place of npx.

import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fixtureBytes } from './fixtures.ts';

const ACTION = readFileSync('src/action/action.yml', 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'binspect-action-'));

/** The shell of the step, and what its environment takes from where. */
const SCRIPT = (/^ {6}run: \|\n((?: {8}.*\n|\n)+)/m.exec(ACTION)?.[1] ?? '').replace(/^ {8}/gm, '');
const VARIABLES = new Map(Array.from(ACTION.matchAll(/^ {8}(INPUT_\w+): \$\{\{ inputs\.(\w+) \}\}$/gm), ([, variable, input]) => [variable as string, input as string]));
const DEFAULTS = new Map(Array.from(ACTION.matchAll(/^ {2}(\w+):\n {4}description: .*\n {4}default: (.*)$/gm), ([, input, text]) => [input as string, (text as string).replace(/^'(.*)'$/, '$1')]));

/** A program in place of binspect: keeps its arguments, writes what --output markdown=FILE wants, and ends with a status. */
const PROGRAM = `#!/usr/bin/env node
const { writeFileSync } = require('node:fs');
const args = process.argv.slice(2);
writeFileSync('args.json', JSON.stringify(args));
for (const one of args) if (one.startsWith('markdown=')) writeFileSync(one.slice(9), '## summary\\n');
console.log('::error title=x::y');
process.exit(Number(process.env.STATUS ?? 0));
`;

beforeAll(() => {
  writeFileSync(join(folder, 'program'), PROGRAM);
  chmodSync(join(folder, 'program'), 0o755);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs the step with some inputs. */
function step(inputs: Readonly<Record<string, string>>, env: Readonly<Record<string, string>> = {}): { status: number | null; out: string; args: string[]; summary: string; output: string } {
  const own: Record<string, string> = { PATH: process.env['PATH'] ?? '', GITHUB_STEP_SUMMARY: join(folder, 'summary.md'), GITHUB_OUTPUT: join(folder, 'output'), ...env };
  for (const [variable, input] of VARIABLES) own[variable] = inputs[input] ?? DEFAULTS.get(input) ?? '';
  for (const name of ['summary.md', 'output', 'args.json']) rmSync(join(folder, name), { force: true });
  const { status, stdout, stderr } = spawnSync('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', SCRIPT], { cwd: folder, env: own, encoding: 'utf8' });
  const text = (name: string): string => (existsSync(join(folder, name)) ? readFileSync(join(folder, name), 'utf8') : '');
  return { status, out: stdout + stderr, args: JSON.parse(text('args.json') || '[]') as string[], summary: text('summary.md'), output: text('output') };
}

describe('the action', () => {
  it('hands every input to its step through the environment, none into the script', () => {
    expect(SCRIPT).toContain('verify "${words[@]}"');
    expect(SCRIPT).not.toContain('${{');
    expect([...VARIABLES.values()].sort()).toEqual([...DEFAULTS.keys()].sort());
    expect(VARIABLES.size).toBe(9);
  });

  it('checks dist by default, with annotations and a summary', () => {
    const { status, args, summary, output, out } = step({ command: './program' });
    expect({ status, summary, output }).toEqual({ status: 0, summary: '## summary\n', output: 'status=0\n' });
    expect(args[0]).toBe('verify');
    expect(args.filter((one) => !one.startsWith('markdown='))).toEqual(['verify', '--output', '--output', 'github', '--', 'dist']);
    expect(out).toContain('::error title=x::y');
  });

  it('takes paths, options and reports line by line, as they are', () => {
    const { args } = step({ command: './program', paths: ' a b \n\n-dashed\r\n$(touch hacked)`touch hacked`', args: '--unique\n--max-glibc=2.28', reports: 'html=my report.html\njunit=r.xml', policy: 'the policy.json', against: 'old', summary: 'false', annotations: 'false' });
    expect(args).toEqual(['verify', '--policy', 'the policy.json', '--against', 'old', '--unique', '--max-glibc=2.28', '--output', 'html=my report.html', '--output', 'junit=r.xml', '--output', 'text', '--', 'a b', '-dashed', '$(touch hacked)`touch hacked`']);
    expect(existsSync(join(folder, 'hacked'))).toBe(false);
  });

  it.each(['1', '2', '3'])('fails with the status %s, and the summary is there all the same', (code) => {
    const { status, summary, output } = step({ command: './program' }, { STATUS: code });
    expect({ status, summary, output }).toEqual({ status: Number(code), summary: '## summary\n', output: `status=${code}\n` });
  });

  it('runs the version that is asked for', () => {
    const bin = join(folder, 'bin');
    mkdirSync(bin);
    writeFileSync(join(bin, 'npx'), '#!/bin/sh\nprintf "%s\\n" "$@" > npx.txt\n');
    chmodSync(join(bin, 'npx'), 0o755);
    step({ version: '1.2.3' }, { PATH: `${bin}:${process.env['PATH'] ?? ''}` });
    expect(readFileSync(join(folder, 'npx.txt'), 'utf8')).toMatch(/^--yes\nbinspect@1\.2\.3\nverify\n/);
  });

  it('finds a wrong artifact with the program that was built', () => {
    const program = join(process.cwd(), 'dist/cli.cjs');
    if (!existsSync(program)) return console.warn('skipped: the program is not built');
    mkdirSync(join(folder, 'dist'));
    writeFileSync(join(folder, 'dist/app_linux_arm64'), fixtureBytes('elf-x86_64-glibc'));
    writeFileSync(join(folder, 'dist/app_linux_amd64'), fixtureBytes('elf-x86_64-glibc'));
    const { status, out, summary } = step({ command: `${process.execPath} ${program}`, args: '--target-from-name', reports: 'html=report.html' });
    expect(status).toBe(1);
    expect(out).toContain('::error file=dist/app_linux_arm64,title=binspect targetFromName%3A fail::');
    expect(summary).toMatch(/^## ❌ dist: 2 files: 1 wrong, 1 right\n/);
    expect(readFileSync(join(folder, 'report.html'), 'utf8')).toMatch(/^<!DOCTYPE html>/);
  });
});
