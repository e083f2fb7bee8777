// Checksum lists, policies and package.json as strangers may write them: bounded time and memory, a place for each mistake, and nothing but reading.

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { decodeText, encodeText } from '../src/bytes/text.ts';
import { checkSums } from '../src/checksums/check.ts';
import type { ChecksumResult } from '../src/checksums/check.ts';
import { searchElsewhere } from '../src/checksums/elsewhere.ts';
import { parseChecksums } from '../src/checksums/parse.ts';
import { BinspectError } from '../src/errors.ts';
import { verifyFiles } from '../src/files/verify-files.ts';
import { globProblem, pathMatcher } from '../src/verify/glob.ts';
import { allowing, denying } from '../src/verify/library-names.ts';
import { parsePolicy } from '../src/verify/policy/policy.ts';
import { uniqueFindings } from '../src/verify/several.ts';
import { buildElf } from './build/elf.ts';
import { within } from './cost.ts';
import { run } from './terminal.ts';

const POSIX = process.platform !== 'win32';
const D = 'a'.repeat(64);
const digestOf = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('hex');
const ELF = buildElf();

const folder = mkdtempSync(join(tmpdir(), 'binspect-hostile-lists-'));
const before = process.cwd();
beforeAll(() => process.chdir(folder));
afterAll(() => {
  process.chdir(before);
  rmSync(folder, { recursive: true });
});

function put(path: string, content: string | Uint8Array): string {
  mkdirSync(join(folder, path, '..'), { recursive: true });
  writeFileSync(join(folder, path), content);
  return path;
}

