// Mach-O facts held against llvm-objdump, llvm-readobj and llvm-nm, on every Mach-O file at hand.

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { BinspectError } from '../../src/errors.ts';
import { inspectSync } from '../../src/inspect/inspect.ts';
import type { MachOBinary } from '../../src/model/binary.ts';
import type { Signature } from '../../src/model/identity.ts';
import { filesBeginning, magicOf } from './machine-files.ts';

const TOOLS = ['llvm-objdump', 'llvm-readobj', 'llvm-nm'];
const FAT = /^cafebab[ef]$/;
const MAGIC = /^(cafebab[ef]|feedfac[ef]|c[ef]faedfe)$/;

function machOFiles(): string[] {
  return filesBeginning(MAGIC, ['/usr/lib', '/usr/share']);
}

/** Our answer: one binary for each slice, or null for a Java class. */
function ours(path: string): readonly MachOBinary[] | null {
  try {
    return inspectSync(path, { facts: 'all' }).binaries.filter((binary) => binary.format === 'mach-o');
  } catch (error) {
    if (error instanceof BinspectError && error.detected === 'java-class') return null;
    throw error;
  }
}

/** What a tool prints; null where it refuses the file. */
function run(tool: string, ...args: string[]): string | null {
  const { stdout, status, error } = spawnSync(tool, args, { encoding: 'utf8', maxBuffer: 1 << 30, env: { ...process.env, LC_ALL: 'C.UTF-8' } });
  if (error !== undefined) throw error;
  return status === 0 ? stdout : null;
}

/** The parts of an output that begin with a line naming the file, one for each slice. */
function parts(output: string, heading: RegExp): string[] {
  return output.split(heading).slice(1);
}

const COMMAND_KINDS: Readonly<Record<string, string>> = {
  LC_LOAD_DYLIB: 'required',
  LC_LOAD_WEAK_DYLIB: 'weak',
  LC_REEXPORT_DYLIB: 'reexport',
  LC_LOAD_UPWARD_DYLIB: 'upward',
  LC_LAZY_LOAD_DYLIB: 'lazy',
};

const VERSION_COMMANDS: Readonly<Record<string, string>> = {
  LC_VERSION_MIN_MACOSX: 'macos',
  LC_VERSION_MIN_IPHONEOS: 'ios',
  LC_VERSION_MIN_TVOS: 'tvos',
  LC_VERSION_MIN_WATCHOS: 'watchos',
};

/** What llvm-objdump says of one slice's load commands, in our words. */
function printedCommands(text: string): Record<string, unknown> {
  const blocks = text.split(/^Load command \d+\n/m).slice(1);
  const named = blocks.map((block) => ({ cmd: /^ +cmd (\S+)$/m.exec(block)?.[1] ?? '', block }));
  const field = (block: string, name: string): string | null => new RegExp(`^ *${name} (.*?)(?: \\(offset \\d+\\))?$`, 'm').exec(block)?.[1] ?? null;
  const of = (cmd: string): string[] => named.filter((one) => one.cmd === cmd).map(({ block }) => block);
  const library = ({ cmd, block }: { cmd: string; block: string }): unknown => ({
    name: field(block, 'name'),
    kind: COMMAND_KINDS[cmd],
    currentVersion: field(block, 'current version'),
    compatibilityVersion: field(block, 'compatibility version'),
  });
  const versions = named.flatMap(({ cmd, block }) => {
    const sdk = field(block, 'sdk');
    const plain = sdk === 'n/a' ? null : sdk;
    if (cmd === 'LC_BUILD_VERSION') return [{ platform: field(block, 'platform'), minimumOs: field(block, 'minos'), sdk: plain }];
    const platform = VERSION_COMMANDS[cmd];
    return platform === undefined ? [] : [{ platform, minimumOs: field(block, 'version'), sdk: plain }];
  });
  const [main] = of('LC_MAIN');
  const thread = /\b(?:rip|eip|pc|srr0) +(0x[0-9a-f]+)/.exec(of('LC_UNIXTHREAD')[0] ?? '')?.[1];
  const first = named.map(({ block }) => block).find((block) => field(block, 'fileoff') === '0' && field(block, 'filesize') !== '0');
  const segments = named.filter(({ cmd }) => cmd.startsWith('LC_SEGMENT')).map(({ block }) => block);
  const [, magic, sizeofcmds] = /^ *(MH_MAGIC\S*|0x\w+)(?: +\S+){4,5} +\d+ +(\d+) /m.exec(text) ?? [];
  const headerEnd = (magic?.includes('64') === true ? 32 : 28) + Number(sizeofcmds);
  const base = first === undefined ? null : BigInt(field(first, 'vmaddr') ?? 0);
  return {
    dependencies: named.filter(({ cmd }) => cmd in COMMAND_KINDS).map(library),
    libraryName: of('LC_ID_DYLIB').map((block) => field(block, 'name'))[0] ?? null,
    interpreter: of('LC_LOAD_DYLINKER').map((block) => field(block, 'name'))[0] ?? null,
    searchPaths: of('LC_RPATH').map((block) => field(block, 'path')),
    buildId: of('LC_UUID').map((block) => field(block, 'uuid'))[0] ?? null,
    system: versions.find(({ platform }) => platform !== 'macCatalyst') ?? versions[0] ?? { platform: null, minimumOs: null, sdk: null },
    entryPoint: main !== undefined ? (base === null ? null : (base + BigInt(field(main, 'entryoff') ?? 0)).toString(16)) : thread === undefined ? null : BigInt(thread).toString(16),
    dwarf: /^ *sectname __z?debug_(info|line|types)\S*\n *segname __DWARF$/m.test(text),
    symbols: of('LC_SYMTAB').map((block) => Number(field(block, 'nsyms')))[0] ?? null,
    groups: of('LC_DYSYMTAB').length > 0,
    commands: blocks.length,
    signature: of('LC_CODE_SIGNATURE').map((block) => [Number(field(block, 'dataoff')), Number(field(block, 'datasize'))])[0] ?? null,
    writableAndExecutable: named.length === 0 ? null : segments.some((block) => /w.*x/.test(field(block, 'initprot') ?? '')),
    restrict: /^ *sectname __restrict\n *segname __RESTRICT$/m.test(text),
    end: Math.max(headerEnd, ...segments.map((block) => Number(field(block, 'fileoff')) + Number(field(block, 'filesize')))),
  };
}

