// Checksum files: their grammar, how they are written, and checking by the library.

import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { checkSums } from '../src/checksums/check.ts';
import type { CheckOptions } from '../src/checksums/check.ts';
import { formatChecksums } from '../src/checksums/format.ts';
import { parseChecksums } from '../src/checksums/parse.ts';
import type { ParseOptions } from '../src/checksums/parse.ts';
import { isBinspectError } from '../src/errors.ts';
import { random } from './random.ts';

const digestOf = (content: string): string => createHash('sha256').update(content).digest('hex');
const D = digestOf('content');
const E = digestOf('else');

/** Names and styles of the entries, or the messages of malformed lines, by line. */
function parsed(text: string | Uint8Array, options?: ParseOptions): Record<number, string> {
  const { entries, malformed } = parseChecksums(text, options);
  return Object.fromEntries([...entries.map(({ line, style, name }) => [line, `${style} ${name}`]), ...malformed.map(({ line, message }) => [line, message])]);
}

describe('parseChecksums', () => {
  it('reads what sha256sum writes', () => {
    const text = `${D}  plain\n${E.toUpperCase()} *binary\nSHA256 (tag (1)) = ${D}\n\\${D}  a\\\\b\\nc\\rd\n`;
    expect(parseChecksums(text)).toEqual({
      entries: [
        { line: 1, algorithm: 'sha256', digest: D, name: 'plain', binary: false, style: 'standard' },
        { line: 2, algorithm: 'sha256', digest: E, name: 'binary', binary: true, style: 'standard' },
        { line: 3, algorithm: 'sha256', digest: D, name: 'tag (1)', binary: false, style: 'tagged' },
        { line: 4, algorithm: 'sha256', digest: D, name: 'a\\b\nc\rd', binary: false, style: 'standard' },
      ],
      malformed: [],
      encoding: 'utf-8',
      signed: false,
      form: 'standard',
    });
  });

  it.each<[string, string, Record<number, string>]>([
    ['comments and empty lines', `# ${D}  no\n\n\r\n${D}  yes`, { 4: 'standard yes' }],
    ['carriage returns, one a line', `${D}  a\r\n${D}  b\r\r\n`, { 1: 'standard a', 2: 'standard b\r' }],
    ['blanks before, and all of the name', `\t ${D}   a \n`, { 1: 'standard  a ' }],
    ['OpenSSL 1 and 3', `SHA256(a)= ${D}\nSHA2-256(b)= ${D}\nSHA2-256(stdin)= ${D}\n`, { 1: 'tagged a', 2: 'openssl b', 3: 'openssl stdin' }],
    ['reversed lines, and what then is a name', `${D} a\n${D}  b\n${D} *c\n`, { 1: 'reversed a', 2: 'reversed  b', 3: 'reversed *c' }],
    ['no reversed line among others', `${D}  a\n${D} b\n`, { 1: 'standard a', 2: 'there is one space between digest and name, where lines before it have two' }],
    ['tagged lines beside either', `SHA256 (a) = ${D}\n${D} b\n`, { 1: 'tagged a', 2: 'reversed b' }],
    ['a NUL', `${D}  a\0b\n`, { 1: 'there is a NUL in the line' }],
    ['no name', `${D}\n${D} \nSHA256 () = ${D}\n`, { 1: 'there is no file name after the digest', 2: 'there is no file name after the digest', 3: 'tagged ' }],
    ['wrong escapes', `\\${D}  a\\tb\n\\${D}  a\\\n`, { 1: 'the name is escaped wrongly', 2: 'the name is escaped wrongly' }],
    ['swapped columns', `dist/a  ${D}\n`, { 1: 'the name stands before the digest' }],
    ['NAME=DIGEST', `a=${D}\n`, { 1: 'it is NAME=DIGEST; digest and name are wanted, with two spaces between them' }],
    ['other digests', `${D.slice(0, 40)}  a\n${D}${D}  a\nMD5 (a) = ${D.slice(0, 32)}\nsha256 (a) = ${D}\n`, {
      1: 'it begins with a SHA-1 of 40 digits; a SHA-256 has 64',
      2: 'it begins with a SHA-512 of 128 digits; a SHA-256 has 64',
      3: 'it is a digest by MD5',
      4: 'its tag is sha256, not SHA256',
    }],
    ['words', 'The sums of this release:\n', { 1: 'it does not begin with a SHA-256 in hexadecimal' }],
    ['broken tags', `SHA256 (a = ${D}\nSHA256 (a) ${D}\nSHA256 (a) = ${D.slice(1)}\n`, {
      1: 'the name after the tag has no end: there is no )',
      2: 'there is no = after the name',
      3: 'what follows the = is no SHA-256 in hexadecimal',
    }],
  ])('%s', (_, text, expected) => expect(parsed(text)).toEqual(expected));

  it('reads a byte order mark and the line after it', () => {
    const text = `${D}  a\n${E}  b\n`;
    const lines = { 1: 'standard a', 2: 'standard b' };
    expect(parsed(`\ufeff${text}`)).toEqual(lines);
    expect(parsed(Buffer.from(`\ufeff${text}`))).toEqual(lines);
    expect(parseChecksums(Buffer.from(`\ufeff${text}`)).encoding).toBe('utf-8 with a byte order mark');
  });

  it('reads UTF-16, of either order', () => {
    const little = Buffer.from(`\ufeff${D}  ä\r\n`, 'utf16le');
    const big = Buffer.from(little).swap16();
    expect(parsed(little)).toEqual({ 1: 'standard ä' });
    expect(parsed(big)).toEqual({ 1: 'standard ä' });
    expect([parseChecksums(little).encoding, parseChecksums(big).encoding]).toEqual(['utf-16le', 'utf-16be']);
  });

  it('keeps names that are no UTF-8', () => {
    const bytes = Buffer.concat([Buffer.from(`${D}  a`), Buffer.of(0xff, 0x0a)]);
    expect(parsed(bytes)).toEqual({ 1: 'standard a\udcff' });
  });

  it('takes a digest alone for the file that the list is called after', () => {
    expect(parsed(D, { file: 'dist/app.tgz.sha256' })).toEqual({ 1: 'bare app.tgz' });
    expect(parsed(`${D.toUpperCase()} \r\n\n`, { file: 'app.SHA256SUM' })).toEqual({ 1: 'bare app' });
    for (const file of ['SHA256SUMS', '.sha256', 'dist/.sha256', undefined]) {
      expect(parsed(D, file === undefined ? {} : { file })).toEqual({ 1: 'there is no file name after the digest' });
    }
    expect(parsed(`${D}\n${E}\n`, { file: 'app.sha256' })).toEqual({ 1: 'there is no file name after the digest', 2: 'there is no file name after the digest' });
  });

  it('reads the body of a PGP-signed message', () => {
    const text = `-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n${D}  a\n- -dash\n-----BEGIN PGP SIGNATURE-----\n\niQEz\n-----END PGP SIGNATURE-----\n`;
    expect(parsed(text)).toEqual({ 4: 'standard a', 5: 'it does not begin with a SHA-256 in hexadecimal' });
    expect(parseChecksums(text).signed).toBe(true);
    expect(parsed(`${text}${D}  after\n`)).toMatchObject({ 4: 'standard a', 10: 'it stands outside of the text that is signed' });
    expect(parsed(text.replace('  a', '  a \t'))).toMatchObject({ 4: 'standard a' });
    expect(parseChecksums(`${D}  a\n${text}`).signed).toBe(false);
    expect(parseChecksums(text.slice(0, 60)).signed).toBe(false);
  });

  it('takes lines of both forms where it is told to', () => {
    expect(parsed(`${D}  a\n${D} b\n${D}  c\n`, { mixed: true })).toEqual({ 1: 'standard a', 2: 'reversed b', 3: 'standard c' });
    expect(parsed(`${D} b\n${D}  c\n`, { mixed: true })).toEqual({ 1: 'reversed b', 2: 'standard c' });
  });

  it('holds a list to the form of one before it', () => {
    const { form } = parseChecksums(`${D} a\n`);
    expect(parsed(`${D}  a\n`, { form })).toEqual({ 1: 'reversed  a' });
  });

  it('never throws, whatever the bytes', () => {
    const chance = random(9);
    const pieces = [D, '  ', ' *', 'SHA256 (', ') = ', '\\', '\n', '\r', '\0', '\ufeff', 'a', '#', '-----BEGIN PGP SIGNED MESSAGE-----\n', '\u{10ffff}'];
    for (let i = 0; i < 2000; i++) {
      const text = Array.from({ length: 12 }, () => pieces[Math.floor(chance() * pieces.length)]).join('');
      const bytes = Buffer.from(text);
      if (chance() < 0.5) bytes[Math.floor(chance() * bytes.length)] = Math.floor(chance() * 256);
      const { entries, malformed } = parseChecksums(bytes);
      for (const { digest } of entries) expect(digest).toMatch(/^[0-9a-f]{64}$/);
      for (const { message } of malformed) expect(message).not.toBe('');
    }
  });
});

