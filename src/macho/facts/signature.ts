// Whether a Mach-O file is signed, and what the signature asks of the system. Nothing is said of whether it holds.

import type { Told } from '../../model/binary.ts';
import type { Signature } from '../../model/identity.ts';
import { flagNames } from '../../model/names.ts';
import { blobContents, directoryText, readCodeSignature } from '../code-signature.ts';
import type { CodeSignature } from '../code-signature.ts';
import { CS_FLAG, CS_MAGIC, CS_SLOT, LC } from '../constants.ts';
import { dataOf } from '../file.ts';
import type { MachOFile } from '../file.ts';

/** A signature that can be read, or why there is none to go by. */
export type Signed = CodeSignature | 'unsigned' | 'unknown';

/** The signature that LC_CODE_SIGNATURE names; one that can't be read is `unknown`, with a warning. */
export function codeSignature(file: MachOFile): Signed {
  const range = dataOf(file, LC.CODE_SIGNATURE);
  if (range === null) return file.complete ? 'unsigned' : 'unknown';
  return file.input.attempt(() => readCodeSignature(file.input, range)) ?? 'unknown';
}

/** 'adhoc, linker-signed': as codesign(1) prints them. */
function flagWords(flags: number): string {
  const names = flagNames(CS_FLAG, flags).map((name) => name.replace('FORCE_', '').toLowerCase().replace('_', '-'));
  return names.length === 0 ? 'no flags' : `the flags ${names.join(', ')}`;
}

/**
 * What kind of signature it is. The flag `adhoc` decides before anything else, as it does for the system. A signature without the
 * flag and without a certificate, which some tools write and Apple's systems refuse, is ad hoc too: it holds digests only.
 */
export function signature({ input }: MachOFile, signed: Signed, because: Record<string, string>): Signature | null {
  if (signed === 'unsigned' || signed === 'unknown') return null;
  const { directory, range } = signed;
  const { flags } = directory;
  const adhoc = (flags & CS_FLAG.ADHOC) !== 0;
  const cms = adhoc ? null : blobContents(input, signed, CS_SLOT.CMS, CS_MAGIC.CMS);
  const certified = cms !== null && cms.size > 0;
  const kind = certified ? 'cms' : (flags & CS_FLAG.LINKER_SIGNED) !== 0 ? 'linker-signed' : 'adhoc';
  const message = certified ? ` and a CMS message of ${cms.size} bytes` : adhoc ? '' : ' and no CMS message';
  because['signature'] = `LC_CODE_SIGNATURE: a code directory with ${flagWords(flags)}${message}`;
  return {
    kind,
    offset: input.start + range.offset,
    size: range.size,
    identifier: directoryText(input, directory, directory.identifier, 'identifier of the code directory'),
    teamId: directoryText(input, directory, directory.team, 'team of the code directory'),
    flags,
    cdHash: null, // whoever can hash fills it in
  };
}

/** Whether the hardened runtime is asked for; a program without a signature has none. */
export function hardenedRuntime(signed: Signed): Told<boolean | null> {
  if (signed === 'unknown') return { value: null, because: 'unknown: the code signature can\'t be read' };
  if (signed === 'unsigned') return { value: false, because: 'there is no code signature' };
  const set = (signed.directory.flags & CS_FLAG.RUNTIME) !== 0;
  return { value: set, because: `the code directory ${set ? 'has' : 'does not have'} the flag runtime` };
}

const DISABLED = /<key>\s*com\.apple\.security\.cs\.disable-library-validation\s*<\/key>\s*<true\s*\/>/;

/** Whether only libraries of the same team may be loaded: by a flag of its own, or by the hardened runtime where no entitlement takes that back. */
export function libraryValidation({ input }: MachOFile, signed: Signed): Told<boolean | null> {
  const runtime = hardenedRuntime(signed);
  if (signed === 'unsigned' || signed === 'unknown') return runtime;
  const flagged = (signed.directory.flags & CS_FLAG.LIBRARY_VALIDATION) !== 0;
  if (flagged) return { value: true, because: 'the code directory has the flag library-validation' };
  if (runtime.value !== true) return { value: false, because: 'the code directory has neither the flag library-validation nor runtime' };
  const entitlements = blobContents(input, signed, CS_SLOT.ENTITLEMENTS, CS_MAGIC.ENTITLEMENTS);
  if (entitlements === null) return { value: true, because: 'the hardened runtime, and no entitlements take it back' };
  const most = input.limits.stringBytes * 16;
  if (entitlements.size > most) return { value: null, because: `unknown: the entitlements have ${entitlements.size} bytes, more than ${most}` };
  const disabled = DISABLED.test(input.read(entitlements.offset, entitlements.size, 'entitlements').text());
  if (disabled) return { value: false, because: 'the entitlement com.apple.security.cs.disable-library-validation' };
  return { value: true, because: 'the hardened runtime, and the entitlements do not take it back' };
}
