// What README shows is what the program prints, and what it says to write works: every example runs on committed fixtures.

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { format } from 'node:util';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as library from '../src/index.ts';
import { gzipSync } from 'node:zlib';
import { DT, EM } from '../src/elf/constants.ts';
import { parties, plainPe, signPe } from './build/authenticode.ts';
import { buildElf } from './build/elf.ts';
import { elf, framed, inlineBlob, witnesses } from './build/go.ts';
import { buildLayout, imageTar } from './build/image.ts';
import type { ImagePlan } from './build/image.ts';
import { buildTar } from './build/tar.ts';
import type { TarPlan } from './build/tar.ts';
import { fixtureBytes } from './fixtures.ts';
import { run } from './terminal.ts';

const README = readFileSync('README.md', 'utf8');
const PAGES = ['README.md', 'bench/README.md', 'src/README.md', 'src/archives/README.md', 'src/cli/README.md', 'src/signature/README.md', 'src/verify/README.md'];
const OTHER = [README.replace(/^## Verify$[^]*?(?=^## )/m, ''), ...PAGES.slice(1, -1).map((page) => readFileSync(page, 'utf8'))].join('\n'); // verification has tests of its own
const home = process.cwd();
const folder = mkdtempSync(join(tmpdir(), 'binspect-readme-'));

const ESBUILD = 'node_modules/@esbuild/linux-x64/bin/esbuild';
const HOST = '{"schemaVersion":1,"os":"linux","arch":"amd64","level":"v2","kernel":"4.18.0-553.el8","pageSize":4096,"libc":{"name":"glibc","version":"2.17","from":null},"loaders":["/lib64/ld-linux-x86-64.so.2"],"compatible":[],"libraries":null}';

/** A program as Go builds it, as far as anyone looks: of a version, from a commit, with a version of one module. */
function server(version: string, revision: string, net: string): Uint8Array {
  const sum = 'h1:Ah8WoTpM6ma5UvhsFxK4n0Dqk8bWkyAbr0DLrr8wWIs=';
  const modules = framed(
    `path\texample.com/server\nmod\texample.com/server\tv1.0.0\t\ndep\tgolang.org/x/net\t${net}\t${sum}\nbuild\tCGO_ENABLED=0\nbuild\tvcs=git\nbuild\tvcs.revision=${revision}\n`,
  );
  return elf({ pieces: [{ name: '.go.buildinfo', address: 0x50_0000n, data: inlineBlob({ version, modules }), writable: true }, ...witnesses(0x60_0000n, { modules })] }).file;
}

/** An image of one platform, whose entrypoint is a script: its shell is a link to a program for an architecture. */
function image(platform: string, machine: number): ImagePlan {
  const loader = '/lib64/ld-linux-x86-64.so.2';
  const program = buildElf({ machine, interpreter: loader, dynamic: [[DT.NEEDED, 'libc.so.6']], sections: [] });
  const files: TarPlan[] = [
    { name: 'entry.sh', data: Buffer.from('#!/bin/sh\nexec /usr/bin/app "$@"\n'), mode: 0o755 },
    { name: 'bin/busybox', data: program, mode: 0o755 },
    { name: 'bin/sh', type: '2', link: 'busybox' },
    { name: 'usr/bin/app', data: program, mode: 0o755 },
    ...(platform === 'linux/amd64' ? [{ name: loader.slice(1), data: program, mode: 0o755 }] : []),
  ];
  return { platform, layers: [files], entrypoint: ['/entry.sh'] };
}

/** The files that the examples speak of. */
const FILES: Readonly<Record<string, Uint8Array>> = {
  app: fixtureBytes('elf-x86_64-glibc'),
  'app.exe': fixtureBytes('pe-version.exe'),
  'addon.node': fixtureBytes('macho-universal'),
  tool: fixtureBytes('macho-arm64-hardened'),
  server: server('go1.26.5', '22'.repeat(20), 'v0.20.1'),
  'old/server': server('go1.26.4', '11'.repeat(20), 'v0.20.0'),
  'prod.json': Buffer.from(HOST),
  'setup.exe': signPe(plainPe(), { stamps: ['rfc3161'] }),
  'roots.pem': Buffer.from([parties().root, parties().stampRoot].map(({ der }) => `-----BEGIN CERTIFICATE-----\n${Buffer.from(der).toString('base64')}\n-----END CERTIFICATE-----\n`).join('')),
  'image.tar': imageTar(buildLayout([image('linux/amd64', EM.X86_64), image('linux/arm64', EM.X86_64)], true)),
  'app.tar.gz': gzipSync(buildTar([{ name: 'app/bin/app', data: fixtureBytes('elf-x86_64-glibc'), mode: 0o755 }, { name: 'app/lib/tool.so', data: fixtureBytes('elf-x86_64-library'), mode: 0o644 }, { name: 'app/README', data: Buffer.from('read me') }])),
  'app.zip': Uint8Array.of(0x50, 0x4b, 3, 4, 20, 0),
  'dist/app_darwin_universal': fixtureBytes('macho-universal'),
  'dist/app_linux_amd64': fixtureBytes('elf-x86_64-glibc'),
  'dist/app_linux_arm64': fixtureBytes('elf-aarch64-musl'),
  'dist/app_linux_armv7': fixtureBytes('elf-armv7'),
  'dist/app_windows_arm64.exe': fixtureBytes('pe-arm64.exe'),
  'dist/notes.txt': Buffer.from('notes'),
};

beforeAll(() => {
  process.chdir(folder);
  for (const [path, bytes] of Object.entries(FILES)) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, bytes, { mode: 0o755 });
  }
  writeFileSync('SHA256SUMS', ['app', 'app.exe'].map((name) => `${createHash('sha256').update(FILES[name] as Uint8Array).digest('hex')}  ${name}\n`).join(''));
  symlinkSync(join(home, 'testdata'), 'testdata');
  if (!existsSync(join(home, ESBUILD))) return;
  mkdirSync(dirname(ESBUILD), { recursive: true });
  symlinkSync(join(home, ESBUILD), ESBUILD);
});
afterAll(() => {
  process.chdir(home);
  rmSync(folder, { recursive: true });
});