describe('formatChecksums', () => {
  const entries = [
    { digest: D, name: 'a b' },
    { digest: E, name: 'n\nl\\\r' },
  ];

  it('writes what sha256sum does', () => {
    expect(formatChecksums(entries)).toBe(`${D}  a b\n\\${E}  n\\nl\\\\\\r\n`);
    expect(formatChecksums(entries, 'binary')).toBe(`${D} *a b\n\\${E} *n\\nl\\\\\\r\n`);
    expect(formatChecksums(entries, 'tag')).toBe(`SHA256 (a b) = ${D}\n\\SHA256 (n\\nl\\\\\\r) = ${E}\n`);
    expect(formatChecksums(entries, 'text', { zero: true })).toBe(`${D}  a b\0${E}  n\nl\\\r\0`);
  });

  it('writes what was read', () => {
    const text = `${D}  a\n${E} *b c\nSHA256 (d) = ${D}\n\\${D}  e\\\\f\n`;
    expect(formatChecksums(parseChecksums(text).entries)).toBe(text);
  });

  it('is read back, whatever the name', () => {
    const chance = random(3);
    const pieces = ['a', ' ', '\\', '\n', '\r', '*', ')', '(', 'ä', '\udcff', '#', '='];
    for (let i = 0; i < 1000; i++) {
      const name = Array.from({ length: 1 + Math.floor(chance() * 6) }, () => pieces[Math.floor(chance() * pieces.length)]).join('');
      for (const style of ['text', 'binary', 'tag'] as const) {
        expect(parseChecksums(formatChecksums([{ digest: D, name }], style)).entries, JSON.stringify(name)).toMatchObject([{ digest: D, name }]);
      }
    }
  });
});

