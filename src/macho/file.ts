// A Mach-O file assembled: header, load commands, and what each of them says. No judgement here; that is the facts' room.

import type { Bytes } from '../bytes/bytes.ts';
import type { Input } from '../bytes/input.ts';
import { BinspectError, hex } from '../errors.ts';
import { prefixedNameOf } from '../model/names.ts';
import { commandName, readLibrary, readProgramCounter, readSegmentCommand, readString, readVersion, structure } from './commands.ts';
import type { Command, Library, Segment, SystemVersion } from './commands.ts';
import { LC, LC_REQ_DYLD, MAGIC } from './constants.ts';
import {
  DYLD_INFO_SIZE,
  LINKEDIT_DATA_SIZE,
  NOTE_SIZE,
  readDyldInfo,
  readLinkeditData,
  readNote,
  readSymbolGroups,
  readSymbolTable,
  readTwoLevelHints,
  SYMBOL_GROUPS_SIZE,
  SYMBOL_TABLE_SIZE,
  TWOLEVEL_HINTS_SIZE,
} from './linkedit.ts';
import type { DataRange, DyldInfo, SymbolGroups, SymbolTable } from './linkedit.ts';
import { COMMAND_HEADER_SIZE, headerSize, readCommandHeader, readHeader } from './structures.ts';
import { ENCRYPTION_INFO_SIZE, ENTRY_POINT_SIZE, readEncryptionInfo, readEntryPoint, readUuid, UUID_COMMAND_SIZE } from './structures.ts';
import type { Encryption, Header } from './structures.ts';
import type { WarningCode } from '../model/warning.ts';

/** What a load command says of data elsewhere in the file. */
export interface CommandData {
  /** The command's number. */
  readonly command: number;
  readonly range: DataRange;
}

export interface MachOFile {
  readonly input: Input;
  readonly header: Header;
  readonly commands: readonly Command[];
  /** Whether every load command that the header counts could be read. Where not, what none of them says may still be so. */
  readonly complete: boolean;
  readonly segments: readonly Segment[];
  /** In the file's order. */
  readonly libraries: readonly Library[];
  /** LC_ID_DYLIB. */
  readonly identity: Library | null;
  /** LC_LOAD_DYLINKER. */
  readonly interpreter: string | null;
  /** LC_DYLD_ENVIRONMENT, in the file's order: 'DYLD_LIBRARY_PATH=…'. */
  readonly environment: readonly string[];
  /** LC_RPATH, in the file's order. */
  readonly searchPaths: readonly string[];
  /** In the file's order. */
  readonly versions: readonly SystemVersion[];
  readonly uuid: Uint8Array | null;
  readonly symbolTable: SymbolTable | null;
  readonly symbolGroups: SymbolGroups | null;
  readonly dyldInfo: DyldInfo | null;
  /** The other data that commands speak of, LC_CODE_SIGNATURE's and LC_DYLD_CHAINED_FIXUPS' among them; in the file's order. */
  readonly data: readonly CommandData[];
  /** LC_ENCRYPTION_INFO whose cryptid is not 0: what is encrypted, and how; null where nothing is. */
  readonly encrypted: Encryption | null;
  /** LC_MAIN: position of the first instruction, counted from the header. */
  readonly mainOffset: bigint | null;
  /** LC_UNIXTHREAD: address of the first instruction; null also where the machine's registers are not known. */
  readonly programCounter: bigint | null;
}

/** The data that the first command of this type speaks of; null where there is no such command. */
export function dataOf({ data }: MachOFile, type: number): DataRange | null {
  return data.find(({ command }) => command === type)?.range ?? null;
}

