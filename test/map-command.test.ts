// binspect map: the picture on terminals of all widths, as SVG and as JSON.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { PT, SHF, SHT } from '../src/elf/constants.ts';
import { textWidth } from '../src/render/words.ts';
import { buildElf } from './build/elf.ts';
import { fixtureBytes } from './fixtures.ts';
import { run } from './terminal.ts';

const folder = mkdtempSync(join(tmpdir(), 'binspect-map-'));
afterAll(() => rmSync(folder, { recursive: true }));
const put = (name: string, bytes: Uint8Array | string): string => {
  writeFileSync(join(folder, name), bytes);
  return join(folder, name);
};

const program = put('program', fixtureBytes('elf-x86_64-pie'));
const universal = put('universal', fixtureBytes('macho-universal'));
const packed = put('packed.exe', fixtureBytes('pe-upx.exe'));
const appended = put('appended.exe', Buffer.concat([fixtureBytes('pe-x86_64.exe'), Buffer.from('PK\x03\x04some zip')]));

const EVIL = '.\u001b[31m\u202e\u009b</title><script>alert("1")</script>&\uffff\udc80';
const evil = put('evil', buildElf({
  sections: [
    { name: EVIL, type: SHT.PROGBITS, flags: SHF.ALLOC | SHF.WRITE | SHF.EXECINSTR, data: new Uint8Array(2000).fill(1) },
    { name: `${EVIL}${'x'.repeat(200)}`, type: SHT.PROGBITS, data: new Uint8Array(200).fill(1) },
    { name: '漢字'.repeat(30), type: SHT.PROGBITS, data: new Uint8Array(200).fill(1) },
  ],
})); // prettier-ignore

/** A program of many sections of 1, 2, 3 … bytes. */
const crowded = put('crowded', buildElf({
  sections: Array.from({ length: 200 }, (_, i) => ({ name: `.s${i}`, type: SHT.PROGBITS, data: new Uint8Array(8 * (i + 1)).fill(7) })),
})); // prettier-ignore

