// Bills of materials as documents: what the library's face and the command hand out.

import { BinspectError } from '../errors.ts';
import type { Inspection } from '../model/binary.ts';
import type { Bom } from '../model/bom.ts';
import { checkOptions } from '../model/options.ts';
import type { OptionKinds } from '../model/options.ts';
import { VERSION } from '../model/version.ts';
import { renderCycloneDx } from '../render/cyclonedx.ts';
import { renderSpdx } from '../render/spdx.ts';
import { bomOf, mergedBom } from './bom.ts';
import type { BomSettings } from './bom.ts';

/** What `formatSbom` may be told. */
export interface SbomOptions {
  /** CycloneDX 1.6 (default) or SPDX 2.3, both as JSON. */
  readonly format?: 'cyclonedx' | 'spdx' | undefined;
  /** When the document was made; SPDX has to have it. Without it no time is stated. */
  readonly created?: Date | undefined;
  /** Whether the document says that the same input gives the same bytes; by default where no time is stated. CycloneDX only. */
  readonly reproducible?: boolean | undefined;
  /** Whether libraries that a loader brings are components too; default false. They have no versions. */
  readonly native?: boolean | undefined;
}

const OPTIONS: OptionKinds<SbomOptions> = { format: 'any', created: 'any', reproducible: 'boolean', native: 'boolean' };

function settingsOf(options: SbomOptions): BomSettings {
  checkOptions(options, OPTIONS);
  const { format: kind = 'cyclonedx', created, native = false } = options;
  if (kind !== 'cyclonedx' && kind !== 'spdx') throw new BinspectError('invalid-argument', `format is 'cyclonedx' or 'spdx', not ${JSON.stringify(kind)}`);
  if (created === undefined) {
    if (kind === 'spdx') throw new BinspectError('invalid-argument', 'an SPDX document states when it was made: it needs the option created');
    return { kind, created: null, reproducible: options.reproducible ?? true, native };
  }
  if (!(created instanceof Date) || !(created.getTime() >= 0 && created.getTime() < LAST)) throw new BinspectError('invalid-argument', 'created is a Date from 1970 to 9999');
  return { kind, created: created.toISOString().replace(/\.\d+Z$/, 'Z'), reproducible: options.reproducible ?? false, native };
}

const LAST = Date.UTC(10_000, 0, 1); // RFC 3339 has years of four digits

function written(bom: Bom, { kind, created }: BomSettings): string {
  return kind === 'spdx' && created !== null ? renderSpdx({ ...bom, created }, VERSION) : renderCycloneDx(bom, VERSION);
}

/**
 * The bill of materials of one file, from an inspection with `hash: true` and `facts: 'all'`: the same inspection and options give the same text.
 * Nothing is made up: a file without any list of what is in it gets a document that says that it is incomplete.
 * Throws `invalid-argument` for an inspection without a digest, and for options that do not go together.
 *
 * @example
 * formatSbom(await inspect('app', { hash: true, facts: 'all' }), { format: 'spdx', created: new Date() })
 */
export function formatSbom(inspection: Inspection, options: SbomOptions = {}): string {
  const settings = settingsOf(options);
  return written(bomOf(inspection, settings), settings);
}

/** One document over several files, as components of what `name` names. */
export function formatMergedSbom(inspections: readonly Inspection[], name: string, options: SbomOptions = {}): string {
  const settings = settingsOf(options);
  return written(mergedBom(inspections, name, settings), settings);
}

/** What of a file's own words its document does not have as they are, in sentences; and whether the file says what is in it. */
export function sbomRemarks(inspection: Inspection): { readonly remarks: readonly string[]; readonly hasList: boolean } {
  const { remarks, dependencies } = bomOf(inspection, { kind: 'cyclonedx', created: null, reproducible: true, native: false });
  return { remarks, hasList: dependencies[0]?.aggregate !== 'incomplete' };
}
