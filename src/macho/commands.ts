// What single load commands say: a segment with its sections, a library, a text, a version, a thread's first instruction.

import type { Bytes, Cursor } from '../bytes/bytes.ts';
import type { Input } from '../bytes/input.ts';
import { hex } from '../errors.ts';
import { prefixedNameOf } from '../model/names.ts';
import { DYLIB_USE_MARKER, LC, PROGRAM_COUNTER } from './constants.ts';
import {
  BUILD_VERSION_SIZE,
  COMMAND_HEADER_SIZE,
  DYLIB_COMMAND_SIZE,
  DYLIB_USE_COMMAND_SIZE,
  readBuildVersion,
  readDylibCommand,
  readSection,
  readSegment,
  readStringCommand,
  readThreadState,
  readVersionMinimum,
  sectionSize,
  segmentSize,
  STRING_COMMAND_SIZE,
  THREAD_STATE_SIZE,
  VERSION_MINIMUM_SIZE,
} from './structures.ts';
import type { PackedVersion, Section, SegmentHeader } from './structures.ts';

/** A load command, and where it lies in the file. */
export interface Command {
  readonly type: number;
  readonly offset: number;
  readonly size: number;
  /** Bytes that it begins in, at a position; they may end before it does. */
  readonly bytes: Bytes;
  readonly position: number;
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

/** The name of a command, or its number where nobody named it. */
export function commandName(type: number): string {
  return prefixedNameOf('LC_', LC, type) ?? `load command ${hex(type)}`;
}

/** A command's structure; null, with a warning, where the command is too short for it. */
export function structure<T>(input: Input, command: Command, wanted: number, read: (cursor: Cursor) => T): T | null {
  const { type, offset, size, bytes, position } = command;
  if (size < wanted) {
    input.warn('lc-too-small', `${commandName(type)}: ${wanted} bytes wanted, its cmdsize is ${size}`, offset);
    return null;
  }
  return read(position + wanted <= bytes.size ? bytes.cursor(position) : input.read(offset, wanted, commandName(type)).cursor());
}

const NO_SECTIONS: readonly Section[] = [];

/** A segment and the sections that are in its command, up to a number of them; those beyond its end are left out, with a warning. */
export function readSegmentCommand(input: Input, command: Command, most: number): Segment | null {
  const { wide } = input.encoding;
  const { type, offset, size } = command;
  if ((type === LC.SEGMENT_64) !== wide) {
    input.warn('segment-width', `${commandName(type)} in a ${wide ? 64 : 32}-bit file`, offset);
    return null;
  }
  const header = structure(input, command, segmentSize(wide), readSegment);
  if (header === null) return null;
  const told = input.warnings.length > input.limits.warnings; // a core has thousands of segments, and may lack them all
  if (!told && input.available(header.offset, header.fileSize) < header.fileSize) {
    const message = `segment ${header.name}: ${header.fileSize} bytes wanted at ${hex(input.start + header.offset)}, the file ends at ${hex(input.start + input.size)}`;
    input.warn('segment-truncated', message, offset);
  }
  if (header.sectionCount === 0) return { header, sections: NO_SECTIONS };
  const first = offset + segmentSize(wide);
  const fitting = Math.floor((offset + size - first) / sectionSize(wide));
  if (!told && fitting < header.sectionCount) {
    const message = `segment ${header.name}: ${header.sectionCount} sections, of which ${fitting} fit into the command`;
    input.warn('sections-exceed-command', message, offset);
  }
  const here = Math.min(header.sectionCount, fitting);
  const count = Math.min(here, most);
  if (!told && count < here) {
    input.warn('limit-exceeded', `segment ${header.name}: ${here} sections, of which the first ${count} are read`, offset);
  }
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

export function readString(input: Input, command: Command): string | null {
  const position = structure(input, command, STRING_COMMAND_SIZE, readStringCommand);
  return position === null ? null : commandText(input, command, position, STRING_COMMAND_SIZE);
}

export function readLibrary(input: Input, command: Command): Library | null {
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
export function readVersion(input: Input, command: Command): SystemVersion | null {
  const { type } = command;
  if (type === LC.BUILD_VERSION) {
    const version = structure(input, command, BUILD_VERSION_SIZE, readBuildVersion);
    return version === null ? null : { command: type, platform: version.platform, minimum: version.minimum, sdk: version.sdk };
  }
  const version = structure(input, command, VERSION_MINIMUM_SIZE, readVersionMinimum);
  return version === null ? null : { command: type, platform: null, minimum: version.minimum, sdk: version.sdk };
}

/** The program counter among the registers that the kernel starts the thread with. */
export function readProgramCounter(input: Input, { type, offset, size }: Command, cpuType: number): bigint | null {
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