/** The same facts as `printedCommands`, from our answer. */
function ourCommands(binary: MachOBinary, printed: Record<string, unknown>): Record<string, unknown> {
  const { machO } = binary;
  const simulated = machO?.platformName?.endsWith('SIMULATOR') === true && binary.because['os']?.startsWith('LC_VERSION_MIN') === true;
  const platform = machO?.platformName?.slice('PLATFORM_'.length).toLowerCase() ?? null;
  return {
    ...printed, // what is compared elsewhere
    dependencies: binary.dependencies,
    libraryName: binary.libraryName,
    interpreter: binary.interpreter,
    searchPaths: binary.searchPaths.map(({ path }) => path),
    buildId: binary.buildId,
    system: {
      platform: platform === 'maccatalyst' ? 'macCatalyst' : simulated ? (platform as string).replace('simulator', '') : platform,
      minimumOs: machO?.minimumOs,
      sdk: machO?.sdk,
    },
    entryPoint: binary.entryPoint?.toString(16) ?? null,
    commands: machO?.loadCommands,
    signature: binary.signature === null ? null : [binary.signature.offset - binary.offset, binary.signature.size],
  };
}

/** What llvm-readobj says of one slice's header, in our words. */
function printedHeader(text: string): Record<string, unknown> {
  const number = (name: string): number => Number(new RegExp(`^ *${name}: (?:.*\\()?(0x[0-9A-F]+)\\)?$`, 'm').exec(text)?.[1]);
  return {
    cpuType: number('CpuType'),
    cpuSubtype: number('CpuSubType'),
    cpuSubtypeName: /^ *CpuSubType: (CPU_SUBTYPE_\w+)/m.exec(text)?.[1] ?? null,
    fileType: number('FileType'),
    flags: Number(/^ *Flags \[ \((0x[0-9A-F]+)\)$/m.exec(text)?.[1] ?? 0),
    flagNames: Array.from(text.matchAll(/^ +(MH_\w+) \(0x/gm), ([, name]) => name).sort(),
    wide: /^ *Magic: Magic64/m.test(text),
  };
}

function ourHeader(binary: MachOBinary, printed: Record<string, unknown>): Record<string, unknown> {
  const { machine, machO, bits } = binary;
  const known = new Set(printed['flagNames'] as string[]);
  return {
    cpuType: machine.value,
    cpuSubtype: Number.isNaN(printed['cpuSubtype']) ? NaN : (machO?.cpuSubtype ?? 0) & 0xff_ffff, // the tool prints none for some machines
    cpuSubtypeName: printed['cpuSubtypeName'] === null ? null : machO?.cpuSubtypeName, // the tool names fewer
    fileType: machO?.fileType,
    flags: machO?.flags,
    flagNames: machO?.flagNames.filter((name) => known.has(name)).sort(),
    wide: bits === 64,
  };
}

/** Whether llvm-nm lists symbols that strip would take away, and stabs, of one slice. */
function printedSymbols(text: string): { locals: boolean; stabs: boolean } {
  const lines = text.split('\n');
  return {
    locals: lines.some((line) => /^[0-9a-f]+ [a-z] /.test(line) && !line.endsWith(' __mh_execute_header')),
    stabs: lines.some((line) => /^[0-9a-f]+ - /.test(line) && !/^[0-9a-f]+ - [0-9a-f]{2} [0-9a-f]{4} +OPT /.test(line)),
  };
}

/** The hardening that the tools' output tells, and what was appended, by where the segments of a linked file end. */
function printedHardening(binary: MachOBinary, printed: Record<string, unknown>, header: Record<string, unknown>, symbols: string): Record<string, unknown> {
  const { hardening, linkage, size } = binary;
  const wanted = Array.from(symbols.matchAll(/^ +U (\S+)$/gm), ([, name]) => name as string);
  const program = header['fileType'] === 2;
  const forGo = (found: boolean): boolean | null => (binary.go !== null && !found ? null : found);
  const { writableAndExecutable, restrict, end } = printed as { writableAndExecutable: boolean | null; restrict: boolean; end: number };
  return {
    writableAndExecutable: hardening?.writableAndExecutable === null ? null : writableAndExecutable,
    restrict: program ? restrict : null,
    executableStack: program && (header['flagNames'] as string[]).includes('MH_ALLOW_STACK_EXECUTION'),
    // What nothing is loaded with has all in itself, which the tools do not tell apart. To Go neither applies, unless C code in it has any.
    stackCanary: linkage === 'static' ? hardening?.stackCanary : forGo(wanted.some((name) => /^___stack_chk_(fail|guard)$/.test(name))),
    fortify: linkage === 'static' ? hardening?.fortify : forGo(wanted.some((name) => /^___\w+_chk$/.test(name) && !name.startsWith('___stack'))),
    overlay: end >= size ? null : [end, size - end],
  };
}

function ourHardening({ hardening, overlay }: MachOBinary): Record<string, unknown> {
  return {
    writableAndExecutable: hardening?.writableAndExecutable,
    restrict: hardening?.restrict,
    executableStack: hardening?.nonExecutableStack === false,
    stackCanary: hardening?.stackCanary,
    fortify: hardening?.fortify,
    overlay: overlay === null ? null : [overlay.offset, overlay.size],
  };
}

const DIGESTS: readonly (readonly [type: number, algorithm: string])[] = [
  [4, 'sha384'],
  [2, 'sha256'],
  [3, 'sha256'],
  [1, 'sha1'],
];

/** What the strongest code directory says, found by its magic number among the bytes of the signature. */
function foundDirectory(path: string, { offset, size }: Signature): Record<string, unknown> {
  const bytes = readFileSync(path).subarray(offset, offset + size);
  const directories: Buffer[] = [];
  for (let at = bytes.indexOf('fade0c02', 0, 'hex'); at !== -1; at = bytes.indexOf('fade0c02', at + 1, 'hex')) {
    const length = bytes.readUInt32BE(at + 4);
    if (bytes[at + 9] === 2 && at + length <= bytes.length) directories.push(bytes.subarray(at, at + length)); // version 0x2xxxx
  }
  for (const [type, algorithm] of DIGESTS) {
    const directory = directories.find((one) => one[37] === type);
    if (directory === undefined) continue;
    const text = (at: number): string => directory.toString('utf8', at, directory.indexOf(0, at));
    const team = directory.readUInt32BE(8) >= 0x2_0200 ? directory.readUInt32BE(48) : 0;
    return {
      identifier: text(directory.readUInt32BE(20)),
      teamId: team === 0 ? null : text(team),
      flags: directory.readUInt32BE(12),
      cdHash: createHash(algorithm).update(directory).digest('hex').slice(0, 40),
    };
  }
  return {};
}

interface Comparison {
  readonly found: string[];
  readonly slices: number;
  readonly refused: boolean;
}

function disagreements(path: string, binaries: readonly MachOBinary[]): Comparison {
  const found: string[] = [];
  const compare = (slice: number, fact: string, our: unknown, their: unknown): void => {
    if (JSON.stringify(our) !== JSON.stringify(their)) found.push(`${path}[${slice}]: ${fact}: ${JSON.stringify(our)}, LLVM says ${JSON.stringify(their)}`);
  };
  if (FAT.test(magicOf(path))) {
    const table = run('llvm-objdump', '--macho', '--universal-headers', path) ?? '';
    const offsets = Array.from(table.matchAll(/^ +offset (\d+)\n +size (\d+)$/gm), ([, offset, size]) => [Number(offset), Number(size)]);
    compare(-1, 'slices', binaries.map(({ offset, size }) => [offset, size]), offsets);
    if (binaries.some(({ machO }) => machO === null)) return { found, slices: binaries.length, refused: false };
  }
  const objdump = run('llvm-objdump', '--macho', '--arch=all', '--private-headers', path);
  const readobj = run('llvm-readobj', '--file-headers', path);
  const nm = run('llvm-nm', '--debug-syms', '--no-sort', '--arch=all', path);
  if (objdump === null || readobj === null || nm === null) return { found, slices: 0, refused: true };
  const commands = parts(objdump, /^Mach header$/m);
  const headers = parts(readobj, /^File: /m);
  const symbols = binaries.length === 1 ? [nm] : parts(nm, /^.* \(for architecture \S+\):$/m);
  compare(-1, 'slices printed', [binaries.length, binaries.length, binaries.length], [commands.length, headers.length, symbols.length]);
  binaries.forEach((binary, index) => {
    const printed = printedCommands(commands[index] ?? '');
    const header = printedHeader(headers[index] ?? '');
    for (const [fact, value] of Object.entries(ourCommands(binary, printed))) {
      const unprinted = fact === 'entryPoint' && printed[fact] === null; // of PowerPC's registers the tool prints none
      if (!unprinted) compare(index, fact, value, printed[fact]);
    }
    for (const [fact, value] of Object.entries(ourHeader(binary, header))) compare(index, fact, value, header[fact]);
    compare(index, 'PIE', binary.pie === true, header['fileType'] === 2 && (header['flagNames'] as string[]).includes('MH_PIE'));
    if (binary.hardening !== null) {
      const told = printedHardening(binary, printed, header, symbols[index] ?? '');
      for (const [fact, value] of Object.entries(ourHardening(binary))) compare(index, fact, value, told[fact]);
    }
    if (binary.signature !== null) {
      for (const [fact, value] of Object.entries(foundDirectory(path, binary.signature))) compare(index, fact, binary.signature[fact as keyof Signature], value);
    }
    const { locals, stabs } = printedSymbols(symbols[index] ?? '');
    const { symbols: count, groups } = printed;
    const whole = binary.kind === 'relocatable' || groups === false; // all of the table counts
    if (binary.packer !== null) return; // what it hides is unknown to us, and not there to LLVM
    if (binary.kind !== 'core') compare(index, 'stripped', binary.stripped, whole ? (count ?? 0) === 0 : !locals && !stabs);
    if (binary.kind !== 'core') compare(index, 'debug info', binary.debugInfo, printed['dwarf'] === true || stabs);
  });
  return { found, slices: binaries.length, refused: false };
}

describe('llvm-objdump, llvm-readobj and llvm-nm', () => {
  const missing = TOOLS.filter((tool) => spawnSync(tool, ['--version']).status !== 0);
  if (missing.length > 0) console.warn(`skipped: ${missing.join(', ')} not installed`);

  it.skipIf(missing.length > 0 && process.env['CI'] === undefined)('agree on every Mach-O file at hand', { timeout: 600_000 }, () => {
    expect(missing).toEqual([]);
    const found: string[] = [];
    const refused: string[] = [];
    let files = 0;
    let slices = 0;
    for (const path of machOFiles()) {
      try {
        const binaries = ours(path);
        if (binaries === null) continue;
        const compared = disagreements(path, binaries);
        found.push(...compared.found);
        slices += compared.slices;
        files++;
        if (compared.refused) refused.push(path);
      } catch (error) {
        found.push(`${path}: ${String(error)}`);
      }
    }
    console.log(`LLVM: ${files} files with ${slices} slices compared, ${found.length} disagreements; ${refused.length} files refused by LLVM ${refused.join(' ')}`);
    expect(found).toEqual([]);
    expect(files).toBeGreaterThan(20);
    expect(refused.filter((path) => path.includes('/testdata/'))).toEqual([]);
  });
});
