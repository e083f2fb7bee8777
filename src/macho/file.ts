// A Mach-O file assembled: header, load commands, and what each of them says. No judgement here; that is the facts' room.

import type { Cursor } from '../bytes/bytes.ts';
import type { Input } from '../bytes/input.ts';
import { BinspectError } from '../errors.ts';
import { prefixedNameOf } from '../model/names.ts';
import { DYLIB_USE_MARKER, LC, LC_REQ_DYLD, MAGIC, PROGRAM_COUNTER } from './constants.ts';
import {
  BUILD_VERSION_SIZE,
  COMMAND_HEADER_SIZE,
  DYLIB_COMMAND_SIZE,
  DYLIB_USE_COMMAND_SIZE,
  ENTRY_POINT_SIZE,
  headerSize,
  readBuildVersion,
  readCommandHeader,
  readDylibCommand,
  readEntryPoint,
  readHeader,
  readSection,
  readSegment,
  readStringCommand,
  readSymbolGroups,
  readSymbolTable,
  readThreadState,
  readUuid,
  readVersionMinimum,
  sectionSize,
  segmentSize,
  STRING_COMMAND_SIZE,
  SYMBOL_GROUPS_SIZE,
  SYMBOL_TABLE_SIZE,
  THREAD_STATE_SIZE,
  UUID_COMMAND_SIZE,
  VERSION_MINIMUM_SIZE,
} from './structures.ts';
import type { Header, PackedVersion, Section, SegmentHeader, SymbolGroups, SymbolTable } from './structures.ts';

/** Where a load command lies in the file. */
export interface Command {
  readonly type: number;
  readonly offset: number;
  readonly size: number;
}

export interface Segment {
  readonly header: SegmentHeader;
  readonly sections: readonly Section[];
}

/** A library that a command names. */
export interface Library {
  /** The command's number. */
  readonly command: number;
  readonly name: string;
  /** Null in the commands of fixed libraries, which have one version of another kind. */
  readonly currentVersion: PackedVersion | null;
  readonly compatibilityVersion: PackedVersion | null;
  /** The flags of a dylib_use_command; null in every other. */
  readonly use: number | null;
}

/** What a command says of the system that the file is for. */
export interface SystemVersion {
  /** The command's number. */
  readonly command: number;
  /** LC_BUILD_VERSION's; the older commands have none, as each is a system's own. */
  readonly platform: number | null;
  readonly minimum: PackedVersion;
  readonly sdk: PackedVersion;
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
  /** LC_RPATH, in the file's order. */
  readonly searchPaths: readonly string[];
  /** In the file's order. */
  readonly versions: readonly SystemVersion[];
  readonly uuid: Uint8Array | null;
  readonly symbolTable: SymbolTable | null;
  readonly symbolGroups: SymbolGroups | null;
  /** LC_MAIN: position of the first instruction, counted from the header. */
  readonly mainOffset: bigint | null;
  /** LC_UNIXTHREAD: address of the first instruction; null also where the machine's registers are not known. */
  readonly programCounter: bigint | null;
}

function hex(value: number): string {
  return `0x${value.toString(16)}`;
}

/** The name of a command, or its number where nobody named it. */
export function commandName(type: number): string {
  return prefixedNameOf('LC_', LC, type) ?? `load command ${hex(type)}`;
}