/** The fenced blocks of a language. */
function blocks(language: string, text = OTHER): string[] {
  return Array.from(text.matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\`$`, 'gm')), ([, block]) => block as string);
}

/** Runs a command line of the document. */
async function runLine(line: string): Promise<{ status: number; out: string; err: string }> {
  const [first, ...rest] = line.replace(/^npx /, '').split(' ');
  expect(first).toBe('binspect');
  return run(rest);
}

describe('what is shown', () => {
  const shown = blocks('console').map((block) => block.split('\n')).map(([first = '', ...rest]) => ({ line: first.replace(/^\$ /, ''), text: rest.join('\n') }));

  it('is there', () => {
    expect(shown.length).toBeGreaterThan(2);
  });

  it.each(shown)('$line', async ({ line, text }) => {
    if (line.includes(ESBUILD) && !existsSync(ESBUILD)) {
      expect(`${process.platform}-${process.arch}`, 'where esbuild for this system is the one that is shown').not.toBe('linux-x64');
      return console.warn(`skipped: no ${ESBUILD} on this system`);
    }
    const { status, out, err } = await runLine(line);
    expect({ err, out }).toEqual({ err: '', out: text });
    expect(status).toBe(/^binspect (diff|runs|verify --target-from-name image\.tar)\b/.test(line) ? 1 : 0); // these two show what is wrong
  });
});