/** Reads the header and the load commands of a thin Mach-O file. Throws `malformed` and `truncated` where there is no header to go by. */
export function openMachO(plain: Input): MachOFile {
  const magic = plain.encoded({ little: false, wide: false }).read(0, 4, 'Mach-O magic').u32(0);
  const little = magic === MAGIC.MH_CIGAM || magic === MAGIC.MH_CIGAM_64;
  const wide = magic === MAGIC.MH_MAGIC_64 || magic === MAGIC.MH_CIGAM_64;
  if (!little && !wide && magic !== MAGIC.MH_MAGIC) {
    throw new BinspectError('malformed', `Mach-O magic: ${hex(magic)} is none of the four`, { offset: plain.start });
  }
  const input = plain.encoded({ little, wide });
  const header = readHeader(input.read(0, headerSize(wide), 'Mach-O header').cursor());
  const { commands, complete } = readCommands(input, header);
  const contents = readContents(input, header, commands);
  return { input, header, commands, ...contents, complete: complete && contents.complete };
}

const FIRST_STEP = 4096; // the commands of most files are shorter

/**
 * Gives the bytes of commands, up to `end`: for each position a stretch that has at least the header of the command there. They
 * are asked for in steps that double: a reader is run again for each stretch that it finds missing, and one that asked for
 * thousands of commands singly would be run hundreds of times.
 */
function commandBytes(input: Input, end: number): (at: number) => Bytes {
  let step = FIRST_STEP;
  let start = 0;
  let bytes: Bytes | null = null;
  return (at) => {
    if (bytes === null || at + COMMAND_HEADER_SIZE > start + bytes.size) {
      start = at;
      bytes = input.read(at, Math.min(step, end - at), 'load commands');
      step *= 2;
    }
    return bytes;
  };
}

/** The commands one after the other, as far as ncmds, sizeofcmds and the file all allow. */
function readCommands(input: Input, { commandCount, commandsSize }: Header): { commands: Command[]; complete: boolean } {
  const commands: Command[] = [];
  const start = headerSize(input.encoding.wide);
  const end = start + input.available(start, commandsSize);
  if (end - start < commandsSize) {
    const message = `load commands: ${commandsSize} bytes wanted at ${hex(input.start + start)}, the file ends at ${hex(input.start + input.size)}`;
    input.warn('sizeofcmds-exceeds-file', message, start);
  }
  const stop = (code: WarningCode, message: string, at: number): { commands: Command[]; complete: boolean } => {
    input.warn(code, message, at);
    return { commands, complete: false };
  };
  const bytesAt = commandBytes(input, end);
  let at = start;
  while (commands.length < commandCount) {
    if (commands.length === input.limits.tableEntries) {
      return stop('limit-exceeded', `ncmds is ${commandCount}; the first ${commands.length} load commands are read`, at);
    }
    if (end - at < COMMAND_HEADER_SIZE) {
      return stop('sizeofcmds-mismatch', `ncmds is ${commandCount}, ${commands.length} load commands fit into the ${end - start} bytes for them`, at);
    }
    const bytes = bytesAt(at);
    const position = at + input.start - bytes.offset;
    const { type, size } = readCommandHeader(bytes.cursor(position));
    if (size < COMMAND_HEADER_SIZE) return stop('cmdsize-too-small', `${commandName(type)}: cmdsize is ${size}, less than 8`, at);
    if (size > end - at) {
      return stop('cmdsize-exceeds-commands', `${commandName(type)}: ${size} bytes wanted at ${hex(input.start + at)}, the load commands end at ${hex(input.start + end)}`, at);
    }
    if (size % 4 !== 0) input.warn('cmdsize-unaligned', `${commandName(type)}: cmdsize is ${size}, no multiple of 4`, at);
    commands.push({ type, offset: at, size, bytes, position });
    at += size;
  }
  if (at < end) input.warn('sizeofcmds-mismatch', `sizeofcmds is ${commandsSize}, the ${commandCount} load commands take ${at - start}`, at);
  return { commands, complete: true };
}

/** Whether there is room for one more name of a kind; the first for which there is none is warned of, and none behind it is read. */
interface Room {
  for(name: { readonly offset: number }): boolean;
  take(name: string): void;
}

function roomFor(input: Input, what: string): Room {
  const { dependencies, nameBytes } = input.limits;
  let count = 0;
  let length = 0;
  let told = false;
  return {
    for({ offset }) {
      if (count < dependencies && length <= nameBytes) return true;
      if (!told) input.warn('limit-exceeded', `${what}: more than ${count < dependencies ? `${nameBytes} bytes` : dependencies}; the rest are left out`, offset);
      told = true;
      return false;
    },
    take(name) {
      count++;
      length += name.length;
    },
  };
}

