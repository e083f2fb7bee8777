// Module text as Go's parser reads it, and what its words mean.

import { describe, expect, it } from 'vitest';
import { decodeText, encodeText } from '../src/bytes/text.ts';
import { literalAt } from '../src/golang/literal.ts';
import { parseModules, unframed } from '../src/golang/modules.ts';
import type { GoBuild } from '../src/model/binary.ts';
import { quoteGo, quoteGoRune } from '../src/model/go-quote.ts';
import { compareGoVersions, goLevel, goTrimpath, goVcs, parseGoVersion, parsePseudoVersion } from '../src/model/go-words.ts';
import type { GoVersion } from '../src/model/go-words.ts';
import { framed } from './build/go.ts';

const parse = (text: string): ReturnType<typeof parseModules> => parseModules(encodeText(text));
const module = (path: string, version = '', sum = '', replace: unknown = null): unknown => ({ path, version, sum, replace });

describe('what a module text says', () => {
  it('path, main module, dependencies, replacements, settings, in order', () => {
    const text = [
      'path\tx.org/m/cmd/p',
      'mod\tx.org/m\tv1.2.3\th1:main=',
      'dep\ta.org/a\tv1.0.0',
      'dep\tb.org/b\tv0.0.0-20220102030405-abcdef123456\th1:b=',
      '=>\t./local\t(devel)\t',
      'build\t-tags="a b"',
      'build\tCGO_ENABLED=0',
      'build\tCGO_ENABLED=1',
      '',
    ].join('\n');
    expect(parse(text)).toEqual({
      path: 'x.org/m/cmd/p',
      main: module('x.org/m', 'v1.2.3', 'h1:main='),
      deps: [module('a.org/a', 'v1.0.0'), module('b.org/b', 'v0.0.0-20220102030405-abcdef123456', 'h1:b=', module('./local', '(devel)'))],
      settings: [
        { key: '-tags', value: 'a b' },
        { key: 'CGO_ENABLED', value: '0' },
        { key: 'CGO_ENABLED', value: '1' },
      ],
    });
  });

  const empty = { path: null, main: null, deps: [], settings: [] };
  it.each<[string, string, object]>([
    ['nothing', '', {}],
    ['the last line only with its newline', 'path\tp\nmod\tm\tv1', { path: 'p' }],
    ['unknown lines for nothing', 'go\tgo1.2\n\npath\np\tath\n path\tx\nfoo\tbar\n', {}],
    ['a tab within a path', 'path\ta\tb\n', { path: 'a\tb' }],
    ['the last path', 'path\ta\npath\tb\n', { path: 'b' }],
    ['the last main module, with nothing of the first', 'mod\ta\tv1\th1:a\n=>\tr\tv1\t\nmod\tb\tv2\n', { main: module('b', 'v2') }],
    ['a main module of nothing for none', 'mod\t\t\n', {}],
    ['a main module of nothing but a replacement', 'mod\t\t\n=>\tr\tv1\ts\n', { main: module('', '', '', module('r', 'v1', 's')) }],
    ['a dependency of nothing', 'dep\t\t\t\n', { deps: [module('')] }],
    ['a replacement after lines between', 'dep\ta\tv1\npath\tp\nbuild\tk=v\n=>\tr\tv2\t\n', { path: 'p', deps: [module('a', 'v1', '', module('r', 'v2'))], settings: [{ key: 'k', value: 'v' }] }],
    ['a carriage return as a part of the line', 'path\tp\r\n', { path: 'p\r' }],
    ['an empty value', 'build\tk=\n', { settings: [{ key: 'k', value: '' }] }],
    ['a second equals sign as a part of the value', 'build\tk=a=b\n', { settings: [{ key: 'k', value: 'a=b' }] }],
    ['a quoted key', 'build\t"a=b"=c\n', { settings: [{ key: 'a=b', value: 'c' }] }],
    ['an empty quoted key', 'build\t``=c\n', { settings: [{ key: '', value: 'c' }] }],
    ['a raw value', 'build\tk=`a"\\n b`\n', { settings: [{ key: 'k', value: 'a"\\n b' }] }],
    ['a single quote as a character', "build\tk='a'\n", { settings: [{ key: 'k', value: "'a'" }] }],
    ['bytes that are no UTF-8', 'path\ta\udcff\udc80b\n', { path: 'a\udcff\udc80b' }],
  ])('%s', (_, text, expected) => {
    expect(parse(text)).toEqual({ ...empty, ...expected });
  });

  it.each<[string, string]>([
    ['mod\ta\n', 'line 1: expected 2 or 3 columns; got 1'],
    ['mod\ta\tb\tc\td\n', 'line 1: expected 2 or 3 columns; got 4'],
    ['\n\ndep\t\n', 'line 3: expected 2 or 3 columns; got 1'],
    ['mod\ta\tv\n=>\tb\tv\n', 'line 2: expected 3 columns for replacement; got 2'],
    ['=>\ta\tb\tc\n', 'line 1: replacement with no module on previous line'],
    ['dep\ta\tv\n=>\tb\tv\t\n=>\tc\tv\t\n', 'line 3: replacement with no module on previous line'],
    ['build\t\n', "line 1: build line missing '='"],
    ['unknown\nbuild\t=v\n', 'line 2: build line with missing key'],
    ['build\t"k\n', 'line 1: invalid quoted key in build line'],
    ['build\t`k\n', 'line 1: invalid quoted key in build line'],
    ['build\t"\\q"=v\n', 'line 1: invalid quoted key in build line'],
    ['build\t"k"\n', "line 1: build line missing '=' after quoted key"],
    ['build\t"k"x=v\n', "line 1: unexpected character after quoted key: 'x'"],
    ['build\t"k"\'\n', "line 1: unexpected character after quoted key: '\\''"],
    ['build\t"k"\u0001\n', "line 1: unexpected character after quoted key: '\\x01'"],
    ['build\t"k"é\n', "line 1: unexpected character after quoted key: 'Ã'"],
    ['build\t"k"\udce9\n', "line 1: unexpected character after quoted key: 'é'"],
    ['build\t"k"\udc85\n', "line 1: unexpected character after quoted key: '\\u0085'"],
    ['build\tk\n', "line 1: build line missing '=' after key"],
    ['build\ta b=c\n', 'line 1: unquoted key "a b" must be quoted'],
    ['build\ta\tb=c\n', 'line 1: unquoted key "a\\tb" must be quoted'],
    ['build\ta`=c\n', 'line 1: unquoted key "a`" must be quoted'],
    ['build\tk="v\n', 'line 1: invalid quoted value in build line'],
    ['build\tk="v" \n', 'line 1: invalid quoted value in build line'],
    ['build\tk=a"b\n', 'line 1: unquoted value "a\\"b" must be quoted'],
    ['build\tk=a \udcff\n', 'line 1: unquoted value "a \\xff" must be quoted'],
    ['build\tk=a\r\n', 'line 1: unquoted value "a\\r" must be quoted'],
  ])('%j is refused in Go’s words', (text, expected) => {
    expect(parse(text)).toBe(`could not parse Go build info: ${expected}`);
  });
});