describe('examples of the library', () => {
  const examples = blocks('js').map((code) => ({ title: /binspect';\n\n?([^\n]+)/.exec(code)?.[1] ?? code, code }));
  const AsyncFunction = Object.getPrototypeOf(async () => {}).constructor as new (...text: string[]) => (...values: unknown[]) => Promise<void>;

  it.each(examples)('$title', async ({ code }) => {
    const expected = Array.from(code.matchAll(/\/\/ → (.*)$/gm), ([, text]) => text as string);
    expect(expected.length, 'an example says what comes of it').toBeGreaterThan(0);
    const printed: string[] = [];
    const body = code.replace(/^import (\{.*?\}) from '(.*?)';$/gm, (_, names: string, from: string) => `const ${names} = await load('${from}');`);
    const load = (name: string): unknown => (name === 'binspect' ? library : import(/* @vite-ignore */ name));
    await new AsyncFunction('load', 'console', body)(load, { log: (...values: unknown[]) => printed.push(...format(...values).split('\n')) });
    expect(printed).toEqual(expected);
  });

  it('are right by their types', () => {
    const own = join(folder, 'types');
    mkdirSync(own);
    const files = blocks('js', PAGES.map((page) => readFileSync(join(home, page), 'utf8')).join('\n')).map((code, i) => {
      const path = join(own, `${i}.mts`);
      // What comes from elsewhere has its type there: a hook's argument.
      writeFileSync(path, code.replace('afterPack({ appOutDir, electronPlatformName, arch })', 'afterPack({ appOutDir, electronPlatformName, arch }: Record<string, any>)'));
      return path;
    });
    const options: ts.CompilerOptions = {
      noEmit: true,
      strict: true,
      skipLibCheck: true,
      target: ts.ScriptTarget.ES2023,
      lib: ['lib.es2023.d.ts', 'lib.dom.d.ts'],
      module: ts.ModuleKind.ESNext,
      moduleResolution: ts.ModuleResolutionKind.Bundler,
      moduleDetection: ts.ModuleDetectionKind.Force,
      allowImportingTsExtensions: true,
      resolveJsonModule: true,
      types: ['node'],
      typeRoots: [resolve(home, 'node_modules/@types')],
      paths: { binspect: [resolve(home, 'src/index.ts')] },
    };
    const program = ts.createProgram(files, options);
    const wrong = files.flatMap((path) => {
      const source = program.getSourceFile(path) as ts.SourceFile;
      return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
    });
    expect(wrong.map(({ messageText, file }) => `${file?.fileName.slice(own.length)}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`)).toEqual([]);
  }, 60_000);
});

describe('what replaces other tools', () => {
  const section = /^## Instead of other tools$[^]*?(?=^## )/m.exec(README)?.[0] ?? '';
  const rows = Array.from(section.matchAll(/^\| .*`([^`]*)`[^`|]* \| `(binspect [^`]*)` \| `([^`]*)` \|$/gm), ([, instead, command, code]) => ({
    instead: instead as string,
    command: command as string,
    code: code as string,
  }));

  it('is a table', () => {
    expect(rows.length).toBe(section.split('\n').filter((line) => line.startsWith('| ')).length - 1);
    for (const tool of ['file', 'lipo -archs', 'otool -L', 'ldd', 'readelf -d', 'go version -m', 'sha256sum -c']) expect(section).toContain(`\`${tool} `);
  });

  it.each(rows)('$command: $code', async ({ command, code }) => {
    const { status, out, err } = await runLine(command);
    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(out).not.toBe('');
    const path = command.split(' ').at(-1) as string;
    const file = path === 'SHA256SUMS' ? null : await library.inspect(path, { facts: 'all' });
    const names = ['file', 'app', 'text', ...Object.keys(library)];
    const AsyncFunction = Object.getPrototypeOf(async () => {}).constructor as new (...text: string[]) => (...values: unknown[]) => Promise<unknown>;
    const value = await new AsyncFunction(...names, `return ${code};`)(file, file?.binaries[0], readFileSync('SHA256SUMS', 'utf8'), ...Object.values(library));
    const fields = /--fields (\S+)/.exec(command)?.[1]?.split(',');
    if (fields !== undefined) {
      const records = (await runLine(command.replace('--fields', '--json --fields'))).out.trimEnd().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>);
      const told = records.map((record) => (fields.length === 1 ? record[fields[0] as string] : Object.values(record)));
      expect(JSON.parse(library.toJSON(value))).toEqual(records.length === 1 ? told[0] : told);
      expect(JSON.stringify(told)).not.toMatch(/^\[(null,?)*\]$/);
    } else if (command.startsWith('binspect go')) {
      expect(value).toBe(out);
    } else if (command === 'binspect hash app') {
      expect(out).toBe(`${String(value)}  app\n`);
    } else if (command.includes('-c')) {
      const results: string[] = [];
      for await (const { name, status: said } of value as AsyncIterable<library.ChecksumResult>) results.push(`${name}: ${said.toUpperCase()}\n`);
      expect(results.join('')).toBe(out);
    } else {
      expect(value).toEqual(['elf', 64, 'executable', 'linux/amd64']);
    }
  });
});

