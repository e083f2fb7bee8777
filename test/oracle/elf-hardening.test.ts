// ELF hardening, version needs and system notes held against what GNU readelf prints, on every ELF file at hand.

import { describe, expect, it } from 'vitest';
import { readSync } from '../../src/bytes/input.ts';
import { openFileSync } from '../../src/bytes/source-file.ts';
import { readElf } from '../../src/elf/facts/binary.ts';
import { LIMITS } from '../../src/limits.ts';
import type { ElfBinary } from '../../src/model/binary.ts';
import { elfFiles, hasTool, printAll } from './elf-files.ts';

/** What readelf prints of these facts, worked out from its lines alone. */
function expectations(text: string): Record<string, unknown> {
  const stack = /^ +GNU_STACK +\S+ +\S+ +\S+ +\S+ +\S+ +(...) /m.exec(text)?.[1] ?? null;
  const relro = /^ +GNU_RELRO /m.test(text);
  const now = /\((?:BIND_NOW)\)|\(FLAGS\) .*BIND_NOW|\(FLAGS_1\) .*\bNOW\b/.test(text);
  const lazy = /\(JMPREL\)/.test(text);
  const loads = Array.from(text.matchAll(/^ +LOAD +\S+ +\S+ +\S+ +\S+ +\S+ +(...) /gm), (match) => match[1] as string);
  const properties = Array.from(text.matchAll(/(?:x86|AArch64) feature: (.*)$/gm), (match) => match[1] as string).join(', ');
  const versions = Array.from(text.matchAll(/Name: GLIBC_(\d+(?:\.\d+)+) +Flags: none/g), (match) => match[1] as string);
  const relr = /\(RELR\)/.test(text) && /\((NEEDED|SONAME)\)|^ +INTERP /m.test(text); // a static program applies them itself
  if (/Name: GLIBC_ABI_DT_RELR +Flags: none/.test(text) || relr) versions.push('2.36'); // the first ld.so that does
  // A version that has no number names no oldest release: nothing can be said of such a file.
  const unplaced = /Name: GLIBC_(?!\d|ABI_DT_RELR )\w+ +Flags: none/.test(text);
  const newest = unplaced ? null : (versions.sort((a, b) => compare(a, b)).at(-1) ?? null);
  return {
    stack: stack === null ? 'absent' : !stack.includes('E'),
    relro: !relro ? 'none' : now || !lazy ? 'full' : 'partial',
    writableAndExecutable: loads.some((flags) => flags.includes('W') && flags.includes('E')),
    textRelocations: /\(TEXTREL\)|\(FLAGS\) .*TEXTREL/.test(text),
    ibt: /\bIBT\b/.test(properties),
    shadowStack: /\bSHSTK\b/.test(properties),
    bti: /\bBTI\b/.test(properties),
    pac: /\bPAC\b/.test(properties),
    glibc: newest,
    kernel: /OS: Linux, ABI: ([\d.]+)/.exec(text)?.[1] ?? null,
  };
}

function compare(a: string, b: string): number {
  const [left, right] = [a.split('.').map(Number), b.split('.').map(Number)];
  for (let i = 0; i < 4; i++) if ((left[i] ?? 0) !== (right[i] ?? 0)) return (left[i] ?? 0) - (right[i] ?? 0);
  return 0;
}

function told({ hardening, minimums }: ElfBinary): Record<string, unknown> {
  return {
    stack: hardening?.nonExecutableStack ?? null,
    relro: hardening?.relro,
    writableAndExecutable: hardening?.writableAndExecutable ?? false,
    textRelocations: hardening?.textRelocations,
    ibt: hardening?.ibt ?? false,
    shadowStack: hardening?.shadowStack ?? false,
    bti: hardening?.bti ?? false,
    pac: hardening?.pac ?? false,
    glibc: minimums.glibc,
    kernel: minimums.kernel,
  };
}

describe('readelf', () => {
  const available = hasTool('readelf');
  if (!available) console.warn('skipped: readelf is not installed');
  const skip = !available && process.env['CI'] === undefined;

  it.skipIf(skip)('agrees on hardening, version needs and notes', { timeout: 600_000 }, () => {
    expect(available, 'readelf is missing').toBe(true);
    const paths = elfFiles();
    const outputs = printAll('readelf', ['-l', '-d', '-n', '-V', '-W'], paths);
    const found: string[] = [];
    let compared = 0;
    for (const path of paths) {
      const source = openFileSync(path);
      const binary = readSync(source, readElf, LIMITS);
      source.closeSync();
      if (binary.hardening === null) continue;
      const expected = expectations(outputs.get(path) ?? '');
      const ours = told(binary);
      if (expected['stack'] === 'absent') delete expected['stack']; // readelf prints no line; what that means is the machine's rule
      for (const [fact, value] of Object.entries(expected)) {
        if (ours[fact] !== value) found.push(`${path}: ${fact}: ${String(ours[fact])}, readelf says ${String(value)}`);
      }
      compared++;
    }
    console.log(`readelf: hardening and versions of ${compared} files compared, ${found.length} disagreements`);
    expect(compared).toBeGreaterThan(100);
    expect(found).toEqual([]);
  });

  it.skipIf(skip)('agrees on canaries and checked functions', { timeout: 600_000 }, () => {
    const paths = elfFiles().filter((path) => /^\/usr\/s?bin\//.test(path)).slice(0, 400);
    const outputs = printAll('readelf', ['--dyn-syms', '-d', '-W'], paths);
    const found: string[] = [];
    for (const path of paths) {
      const source = openFileSync(path);
      const { hardening, dependencies } = readSync(source, (input) => readElf(input, 'all'), LIMITS);
      source.closeSync();
      if (hardening === null || dependencies.length === 0) continue;
      const names = Array.from((outputs.get(path) ?? '').matchAll(/^ +\d+: (?:\S+ +){6}([^\s@]+)/gm), (match) => match[1] as string);
      const canary = names.some((name) => /^__stack_chk_(fail|fail_local|guard)$|^__intel_security_cookie$/.test(name));
      const fortify = names.some((name) => /^__(?!stack_)\w+_chk$/.test(name));
      if (hardening.stackCanary !== canary) found.push(`${path}: canary ${String(hardening.stackCanary)}, readelf says ${String(canary)}`);
      if (hardening.fortify !== fortify) found.push(`${path}: fortify ${String(hardening.fortify)}, readelf says ${String(fortify)}`);
    }
    console.log(`readelf: symbols of ${paths.length} files compared, ${found.length} disagreements`);
    expect(paths.length).toBeGreaterThan(50);
    expect(found).toEqual([]);
  });
});