describe('checkSums', () => {
  const folder = mkdtempSync(join(tmpdir(), 'binspect-checksums-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, 'sub'));
  writeFileSync(join(folder, 'a'), 'content');
  writeFileSync(join(folder, 'sub/b'), 'else');
  writeFileSync(Buffer.concat([Buffer.from(join(folder, 'odd')), Buffer.of(0xff)]), 'odd');

  const statuses = async (text: string | Uint8Array, options: CheckOptions = {}): Promise<string[]> => {
    const lines: string[] = [];
    for await (const { line, name, status, foundAs } of checkSums(parseChecksums(text), { directory: folder, ...options })) {
      lines.push(`${line} ${name} ${status}${foundAs === null ? '' : ` ${foundAs.slice(folder.length + 1)}`}`);
    }
    return lines;
  };

  it('tells of every line, in order', async () => {
    const text = `bad\n${D}  a\n${E}  a\nworse\n${E}  sub/b\n${D}  none\n${D}  sub\n${D}  a/b\nworst\n`;
    expect(await statuses(text)).toEqual([
      '1 null malformed', '2 a ok', '3 a mismatch', '4 null malformed', '5 sub/b ok', '6 none missing', '7 sub unreadable', '8 a/b unreadable', '9 null malformed',
    ]);
  });

  it('says what was expected, what is there, and why not', async () => {
    const results = [];
    for await (const result of checkSums(parseChecksums(`${E}  a\n${D}  none\n`), { directory: folder })) results.push(result);
    expect(results).toMatchObject([
      { path: join(folder, 'a'), expected: E, actual: D, error: null },
      { path: join(folder, 'none'), expected: D, actual: null, error: { code: 'io', cause: { code: 'ENOENT' } } },
    ]);
  });

  it('opens names that are no UTF-8', async () => {
    const text = Buffer.concat([Buffer.from(`${digestOf('odd')}  odd`), Buffer.of(0xff)]);
    expect(await statuses(text)).toEqual(['1 odd\udcff ok']);
  });

  it('finds a file with the digest elsewhere: in the folder, met before, or without its folder', async () => {
    expect(await statuses(`${D}  renamed\n`, { search: true })).toEqual(['1 renamed missing a']);
    expect(await statuses(`${E}  sub/b\n${E}  gone/x\n`, { search: true })).toEqual(['1 sub/b ok', '2 gone/x missing sub/b']);
    expect(await statuses(`${D}  dist/a\n`, { search: true })).toEqual(['1 dist/a missing a']);
    expect(await statuses(`${digestOf('nowhere')}  a\n`, { search: true })).toEqual(['1 a mismatch']);
    expect(await statuses(`${D}  renamed\n`)).toEqual(['1 renamed missing']);
  });

  it('reads standard input for - where there is one', async () => {
    const standardInput = () => Promise.resolve({ path: '-', size: 7, sha256: D, error: null });
    expect(await statuses(`${D}  -\n${E}  -\n`, { standardInput })).toEqual(['1 - ok', '2 - mismatch']);
    expect(await statuses(`${D}  -\n`)).toEqual(['1 - missing']);
  });

  it('is no success for an empty list: it says nothing', async () => {
    expect(await statuses('')).toEqual([]);
  });

  it('ends where its reader does', async () => {
    for await (const { status } of checkSums(parseChecksums(`${D}  a\n`.repeat(100)), { directory: folder })) {
      expect(status).toBe('ok');
      break;
    }
  });

  it('ends with the signal', async () => {
    const failure = await statuses(`${D}  a\n`, { signal: AbortSignal.abort('why') }).catch((error: unknown) => error);
    expect(isBinspectError(failure) && [failure.code, failure.cause]).toEqual(['aborted', 'why']);
  });
});