describe('the document', () => {
  const headsOf = (text: string): Set<string> =>
    new Set(Array.from(text.matchAll(/^#+ (.*)$/gm), ([, head]) => (head as string).toLowerCase().replace(/[^\w -]/g, '').replaceAll(' ', '-')));

  it.each(PAGES)('%s leads somewhere with each of its links', (page) => {
    const text = readFileSync(join(home, page), 'utf8');
    const links = Array.from(text.matchAll(/\]\(([^)]+)\)/g), ([, target]) => target as string).filter((link) => !link.startsWith('https://'));
    for (const link of links) {
      const [path = '', head] = link.split('#');
      const target = path === '' ? join(home, page) : join(home, dirname(page), path);
      expect(existsSync(target), link).toBe(true);
      if (head !== undefined) expect([...headsOf(readFileSync(target, 'utf8'))]).toContain(head);
    }
    if (page !== 'README.md') expect(README).toContain(`(${page})`);
  });

  it('names files and scripts that are there, and every command', async () => {
    const { scripts } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as { scripts: Record<string, string> };
    const all = PAGES.map((page) => readFileSync(join(home, page), 'utf8')).join('\n');
    for (const [, name] of all.matchAll(/`npm run (\w+)`/g)) expect(Object.keys(scripts)).toContain(name);
    for (const [, path] of all.matchAll(/`((?:src|test|testdata|\.ci)\/[\w./-]*)`/g)) expect(existsSync(join(home, path as string)), path).toBe(true);
    const { out } = await run(['--help']);
    const commands = Array.from((/Commands:\n([^]*?)\n\n/.exec(out)?.[1] ?? '').matchAll(/^ {2}(\w+)/gm), ([, name]) => name as string);
    for (const name of commands.filter((command) => command !== 'inspect')) expect(README).toContain(`| \`binspect ${name} `);
    for (const code of ['unrecognized', 'unsupported', 'malformed', 'truncated', 'limit-exceeded', 'io', 'aborted', 'invalid-policy', 'invalid-argument'] satisfies library.ErrorCode[]) {
      expect(README).toContain(`\`${code}\``);
    }
  });

  it('names nothing of the machine that it was written on', () => {
    for (const page of PAGES) expect(readFileSync(join(home, page), 'utf8')).not.toMatch(/\/(home|root|Users|tmp|work|opt)\/|registry\.npmjs|localhost|127\.0\.0\.1/);
  });

  it('is short enough to be read, and narrow enough', () => {
    const lines = README.trimEnd().split('\n');
    expect(lines.length).toBeLessThanOrEqual(350);
    expect(lines.filter((line) => line.length > 140)).toEqual([]);
  });

  it('says first how to try it, in two lines', () => {
    const [first = ''] = blocks('sh');
    expect(first).toBe('npm ci && node dist/cli.cjs "$(command -v node)"\nnpm test\n');
  });
});