describe('a checksum list', () => {
  const MB = 1 << 20;

  it.each([
    ['a name of many megabytes', `${D}  ${'x'.repeat(8 * MB)}\n`, 1, 0],
    ['nothing but hexadecimal', 'a'.repeat(8 * MB), 0, 1],
    ['nothing but blanks', `${' '.repeat(8 * MB)}x`, 0, 1],
    ['parentheses', `SHA256 (${')'.repeat(8 * MB)} = ${D}`, 1, 0],
    ['blanks where a digest should be', `SHA256 (x) =${' \t'.repeat(4 * MB)}x`, 0, 1],
    ['blanks where an = should be', `SHA256 (x)${' '.repeat(8 * MB)}x`, 0, 1],
    ['escapes', `\\${D}  ${'\\\\'.repeat(2 * MB)}\\q`, 0, 1],
    ['a tag that almost is one', `BLAKE2${'b'.repeat(8 * MB)} (x`, 0, 1],
    ['another', `SHA-1${'1/'.repeat(4 * MB)} (x`, 0, 1],
    ['what could be NAME=DIGEST', '=a'.repeat(4 * MB), 0, 1],
    ['NULs', '\0'.repeat(8 * MB), 0, 1],
    ['empty lines', '\n'.repeat(4 * MB), 0, 0],
    ['carriage returns', '\r'.repeat(4 * MB), 0, 1],
    ['a signature that never comes', `-----BEGIN PGP SIGNED MESSAGE-----\n${'\n'.repeat(2 * MB)}`, 0, 1],
  ])('of one line: %s', async (_, text, entries, malformed) => {
    const list = await within(4000, () => parseChecksums(text));
    expect([list.entries.length, list.malformed.length]).toEqual([entries, malformed]);
  });

  it('of bytes that are no UTF-8 takes its time in proportion', async () => {
    const bytes = new Uint8Array(8 * MB).fill(0xff);
    const text = await within(4000, () => decodeText(bytes));
    expect(text.length).toBe(bytes.length);
    expect(Buffer.compare(await within(4000, () => encodeText(text)), bytes)).toBe(0);
    expect((await within(4000, () => parseChecksums(bytes))).malformed).toHaveLength(1);
  });

  it('of millions of lines is refused before it takes all memory', async () => {
    await within(20_000, () => expect(() => parseChecksums('x\n'.repeat(2_000_001))).toThrow(expect.objectContaining({ code: 'limit-exceeded', message: 'the list has more than 2000000 lines' }) as Error));
    put('millions', 'x\n'.repeat(2_000_001));
    expect(await run(['hash', '-c', 'millions'])).toMatchObject({ status: 1, err: 'binspect: millions: the list has more than 2000000 lines\n' });
    put('app', ELF);
    const report = await verifyFiles({ version: 1, sums: { file: 'millions' } }, { paths: ['app'] });
    expect(report.ok).toBe(false);
    expect(report.files.find(({ path }) => path === 'millions')?.error?.code).toBe('limit-exceeded');
    const most = await within(20_000, () => parseChecksums(`${D}  f\n`.repeat(200_000)));
    expect(most.entries).toHaveLength(200_000);
  }, 60_000);

  it.each([
    ['a byte order mark', Buffer.from(`\ufeff${D}  a\n`), 'a'],
    ['UTF-16, little end first', Buffer.from(`\ufeff${D}  a\r\n`, 'utf16le'), 'a'],
    ['carriage returns', Buffer.from(`${D}  a\r\n`), 'a'],
    ['bytes that are no UTF-8', Buffer.concat([Buffer.from(`${D}  `), Buffer.from([0xff, 0x0a])]), '\udcff'],
    ['two byte order marks', Buffer.from(`\ufeff\ufeff${D}  a\n`), null],
    ['a NUL in the name', Buffer.from(`${D}  a\0b\n`), null],
    ['UTF-16 without a mark', Buffer.from(`${D}  a\n`, 'utf16le'), null],
  ])('with %s', (_, bytes, name) => {
    expect(parseChecksums(bytes).entries.map((entry) => entry.name)).toEqual(name === null ? [] : [name]);
  });

  it('may name one file as often as it likes', async () => {
    put('same/file', ELF);
    put('same/SUMS', `${digestOf(ELF)}  file\n`.repeat(50_000));
    const report = await within(20_000, () => verifyFiles({ version: 1, sums: { file: 'same/SUMS' } }, { paths: ['same'] }));
    expect(report).toMatchObject({ ok: true, summary: { passed: 50_000 } });
    put('two', `${digestOf(ELF)}  same/file\n${D}  same/file\n`); // each line counts for itself
    expect((await verifyFiles({ version: 1, sums: { file: 'two' } }, { paths: ['same/file'] })).summary).toMatchObject({ passed: 1, failed: 1 });
    expect(await run(['hash', '-c', 'two'])).toMatchObject({ status: 1, out: 'same/file: OK\nsame/file: FAILED\n' });
  }, 40_000);

  it('of many files that are not there looks elsewhere for some, and no longer', async () => {
    mkdirSync('elsewhere', { recursive: true });
    for (let i = 0; i < 1500; i++) writeFileSync(`elsewhere/${i}`, `${i}`);
    const search = searchElsewhere('');
    expect(await search.find(digestOf('100'), 'elsewhere/none')).toBe('elsewhere/100');
    await within(10_000, async () => {
      for (let i = 0; i < 20_000; i++) expect(await search.find(D, `elsewhere/none${i}`)).toBeNull();
    });
    const spellings = searchElsewhere('');
    await within(10_000, async () => {
      for (let i = 0; i < 2000; i++) expect(await spellings.find(D, `${'./'.repeat(i)}elsewhere/none`)).toBeNull();
    });
    const known = searchElsewhere('');
    await within(5000, () => {
      for (let i = 0; i < 200_000; i++) known.note(D, `file${i}`);
    });
    expect(await known.find(D, 'file0')).toBe('file1');
  }, 40_000);

  const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', '-', '--', '-rf', '..', '.', '/', '~', '*', '%s%n', '$(x)', 'a\\b', 'C:\\x', '\\\\?\\x', 'CON', 'x:y'];
  it.each(names)('naming %j says what came of it and nothing else', async (name) => {
    const results: ChecksumResult[] = [];
    for await (const result of checkSums(parseChecksums(`${D}  ${name}\n`))) results.push(result);
    expect(results).toMatchObject([{ line: 1, name, path: name, foundAs: null }]);
    expect(['missing', 'unreadable']).toContain(results[0]?.status);
    put('odd', `${D}  ${name}\n`);
    const report = await verifyFiles({ version: 1, sums: { file: 'odd' } }, { paths: ['app'] });
    expect(report.ok).toBe(false);
  });

  it('reads what it names wherever that is, says so, and writes nothing', async () => {
    put('outer/secret', 'secret');
    put('outer/inner/SUMS', [`${digestOf('secret')}  ../secret`, `${digestOf('secret')}  ${join(folder, 'outer/secret')}`, `${D}  ../../../../../../../../../../etc/hostname-is-not-there`, `${D}  ../inner`].join('\n'));
    const listing = (): string[] => readdirSync('outer', { recursive: true, encoding: 'utf8' }).sort();
    const there = listing();
    process.chdir('outer/inner');
    try {
      const { out, status } = await run(['hash', '-c', 'SUMS']);
      expect(status).toBe(1);
      expect(out).toBe(`../secret: OK\n${join(folder, 'outer/secret')}: OK\n../../../../../../../../../../etc/hostname-is-not-there: FAILED open or read\n../inner: FAILED open or read\n`);
    } finally {
      process.chdir(folder);
    }
    const report = await verifyFiles({ version: 1, sums: { file: 'outer/inner/SUMS', coverage: 'listed' } }, { paths: [] });
    expect(report.files.map(({ path }) => path)).toContain('outer/inner/../secret');
    expect(listing()).toEqual(there);
  });

  describe.runIf(POSIX)('naming what is no file', () => {
    beforeAll(() => {
      if (!existsSync('pipe')) execFileSync('mkfifo', ['pipe']);
      if (!existsSync('loop')) symlinkSync('loop', 'loop');
      put('kinds', ['/dev/zero', '/dev/stdin', '/dev/tty', 'pipe', 'loop', '/', '/dev/fd/0', '-'].map((name) => `${D}  ${name}\n`).join(''));
    });

    it('fails at each, and waits for none (sha256sum would read them for ever)', async () => {
      const { out, status } = await within(5000, () => run(['hash', '-c', 'kinds'], { input: [Buffer.from('x')] }));
      expect(status).toBe(1);
      expect(out.split('\n').slice(0, -1).filter((line) => !/: FAILED( open or read)?$/.test(line))).toEqual([]);
      expect(out.split('\n')).toHaveLength(9);
    });

    it('is no success for verify either', async () => {
      const report = await within(5000, () => verifyFiles({ version: 1, sums: { file: 'kinds' } }, { paths: ['app'] }));
      expect(report.ok).toBe(false);
      expect(report.files.every(({ findings, error }) => error !== null || findings.some(({ status }) => status === 'fail'))).toBe(true);
    });

    it('as the list of a verification is an error', async () => {
      for (const file of ['pipe', '/dev/zero', 'loop', '.']) {
        const report = await within(5000, () => verifyFiles({ version: 1, sums: { file } }, { paths: ['app'] }));
        expect(report.files.find(({ path }) => path === file)?.error?.code).toBe('io');
      }
    });
  });
});

