// Policies: read with line and column, refused whole; versions, ranges, globs, sizes.

import { describe, expect, it } from 'vitest';
import { isBinspectError } from '../src/errors.ts';
import { globOf, pathMatcher } from '../src/verify/glob.ts';
import { readJson } from '../src/verify/policy/reader.ts';
import { inFolder, literalPart, matcherIn, shortened } from '../src/verify/paths.ts';
import { parsePolicy } from '../src/verify/policy/policy.ts';
import { readSize } from '../src/verify/rules/file.ts';
import { DOTTED, GO, inRange, parseRange } from '../src/verify/versions.ts';
import { cost } from './cost.ts';
import { random } from './random.ts';

const FULL = `{
  "$schema": "binspect/schema/policy.json",
  "version": 1,
  "defaults": { "stripped": true, "unique": true, "noSearchPaths": false },
  "artifacts": [
    {
      "files": ["dist/*_linux_arm64/app"],
      "count": 1,
      "expect": {
        "target": ["linux/arm64"], "targetFromName": true, "linkage": "static", "pie": false, "kind": "executable", "libc": "musl",
        "interpreter": "/lib/ld.so", "maxGlibc": "2.28", "minOs": "<=11.0", "needs": "libc.so.6", "noNeeds": ["libssl*"], "onlyNeeds": ["libc.so.*"],
        "go": ">=1.22", "goModule": "example.com/app", "goSettings": { "CGO_ENABLED": "0" }, "goVcsClean": true, "goTrimpath": true,
        "sha256": "${'ab'.repeat(32)}", "maxSize": "40MiB"
      }
    }
  ],
  "unmatched": "ignore",
  "sums": { "file": "SHA256SUMS", "coverage": "both" },
  "waivers": [{ "rule": "pie", "files": "dist/legacy*", "reason": "old loader", "expires": "2027-03-01" }]
}
`;

function refused(text: string): string {
  try {
    parsePolicy(text);
  } catch (error) {
    if (isBinspectError(error) && error.code === 'invalid-policy') return error.message;
    throw error;
  }
  throw new Error('it was taken');
}

