// What a PE file asks of other modules, as the loader reads it: imports, delay imports; and the name it exports under.

import { DELAY_RVA_BASED, DIRECTORY, SCN } from './constants.ts';
import { directory, sectionAt } from './file.ts';
import type { PeFile } from './file.ts';
import type { MemoryRange } from './relocations.ts';
import {
  DELAY_DESCRIPTOR_SIZE,
  EXPORT_DIRECTORY_SIZE,
  IMPORT_DESCRIPTOR_SIZE,
  readDelayDescriptor,
  readExportName,
  readImportDescriptor,
  readTlsIndexAddress,
  tlsSize,
} from './structures.ts';

export interface ImportTable {
  /** Names as written, in the table's order; one that can't be read is left out, with a warning. */
  readonly names: readonly string[];
  /** Descriptors, those without a readable name too. */
  readonly count: number;
  /** Where descriptors and names lie in memory. */
  readonly ranges: readonly MemoryRange[];
  /** Whether the table was read to its end. */
  readonly complete: boolean;
}

/** A table that is not there. */
export const NO_IMPORTS: ImportTable = { names: [], count: 0, ranges: [], complete: true };

/** Where Name and FirstThunk lie in an import descriptor: the fields that end the table. */
const DECIDING_FIELDS = { start: 12, end: 20 } as const;

/**
 * The import table. It ends where Name or FirstThunk is 0, whatever the directory's size says and wherever it lies; an entry of
 * zeros all over, which "PE Format" asks for, is more than the loader does.
 */
export function readImports(file: PeFile): ImportTable {
  const { input, memory } = file;
  const found = directory(file, DIRECTORY.IMPORT);
  if (found === null) return { ...NO_IMPORTS, complete: file.complete };
  const zeroed = zeroedByLoader(file, found.address);
  const names: string[] = [];
  const ranges: MemoryRange[] = [];
  let length = 0;
  for (let count = 0; ; count++) {
    const address = BigInt(found.address) + BigInt(count * IMPORT_DESCRIPTOR_SIZE);
    if (count >= input.limits.dependencies || length > input.limits.nameBytes) return limited(file, { names, count, ranges }, 'import descriptor');
    const bytes = memory.read(address, IMPORT_DESCRIPTOR_SIZE, 'import descriptor');
    if (bytes === null) return unmapped(file, { names, count, ranges }, 'import descriptor', address);
    const { name, addressTable } = readImportDescriptor(bytes.cursor());
    ranges.push({ start: Number(address), end: Number(address) + IMPORT_DESCRIPTOR_SIZE, what: `import descriptor ${count}` });
    if (name === 0 || addressTable === 0) return { names, count, ranges, complete: true };
    if (zeroed !== null && zeroed + 4n > address + BigInt(DECIDING_FIELDS.start) && zeroed < address + BigInt(DECIDING_FIELDS.end)) {
      const message = `the TLS directory's AddressOfIndex points into import descriptor ${count}: Windows 7 writes there, and so ends the table`;
      input.warn('imports-overwritten', `${message}; other versions read on`);
      return { names, count, ranges, complete: true };
    }
    const text = moduleName(file, BigInt(name), 'import');
    if (text === null) continue;
    names.push(text);
    ranges.push({ start: name, end: name + text.length + 1, what: `the name of import ${text}` });
    length += text.length;
    warnIfUnused(file, addressTable, text);
  }
}