describe('a policy', () => {
  const refused = (text: string): string => {
    try {
      parsePolicy(text);
    } catch (error) {
      if (!(error instanceof BinspectError)) throw error;
      expect(error.code).toBe('invalid-policy');
      expect(error.message.length).toBeLessThan(1000);
      return error.message;
    }
    return expect.fail('it was taken');
  };
  const with_ = (defaults: object): string => JSON.stringify({ version: 1, defaults });

  it.each([
    ['brackets', '['.repeat(100_000), 'line 1, column 66: more than 64 levels, one in the other'],
    ['braces', '{"a":'.repeat(100_000), /more than 64 levels/],
    ['a text of megabytes', `{"version":1,"$schema":"${'x'.repeat(12_000_000)}"}`, 'line 1, column 24: a text of at most 4096 characters is wanted, not one of 12000000'],
    ['a text of escapes', `{"version":1,"$schema":"${'x\\n'.repeat(4_000_000)}"}`, /at most 4096 characters/],
    ['a text without an end', `{"version":1,"$schema":"${'x'.repeat(12_000_000)}`, /a text that does not end/],
    ['a key of megabytes', `{"version":1,"${'x'.repeat(4_000_000)}":1}`, /^line 1, column 14: unknown key "x+…$/],
    ['blanks', `{${' '.repeat(12_000_000)}`, /a key in double quotes is wanted, not the end of the text/],
    ['digits', `{"version":${'1'.repeat(4_000_000)}}`, /"version": 1 is wanted, not null/],
    ['numbers', `{"version":1,"artifacts":[${'0,'.repeat(1_000_000)}0]}`, /more than 200000 values/],
    ['empty lists', `{"version":1,"artifacts":[${'[],'.repeat(1_000_000)}0]}`, /more than 200000 values/],
    ['too much of anything', ' '.repeat(16 * 1024 * 1024 + 1), 'it has 16777217 characters, where a policy has at most 16777216'],
    ['one key twice, long', `{"${'x'.repeat(2_000_000)}":1,\n"${'x'.repeat(2_000_000)}":1}`, /^line 2, column 1: the key "x+… stands here twice: first in line 1, column 2$/],
    ['one key twice', '{"version":1,\n"defaults":{"pie":true},\n "defaults":{"pie":false}}', 'line 3, column 2: the key "defaults" stands here twice: first in line 2, column 1'],
    ['__proto__', '{"version":1,"__proto__":{"defaults":{}}}', 'line 1, column 14: unknown key "__proto__"'],
    ['__proto__ among expectations', '{"version":1,"defaults":{"__proto__":{"pie":true}}}', /unknown key "__proto__"/],
    ['constructor', '{"version":1,"defaults":{"constructor":true}}', /unknown key "constructor"/],
    ['toString', '{"version":1,"artifacts":[{"files":"x","expect":{"toString":true}}]}', /unknown key "toString"/],
    ['a rule of Object.prototype', '{"version":1,"waivers":[{"rule":"constructor","files":"x","reason":"x","expires":"2027-01-01"}]}', /one of "target"/],
    ['a NUL behind it', '{"version":1}\0', /the text should end here, not go on with "\\u0000"/],
    ['groups in groups', `{"version":1,"artifacts":[{"files":"${'{a'.repeat(1000)}${'}'.repeat(1000)}"}]}`, /more than 16 groups, one in the other/],
    ['groups by groups', `{"version":1,"artifacts":[{"files":"${'{a,b}'.repeat(11)}"}]}`, /its groups come to more than 1024 globs/],
    ['groups of libraries', with_({ noNeeds: '{a,b}'.repeat(11) }), /its groups come to more than 1024 globs/],
    ['a glob of megabytes', `{"version":1,"artifacts":[{"files":"${'*a'.repeat(1_000_000)}"}]}`, /at most 4096 characters/],
    ['a target of megabytes', with_({ target: 'linux-'.repeat(200_000) }), /at most 4096 characters/],
    ['a range of megabytes', with_({ go: '>=1.22 '.repeat(200_000) }), /at most 4096 characters/],
    ['a version of megabytes', with_({ maxGlibc: '2.'.repeat(2000) }), /a version of glibc is like/],
    ['a huge count', '{"version":1,"artifacts":[{"files":"x","count":1e309}]}', /a count above 0 is wanted, not null/],
    ['a count that no number holds', '{"version":1,"artifacts":[{"files":"x","count":9007199254740993}]}', /a count above 0 is wanted/],
    ['a negative count', '{"version":1,"artifacts":[{"files":"x","count":-1}]}', /a count above 0 is wanted, not -1/],
    ['a huge size', with_({ maxSize: '99999999999999999999T' }), /a size is like/],
  ])('of %s', async (_, text, message) => {
    const told = await within(6000, () => refused(text));
    if (typeof message === 'string') expect(told).toBe(message);
    else expect(told).toMatch(message);
  });

  it.each(['99999-01-01', '2027-02-30', '2027-13-01', '0000-00-00', '-271821-04-20', '2027-01-01T00:00Z', '2027-1-1', 'never', '٢٠٢٧-٠١-٠١', '2027-01-01\n', ' 2027-01-01', '+002027-01-01'])('with a waiver until %j', (expires) => {
    expect(refused(JSON.stringify({ version: 1, waivers: [{ rule: 'pie', files: '**', reason: 'x', expires }] }))).toMatch(/a day like "2027-03-01" is wanted/);
  });

  it.each(['9999-12-31', '2028-02-29', '0001-01-01'])('with a waiver until %s, which is a day', (expires) => {
    expect(parsePolicy(JSON.stringify({ version: 1, waivers: [{ rule: 'pie', files: '**', reason: 'x', expires }] })).waivers).toHaveLength(1);
  });

  it('changes no prototype', () => {
    for (const text of ['{"__proto__":{"polluted":1}}', '{"constructor":{"prototype":{"polluted":1}}}']) expect(() => parsePolicy(text)).toThrow(BinspectError);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('in another encoding is refused by its name', async () => {
    put('utf16.json', Buffer.from('\ufeff{"version":1}', 'utf16le'));
    expect(await run(['verify', '--policy', 'utf16.json', 'app'])).toMatchObject({ status: 2, err: 'error: utf16.json: it is written in UTF-16; a policy is written in UTF-8\n' });
    put('latin1.json', Buffer.from('{"version":1,"\u00e9":1}', 'latin1'));
    expect((await run(['verify', '--policy', 'latin1.json', 'app'])).err).toBe('error: latin1.json: line 1, column 14: unknown key "\\udce9"\n');
    put('marked.json', '\ufeff{"version":1,"defaults":{"kind":"executable"}}');
    expect(await run(['verify', '--policy', 'marked.json', 'app'])).toMatchObject({ status: 0 });
  });

  it('names files by their bytes, also those that are no UTF-8', async () => {
    if (process.platform !== 'linux') return;
    mkdirSync('bytes', { recursive: true });
    writeFileSync(Buffer.concat([Buffer.from('bytes/x'), Buffer.from([0xff])]), ELF);
    put('bytes.json', Buffer.concat([Buffer.from('{"version":1,"artifacts":[{"files":"bytes/x'), Buffer.from([0xff]), Buffer.from('","expect":{"kind":"executable"}}]}')]));
    expect(await run(['verify', '--policy', 'bytes.json'])).toMatchObject({ status: 0 });
  });

  it('reads what its globs name, and nothing above where they begin', async () => {
    put('globs/in/app', ELF);
    const { files } = await verifyFiles({ version: 1, artifacts: [{ files: ['../../..///./x/../globs/none', '/proc/self/environ/x', 'globs/in/../in/*'], expect: { kind: 'executable' } }] }, { base: '' });
    expect(files.map(({ path }) => path)).toEqual(expect.arrayContaining(['globs/in/app']));
    expect(files.filter(({ error }) => error !== null)).toEqual([]);
  });
});

describe('globs', () => {
  it.each([
    ['**/**/**/**/**/*a*a*a*a*a*b', `${'a/'.repeat(200)}${'a'.repeat(250)}`],
    [`${'*a'.repeat(2000)}b`, 'a'.repeat(4000)],
    [`${'**/'.repeat(1300)}x`, `${'a/'.repeat(2000)}y`],
    [`*${'['.repeat(4000)}`, 'a'.repeat(4000)],
    [`*${'[!'.repeat(2000)}`, 'a'.repeat(4000)],
    ['{'.repeat(4000), 'a'],
    ['{a}'.repeat(1300), 'a'.repeat(1299)],
    [`${'{a,b}'.repeat(10)}${'*a'.repeat(1000)}b`, 'a'.repeat(2000)],
  ])('%.40s… takes its time in proportion', async (glob, path) => {
    expect(globProblem(glob)).toBeNull();
    await within(8000, () => {
      expect(pathMatcher(glob)(path)).toBe(false);
      expect(allowing(glob, { last: true })(path, 'pe')).toBe(false);
      expect(denying(glob)(path, { format: 'elf', searchPaths: [] })).toBe('no');
    });
  }, 20_000);

  it('come to so many and no more', () => {
    expect(globProblem('{a,b}'.repeat(10))).toBeNull();
    expect(globProblem('{a,b}'.repeat(11))).toMatch(/1024/);
    expect(globProblem(`{${'a,'.repeat(1023)}a}`)).toBeNull();
    expect(globProblem(`{${'a,'.repeat(1024)}a}`)).toMatch(/1024/);
    expect(globProblem('{{{a}}}')).toBeNull();
    expect(globProblem('[{]'.repeat(100) + '{a,b'.repeat(100))).toBeNull(); // none of these is a group
    expect(pathMatcher('{a,{b,c}d}x')('cdx')).toBe(true);
    expect(pathMatcher('{a,b')('{a,b')).toBe(true);
    expect(pathMatcher('[{]a,b}')('{a,b}')).toBe(true);
  });
});

describe('copies', () => {
  it('of one file by the ten thousand are counted once', async () => {
    const files = Array.from({ length: 50_000 }, (_, i) => ({ path: `${i}`, sha256: D, identity: `${i >> 1}`, claim: null, fits: false }));
    await within(5000, () => {
      const findings = uniqueFindings(files, () => '--unique');
      expect(findings.size).toBe(50_000);
      expect([...findings.values()].filter(({ status }) => status === 'fail')).toHaveLength(1); // one a group
      expect(findings.get(files[1] as (typeof files)[0])?.found).toBe('identical to 0 and 2 and 49997 more');
    });
    const names = ['a', 'b'].map((path) => ({ path, sha256: D, identity: '1', claim: null, fits: false }));
    expect([...uniqueFindings(names, () => '').values()].map(({ status }) => status)).toEqual(['pass', 'pass']);
  });
});

describe('package.json', () => {
  beforeEach(() => {
    rmSync('package', { recursive: true, force: true });
    put('package/app_linux_amd64', ELF);
  });
  const found = async (): Promise<{ ok: boolean; messages: string[] }> => {
    const { ok, files } = await verifyFiles({ version: 1, defaults: { targetFromName: true } }, { paths: ['package/app_linux_amd64'] });
    return { ok, messages: files.flatMap(({ findings }) => findings.filter(({ status }) => status !== 'pass').map(({ expectedFrom, message }) => `${expectedFrom}: ${message}`)) };
  };

  it.each([
    ['wrong types', '{"os":5,"cpu":{"x":1},"libc":null}'],
    ['no object', '[1]'],
    ['null', 'null'],
    ['no JSON', '{"os":["win32"]'],
    ['brackets', '['.repeat(200_000)],
    ['prototypes', '{"__proto__":{"os":["win32"]},"constructor":{"os":"x"}}'],
    ['lists of what is no text', '{"os":[["win32"],{"a":1},5,null]}'],
    ['nothing', ''],
    ['bytes', '\u0000\ud800'],
  ])('of %s claims nothing', async (_, text) => {
    put('package/package.json', text);
    expect(await within(3000, found)).toEqual({ ok: true, messages: [] });
  });

  it('that claims much says little of it', async () => {
    put('package/package.json', JSON.stringify({ os: Array.from({ length: 100_000 }, (_, i) => `os${i}`), cpu: ['x'.repeat(1_000_000)] }));
    const { ok, messages } = await within(5000, found);
    expect(ok).toBe(false);
    for (const message of messages) expect(message.length).toBeLessThan(1000);
  });

  it('that can not be read may claim anything: unknown', async () => {
    put('package.json', '{"os":["linux"]}');
    put('package/package.json', ' '.repeat(4 * 1024 * 1024 + 1));
    expect(await found()).toMatchObject({ ok: false, messages: [expect.stringMatching(/package\/package\.json: expected a package\.json that can be read, 4194305 bytes, where 4194304 are the most that is read/)] });
    if (!POSIX) return;
    rmSync('package/package.json');
    execFileSync('mkfifo', ['package/package.json']);
    expect(await within(3000, found)).toMatchObject({ ok: false, messages: [expect.stringMatching(/is a pipe, not a regular file/)] });
    rmSync('package/package.json');
    symlinkSync('/dev/zero', 'package/package.json');
    expect(await within(3000, found)).toMatchObject({ ok: false, messages: [expect.stringMatching(/is a device/)] });
    rmSync('package/package.json');
    symlinkSync('package.json', 'package/package.json');
    expect(await found()).toMatchObject({ ok: false });
    rmSync('package/package.json');
    mkdirSync('package/package.json'); // a folder is none: the next one up is meant
    expect(await found()).toEqual({ ok: true, messages: [] });
  });
});
