// A Host that comes from outside: read from JSON, or handed in by a caller. What is not said is not known.

import { BinspectError } from '../../errors.ts';
import type { Emulator, Host, HostLibrary, HostNode } from '../../model/host.ts';

type Fields = ReadonlyMap<string, unknown>;

function refuse(place: string, wanted: string, value: unknown): never {
  const text = (JSON.stringify(value) ?? String(value)).slice(0, 60);
  throw new BinspectError('invalid-argument', `the host's ${place}: ${wanted} is wanted, not ${text}`);
}

function fieldsOf(value: unknown, place: string): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? new Map(Object.entries(value)) : refuse(place, 'an object', value);
}

function textOf(fields: Fields, key: string, place = key): string | null {
  const value = fields.get(key);
  if (value === null || value === undefined) return null;
  return typeof value === 'string' ? value : refuse(place, 'a text or null', value);
}

function requiredText(fields: Fields, key: string, place = key): string {
  return textOf(fields, key, place) ?? refuse(place, 'a text', null);
}

function flagOf(fields: Fields, key: string, place = key): boolean | null {
  const value = fields.get(key);
  if (value === null || value === undefined) return null;
  return typeof value === 'boolean' ? value : refuse(place, 'true, false or null', value);
}

function listOf<T>(fields: Fields, key: string, read: (item: unknown, place: string) => T): T[] | null {
  const value = fields.get(key);
  if (value === null || value === undefined) return null;
  return Array.isArray(value) ? value.map((item, i) => read(item, `${key}[${i}]`)) : refuse(key, 'a list or null', value);
}

function word(item: unknown, place: string): string {
  return typeof item === 'string' ? item : refuse(place, 'a text', item);
}

function hexText(fields: Fields, key: string, place: string): string | null {
  const text = textOf(fields, key, place);
  return text === null || /^([0-9a-f]{2})*$/i.test(text) ? text : refuse(place, 'hexadecimal digits', text);
}

function emulatorOf(item: unknown, place: string): Emulator {
  const fields = fieldsOf(item, place);
  const offset = fields.get('offset') ?? 0;
  if (!Number.isSafeInteger(offset) || (offset as number) < 0) refuse(`${place}.offset`, 'a count', offset);
  return {
    arch: textOf(fields, 'arch', `${place}.arch`),
    interpreter: requiredText(fields, 'interpreter', `${place}.interpreter`),
    flags: textOf(fields, 'flags', `${place}.flags`) ?? '',
    name: textOf(fields, 'name', `${place}.name`) ?? '',
    enabled: flagOf(fields, 'enabled', `${place}.enabled`) ?? true,
    present: flagOf(fields, 'present', `${place}.present`),
    offset: offset as number,
    magic: hexText(fields, 'magic', `${place}.magic`),
    mask: hexText(fields, 'mask', `${place}.mask`),
    extension: textOf(fields, 'extension', `${place}.extension`),
  };
}

function libraryOf(item: unknown, place: string): HostLibrary {
  const fields = fieldsOf(item, place);
  return {
    name: requiredText(fields, 'name', `${place}.name`),
    path: textOf(fields, 'path', `${place}.path`) ?? requiredText(fields, 'name', `${place}.name`),
    arch: textOf(fields, 'arch', `${place}.arch`),
    versions: listOf(fields, 'versions', word) ?? [],
  };
}

function nodeOf(value: unknown): HostNode | null {
  if (value === null || value === undefined) return null;
  const fields = fieldsOf(value, 'node');
  return { version: requiredText(fields, 'version', 'node.version'), modules: textOf(fields, 'modules', 'node.modules') ?? '', libc: textOf(fields, 'libc', 'node.libc') };
}

/** A Host from a value: what it does not say is null. Throws `invalid-argument`, with the place, for what is none. */
export function checkHost(value: unknown): Host {
  const fields = fieldsOf(value, 'value');
  if (fields.get('schemaVersion') !== undefined && fields.get('schemaVersion') !== 1) refuse('schemaVersion', '1', fields.get('schemaVersion'));
  const pageSize = fields.get('pageSize') ?? null;
  if (pageSize !== null && !(Number.isSafeInteger(pageSize) && (pageSize as number) > 0)) refuse('pageSize', 'a count of bytes or null', pageSize);
  const libc = fields.get('libc') === undefined || fields.get('libc') === null ? new Map<string, unknown>() : fieldsOf(fields.get('libc'), 'libc');
  const arch = textOf(fields, 'arch');
  const level = textOf(fields, 'level');
  return {
    schemaVersion: 1,
    os: requiredText(fields, 'os'),
    arch,
    level: level?.replace(/^x86-64-/, '') ?? null,
    kernel: textOf(fields, 'kernel'),
    osVersion: textOf(fields, 'osVersion'),
    pageSize: pageSize as number | null,
    libc: { name: textOf(libc, 'name', 'libc.name'), version: textOf(libc, 'version', 'libc.version'), from: textOf(libc, 'from', 'libc.from') },
    loaders: listOf(fields, 'loaders', word) ?? [],
    scriptInterpreters: listOf(fields, 'scriptInterpreters', word),
    libraries: listOf(fields, 'libraries', libraryOf),
    compatible: listOf(fields, 'compatible', word),
    emulators: listOf(fields, 'emulators', emulatorOf) ?? [],
    translated: flagOf(fields, 'translated'),
    processArch: textOf(fields, 'processArch') ?? arch ?? '',
    node: nodeOf(fields.get('node')),
    because: {},
  };
}

/** Reads what `binspect host --json` wrote. Throws `invalid-argument` for what is no such thing. */
export function parseHost(text: string): Host {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new BinspectError('invalid-argument', `no host: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
  return checkHost(value);
}