/** The delay-load table, which ends where the name is 0. Its names are addresses, not RVAs, in what Visual C++ 6 linked. */
export function readDelayImports(file: PeFile): ImportTable {
  const { input, memory, optional } = file;
  const found = directory(file, DIRECTORY.DELAY_IMPORT);
  if (found === null) return { ...NO_IMPORTS, complete: file.complete };
  const names: string[] = [];
  const ranges: MemoryRange[] = [];
  let length = 0;
  for (let count = 0; ; count++) {
    const address = BigInt(found.address) + BigInt(count * DELAY_DESCRIPTOR_SIZE);
    if (count >= input.limits.dependencies || length > input.limits.nameBytes) return limited(file, { names, count, ranges }, 'delay-load descriptor');
    const bytes = memory.read(address, DELAY_DESCRIPTOR_SIZE, 'delay-load descriptor');
    if (bytes === null) return unmapped(file, { names, count, ranges }, 'delay-load descriptor', address);
    const { attributes, name } = readDelayDescriptor(bytes.cursor());
    if (name === 0) return { names, count, ranges, complete: true };
    const base = (attributes & DELAY_RVA_BASED) !== 0 || BigInt(name) < optional.imageBase ? 0n : optional.imageBase;
    const text = moduleName(file, BigInt(name) - base, 'delay import');
    if (text === null) continue;
    names.push(text);
    const start = Number(BigInt(name) - base);
    ranges.push({ start, end: start + text.length + 1, what: `the name of delay import ${text}` });
    length += text.length;
  }
}

/** The name that the export directory gives the module; null where there is none. It need not be the file's name. */
export function exportName(file: PeFile): string | null {
  const { input, memory } = file;
  const found = directory(file, DIRECTORY.EXPORT);
  if (found === null) return null;
  const bytes = memory.read(BigInt(found.address), EXPORT_DIRECTORY_SIZE, 'export directory');
  if (bytes === null) {
    input.warn('exports-unmapped', `the export directory at RVA 0x${found.address.toString(16)} is not in the file`);
    return null;
  }
  const name = readExportName(bytes.cursor());
  return name === 0 ? null : moduleName(file, BigInt(name), 'export directory');
}

function moduleName({ input, memory }: PeFile, address: bigint, what: string): string | null {
  const found = memory.text(address, `${what}'s name`);
  if (found === null || found.text === '') {
    const why = found === null ? 'is not in the file' : 'is empty';
    input.warn('module-name', `${what}: the name at RVA 0x${address.toString(16)} ${why}`, memory.offsetOf(address));
    return null;
  }
  if (!found.complete) {
    const bound = `its section, or the limit of ${input.limits.stringBytes} bytes`;
    input.warn('string-cut', `${what}: the name at RVA 0x${address.toString(16)} has no NUL within ${bound}`);
  }
  return found.text;
}

function limited({ input }: PeFile, table: Omit<ImportTable, 'complete'>, what: string): ImportTable {
  const most = table.count >= input.limits.dependencies ? String(table.count) : `${input.limits.nameBytes} bytes of names`;
  input.warn('limit-exceeded', `${what}s: more than ${most}; the rest are left out`);
  return { ...table, complete: false };
}

function unmapped({ input }: PeFile, table: Omit<ImportTable, 'complete'>, what: string, address: bigint): ImportTable {
  input.warn('imports-unmapped', `${what} ${table.count} at RVA 0x${address.toString(16)} is not in the file: the table has no end`);
  return { ...table, complete: false };
}

/** The loader skips a DLL whose IAT begins with 0: nothing is asked of it. */
function warnIfUnused({ input, memory }: PeFile, addressTable: number, name: string): void {
  const { wide } = input.encoding;
  const first = memory.read(BigInt(addressTable), wide ? 8 : 4, 'import address table');
  if (first !== null && first.address(0) === 0n) {
    input.warn('import-unused', `import ${name}: its address table is empty, so the loader does not load it`, memory.offsetOf(BigInt(addressTable)));
  }
}

/**
 * The RVA at which the loader writes a TLS index, if that can be in the import table; it does so before it reads that, on Windows 7.
 * Only in writable memory: elsewhere the loader would fault, so that nothing else has to be read for ordinary files.
 */
function zeroedByLoader(file: PeFile, imports: number): bigint | null {
  const found = directory(file, DIRECTORY.TLS);
  const section = sectionAt(file, imports);
  if (found === null || (section !== null && (section.characteristics & SCN.MEM_WRITE) === 0)) return null;
  const size = tlsSize(file.input.encoding.wide);
  const bytes = file.memory.read(BigInt(found.address), size, 'TLS directory');
  return bytes === null ? null : readTlsIndexAddress(bytes.cursor()) - file.optional.imageBase;
}