const COLOR = /\u001b\[\d+m/g;
const map = (...args: string[]): ReturnType<typeof run> => run(['map', ...args]);

describe('the picture', () => {
  it('has a strip, a legend, and a line for each region', async () => {
    const { status, out, err } = await run(['map', program], { columns: 80 });
    expect({ status, err }).toEqual({ status: 0, err: '' });
    const lines = out.split('\n');
    expect(out).toContain('ELF64 PIE executable · linux/amd64 · 2.5 KiB');
    const strip = lines.find((line) => /^[A-Z░?]{80}$/.test(line));
    expect(strip).toMatch(/^H+L+S+L+/);
    expect(out).toMatch(/^H headers 66\.0% {2}L for the loader 15\.9% {2}S symbols 14\.4%/m);
    expect(out).toMatch(/^OFFSET +SIZE +SHARE +PERM +REGION$/m);
    expect(out).toMatch(/^ +0x0 +862 B +33\.3% {2}r-- {3}LOAD +█+/m);
    expect(out).toMatch(/^ 0x360 +15 B +0\.6% {2}r-x {5}\.text +C +/m);
    expect(out).toMatch(/^ +10 B +0\.4% +… 3 paddings$/m);
  });

  it.each([[20], [40], [59], [60], [80], [99], [100], [120], [200], [500]])('fits into %d columns', async (columns) => {
    for (const path of [program, universal, packed, appended, evil, crowded]) {
      for (const options of [[], ['-v'], ['--all'], ['--color=always']]) {
        const { out, status } = await run(['map', ...options, path], { columns, outIsTerminal: true, env: { NO_COLOR: '1' } });
        expect(status).toBe(0);
        const [first, ...rest] = out.replace(COLOR, '').split('\n') as [string, ...string[]];
        expect(first).toContain(path); // a path is never broken
        for (const line of rest) expect(textWidth(line), line).toBeLessThanOrEqual(Math.max(40, Math.min(columns, 200)));
      }
    }
  });

  it('has bars as long as the share, to an eighth of a cell', async () => {
    const { out } = await run(['map', packed], { columns: 120 });
    const barOf = (name: string): number => {
      const line = out.split('\n').find((one) => one.includes(`  ${name} `)) ?? '';
      const bar = /[▏▎▍▌▋▊▉█]+/.exec(line)?.[0] ?? '';
      return [...bar].reduce((sum, block) => sum + ('▏▎▍▌▋▊▉█'.indexOf(block) + 1) / 8, 0);
    };
    expect(barOf('UPX1')).toBeGreaterThan(10);
    expect(barOf('UPX2') / barOf('UPX1')).toBeCloseTo(0.5, 1);
    expect(barOf('headers') / barOf('UPX1')).toBeCloseTo(544 / 1024, 0);
  });

  it('shows what is in memory only, and what is written and run', async () => {
    const { out } = await run(['map', packed], { columns: 120 });
    expect(out).toContain('packed with UPX');
    expect(out).toMatch(/^ +– +rwx {3}UPX0 +code +20\.0 KiB in memory; writable code$/m);
    expect((await run(['map', packed], { columns: 40 })).out).toMatch(/UPX0.*\n +20\.0 KiB in memory\n +writable code$/m);
  });

  it('shows slices, segments and sections within one another', async () => {
    const { out } = await run(['map', universal], { columns: 100 });
    expect(out).toMatch(/ {2}arm64 +slice +█/);
    expect(out).toMatch(/ {4}__TEXT +segment +█/);
    expect(out).toMatch(/ {6}__unwind_info +read-only data +█/);
  });

  it('says what appended data is recognised as', async () => {
    expect((await map(appended)).out).toMatch(/appended data +appended +\S* ?a zip archive$/m);
  });

  it('leaves out small regions, and shows them with --all', async () => {
    const { out } = await map(crowded);
    expect(out.split('\n').length).toBeLessThan(60);
    expect(out).toMatch(/ … 1\d\d more$/m);
    expect(out).toContain('.s199 ');
    expect(out).not.toContain('.s0 ');
    const all = (await map('--all', crowded)).out;
    expect(all).not.toContain('…');
    for (let i = 0; i < 200; i++) expect(all).toContain(`.s${i} `);
  });

  it('has exact sizes and addresses with --verbose', async () => {
    const { out } = await map('-v', packed);
    expect(out).toMatch(/ {2}1024 +50\.0% {2}rwx {3}UPX1/);
    expect(out).toContain('at 0x140006000 in memory, 4096 bytes');
  });

  it('is ASCII where the terminal wants that', async () => {
    const { out } = await run(['map', crowded], { columns: 80, outIsTerminal: true, env: { TERM: 'dumb' } });
    expect(out).toMatch(/^[\n -~]*$/);
    expect(out).toMatch(/ #+$/m);
    expect(out).toContain('... 1');
  });

  it('has words or letters beside its colours, and padding for its ground', async () => {
    const { out } = await run(['map', '--color=always', program], { columns: 80 });
    expect(out).toMatch(/\u001b\[35m\u001b\[7m +headers +\u001b\[27m\u001b\[39m/);
    expect(out).toMatch(/\u001b\[34m\u001b\[7mC\u001b\[27m\u001b\[39m code/);
    expect((await run(['map', '--color=never', program])).out).not.toContain('\u001b');
    expect(out.replace(COLOR, '')).not.toContain('\u001b');
    expect((await run(['map', '--color=always', universal], { columns: 80 })).out).toMatch(/\u001b\[2m░+\u001b\[22m/);
  });

  it('has a colour of its own for each kind where there are 256', async () => {
    const { out } = await run(['map', '--color=always', program], { columns: 80, env: { TERM: 'xterm-256color' } });
    expect(out).toMatch(/\u001b\[38;5;134m\u001b\[7m +headers/);
    expect(out).toMatch(/\u001b\[38;5;69m\u001b\[7mC\u001b/);
    expect((await run(['map', '--color=always', program], { env: { COLORTERM: 'truecolor' } })).out).toContain('\u001b[38;5;');
  });

  it('shows slices as brackets, and where parts begin', async () => {
    const lines = (await run(['map', universal], { columns: 80 })).out.split('\n');
    expect(lines.find((line) => line.includes('├'))).toMatch(/^ +├─+ amd64 8\.1 KiB ─+┤ +├─+ arm64 16\.3 KiB ─+┤$/);
    expect(lines.find((line) => line.startsWith('0x0 '))).toMatch(/^0x0 +0x1000 .*0x8160$/);
    expect((await run(['map', universal], { columns: 80, outIsTerminal: true, env: { TERM: 'dumb' } })).out).toMatch(/^ +\|-+ amd64 8\.1 KiB -+\| +\|-+ arm64/m);
  });

  it('has headers in a row as one, and each with --all', async () => {
    const exe = put('plain.exe', fixtureBytes('pe-version.exe'));
    expect((await map(exe)).out).toMatch(/^ +0x0 +464 B +18\.1% +headers +headers/m);
    expect((await map('--all', exe)).out).toMatch(/DOS header[^]*PE header[^]*section headers/);
  });

  it('is ordered by size where that is asked for', async () => {
    const { out } = await run(['map', '--sort', 'size', crowded], { columns: 120 });
    const sizes = Array.from(out.matchAll(/^ *0x[0-9a-f]+ +([\d.]+) (B|KiB) /gm), ([, size, unit]) => Number(size) * (unit === 'B' ? 1 : 1024));
    expect(sizes.length).toBeGreaterThan(20);
    expect(sizes).toEqual(sizes.toSorted((a, b) => b - a));
    expect((await map('--sort', 'sise', crowded)).err).toContain('did you mean size?');
  });

  it('says where bytes are packed or encrypted', async () => {
    let seed = 1;
    const noise = Uint8Array.from({ length: 200_000 }, () => (seed = (Math.imul(seed, 1103515245) + 12345) >>> 0) >>> 24);
    const half = put('half', buildElf({ sections: [{ name: '.zeros', type: SHT.PROGBITS, data: new Uint8Array(200_000) }, { name: '.noise', type: SHT.PROGBITS, data: noise }] }));
    const { out } = await run(['map', half], { columns: 80 });
    expect(out).toMatch(/^▁{38,41}.?█{38,41}$/m);
    expect(out).toMatch(/^entropy: (49|50|51) % of the cells are packed, compressed or encrypted$/m);
    expect((await map(program)).out).not.toContain('entropy:');
  });

  it('obeys nothing that the file says', async () => {
    for (const options of [[], ['-v'], ['--all'], ['--json'], ['--svg=-'], ['--color=always']]) {
      const { out, status } = await map(...options, evil);
      expect(status).toBe(0);
      expect(out.replace(COLOR, '')).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
    }
  });

  it('comes from standard input for -', async () => {
    const { out, status } = await run(['map', '-'], { input: [fixtureBytes('elf-x86_64-pie')] });
    expect(status).toBe(0);
    expect(out).toMatch(/^- {2}ELF64 PIE executable/);
  });
});

describe('--json', () => {
  it('is the layout', async () => {
    const { out, status } = await map('--json', program);
    expect(status).toBe(0);
    expect(out.split('\n')).toHaveLength(2);
    const file = JSON.parse(out) as Record<string, unknown>;
    expect(file).toMatchObject({ schemaVersion: 1, path: program, size: 2592, format: 'elf', universal: false });
    expect((file['regions'] as object[])[2]).toMatchObject({
      name: 'LOAD', kind: 'segment', content: 'code', offset: 0x360, size: 48, missing: 0, shared: 0, address: '0x370', memorySize: 48, permissions: 'r-x', note: null,
    }); // prettier-ignore
    expect(Object.keys((file['regions'] as object[])[0] as object)).toEqual([
      'name', 'kind', 'content', 'offset', 'size', 'missing', 'shared', 'address', 'memorySize', 'permissions', 'note', 'children',
    ]); // prettier-ignore
  });

  it('has failures as lines too', async () => {
    const { out, err, status } = await map('--json', put('text', 'words'));
    expect({ err, status }).toEqual({ err: '', status: 3 });
    expect(JSON.parse(out)).toMatchObject({ path: join(folder, 'text'), error: { code: 'unrecognized', offset: 0 } });
  });
});

/** Whether a text is well-formed XML, as far as this program writes any: elements that close in order, attributes and text escaped. Null: it is. */
function malformed(text: string): string | null {
  const open: string[] = [];
  let rest = text;
  while (rest !== '') {
    const tag = /^<(\/?)([a-z]+)((?: [a-zA-Z:-]+="[^<>"]*")*)(\/?)>/.exec(rest);
    const words = /^[^<>]+/.exec(rest);
    const part = tag?.[0] ?? words?.[0];
    if (part === undefined) return rest.slice(0, 80);
    if (/&(?!#\d+;)/.test(part)) return part;
    if (/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u.test(part)) return JSON.stringify(part);
    if (tag !== null) {
      const [, closing, name = '', , empty] = tag;
      if (closing === '/') {
        if (open.pop() !== name) return part;
      } else if (empty === '') open.push(name);
    }
    rest = rest.slice(part.length);
  }
  return open.length === 0 ? null : open.join(' ');
}

describe('--svg', () => {
  it.each([[program], [universal], [packed], [appended], [evil], [crowded]])('is well-formed, needs nothing else, and says what it is: %s', async (path) => {
    for (const options of [[], ['--all']]) {
      const { out, status } = await map('--svg', '-', ...options, path);
      expect(status).toBe(0);
      expect(malformed(out)).toBeNull();
      expect(out).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" viewBox="0 0 800 [\d.]+" width="800" height="[\d.]+" role="img" aria-label="[^"]+">\n<title>/);
      expect(out).not.toMatch(/<(script|image|use|a|link|foreignObject|iframe)\b|href|@import|url\(|\bon[a-z]+=/);
      expect(out).toContain('prefers-color-scheme:dark');
      const xs = Array.from(out.matchAll(/<rect [^>]*x="([\d.]+)"[^>]* width="([\d.]+)"/g), ([, x, width]) => Number(x) + Number(width));
      expect(Math.max(...xs)).toBeLessThanOrEqual(784.1);
    }
  });

  it('has a line for each region, with all that is known to point at', async () => {
    const { out } = await map('--svg=-', program);
    expect(out).toContain('>.text</text>');
    expect(out).toMatch(/<title>\.text \(code\)&#10;0x360 to 0x36f&#10;15 B \(15 bytes, 0\.6%\)&#10;r-x&#10;at 0x370 in memory, 15 B<\/title>/);
  });

  it('draws what lies in the file at its place', async () => {
    const { out } = await map('--svg=-', packed);
    const strip = Array.from(out.matchAll(/<rect class="(\w+) edge" x="([\d.]+)" y="\d+" width="([\d.]+)"/g), ([, content, x, width]) => [content, Number(x), Number(width)]);
    expect(strip.at(-2)).toEqual(['code', 208, 384]); // the second quarter and the third: 16 + 768 / 4
    expect(strip.at(-1)).toEqual(['data', 592, 192]);
  });

  it('is written to a file, over one that is there', async () => {
    const path = put('picture.svg', 'an older picture, much longer than nothing');
    const { status, out, err } = await map('--svg', path, program);
    expect({ status, out, err }).toEqual({ status: 0, out: '', err: '' });
    expect(readFileSync(path, 'utf8')).toBe((await map('--svg=-', program)).out);
  });

  it('says where it could not be written', async () => {
    const path = join(folder, 'no', 'such', 'folder.svg');
    expect(await map('--svg', path, program)).toMatchObject({ status: 3, out: '', err: `binspect: ${path}: no such file or directory\n` });
  });
});

describe('usage', () => {
  it.each<[string[], RegExp]>([
    [[], /name one file to draw, or - for standard input/],
    [[program, universal], /name one file to draw/],
    [['--json', '--svg', '-', program], /--json and --svg/],
    [['--svg=', program], /--svg names no file/],
    [['--svgg', '-', program], /did you mean --svg\?/],
  ])('%s is wrong', async (args, message) => {
    const { status, out, err } = await map(...args);
    expect({ status, out }).toEqual({ status: 2, out: '' });
    expect(err).toMatch(message);
    expect(err).toMatch(/Try 'binspect map --help'|\n {2}binspect map --svg /);
  });

  it.each<[string, string, RegExp]>([
    ['a missing file', join(folder, 'missing'), /no such file or directory/],
    ['a folder', folder, /is a directory|folder/],
    ['a text', put('words', 'words'), /no executable/],
  ])('%s can not be drawn', async (_, path, message) => {
    const { status, out, err } = await map(path);
    expect({ status, out }).toEqual({ status: 3, out: '' });
    expect(err).toMatch(message);
    expect(err).toContain(path);
  });

  it('draws what is cut', async () => {
    const cut = put('cut', buildElf({ segments: [{ type: PT.LOAD, flags: 5, offset: 0, fileSize: 0x1_0000 }], sections: [] }).subarray(0, 300));
    expect((await run(['map', cut], { columns: 120 })).out).toMatch(/LOAD .*\n +63\.7 KiB missing: the file ends before$/m);
  });

  it('is in the help, and in completions', async () => {
    expect((await run(['--help'])).out).toMatch(/^ {2}map +Draw where the bytes of a file are/m);
    expect((await map('--help')).out).toMatch(/--svg=OUT.*\n[^]*binspect map --svg program\.svg program/);
    expect((await run(['completion', 'bash'])).out).toMatch(/ map\) options=\S*--all\S*--svg\S*--json/);
  });
});