describe('policies', () => {
  it('reads every key', () => {
    expect(Object.keys(parsePolicy(FULL)).sort()).toEqual(Object.keys(JSON.parse(FULL) as object).filter((key) => key !== '$schema').sort());
    const { artifacts, waivers, sums, defaults } = parsePolicy(FULL);
    expect(artifacts?.[0]).toMatchObject({ files: ['dist/*_linux_arm64/app'], count: 1, expect: { target: ['linux/arm64'], pie: false } });
    expect(waivers).toEqual([{ rule: 'pie', files: ['dist/legacy*'], reason: 'old loader', expires: '2027-03-01' }]);
    expect(sums).toEqual({ file: 'SHA256SUMS', coverage: 'both' });
    expect(defaults).toEqual({ stripped: true, unique: true, noSearchPaths: false });
    expect(parsePolicy('\ufeff{"version":1}')).toMatchObject({ version: 1 });
  });

  it.each([
    ['{"version":1,\n  "defaults": {"stripd": true}}', 'line 2, column 16: unknown key "stripd"; did you mean "stripped"?'],
    ['{"version":1,\n"artefacts": []}', 'line 2, column 1: unknown key "artefacts"; did you mean "artifacts"?'],
    ['{"version":1,"defaults":{"pie":true,"pie":false}}', 'line 1, column 37: the key "pie" stands here twice: first in line 1, column 26'],
    ['{"version":1,"defaults":{"pie":true,"p\\u0069e":false}}', 'line 1, column 37: the key "pie" stands here twice: first in line 1, column 26'],
    ['{"version":1,"defaults":{"target":"linux/arm46"}}', /^line 1, column 35: .*did you mean arm/],
    ['{"version":1,"defaults":{"pie":1}}', 'line 1, column 32: true or false is wanted, not 1'],
    ['{"version":1,"defaults":{"unique":"yes"}}', 'line 1, column 35: true or false is wanted, not "yes"'],
    ['{"version":1,"defaults":true}', /^line 1, column 25: expectations are an object/],
    ['{"version":1,"unmatched":"ignored"}', /^line 1, column 26: one of "error", "ignore" is wanted, not "ignored"; did you mean "ignore"\?/],
    ['{"version":2}', /^line 1, column 12: "version": 1 is wanted, not 2/],
    ['{}', /^line 1, column 1: "version": 1 is wanted/],
    ['[]', /an object is wanted, not \[\]/],
    ['{"version":1,"artifacts":[]}', /at least one artifact/],
    ['{"version":1,"artifacts":{}}', /a list is wanted/],
    ['{"version":1,"artifacts":[{}]}', /an artifact without "files"/],
    ['{"version":1,"artifacts":[{"files":[]}]}', /at least one text/],
    ['{"version":1,"artifacts":[{"files":[""]}]}', /not an empty one/],
    ['{"version":1,"artifacts":[{"files":["dist\\\\*"]}]}', /separated by \//],
    ['{"version":1,"artifacts":[{"files":["a"],"count":0}]}', /^line 1, column 50: a count above 0/],
    ['{"version":1,"artifacts":[{"files":["a"],"expects":{}}]}', /unknown key "expects"; did you mean "expect"\?/],
    ['{"version":1,"unique":true}', 'line 1, column 14: "unique" is an expectation: it belongs into "defaults" or an artifact\'s "expect"'],
    ['{"version":1,"artifacts":[{"files":["a"],"pie":true}]}', /"pie" is an expectation/],
    ['{"version":1,"sums":{}}', /sums without "file"/],
    ['{"version":1,"sums":{"file":"S","coverage":"all"}}', /one of "both", "listed", "present"/],
    ['{"version":1,"waivers":[{"rule":"pie","files":"a","reason":"r"}]}', /a waiver without "expires"/],
    ['{"version":1,"waivers":[{"rule":"pie","files":"a","reason":"","expires":"2027-01-01"}]}', /a text is wanted, not an empty one/],
    ['{"version":1,"waivers":[{"rule":"pei","files":"a","reason":"r","expires":"2027-01-01"}]}', /did you mean "pie"\?/],
    ['{"version":1,"waivers":[{"rule":"pie","files":"a","reason":"r","expires":"2027-02-30"}]}', /a day like/],
    ['{"version":1,"waivers":[{"rule":"pie","files":"a","reason":"r","expires":"soon"}]}', /a day like/],
    ['', 'line 1, column 1: a value is wanted, not the end of the text'],
    ['{"version":1,}', 'line 1, column 14: a key in double quotes is wanted, not "}"'],
    ['{"version":1 // one\n}', 'line 1, column 14: , or } is wanted, not "/"'],
    ["{'version':1}", /a key in double quotes is wanted, not "'"/],
    ['{"version":1}\n}', 'line 2, column 1: the text should end here, not go on with "}"'],
    ['{"version":01}', /, or \} is wanted, not "1"/],
    ['{"version":+1}', /a value is wanted, not "\+"/],
    ['{"version":1,"x":"\t"}', /a text that does not end, or has a control character/],
    ['{"version":1,"x":"\\x"}', /unknown escape/],
    [`{"version":1,"x":${'['.repeat(100)}`, /more than 64 levels/],
    ['{"ünïcödé😀":1,\n\n "😀😀":2, "x"}', 'line 3, column 13: : is wanted, not "}"'],
  ])('refuses %s', (text, message) => {
    if (typeof message === 'string') expect(refused(text)).toBe(message);
    else expect(refused(text)).toMatch(message);
  });

  it('keeps the position with the error', () => {
    expect(() => parsePolicy('{"version":1,\n"x":1}')).toThrow(expect.objectContaining({ code: 'invalid-policy', offset: 14 }) as Error);
  });
});

