// Which build a PE file is: its PDB, its time stamp, its version resource.

import { NO_IDENTITY } from '../../model/identity.ts';
import type { Identity } from '../../model/identity.ts';
import { DEBUG_TYPE } from '../constants.ts';
import { entryOf } from '../debug.ts';
import type { DebugDirectory } from '../debug.ts';
import type { PeFile } from '../file.ts';
import { readVersion } from '../version.ts';

/** Time stamps that are none: never written, and erased. */
const NO_TIME: ReadonlySet<number> = new Set([0, 0xffff_ffff]);

/**
 * The identity. Resources lie apart from everything else that is read, so the version is reported with `all` only. A packer leaves them, but not
 * the debug directory, and so hides whether the time stamp is one.
 */
export function identity(file: PeFile, debug: DebugDirectory, packer: string | null, all: boolean, because: Record<string, string>): Identity {
  const { codeView } = debug;
  const { timestamp } = file.coff;
  const reproducible = isReproducible(debug, packer, because);
  const time = reproducible !== false || NO_TIME.has(timestamp) ? null : timestamp;
  if (time !== null) because['identity.timestamp'] = 'TimeDateStamp of the COFF header';
  const path = codeView?.path === '' ? null : (codeView?.path ?? null);
  const source = `a CodeView ${codeView?.form ?? ''} entry`;
  if (path !== null) because['identity.pdbPath'] = source;
  if (codeView?.guid != null) because['identity.pdbGuid'] = source;
  if (codeView?.age != null) because['identity.pdbAge'] = source;
  const version = all ? readVersion(file) : null;
  if (version !== null) because['identity.version'] = 'the version resource';
  return {
    debugLink: NO_IDENTITY.debugLink,
    debugLinkCrc: NO_IDENTITY.debugLinkCrc,
    debugAltLink: NO_IDENTITY.debugAltLink,
    miniDebugInfo: NO_IDENTITY.miniDebugInfo,
    pdbPath: path,
    pdbGuid: codeView?.guid ?? null,
    pdbAge: codeView?.age ?? null,
    timestamp: time,
    reproducible,
    version,
  };
}

/** Whether the linker says so. What it writes as a time stamp is then a digest of the image. */
function isReproducible({ entries, complete }: DebugDirectory, packer: string | null, because: Record<string, string>): boolean | null {
  const told = (value: boolean | null, reason: string): boolean | null => {
    because['identity.reproducible'] = reason;
    return value;
  };
  if (entryOf(entries, DEBUG_TYPE.REPRO) !== undefined) return told(true, 'a debug entry of type REPRO');
  if (packer !== null) return told(null, `unknown: ${packer} hides it`);
  return complete ? told(false, 'no debug entry is of type REPRO') : told(null, 'unknown: the debug directory can\'t be read');
}
