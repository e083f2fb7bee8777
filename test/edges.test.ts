// Edges that a single character moves: bounds, orders, and what is left out of a list.

import { mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { AddressSpace } from '../src/bytes/address-space.ts';
import { readBytes, readSync } from '../src/bytes/input.ts';
import type { Input } from '../src/bytes/input.ts';
import { decodeText, encodeText } from '../src/bytes/text.ts';
import { verifyFiles } from '../src/files/verify-files.ts';
import { inspectSync } from '../src/inspect/inspect.ts';
import { LIMITS } from '../src/limits.ts';
import { openFat } from '../src/macho/fat.ts';
import type { Binary, Inspection } from '../src/model/binary.ts';
import { tableHead, tableRow } from '../src/render/table.ts';
import { textWidth } from '../src/render/words.ts';
import { verify } from '../src/verify/verify.ts';
import { dependencies, elf, file } from './build/binary.ts';
import { buildPe } from './build/pe.ts';
import { buildEntries } from './built.ts';
import { fixtureBytes } from './fixtures.ts';
import { run } from './terminal.ts';

const folder = mkdtempSync(join(tmpdir(), 'binspect-edges-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('addresses', () => {
  it.each([1, 200])('have a place in the file up to the last byte that it fills, with %i ranges', (count) => {
    const ranges = Array.from({ length: count }, (_, i) => ({ address: BigInt(0x1000 + i * 0x100), offset: i * 16, fileSize: 16, memorySize: 0x80n }));
    const look = (input: Input): unknown => {
      const space = new AddressSpace(input, ranges as never, 'first');
      return [0x100fn, 0x1010n, 0x107fn, 0x1080n].map((address) => [space.offsetOf(address), space.backed(address), space.isMapped(address)]);
    };
    expect(readBytes(new Uint8Array(16 * count), look, LIMITS)).toEqual([[15, 1, true], [null, 0, true], [null, 0, true], [null, 0, false]]); // prettier-ignore
  });
});

describe('bytes of names', () => {
  it('come back as they were: what would be a surrogate is no UTF-8', () => {
    for (let lead = 0xe0; lead <= 0xf4; lead++) {
      for (let second = 0x7f; second <= 0xc0; second++) {
        const bytes = Uint8Array.of(0x61, lead, second, 0x80, 0x62);
        expect(encodeText(decodeText(bytes)), `${lead} ${second}`).toEqual(bytes);
      }
    }
    expect(decodeText(Uint8Array.of(0xed, 0xa0, 0x80))).toBe('\udced\udca0\udc80');
    expect(decodeText(Uint8Array.of(0xed, 0x9f, 0xbf))).toBe('\ud7ff');
  });
});

describe('the limit on reads', () => {
  it('is how many there may be', () => {
    const bytes = new Uint8Array(1024 * 1024);
    const source = { size: bytes.length, readSync: (at: number, length: number) => bytes.subarray(at, at + length) };
    const reads = (count: number, fetches: number): unknown => {
      try {
        return readSync(source, (input) => Array.from({ length: count }, (_, i) => input.read(i * 100_000, 1, 'byte').u8(0)).length, { ...LIMITS, fetches, windowBytes: 512 });
      } catch (error) {
        return (error as { code: string }).code;
      }
    };
    expect([reads(5, 5), reads(6, 5), reads(1, 1), reads(2, 1)]).toEqual([5, 'limit-exceeded', 1, 'limit-exceeded']);
  });
});

describe('libraries', () => {
  const allowed = (glob: string, name: string): string | undefined => verify(file(elf({ dependencies: dependencies(name) })), { onlyNeeds: [glob] }).findings[0]?.status;

  it('are allowed by a glob with a folder only where they lie in it', () => {
    expect(allowed('/usr/lib/*', '/usr/lib/libx.so')).toBe('pass');
    expect(allowed('/usr/lib/*', '/opt/evil/libx.so')).toBe('fail');
    expect(allowed('/usr/lib/*', 'libx.so')).toBe('fail');
    expect(allowed('/usr/lib/libx.so', '/opt/evil/libx.so')).toBe('fail');
    expect(allowed('*x.so', '/opt/evil/libx.so')).toBe('fail'); // a glob without a folder names no path
    expect(allowed('*x.so', 'libx.so')).toBe('pass');
  });

  it('of a PE file with an import that can not be read pass nothing that is said of all of them', () => {
    const bytes = buildPe({ imports: [{ name: 'KERNEL32.dll' }, { name: 0x7fff_0000 }] });
    const inspection = inspectSync(bytes);
    expect(inspection.binaries[0]?.warnings.map(({ code }) => code)).toContain('module-name');
    for (const expectations of [{ noNeeds: ['evil*'] }, { onlyNeeds: ['kernel32.dll'] }]) expect(verify(inspection, expectations).findings[0]?.status).toBe('unknown');
  });
});

describe('a symbol’s version', () => {
  it('counts where it is hidden, too', () => {
    const named = fixtureBytes('elf-x86_64-glibc');
    const plain = inspectSync(named, { facts: 'all' }).binaries[0] as Binary;
    const sections = (inspection: Uint8Array): { at: number; size: number } => {
      const view = new DataView(inspection.buffer, inspection.byteOffset);
      const table = Number(view.getBigUint64(40, true));
      for (let i = 0; i < view.getUint16(60, true); i++) {
        const header = table + i * 64;
        if (view.getUint32(header + 4, true) === 0x6fff_ffff) return { at: Number(view.getBigUint64(header + 24, true)), size: Number(view.getBigUint64(header + 32, true)) };
      }
      throw new Error('there is no .gnu.version');
    };
    const hidden = named.slice();
    const { at, size } = sections(hidden);
    for (let i = at; i < at + size; i += 2) if ((hidden[i] as number) > 1) hidden[i + 1] = (hidden[i + 1] as number) | 0x80;
    const binary = inspectSync(hidden, { facts: 'all' }).binaries[0] as Binary;
    expect(plain.because['minimums.glibc']).toMatch(/, for \S+$/);
    expect(binary.because['minimums.glibc']).toBe(plain.because['minimums.glibc']);
  });
});

describe('a file of Java', () => {
  it.each([[43, 'java-class'], [45, 'java-class'], [52, 'java-class'], [204, 'java-class'], [42, 'truncated']])('of version %i is %s', (version, kind) => {
    const bytes = Uint8Array.of(0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, version, 0, 9, 10, 0, 1, 0, 2);
    const verdict = (): string => {
      try {
        return readBytes(bytes, openFat, LIMITS).kind;
      } catch (error) {
        return (error as { code: string }).code;
      }
    };
    expect(verdict()).toBe(kind);
  });
});

describe('a row of the table', () => {
  it('stays one line where it just fits', () => {
    const inspection: Inspection = file(elf());
    const style = (columns: number) => ({ color: false, unicode: true, columns, verbose: false });
    const path = 'a-program';
    const width = Math.max(...Array.from({ length: 160 }, (_, columns) => columns).filter((columns) => tableRow(inspection, path, style(columns)).split('\n').length > 2)) + 1;
    const row = tableRow(inspection, path, style(width)).trimEnd();
    expect(row.split('\n')).toHaveLength(1);
    expect(textWidth(row)).toBe(width);
    expect(tableHead(style(width), false)).not.toBe('');
  });
});

describe('a list', () => {
  it('is not held to be missing from itself', async () => {
    const inside = join(folder, 'given');
    mkdirSync(inside);
    writeFileSync(join(inside, 'app'), fixtureBytes('elf-x86_64-pie'));
    writeFileSync(join(inside, 'SUMS'), (await run(['hash', join(inside, 'app')])).out.replace(`${inside}/`, ''));
    const { ok, files } = await verifyFiles({ version: 1, sums: { file: join(inside, 'SUMS') } }, { paths: [join(inside, 'SUMS'), join(inside, 'app')] });
    expect(files.map(({ path }) => path)).toEqual([join(inside, 'app')]);
    expect(ok).toBe(true);
    expect((await run(['verify', '--sums', join(inside, 'SUMS'), join(inside, 'app'), join(inside, 'SUMS')])).status).toBe(0);
  });

  it('of a folder does not hold its own sum', { timeout: 60_000 }, async () => {
    const built = await buildEntries({ cli: 'src/cli.ts' });
    try {
      mkdirSync(join(folder, 'tree'));
      writeFileSync(join(folder, 'tree/a'), 'a');
      const list = openSync(join(folder, 'tree/SUMS'), 'w');
      expect(spawnSync(process.execPath, [built.cli, 'hash', '-r', 'tree'], { cwd: folder, stdio: ['ignore', list, 'pipe'] }).status).toBe(0);
      const check = spawnSync(process.execPath, [built.cli, 'hash', '-c', 'tree/SUMS'], { cwd: folder, encoding: 'utf8' });
      expect([check.status, check.stdout]).toEqual([0, 'tree/a: OK\n']);
    } finally {
      built.remove();
    }
  });
});