describe('the frame', () => {
  it('is cut off', () => {
    expect(decodeText(unframed(framed('path\tp\n')))).toBe('path\tp\n');
    expect(decodeText(unframed(framed('\n')))).toBe('\n');
  });

  it('is not looked at, but for the newline before its end', () => {
    const bytes = new Uint8Array(33).fill(0x41);
    expect(unframed(bytes)).toHaveLength(0);
    bytes[16] = 0x0a;
    expect(decodeText(unframed(bytes))).toBe('\n');
    expect(unframed(bytes.subarray(1))).toHaveLength(0);
    expect(unframed(framed('path\tp'))).toHaveLength(0);
  });
});

describe('Go’s literals', () => {
  it.each<[string, string]>([
    ['""', ''],
    ['"\\a\\b\\f\\n\\r\\t\\v\\\\\\""', '\x07\b\f\n\r\t\v\\"'],
    ['"\\x41\\102\\u00e9\\U0001F600"', 'ABé😀'],
    ['"\\xc3\\xa9"', 'é'],
    ['"\\xc3"', '\udcc3'],
    ['"\udcff"', '\ufffd'],
    ['`\udcff\\x41`', '\udcff\\x41'],
    ['`a\rb\r`', 'ab'],
    ["\"'\"", "'"],
  ])('%s', (literal, value) => {
    expect(literalAt(literal)).toEqual({ length: literal.length, value });
    expect(literalAt(`${literal}=rest"`)).toEqual({ length: literal.length, value });
  });

  it.each(['', 'a', '"', '"a', '`a', "'a'", '"\\', '"\\"', "\"\\'\"", '"\\q"', '"\\x4"', '"\\xg0"', '"\\400"', '"\\18"', '"\\ud800"', '"\\U00110000"', '"a\nb"'])('%j is none', (text) => {
    expect(literalAt(text)).toBeNull();
  });

  it.each<[string, string]>([
    ['', '""'],
    ["plain 'text' é 😀", "\"plain 'text' é 😀\""],
    ['\x07\b\f\n\r\t\v\\"', '"\\a\\b\\f\\n\\r\\t\\v\\\\\\""'],
    ['\0\x1b\x7f', '"\\x00\\x1b\\x7f"'],
    ['\u0080\u00a0\u00ad\u200b\u2028\ufeff\ue000', '"\\u0080\\u00a0\\u00ad\\u200b\\u2028\\ufeff\\ue000"'],
    ['\u{e0001}\u{f0000}', '"\\U000e0001\\U000f0000"'],
    ['a\udcffb', '"a\\xffb"'],
    ['\ufffd', '"\ufffd"'],
    ['\u0301', '"\u0301"'],
  ])('%j is written as Go does', (text, literal) => {
    expect(quoteGo(text)).toBe(literal);
    expect(literalAt(literal)?.value).toBe(text);
  });

  it('writes runes', () => {
    expect([0x61, 0x22, 0x27, 0x5c, 0x0a, 0x80, 0xff].map(quoteGoRune)).toEqual(["'a'", "'\"'", "'\\''", "'\\\\'", "'\\n'", "'\\u0080'", "'ÿ'"]);
  });
});

