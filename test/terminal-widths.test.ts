// What a person sees: every screen fits its terminal, in colours and signs that the terminal has, and a mistyped word is met with the right one.

import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { wantsColor, wantsUnicode } from '../src/cli/streams/terminal.ts';
import { DT } from '../src/elf/constants.ts';
import { textWidth } from '../src/render/words.ts';
import { wrapParts, wrapWords } from '../src/render/wrap.ts';
import { buildElf } from './build/elf.ts';
import { cost } from './cost.ts';
import { fixtureBytes, fixtureNames } from './fixtures.ts';
import { run } from './terminal.ts';

const WIDTHS = [40, 80, 120, 200];
const COMMANDS = ['inspect', 'map', 'verify', 'go', 'hash', 'completion'];
const BINARIES = fixtureNames().filter((name) => !name.startsWith('error-'));
const BYTES = new Map(BINARIES.map((name) => [name, fixtureBytes(name)]));
const home = process.cwd();
const folder = mkdtempSync(join(tmpdir(), 'binspect-widths-'));

beforeAll(() => {
  process.chdir(folder);
  for (const [name, bytes] of BYTES) writeFileSync(name, bytes);
  for (const path of ['dist/linux-arm64', 'dist/linux-x64', 'dist/日本語', 'dist/a-folder-with-a-long-name/and-one-in-it/which-goes-on']) {
    mkdirSync(path, { recursive: true });
    cpSync('elf-x86_64-library', join(path, 'アドオン.node'));
  }
  cpSync('macho-universal-objects', 'dist/universal');
  writeFileSync('dist/app_linux_arm64', '<!DOCTYPE html><html></html>');
});
afterAll(() => {
  process.chdir(home);
  rmSync(folder, { recursive: true });
});