/** Whether a command of this type is among those that could be read. */
export function hasCommand({ commands }: MachOFile, type: number): boolean {
  return commands.some((command) => command.type === type);
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

/** The commands one after the other, as far as ncmds, sizeofcmds and the file all allow. */
function readCommands(input: Input, { commandCount, commandsSize }: Header): { commands: Command[]; complete: boolean } {
  const commands: Command[] = [];
  const start = headerSize(input.encoding.wide);
  const end = start + input.available(start, commandsSize);
  if (end - start < commandsSize) {
    const message = `load commands: ${commandsSize} bytes wanted at ${hex(start)}, the file ends at ${hex(input.size)}`;
    input.warn('sizeofcmds-exceeds-file', message, start);
  }
  const stop = (code: string, message: string, at: number): { commands: Command[]; complete: boolean } => {
    input.warn(code, message, at);
    return { commands, complete: false };
  };
  let at = start;
  while (commands.length < commandCount) {
    if (commands.length === input.limits.tableEntries) {
      return stop('limit-exceeded', `ncmds is ${commandCount}; the first ${commands.length} load commands are read`, at);
    }
    if (end - at < COMMAND_HEADER_SIZE) {
      return stop('sizeofcmds-mismatch', `ncmds is ${commandCount}, ${commands.length} load commands fit into the ${end - start} bytes for them`, at);
    }
    const { type, size } = readCommandHeader(input.read(at, COMMAND_HEADER_SIZE, 'load command').cursor());
    if (size < COMMAND_HEADER_SIZE) return stop('cmdsize-too-small', `${commandName(type)}: cmdsize is ${size}, less than 8`, at);
    if (size > end - at) {
      return stop('cmdsize-exceeds-commands', `${commandName(type)}: ${size} bytes wanted at ${hex(at)}, the load commands end at ${hex(end)}`, at);
    }
    if (size % 4 !== 0) input.warn('cmdsize-unaligned', `${commandName(type)}: cmdsize is ${size}, no multiple of 4`, at);
    commands.push({ type, offset: at, size });
    at += size;
  }
  if (at < end) input.warn('sizeofcmds-mismatch', `sizeofcmds is ${commandsSize}, the ${commandCount} load commands take ${at - start}`, at);
  return { commands, complete: true };
}

type Contents = Omit<MachOFile, 'input' | 'header' | 'commands'>;

/** What the commands say. Of those that should be there once, the first counts. */
function readContents(input: Input, header: Header, commands: readonly Command[]): Contents {
  const segments: Segment[] = [];
  const libraries: Library[] = [];
  const searchPaths: string[] = [];
  const versions: SystemVersion[] = [];
  let identity: Library | null = null;
  let interpreter: string | null = null;
  let uuid: Uint8Array | null = null;
  let symbolTable: SymbolTable | null = null;
  let symbolGroups: SymbolGroups | null = null;
  let mainOffset: bigint | null = null;
  let programCounter: bigint | null = null;
  let sectionsLeft = input.limits.tableEntries;
  let complete = true;
  const known = <T>(value: T | null): T | null => {
    if (value === null) complete = false;
    return value;
  };
  const add = <T>(list: T[], value: T | null): void => {
    if (known(value) !== null) list.push(value as T);
  };
  for (const command of commands) {
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
        add(libraries, readLibrary(input, command));
        break;
      case LC.ID_DYLIB:
      case LC.IDFVMLIB:
        identity ??= known(readLibrary(input, command));
        break;
      case LC.LOAD_DYLINKER:
        interpreter ??= known(readString(input, command));
        break;
      case LC.RPATH:
        add(searchPaths, readString(input, command));
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
  return { complete, segments, libraries, identity, interpreter, searchPaths, versions, uuid, symbolTable, symbolGroups, mainOffset, programCounter };
}

/** A command's structure; null, with a warning, where the command is too short for it. */
function structure<T>(input: Input, { type, offset, size }: Command, wanted: number, read: (cursor: Cursor) => T): T | null {
  if (size < wanted) {
    input.warn('lc-too-small', `${commandName(type)}: ${wanted} bytes wanted, its cmdsize is ${size}`, offset);
    return null;
  }
  return read(input.read(offset, wanted, commandName(type)).cursor());
}

/** A segment and the sections that are in its command, up to a number of them; those beyond its end are left out, with a warning. */
function readSegmentCommand(input: Input, command: Command, most: number): Segment | null {
  const { wide } = input.encoding;
  const { type, offset, size } = command;
  if ((type === LC.SEGMENT_64) !== wide) {
    input.warn('segment-width', `${commandName(type)} in a ${wide ? 64 : 32}-bit file`, offset);
    return null;
  }
  const header = structure(input, command, segmentSize(wide), readSegment);
  if (header === null) return null;
  if (input.available(header.offset, header.fileSize) < header.fileSize) {
    const message = `segment ${header.name}: ${header.fileSize} bytes wanted at ${hex(header.offset)}, the file ends at ${hex(input.size)}`;
    input.warn('segment-truncated', message, offset);
  }
  const first = offset + segmentSize(wide);
  const fitting = Math.floor((offset + size - first) / sectionSize(wide));
  if (fitting < header.sectionCount) {
    const message = `segment ${header.name}: ${header.sectionCount} sections, of which ${fitting} fit into the command`;
    input.warn('sections-exceed-command', message, offset);
  }
  const here = Math.min(header.sectionCount, fitting);
  const count = Math.min(here, most);
  if (count < here) input.warn('limit-exceeded', `segment ${header.name}: ${here} sections, of which the first ${count} are read`, offset);
  const table = input.read(first, count * sectionSize(wide), 'sections');
  const sections = Array.from({ length: count }, (_, index) => readSection(table.cursor(index * sectionSize(wide))));
  return { header, sections };
}

/** The text that a command holds at a position; null, with a warning, where it is not in the command. */
function commandText(input: Input, { type, offset, size }: Command, position: number, fields: number): string | null {
  if (position < fields || position >= size) {
    const message = `${commandName(type)}: its text is said to begin at ${position}, and must lie between ${fields} and ${size}`;
    input.warn('string-offset', message, offset);
    return null;
  }
  const { text, complete } = input.text(offset + position, size - position, commandName(type));
  if (!complete) input.warn('string-cut', `${commandName(type)}: no NUL within the command, or the limit of ${input.limits.stringBytes} bytes`, offset);
  if (/\p{Cs}/u.test(text)) input.warn('name-not-utf8', `${commandName(type)}: the name is no UTF-8`, offset);
  return text;
}

function readString(input: Input, command: Command): string | null {
  const position = structure(input, command, STRING_COMMAND_SIZE, readStringCommand);
  return position === null ? null : commandText(input, command, position, STRING_COMMAND_SIZE);
}

function readLibrary(input: Input, command: Command): Library | null {
  const { type, offset, size } = command;
  if (type === LC.LOADFVMLIB || type === LC.IDFVMLIB) {
    const name = readString(input, command);
    return name === null ? null : { command: type, name, currentVersion: null, compatibilityVersion: null, use: null };
  }
  const dylib = structure(input, command, DYLIB_COMMAND_SIZE, readDylibCommand);
  if (dylib === null) return null;
  const name = commandText(input, command, dylib.name, DYLIB_COMMAND_SIZE);
  if (name === null) return null;
  const marked = dylib.timestamp === DYLIB_USE_MARKER && dylib.name >= DYLIB_USE_COMMAND_SIZE && size >= DYLIB_USE_COMMAND_SIZE;
  const use = marked ? input.read(offset + DYLIB_COMMAND_SIZE, 4, commandName(type)).u32(0) : null;
  return { command: type, name, currentVersion: dylib.currentVersion, compatibilityVersion: dylib.compatibilityVersion, use };
}

/** What a command says of the system; the older ones say which by being what they are. */
function readVersion(input: Input, command: Command): SystemVersion | null {
  const { type } = command;
  if (type === LC.BUILD_VERSION) {
    const version = structure(input, command, BUILD_VERSION_SIZE, readBuildVersion);
    return version === null ? null : { command: type, platform: version.platform, minimum: version.minimum, sdk: version.sdk };
  }
  const version = structure(input, command, VERSION_MINIMUM_SIZE, readVersionMinimum);
  return version === null ? null : { command: type, platform: null, minimum: version.minimum, sdk: version.sdk };
}

/** The program counter among the registers that the kernel starts the thread with. */
function readProgramCounter(input: Input, { type, offset, size }: Command, cpuType: number): bigint | null {
  const counter = PROGRAM_COUNTER[cpuType];
  if (counter === undefined) return null;
  const length = input.encoding.wide ? 8 : 4;
  const end = offset + size;
  for (let at = offset + COMMAND_HEADER_SIZE; end - at >= THREAD_STATE_SIZE; ) {
    const state = readThreadState(input.read(at, THREAD_STATE_SIZE, commandName(type)).cursor());
    const registers = at + THREAD_STATE_SIZE;
    if (state.flavor === counter.flavor && Math.min(state.size, end - registers) >= counter.at + length) {
      return input.read(registers + counter.at, length, commandName(type)).address(0);
    }
    at = registers + state.size;
  }
  const message = `${commandName(type)}: no state of flavor ${counter.flavor}, which holds the program counter, within its ${size} bytes`;
  input.warn('no-program-counter', message, offset);
  return null;
}
