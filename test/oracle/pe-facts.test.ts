// PE hardening, identity, signatures and appended bytes held against llvm-readobj, and against Python's pefile, on every PE file at hand.

import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import type { PeBinary } from '../../src/model/binary.ts';
import { MACHINE } from '../../src/pe/constants.ts';
import { all, compareAll, guidDigits, hasTool, mzFiles, one } from './pe-files.ts';
import type { Comparison, Tool } from './pe-files.ts';

/** The facts, worked out from what llvm-readobj prints of the structures behind them. */
function byReadobj(binary: PeBinary, text: string): Comparison[] {
  const { hardening, identity, signature, packer, because } = binary;
  const number = (pattern: RegExp): number => Number(one(text, pattern) ?? 0);
  const [file = 0, dll = 0] = all(text, /^ {2}Characteristics \[ \((0x[0-9A-F]+)\)$/gm).map(Number);
  const sections = all(text, /^ {4}Characteristics \[ \((0x[0-9A-F]+)\)$/gm).map(Number);
  const aslr = (dll & 0x40) !== 0 && (file & 1) === 0;
  const wide = number(/^ {2}Magic: (0x[0-9A-F]+)$/m) === 0x20b;
  const config = /^LoadConfig \[$/m.test(text);
  const guard = number(/^ {2}GuardFlags: (0x[0-9A-F]+)$/m);
  const table = number(/^ {2}GuardCFFunctionTable: (0x[0-9A-F]+)$/m) !== 0 && number(/^ {2}GuardCFFunctionCount: (\d+)$/m) !== 0;
  const handlers = number(/^ {2}SEHandlerTable: (0x[0-9A-F]+)$/m) !== 0 && number(/^ {2}SEHandlerCount: (\d+)$/m) !== 0;
  const x86 = binary.machine.value === MACHINE.I386;
  const managed = number(/^ {4}CLRRuntimeHeaderRVA: (0x[0-9A-F]+)$/m) !== 0;
  const firmware = /^ {2}Subsystem: IMAGE_SUBSYSTEM_EFI_/m.test(text);
  const reproducible = /^ {4}Type: Repro \(0x10\)$/m.test(text);
  const time = number(/^ {2}TimeDateStamp: .*\((0x[0-9A-F]+)\)$/m);
  const guid = guidDigits(one(text, /^ {6}PDBGUID: (.*)$/m));
  const path = one(text, /^ {6}PDBFileName: (.*)$/m);
  const claimed = { offset: number(/^ {4}CertificateTableRVA: (0x[0-9A-F]+)$/m), size: number(/^ {4}CertificateTableSize: (0x[0-9A-F]+)$/m) };
  const certificates = claimed.offset + claimed.size > binary.size ? { offset: 0, size: 0 } : claimed; // Go's tests have a file that is cut
  const loaded: Comparison[] = firmware
    ? []
    : [
        ['ASLR', hardening?.aslr, aslr],
        ['high-entropy ASLR', hardening?.highEntropyAslr, aslr && wide && (dll & 0x20) !== 0 && (file & 0x20) !== 0],
        ['FORCE_INTEGRITY', hardening?.forceIntegrity, (dll & 0x80) !== 0],
        ['Control Flow Guard', hardening?.controlFlowGuard, (dll & 0x4000) !== 0 && (guard & 0x500) === 0x500 && table],
        ['canary', hardening?.stackCanary, config ? number(/^ {2}SecurityCookie: (0x[0-9A-F]+)$/m) !== 0 && (guard & 0x800) === 0 : null],
        ['shadow stack', hardening?.shadowStack, x86 || binary.machine.value === MACHINE.AMD64 ? /_EX_CET_COMPAT/.test(text) : null],
        ...(x86 && !managed ? ([['SafeSEH', hardening?.safeSeh, (dll & 0x400) !== 0 || handlers]] as const) : []),
      ];
  const hardened: Comparison[] = [
    ['NX_COMPAT', hardening?.nonExecutableStack, (dll & 0x100) !== 0],
    ['writable code', hardening?.writableAndExecutable, sections.some((flags) => (flags & 0x2000_0000) !== 0 && flags >= 0x8000_0000)],
  ];
  return [
    ...(hardening === null ? [] : [...loaded, ...hardened]),
    ...(packer === null ? ([['reproducible', identity.reproducible, reproducible]] as const) : []),
    ...(packer === null ? ([['time stamp', identity.timestamp, reproducible || time === 0 || time === 0xffff_ffff ? null : time]] as const) : []),
    ...(because['identity.pdbGuid'] === undefined && guid !== null && /^0+$/.test(guid) ? [] : ([['PDB GUID', identity.pdbGuid?.replaceAll('-', '') ?? null, guid]] as const)),
    ['PDB path', identity.pdbPath, path === '' ? null : path],
    ['signature', signature === null ? { offset: 0, size: 0 } : { offset: signature.offset, size: signature.size }, certificates],
  ];
}

/** Prints for each file, as JSON, the strings of its version resource's first table and where bytes are appended. */
const SCRIPT = `
import json, pefile, sys
for path in sys.argv[1:]:
    print('File: ' + path)
    try:
        pe = pefile.PE(path, fast_load=True)
        pe.parse_data_directories([pefile.DIRECTORY_ENTRY['IMAGE_DIRECTORY_ENTRY_RESOURCE']])
    except pefile.PEFormatError as error:
        print(json.dumps({'error': str(error)}))
        continue
    strings, fixed = None, None
    for i, info in enumerate(getattr(pe, 'FileInfo', None) or []):
        if i > 0: break
        strings = {}
        value = pe.VS_FIXEDFILEINFO[0]
        words = lambda high, low: '%d.%d.%d.%d' % (high >> 16, high & 0xffff, low >> 16, low & 0xffff)
        fixed = [words(value.FileVersionMS, value.FileVersionLS), words(value.ProductVersionMS, value.ProductVersionLS)]
        for block in info:
            if block.Key == b'StringFileInfo' and len(block.StringTable) > 0:
                strings = {k.decode('utf-8', 'replace'): v.decode('utf-8', 'replace') for k, v in block.StringTable[0].entries.items()}
                break
    symbols = pe.FILE_HEADER.PointerToSymbolTable != 0
    print(json.dumps({'strings': strings, 'fixed': fixed, 'symbols': symbols, 'overlay': pe.get_overlay_data_start_offset()}))
`;

interface Pefile {
  readonly error?: string;
  readonly strings: Readonly<Record<string, string>> | null;
  readonly fixed: readonly string[] | null;
  /** Whether there are COFF symbols: pefile takes them for appended bytes, and a certificate table as well. */
  readonly symbols: boolean;
  readonly overlay: number | null;
}

function byPefile({ identity: { version }, overlay, signature, kind, warnings }: PeBinary, text: string): Comparison[] {
  const { error, strings, fixed, symbols, overlay: start } = JSON.parse(text) as Pefile;
  if (error !== undefined) return [];
  const theirs = (key: string): string | null => strings?.[key] ?? null;
  const isCut = warnings.some(({ code }) => code === 'section-truncated');
  const places = [overlay?.offset, signature?.offset].filter((offset) => offset !== undefined);
  return [
    ['version resource', version !== null, strings !== null],
    ['file version', version?.fileVersion ?? null, theirs('FileVersion')],
    ['product version', version?.productVersion ?? null, theirs('ProductVersion')],
    ['product', version?.productName ?? null, theirs('ProductName')],
    ['company', version?.companyName ?? null, theirs('CompanyName')],
    ['description', version?.fileDescription ?? null, theirs('FileDescription')],
    ['original name', version?.originalFilename ?? null, theirs('OriginalFilename')],
    ['fixed file version', version?.fixedFileVersion ?? null, fixed?.[0] ?? null],
    ['fixed product version', version?.fixedProductVersion ?? null, fixed?.[1] ?? null],
    ...(symbols || isCut || kind === 'debug-symbols' ? [] : ([['behind the sections', places.length === 0 ? null : Math.min(...places), start]] as const)),
  ];
}

/** The Python that has pefile: a machine may have several. */
const python = ['python3', '/usr/bin/python3'].find((command) => spawnSync(command, ['-c', 'import pefile']).status === 0);

const TOOLS: readonly { name: string; tool: Tool; available: boolean }[] = [
  {
    name: 'llvm-readobj',
    tool: {
      name: 'llvm-readobj',
      options: ['--file-headers', '--sections', '--coff-load-config', '--coff-debug-directory'],
      header: /^File: (.*)\n/m,
      machines: null,
      compare: byReadobj,
    },
    available: hasTool('llvm-readobj'),
  },
  {
    name: 'pefile',
    tool: { name: python ?? 'python3', options: ['-c', SCRIPT], header: /^File: (.*)\n/m, machines: null, compare: byPefile },
    available: python !== undefined,
  },
];

describe.each(TOOLS)('$name', ({ name, tool, available }) => {
  if (!available) console.warn(`skipped: ${name} is not installed`);

  it.skipIf(!available && process.env['CI'] === undefined)('agrees on hardening and identity', { timeout: 600_000 }, () => {
    expect(available, `${name} is missing`).toBe(true);
    const { compared, disagreements, failed } = compareAll(tool, mzFiles(), 'all');
    console.log(`${name}: ${compared} files compared, ${disagreements.length} disagreements; ${name} fails over ${failed.length}: ${failed.join(' ')}`);
    expect(compared).toBeGreaterThanOrEqual(15); // what testdata alone has
    expect(failed.length).toBeLessThan(compared / 10);
    expect(disagreements).toEqual([]);
  });
});