/** Lines that are too wide although they could have been broken: a word alone can't, quoted or after its option, a file's name with its mark neither. */
function tooWide(text: string, columns: number): string[] {
  return text.split('\n').filter((line) => textWidth(line) > columns && line.trim().replace(/^[✓✗?~] |^'[^']*'$/, '').includes(' '));
}

/** The screens: what is typed. */
const SCREENS: Readonly<Record<string, readonly (readonly string[])[]>> = {
  help: [['--help'], ...COMMANDS.map((name) => [name, '--help'])],
  'one file': BINARIES.map((name) => [name]),
  'one file, with reasons': BINARIES.map((name) => ['-v', name]),
  'many files': [['dist'], ['--no-hash', 'dist'], BINARIES, ['--hardening', ...BINARIES], ['--sort', 'size', 'dist']],
  'a verdict': [['verify', '-q', '--stripped', 'dist'], ['verify', '--target-from-name', '--unique', '--max-glibc', '2.1', '--stripped', 'dist'], ['verify', '-v', '--target', 'linux/arm64', 'dist']],
};

describe.each(WIDTHS)('%i columns', (columns) => {
  it.each(Object.keys(SCREENS))('%s', async (screen) => {
    for (const args of SCREENS[screen] ?? []) {
      const { out } = await run(args, { columns, outIsTerminal: true, env: { NO_COLOR: '1' } });
      expect(out, args.join(' ')).not.toBe('');
      expect(tooWide(out, columns), args.join(' ')).toEqual([]);
      expect(out.split('\n').filter((line) => /\s$/.test(line)), args.join(' ')).toEqual([]);
    }
  });
});

describe('a table', () => {
  const head = async (columns: number, outIsTerminal = true): Promise<string[]> =>
    ((await run(['dist'], { columns, outIsTerminal, env: { NO_COLOR: '1' } })).out.split('\n')[0] as string).split(/ {2,}/);

  it('leaves out what matters least first', async () => {
    expect(await head(40)).toEqual(['TARGET', 'PATH']);
    expect(await head(60)).toEqual(['TARGET', 'SIZE', 'PATH']);
    expect(await head(80)).toEqual(['TARGET', 'KIND', 'SIZE', 'PATH']);
    expect(await head(120)).toEqual(['TARGET', 'FORMAT', 'KIND', 'LINK', 'PIE', 'C LIBRARY', 'SIZE', 'PATH']);
    expect(await head(200)).toEqual(['TARGET', 'FORMAT', 'KIND', 'LINK', 'PIE', 'C LIBRARY', 'SIZE', 'SHA256', 'PATH']);
  });

  it('is whole and a line for each file where it is no terminal', async () => {
    const { out } = await run(['dist'], { columns: 40 });
    expect(await head(40, false)).toEqual(await head(200));
    expect(out).toMatch(/^linux\/amd64 .* dist\/a-folder-with-a-long-name\/and-one-in-it\/which-goes-on\/アドオン\.node$/m);
    expect(out).toContain('darwin/386+amd64+arm64+arm64e  universal  object file');
  });

  it('gives every path whole', async () => {
    const { out } = await run(['dist'], { columns: 80, outIsTerminal: true, env: { NO_COLOR: '1' } });
    expect(out).toMatch(/^linux\/amd64 +shared library +1\.6 KiB\n {4}dist\/a-folder-with-a-long-name\/and-one-in-it\/which-goes-on\/アドオン\.node$/m);
    expect(out).toMatch(/^linux\/amd64 +shared library +1\.6 KiB +dist\/linux-x64\/アドオン\.node$/m);
    expect(out).toMatch(/^darwin\/386\+amd64\+… +object file +32\.5 KiB +dist\/universal$/m);
  });
});

describe('a word that is too long for its column', () => {
  const shown = async (columns: number): Promise<string> => (await run(['elf-x86_64-pie'], { columns, outIsTerminal: true, env: { NO_COLOR: '1' } })).out;

  it('stands below its label, and whole', async () => {
    expect(await shown(77)).toMatch(/^sha256 {7}[0-9a-f]{64}$/m);
    expect(await shown(76)).toMatch(/^sha256\n {2}[0-9a-f]{64}$/m);
    expect(await shown(40)).toMatch(/^sha256\n[0-9a-f]{64}$/m);
  });

  it('moves to the left in a list', async () => {
    const path = '/System/Library/Frameworks/CoreFoundation.framework/Versions/A/CoreFoundation';
    const needs = [path, '/usr/lib/libSystem.B.dylib'].map((name) => [DT.NEEDED, name] as const);
    writeFileSync('long', buildElf({ dynamic: needs }));
    const { out } = await run(['long'], { columns: 80, outIsTerminal: true, env: { NO_COLOR: '1' } });
    expect(out).toContain(`\nneeds\n  ${path}\n             /usr/lib/libSystem.B.dylib\n`);
  });
});

describe('signs', () => {
  it.each<[Record<string, string>, boolean, boolean]>([
    [{}, true, true],
    [{ LANG: 'en_US.UTF-8' }, true, true],
    [{ LANG: 'C.utf8' }, true, true],
    [{ LC_CTYPE: 'UTF-8' }, true, true],
    [{ LANG: 'de_DE.UTF-8@euro' }, true, true],
    [{ LANG: 'C' }, true, false],
    [{ LANG: 'POSIX' }, true, false],
    [{ LANG: 'de_DE' }, true, false],
    [{ LANG: 'ja_JP.eucJP' }, true, false],
    [{ LC_ALL: 'C', LANG: 'en_US.UTF-8' }, true, false],
    [{ LC_ALL: '', LC_CTYPE: 'C.UTF-8', LANG: 'C' }, true, true],
    [{ TERM: 'dumb', LANG: 'en_US.UTF-8' }, true, false],
    [{ TERM: 'linux', LANG: 'en_US.UTF-8' }, true, false],
    [{ TERM: 'xterm-256color' }, true, true],
    [{ LC_ALL: 'C', TERM: 'dumb' }, false, true],
  ])('%o on a terminal: %s', (env, isTerminal, unicode) => {
    expect(wantsUnicode(env, isTerminal)).toBe(unicode);
  });

  it.each(['help', 'one file', 'one file, with reasons'])('%s: ASCII where the terminal has nothing else', async (screen) => {
    for (const args of SCREENS[screen] ?? []) {
      const { out } = await run(args, { columns: 80, outIsTerminal: true, env: { LC_ALL: 'C' } });
      expect(out.replace('Müller & Söhne', ''), args.join(' ')).not.toMatch(/[^\u0000-\u007e]/); // what a file says stands as it is
    }
  });

  it('of a verdict have words in ASCII', async () => {
    const args = ['verify', '--target-from-name', 'dist'];
    const { out } = await run(args, { outIsTerminal: true, env: { LC_ALL: 'C', NO_COLOR: '1' } });
    expect(out).toMatch(/^ok {3}1 file passes: dist\/linux-x64\/アドオン\.node$/m); // names stand as they are
    expect(out).toMatch(/^FAIL dist\/linux-arm64\/アドオン\.node\n {4}target from name {2}\(targetFromName\)$/m);
    expect((await run(args, { outIsTerminal: true, env: { NO_COLOR: '1' } })).out).toMatch(/^✗ dist\/linux-arm64\/アドオン\.node\n {4}target from name {2}\(targetFromName\)$/m);
  });
});

describe('colours', () => {
  it.each<[Record<string, string>, boolean, boolean]>([
    [{ CLICOLOR: '0' }, true, false],
    [{ CLICOLOR: '1' }, true, true],
    [{ CLICOLOR: '1' }, false, false],
    [{ CLICOLOR_FORCE: '1' }, false, true],
    [{ CLICOLOR_FORCE: '0' }, true, true],
    [{ CLICOLOR_FORCE: '0' }, false, false],
    [{ CLICOLOR_FORCE: '1', NO_COLOR: '1' }, true, false],
    [{ CLICOLOR_FORCE: '1', FORCE_COLOR: '0' }, true, false],
    [{ CLICOLOR_FORCE: '1', TERM: 'dumb' }, false, true],
    [{ FORCE_COLOR: 'false' }, true, false],
    [{ FORCE_COLOR: '' }, true, true],
  ])('%o on a terminal: %s', (env, isTerminal, colored) => {
    expect(wantsColor('auto', env, isTerminal)).toBe(colored);
  });

  it("are the terminal's own, of those that are readable on dark and on light", async () => {
    for (const args of [['elf-x86_64-pie'], ['-v', 'macho-universal'], ['dist'], ['verify', '-v', '--target-from-name', 'dist']]) {
      const { out } = await run(args, { outIsTerminal: true });
      const codes = new Set(Array.from(out.matchAll(/\u001b\[([\d;]*)m/g), ([, code]) => code));
      expect(codes.size, args.join(' ')).toBeGreaterThan(1);
      for (const code of codes) expect(['1', '2', '7', '22', '27', '31', '32', '33', '34', '35', '36', '39'], args.join(' ')).toContain(code); // bold, dim, inverse, red, green, yellow, blue, magenta, cyan, and their ends
    }
  });
});

describe('widths', () => {
  it.each<[string, number]>([
    ['', 0],
    ['plain', 5],
    ['naïve', 5],
    ['nai\u0308ve', 5],
    ['日本語', 6],
    ['한국어', 6],
    ['\u1112\u1161\u11ab', 2],
    ['ＡＢ', 4],
    ['ｱｲ', 2],
    ['✓ · …', 5],
    ['📦', 2],
    ['⌚', 2],
    ['ไทย', 3],
    ['ที่', 1],
  ])('%j takes %i columns', (text, width) => {
    expect(textWidth(text)).toBe(width);
  });

  it('break between parts, within a part only where it is longer than a line, within a word never', () => {
    expect(wrapParts(['one two', 'three', 'four'], ' · ', 15)).toEqual(['one two · three', 'four']);
    expect(wrapParts(['one', 'two three four'], ' · ', 10)).toEqual(['one', 'two three', 'four']);
    expect(wrapParts(['a-word-that-is-too-long', 'b'], ' · ', 10)).toEqual(['a-word-that-is-too-long', 'b']);
    expect(wrapWords('日本 語を 話す', 9)).toEqual(['日本 語を', '話す']);
    expect(wrapWords('', 10)).toEqual(['']);
    expect(wrapWords('as it is', Infinity)).toEqual(['as it is']);
    expect(wrapParts(['é b', 'c'], ', ', Infinity)).toEqual(['é b, c']);
  });

  it.each([80, 100_000, Infinity])('costs what the text has, at %d columns', async (width) => {
    const text = 'é '.repeat(10_000);
    expect(wrapWords(text, width).join(' ')).toBe(text);
    expect(await cost(() => wrapWords(text, width), 100)).toBeLessThan(100);
    expect(await cost(() => wrapParts(text.split(' '), ' · ', width), 100)).toBeLessThan(100);
  });
});

describe('a mistyped word', () => {
  it.each<[string[], string]>([
    [['verfy', 'dist'], "error: there is no command and no file called 'verfy'; did you mean verify?\n  binspect verify dist\n"],
    [['verfy', '--target-from-name', 'di st'], "  binspect verify --target-from-name 'di st'\n"],
    [['hsah'], '\n  binspect hash\n'],
    [['INSPECT', 'dist'], '\n  binspect inspect dist\n'],
    [['version'], '\n  binspect --version\n'],
    [['-V'], '\n  binspect --version\n'],
    [['--jsn', 'dist'], '\n  binspect --json dist\n'],
    [['verify', '--max-glib=2', 'dist'], '\n  binspect verify --max-glibc=2 dist\n'],
    [['verify', '--target', 'linux/amd46', 'dist'], 'did you mean amd64?'],
    [['--fields', 'path,platfrom.go', 'dist'], '\n  binspect --fields path,platform.go dist\n'],
    [['help', 'verfy'], "there is no command 'verfy'; did you mean verify?"],
    [['--jsn', 'dist'], 'did you mean --json?'],
    [['--no-hsh', 'dist'], 'did you mean --no-hash?'],
    [['verify', '--max-glib', '2', 'dist'], 'did you mean --max-glibc?'],
    [['--color=alway', 'dist'], 'did you mean always?'],
    [['completion', 'fsh'], 'did you mean'],
    [['verify', '-o', 'jnit', 'dist'], 'did you mean junit?'],
  ])('%s', async (args, advice) => {
    const { status, err } = await run(args);
    expect(status).toBe(2);
    expect(err).toContain(advice);
  });

  it.each([['program'], ['dist/verify'], ['verify.exe'], ['vi']])('%s is a file that is not there, and no command', async (name) => {
    const { status, err } = await run([name]);
    expect({ status, err }).toEqual({ status: 3, err: `binspect: ${name}: no such file or directory\n` });
  });

  it('is not looked for where there is a file of that name', async () => {
    cpSync('elf-x86_64-pie', 'verfy');
    expect(await run(['verfy'])).toMatchObject({ status: 0, err: '' });
    rmSync('verfy');
  });
});

describe('help', () => {
  it('has bold headings where there are colours, and commands in one column', async () => {
    expect((await run(['--help'], { outIsTerminal: true })).out).toContain('\u001b[1mCommands:\u001b[22m\n');
    const { out } = await run(['--help'], { outIsTerminal: true, columns: 100, env: { NO_COLOR: '1' } });
    expect(out).toMatch(/^ {2}inspect {5}\S.*\n {2}verify {6}\S.*\n {2}go {10}\S/m);
    expect(out.split('\n').filter((line) => /^ {14}\S/.test(line))).toEqual([]); // no summary is longer than its line
  });

  it('is short where nothing is asked for on a terminal', async () => {
    for (const columns of WIDTHS) {
      const { status, out, err } = await run([], { outIsTerminal: true, columns });
      expect({ status, err }).toEqual({ status: 2, err: '' });
      expect(out).toContain('binspect verify PATH…');
      expect(tooWide(out, columns)).toEqual([]);
    }
    expect(await run([])).toMatchObject({ status: 2, out: '' });
    expect((await run(['-h', 'verify'])).out).toBe((await run(['verify', '-h'])).out);
  });

  it('of a command is asked for in three ways', async () => {
    const { out } = await run(['verify', '--help']);
    expect((await run(['verify', '-h'])).out).toBe(out);
    expect((await run(['help', 'verify'])).out).toBe(out);
    for (const option of ['--help', '-h', 'help']) expect((await run([option])).out).toMatch(/^Usage: binspect \[COMMAND\]/);
  });

  it.each(COMMANDS)('of %s has examples that a shell takes as they stand, broken or not', async (name) => {
    const examples = async (columns: number): Promise<string[]> => {
      const { out } = await run([name, '--help'], { columns, outIsTerminal: true, env: { NO_COLOR: '1' } });
      const section = /\nExamples:\n([^]*?)(\n\n|$)/.exec(out)?.[1] ?? '';
      return Array.from(section.matchAll(/^ {2}(\S[^]*?)\n {6}\S/gm), ([, command]) => (command as string).replace(/ \\\n {4}/g, ' '));
    };
    const whole = await examples(200);
    expect(whole.length).toBeGreaterThan(1);
    expect(await examples(40)).toEqual(whole);
    for (const example of whole) {
      expect(example).toMatch(/\bbinspect\b/);
      expect(spawnSync('bash', ['-n', '-c', example], { encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
    }
  });
});

/** Whether a shell is here; where all tools have to be, one that is not is a failure. */
function hasShell(shell: string): boolean {
  const found = spawnSync(shell, ['--version']).status === 0;
  if (!found && process.env['CI'] === 'true') throw new Error(`${shell} is not installed`);
  return found;
}

describe('completions', () => {
  it.each(['bash', 'zsh', 'fish'])('are a script that %s reads', async (shell) => {
    const { out } = await run(['completion', shell]);
    writeFileSync('script', out);
    if (!hasShell(shell)) return console.warn(`skipped: ${shell} is not installed`);
    expect(spawnSync(shell, ['-n', 'script'], { encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
  });

  it('for PowerShell names every command and option, quoted', async () => {
    const { out } = await run(['completion', 'powershell']);
    expect(out).toContain("Register-ArgumentCompleter -Native -CommandName binspect -ScriptBlock {");
    for (const name of COMMANDS) expect(out).toContain(`\n    '${name}' = '`);
    expect(out).toContain("'--target-from-name' = '");
    expect(out).toMatch(/'--fields' = @\('schemaVersion', .*'platform\.go'/);
    for (const line of out.split('\n').filter((one) => /^ {4}'/.test(one))) expect(line.replace(/'(?:[^']|'')*'/g, '')).not.toContain("'"); // every text ends
  });

  it('for zsh offers files only where a path is wanted', async () => {
    const { out } = await run(['completion', 'zsh']);
    expect(out).toMatch(/--max-size=\[[^\]]*\]:SIZE: '/);
    expect(out).toMatch(/--policy=\[[^\]]*\]:FILE:_files'/);
  });

  it.each<[string[], string[]]>([
    [['ver'], ['verify']],
    [['--js'], ['--json']],
    [['elf-armv7', '--no-'], ['--no-archives', '--no-hash']],
    [['verify', '--target'], ['--target', '--target-from-name']],
    [['verify', '--no-s'], ['--no-stripped', '--no-search-paths']],
    [['hash', '--color', '=', 'a'], ['auto', 'always']],
    [['go', '--color', '='], ['auto', 'always', 'never']],
    [['completion', ''], ['bash', 'zsh', 'fish', 'powershell']],
    [['--fields', 'platform.g'], ['platform.go']],
    [['verify', '-o', 'j'], ['json', 'junit']],
    [['verify', '--kind', 'b'], ['bundle']],
    [['verify', 'elf-armv'], ['elf-armv5', 'elf-armv7']],
    [['go', 'with b'], ['with blank']],
  ])('in bash: %s', async (words, expected) => {
    if (!hasShell('bash')) return console.warn('skipped: bash is not installed');
    writeFileSync('with blank', '');
    const { out } = await run(['completion', 'bash']);
    const script = `${out}\nCOMP_WORDS=(binspect "$@") COMP_CWORD=$#\n_binspect\nprintf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout, stderr } = spawnSync('bash', ['-c', script, 'bash', ...words], { encoding: 'utf8' });
    expect({ stderr, words: stdout.trimEnd().split('\n').sort() }).toEqual({ stderr: '', words: [...expected].sort() });
  });

  it.each<[string, string[]]>([
    ['binspect ver', ['verify']],
    ['binspect --js', ['--json']],
    ['binspect elf-armv7 --no-h', ['--no-hash']],
    ['binspect verify --targ', ['--target', '--target-from-name']],
    ['binspect completion ', ['bash', 'fish', 'powershell', 'zsh']],
    ['binspect verify -o j', ['json', 'junit']],
    ['binspect verify --libc=m', ['--libc=msvcrt', '--libc=musl']],
    ['binspect hash --color=a', ['--color=always', '--color=auto']],
  ])('in fish: %s', async (line, expected) => {
    if (!hasShell('fish')) return console.warn('skipped: fish is not installed');
    writeFileSync('script.fish', (await run(['completion', 'fish'])).out);
    const { stdout } = spawnSync('fish', ['--no-config', '-c', 'source script.fish; complete -C $argv[1]', line], { encoding: 'utf8' });
    expect(stdout.trimEnd().split('\n').map((one) => one.split('\t')[0]).sort()).toEqual([...expected].sort());
  });
});
