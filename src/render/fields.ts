// Single facts by their names in the JSON, for scripts: `path,platform.go,minimums.glibc`.

import type { Inspection } from '../model/binary.ts';
import { wordIn } from '../model/names.ts';
import { visible } from './visible.ts';

/** Names of the file's own facts. */
export const FILE_FIELDS: readonly string[] = ['schemaVersion', 'path', 'size', 'sha256', 'format', 'universal'];

/** A value within a value, by its path of names, of which the last may have dots itself; undefined where there is no such thing. */
function within(value: unknown, path: string): unknown {
  if (path === '') return value;
  if (Array.isArray(value)) return value.map((one: unknown) => within(one, path));
  if (typeof value !== 'object' || value === null) return undefined;
  const found = value as Record<string, unknown>;
  if (Object.hasOwn(found, path)) return wordIn(found, path);
  const dot = path.indexOf('.');
  const name = path.slice(0, dot);
  return dot === -1 || !Object.hasOwn(found, name) ? undefined : within(wordIn(found, name), path.slice(dot + 1));
}

/** The fields of each binary of a file; what is not there is null. */
export function fieldsOf(inspection: Inspection, fields: readonly string[]): Record<string, unknown>[] {
  return inspection.binaries.map((binary) => {
    const entries = fields.map((field) => [field, within(FILE_FIELDS.includes(field.split('.')[0] as string) ? inspection : binary, field) ?? null] as const);
    return Object.fromEntries(entries);
  });
}

/** One value in a line of a table: lists with commas, records by their names or paths, '-' for null. */
function cell(value: unknown): string {
  if (value === null || value === undefined) return '-';
  if (Array.isArray(value)) return value.length === 0 ? '-' : value.map(cell).join(',');
  if (typeof value === 'bigint') return `0x${value.toString(16)}`;
  if (typeof value !== 'object') return visible(String(value));
  const { name, path, value: number } = value as Record<string, unknown>;
  const short = name ?? path ?? number;
  if (short !== undefined && short !== null) return cell(short);
  return Object.entries(value)
    .map(([key, one]) => `${key}=${cell(one)}`)
    .join(',');
}

/** A line for each binary, the fields separated by tabs. */
export function fieldLines(inspection: Inspection, fields: readonly string[]): string {
  return fieldsOf(inspection, fields)
    .map((values) => `${fields.map((field) => cell(wordIn(values, field))).join('\t')}\n`)
    .join('');
}