describe('versions of Go', () => {
  const parts = (text: string): unknown => {
    const version = parseGoVersion(text);
    return version === null ? null : [version.release, version.minor, version.patch, version.prerelease, version.development, version.experiments.join()];
  };

  it.each<[string, unknown]>([
    ['go1.19', ['go1.19', 19, null, null, false, '']],
    ['go1.26.5', ['go1.26.5', 26, 5, null, false, '']],
    ['go1.21rc2', ['go1.21rc2', 21, null, 'rc2', false, '']],
    ['go1.4beta1', ['go1.4beta1', 4, null, 'beta1', false, '']],
    ['go1.20.3 X:nocoverageredesign', ['go1.20.3', 20, 3, null, false, 'nocoverageredesign']],
    ['go1.26.4-X:nodwarf5', ['go1.26.4', 26, 4, null, false, 'nodwarf5']],
    ['devel go1.21-2c12f3b1d9 Mon Mar 6 2023', ['go1.21', 21, null, null, true, '']],
    ['go1.27-devel_788b75bc7c Fri Jul 31 2026', ['go1.27', 27, null, null, true, '']],
    ['go1.25-20250209-RC00 cl/724970549 +ff27d270c9 X:fieldtrack,boringcrypto', ['go1.25', 25, null, null, false, 'fieldtrack,boringcrypto']],
    ['go1.24.4 (Red Hat 1.24.4-1.el9)', ['go1.24.4', 24, 4, null, false, '']],
    ['go1.19.4b7', ['go1.19.4', 19, 4, null, false, '']],
    ['unknown', null],
    ['devel +2c12f3b1d9 Mon Mar 6 2017', null],
    ['gccgo (Debian 12.2.0) 12.2.0', null],
    ['1.19', null],
  ])('%s', (text, expected) => {
    expect(parts(text)).toEqual(expected);
  });

  it('stand in order', () => {
    const inOrder = ['go1.2', 'go1.20', 'go1.20.1', 'go1.21beta1', 'go1.21rc1', 'go1.21rc2', 'go1.21.0', 'go1.21.3 X:x', 'devel go1.22-abc', 'go1.22.0', 'go1.100.0'];
    const versions = inOrder.map((text) => parseGoVersion(text) as GoVersion);
    expect([...versions].reverse().sort(compareGoVersions)).toEqual(versions);
    expect(compareGoVersions(parseGoVersion('go1.20') as GoVersion, parseGoVersion('go1.20.0') as GoVersion)).toBe(0);
    expect(compareGoVersions(parseGoVersion('go1.21') as GoVersion, parseGoVersion('go1.21rc1') as GoVersion)).toBeLessThan(0);
  });
});