/** Commands that a file has once; the kernel refuses one with two of some of them, and dyld of others. */
const ONCE: ReadonlySet<number> = new Set([
  LC.ID_DYLIB, LC.LOAD_DYLINKER, LC.UUID, LC.SYMTAB, LC.DYSYMTAB, LC.MAIN, LC.UNIXTHREAD, LC.CODE_SIGNATURE, LC.BUILD_VERSION,
  LC.VERSION_MIN_MACOSX, LC.VERSION_MIN_IPHONEOS, LC.VERSION_MIN_TVOS, LC.VERSION_MIN_WATCHOS,
]); // prettier-ignore

/** Those of which there is one for each platform. */
const BY_PLATFORM: number = LC.BUILD_VERSION;
const PLATFORM_AT = 8;

/** Warns of the second of two commands that should be there once, unless it is word for word the first. */
function warnOfSecond(input: Input, seen: Map<number, Command>, command: Command): void {
  const { type, offset, size } = command;
  const isBuild = type === BY_PLATFORM;
  const key = isBuild && input.available(offset + PLATFORM_AT, 4) === 4 ? -1 - input.read(offset + PLATFORM_AT, 4, commandName(type)).u32(0) : type;
  const first = seen.get(key);
  seen.set(key, first ?? command);
  if (first === undefined) return;
  const bytes = input.readUpTo(offset, size, commandName(type)).bytes();
  const before = input.readUpTo(first.offset, first.size, commandName(type)).bytes();
  if (bytes.length === before.length && bytes.every((byte, at) => byte === before[at])) return;
  const facts = isBuild || VERSION_MINIMUMS.has(type) ? (['platform', 'minimums.os'] as const) : undefined;
  input.warn('command-twice', `${commandName(type)} is there twice, and not alike: the first counts here`, offset, facts);
}

const VERSION_MINIMUMS: ReadonlySet<number> = new Set([LC.VERSION_MIN_MACOSX, LC.VERSION_MIN_IPHONEOS, LC.VERSION_MIN_TVOS, LC.VERSION_MIN_WATCHOS]);

type Contents = Omit<MachOFile, 'input' | 'header' | 'commands'>;