describe('a policy’s cost', () => {
  const members = (count: number): string => Array.from({ length: count }, (_, i) => `"a${i}":1`).join(',');

  it.each([
    ['a long key over many', `{"version":1,"${'k'.repeat(256 * 1024)}":{${members(800)}}}`],
    ['long keys one in the other', `${`{"${'k'.repeat(100_000)}":`.repeat(60)}1${'}'.repeat(60)}`],
    ['a long key over a list', `{"version":1,"${'/'.repeat(256 * 1024)}":[${'1,'.repeat(800)}1]}`],
    ['many keys', `{"version":1,"artifacts":{${members(150_000)}}}`],
  ])('is that of its text: %s', async (_, text) => {
    expect(refused(text)).toMatch(/line 1, column \d+: /);
    expect(await cost(() => refused(text), 500)).toBeLessThan(500);
  });

  it('is said at the right place in any depth', () => {
    expect(refused('{"version":1,"artifacts":[{"files":"a"},{"files":"b","expect":{"goSettings":{"a/b~c":1}}}]}')).toMatch(/^line 1, column 77: /);
  });
});

describe('JSON', () => {
  const fail = (message: string, at: number): never => {
    throw new SyntaxError(`${message} at ${at}`);
  };

  it.each(['{"a":[1,-2.5e3,true,false,null,"x\\n\\u0041\\"",{}],"b":{"":[[]]}}', '"x"', ' 1 ', '[]', '{"__proto__":1,"constructor":2}', '0', '-0', '1E+2', '"\\ud800"'])('%s reads as JSON.parse does', (text) => {
    expect(readJson(text, fail).value).toEqual(JSON.parse(text));
  });

  it('agrees with JSON.parse on what is JSON, over broken texts', () => {
    const chance = random(7);
    const next = (below: number): number => Math.floor(chance() * below);
    const seed = '{"a":[1,-2.5e3,true,null,"x\\n\\u0041"],"b":{"c":"\\\\"},"d":0}';
    for (let i = 0; i < 5000; i++) {
      const at = next(seed.length);
      const text = seed.slice(0, at) + '{}[],:"\\0-1e.+ntu\n \t\u0000x'[next(22)] + seed.slice(at + next(2));
      let theirs: unknown;
      let ours: unknown;
      try {
        theirs = JSON.parse(text);
      } catch {
        theirs = SyntaxError;
      }
      try {
        ours = readJson(text, fail).value;
      } catch (error) {
        if (!(error instanceof SyntaxError)) throw error;
        if (error.message.includes('twice')) continue; // JSON.parse takes the last
        ours = SyntaxError;
      }
      expect(ours, text).toEqual(theirs);
    }
  });
});

describe('versions', () => {
  it.each([
    ['1.22.3', '>=1.22', true], ['1.22', '>=1.22', true], ['1.22rc1', '>=1.22', false], ['1.22rc1', '<1.22', true], ['1.22beta1', '<1.22rc1', true], ['1.22rc2', '>1.22rc1', true],
    ['1.9.7', '<1.10', true], ['1.26.5', '>=1.22 <1.27', true], ['1.27', '>=1.22, <1.27', false], ['1.22.5', '1.22', true], ['1.22rc1', '1.22', false], ['1.22.5', '=1.22.5', true],
    ['1.22.5', '=1.22.4', false], ['1.22.3-custom', '>=1.22.3', true], ['1.21.0 X:boringcrypto', '>=1.21', true], ['1.22rc1', '=1.22rc1', true], ['1.23', '<=go1.23', true],
  ] as const)('go%s in %s: %s', (version, range, is) => {
    const [parsed, bounds] = [GO.parse(`go${version}`), parseRange(range, GO)];
    if (parsed === null || bounds === null) throw new Error('it is no version or no range');
    expect(inRange(parsed, bounds, GO)).toBe(is);
  }); // prettier-ignore

  it.each(['devel', 'devel go1.23-abcdef Mon', 'unknown', '', 'go2.0', 'v1.22'])('%s is no release of Go', (text) => {
    expect(GO.parse(text)).toBeNull();
  });

  it.each([['2.9', '<2.17', true], ['11', '>=11.0', true], ['11.0', '=11', true], ['11.3', '11', true], ['10.13.4', '<=10.13', false], ['12.0', '<=11.7 >10', false], ['21', '<=23', true]] as const)('%s in %s: %s', (version, range, is) => {
    const [parsed, bounds] = [DOTTED.parse(version), parseRange(range, DOTTED)];
    if (parsed === null || bounds === null) throw new Error('it is no version or no range');
    expect(inRange(parsed, bounds, DOTTED)).toBe(is);
  }); // prettier-ignore

  it.each(['', ' ', '>=', 'x', '>=1.x', '>=1 y', '1..2', '>>1', '1 ||', '-1', '1e3', '999999999999'])('%j is no range', (text) => {
    expect(parseRange(text, DOTTED)).toBeNull();
  });
});

describe('globs', () => {
  it.each([
    ['dist/*', 'dist/a', true], ['dist/*', 'dist/a/b', false], ['dist/**', 'dist/a/b', true], ['**/*.node', 'a.node', true], ['**/*.node', 'x/y/a.node', true], ['dist/**/app', 'dist/app', true],
    ['dist/*_linux_arm64/app', 'dist/x_1_linux_arm64/app', true], ['a?c', 'abc', true], ['a?c', 'a/c', false], ['[a-c]x', 'bx', true], ['[!a-c]x', 'bx', false], ['[!a-c]x', 'dx', true],
    ['[]]x', ']x', true], ['[x', '[x', true], ['{a,b}/c', 'b/c', true], ['{a,b{1,2}}.exe', 'b2.exe', true], ['{a,b}', 'c', false], ['{a', '{a', true], ['a.b', 'axb', false], ['*', '.hidden', true],
    ['a*b*c', 'axxbyyc', true], ['a*b*c', 'axxbyy', false], ['**', 'a/b/c', true], ['a/**/b/**/c', 'a/x/b/y/z/c', true], ['[z-a]', 'm', false], ['ä?', 'ä😀', true], ['*a', 'aaaa', true], ['', '', true],
  ] as const)('%s names %s: %s', (glob, path, is) => {
    expect(pathMatcher(glob)(path)).toBe(is);
  }); // prettier-ignore

  it.each(['a[1].node', '{x}', 'a*b?c', '[', ']', '}{', 'a,b', 'plain/path'])('%s as a glob names itself alone', (text) => {
    expect(pathMatcher(globOf(text))(text)).toBe(true);
    expect(pathMatcher(globOf(text))(`${text}x`)).toBe(false);
  });

  it('takes its time in proportion', async () => {
    const work = (): void => {
      expect(pathMatcher(`${'*a'.repeat(30)}b`)('a'.repeat(5000))).toBe(false);
      expect(pathMatcher('**/'.repeat(20) + 'x')('a/'.repeat(500) + 'y')).toBe(false);
      pathMatcher('{a,b}'.repeat(30))('a'.repeat(30));
    };
    expect(await cost(work, 1000)).toBeLessThan(1000);
  });

  it('knows where its patterns begin', () => {
    expect(literalPart('dist/*.node')).toEqual({ folder: 'dist', pattern: true });
    expect(literalPart('./dist/a/../app')).toEqual({ folder: 'dist/app', pattern: false });
    expect(literalPart('*')).toEqual({ folder: '.', pattern: true });
    expect(literalPart('/*')).toEqual({ folder: '/', pattern: true });
    expect([shortened('./a/./b//c/../d'), shortened('../a'), shortened('/..'), shortened('.'), inFolder('a/b', '../c'), inFolder('x', '/y')]).toEqual(['a/b/d', '../a', '/..', '.', 'a/c', '/y']);
    expect(matcherIn('/w[1]/{a}', 'dist/*')('/w[1]/{a}/dist/x')).toBe(true);
    expect(matcherIn('/w', '../v/*')('/v/x')).toBe(true);
  });
});

describe('sizes', () => {
  it.each([['1', 1], [' 40MiB ', 41943040], ['40M', 41943040], ['40MB', 40_000_000], ['1.5k', 1536], ['2 GiB', 2147483648], ['1TB', 1e12], ['10B', 10], ['1kb', 1000], [7, 7]] as const)('%s is %d bytes', (text, bytes) => {
    expect(readSize(text, (message) => {
      throw new Error(message);
    })).toBe(bytes);
  }); // prettier-ignore
});