describe('pseudo-versions', () => {
  it.each<[string, unknown]>([
    ['v0.0.0-20220102030405-abcdef123456', { base: null, time: '2022-01-02T03:04:05Z', revision: 'abcdef123456', dirty: false }],
    ['v2.0.0-20220102030405-abcdef123456+incompatible', { base: null, time: '2022-01-02T03:04:05Z', revision: 'abcdef123456', dirty: false }],
    ['v1.2.4-0.20220102030405-abcdef123456+dirty', { base: 'v1.2.3', time: '2022-01-02T03:04:05Z', revision: 'abcdef123456', dirty: true }],
    ['v1.2.3-pre.0.20220102030405-abcdef123456', { base: 'v1.2.3-pre', time: '2022-01-02T03:04:05Z', revision: 'abcdef123456', dirty: false }],
    ['v4.0.1-0.20220102030405-abcdef123456+incompatible.dirty', { base: 'v4.0.0', time: '2022-01-02T03:04:05Z', revision: 'abcdef123456', dirty: true }],
    ['v1.2.3', null],
    ['v1.2.3+dirty', null],
    ['(devel)', null],
    ['v1.2.0-0.20220102030405-abcdef123456', null],
    ['v1.2.3-20220102030405-abcdef123456', null],
    ['v1.2.3-rc.1', null],
  ])('%s', (version, expected) => {
    expect(parsePseudoVersion(version)).toEqual(expected);
  });
});

describe('settings', () => {
  const build = (...pairs: readonly (readonly [string, string])[]): Pick<GoBuild, 'settings'> => ({ settings: pairs.map(([key, value]) => ({ key, value })) });

  it('tell trimpath, or nothing', () => {
    expect(goTrimpath(build(['-trimpath', 'true']))).toBe(true);
    expect(goTrimpath(build(['GOOS', 'linux']))).toBe(false);
    expect(goTrimpath(build())).toBeNull();
  });

  it('tell the commit', () => {
    expect(goVcs(build(['vcs', 'git'], ['vcs.revision', 'abc'], ['vcs.time', '2025-07-27T22:08:53Z'], ['vcs.modified', 'true']))).toEqual({
      system: 'git',
      revision: 'abc',
      time: '2025-07-27T22:08:53Z',
      modified: true,
    });
    expect(goVcs(build(['vcs', 'git']))).toEqual({ system: 'git', revision: null, time: null, modified: null });
    expect(goVcs(build(['GOOS', 'linux']))).toBeNull();
  });

  it.each<[string, string, string, string | null]>([
    ['amd64', 'GOAMD64', 'v1', null],
    ['amd64', 'GOAMD64', 'v3', 'v3'],
    ['arm', 'GOARM', '7', 'v7'],
    ['arm', 'GOARM', '6,softfloat', 'v6'],
    ['arm64', 'GOARM64', 'v8.0', null],
    ['arm64', 'GOARM64', 'v8.1,lse', 'v8.1'],
    ['arm64', 'GOARM64', 'v9.0', 'v9.0'],
    ['386', 'GO386', 'sse2', null],
    ['386', 'GO386', 'softfloat', 'softfloat'],
    ['mipsle', 'GOMIPS', 'hardfloat', null],
    ['mipsle', 'GOMIPS', 'softfloat', 'softfloat'],
    ['mips64', 'GOMIPS64', 'softfloat', 'softfloat'],
    ['ppc64le', 'GOPPC64', 'power8', null],
    ['ppc64le', 'GOPPC64', 'power10', 'power10'],
    ['riscv64', 'GORISCV64', 'rva20u64', null],
    ['riscv64', 'GORISCV64', 'rva23u64', 'rva23u64'],
  ])('%s: %s=%s', (arch, setting, value, variant) => {
    expect(goLevel(build([setting, value]), arch)).toEqual({ setting, value, variant });
    expect(goLevel(build(), arch)).toBeNull();
  });
});