/** What the commands say. Of those that should be there once, the first counts. */
function readContents(input: Input, header: Header, commands: readonly Command[]): Contents {
  const segments: Segment[] = [];
  const libraries: Library[] = [];
  const searchPaths: string[] = [];
  const environment: string[] = [];
  const versions: SystemVersion[] = [];
  let identity: Library | null = null;
  let interpreter: string | null = null;
  let uuid: Uint8Array | null = null;
  let symbolTable: SymbolTable | null = null;
  let symbolGroups: SymbolGroups | null = null;
  let dyldInfo: DyldInfo | null = null;
  const data: CommandData[] = [];
  let encrypted: Encryption | null = null;
  let mainOffset: bigint | null = null;
  let programCounter: bigint | null = null;
  let sectionsLeft = input.limits.tableEntries;
  const libraryRoom = roomFor(input, 'libraries');
  const pathRoom = roomFor(input, 'search paths');
  let complete = true;
  const known = <T>(value: T | null): T | null => {
    if (value === null) complete = false;
    return value;
  };
  const addData = (command: number, range: DataRange | null): void => {
    if (known(range) !== null) data.push({ command, range: range as DataRange });
  };
  const add = <T>(list: T[], value: T | null): void => {
    if (known(value) !== null) list.push(value as T);
  };
  const once = new Map<number, Command>();
  for (const command of commands) {
    if (ONCE.has(command.type)) warnOfSecond(input, once, command);
    switch (command.type) {
      case LC.SEGMENT:
      case LC.SEGMENT_64: {
        const segment = known(readSegmentCommand(input, command, sectionsLeft));
        if (segment === null) break;
        segments.push(segment);
        sectionsLeft -= segment.sections.length;
        break;
      }
      case LC.LOAD_DYLIB:
      case LC.LOAD_WEAK_DYLIB:
      case LC.REEXPORT_DYLIB:
      case LC.LOAD_UPWARD_DYLIB:
      case LC.LAZY_LOAD_DYLIB:
      case LC.LOADFVMLIB:
        if (!libraryRoom.for(command)) break;
        add(libraries, readLibrary(input, command));
        libraryRoom.take(libraries.at(-1)?.name ?? '');
        break;
      case LC.ID_DYLIB:
      case LC.IDFVMLIB:
        identity ??= known(readLibrary(input, command));
        break;
      case LC.LOAD_DYLINKER:
        interpreter ??= known(readString(input, command));
        break;
      case LC.RPATH:
        if (!pathRoom.for(command)) break;
        add(searchPaths, readString(input, command));
        pathRoom.take(searchPaths.at(-1) ?? '');
        break;
      case LC.DYLD_ENVIRONMENT:
        if (!pathRoom.for(command)) break;
        add(environment, readString(input, command));
        pathRoom.take(environment.at(-1) ?? '');
        break;
      case LC.BUILD_VERSION:
      case LC.VERSION_MIN_MACOSX:
      case LC.VERSION_MIN_IPHONEOS:
      case LC.VERSION_MIN_TVOS:
      case LC.VERSION_MIN_WATCHOS:
        add(versions, readVersion(input, command));
        break;
      case LC.UUID:
        uuid ??= known(structure(input, command, UUID_COMMAND_SIZE, readUuid));
        break;
      case LC.SYMTAB:
        symbolTable ??= known(structure(input, command, SYMBOL_TABLE_SIZE, readSymbolTable));
        break;
      case LC.DYSYMTAB:
        symbolGroups ??= known(structure(input, command, SYMBOL_GROUPS_SIZE, readSymbolGroups));
        break;
      case LC.DYLD_INFO:
      case LC.DYLD_INFO_ONLY:
        dyldInfo ??= known(structure(input, command, DYLD_INFO_SIZE, readDyldInfo));
        break;
      case LC.CODE_SIGNATURE:
      case LC.SEGMENT_SPLIT_INFO:
      case LC.FUNCTION_STARTS:
      case LC.DATA_IN_CODE:
      case LC.DYLIB_CODE_SIGN_DRS:
      case LC.LINKER_OPTIMIZATION_HINT:
      case LC.DYLD_EXPORTS_TRIE:
      case LC.DYLD_CHAINED_FIXUPS:
      case LC.ATOM_INFO:
      case LC.FUNCTION_VARIANTS:
      case LC.FUNCTION_VARIANT_FIXUPS:
        addData(command.type, structure(input, command, LINKEDIT_DATA_SIZE, readLinkeditData));
        break;
      case LC.TWOLEVEL_HINTS:
        addData(command.type, structure(input, command, TWOLEVEL_HINTS_SIZE, readTwoLevelHints));
        break;
      case LC.NOTE:
        addData(command.type, structure(input, command, NOTE_SIZE, readNote));
        break;
      case LC.ENCRYPTION_INFO:
      case LC.ENCRYPTION_INFO_64: {
        const info = known(structure(input, command, ENCRYPTION_INFO_SIZE, readEncryptionInfo));
        if (info !== null && info.scheme !== 0) encrypted ??= info;
        break;
      }
      case LC.MAIN:
        mainOffset ??= known(structure(input, command, ENTRY_POINT_SIZE, readEntryPoint));
        break;
      case LC.UNIXTHREAD:
        programCounter ??= readProgramCounter(input, command, header.cpuType);
        break;
      default:
        if (command.type >= LC_REQ_DYLD && prefixedNameOf('LC_', LC, command.type) === null) {
          input.warn('unknown-required-command', `${commandName(command.type)} is unknown, and dyld must not ignore it`, command.offset);
        }
    }
  }
  return {
    complete,
    segments,
    libraries,
    identity,
    interpreter,
    searchPaths,
    environment,
    versions,
    uuid,
    symbolTable,
    symbolGroups,
    dyldInfo,
    data,
    encrypted,
    mainOffset,
    programCounter,
  };
}
