// The check of embedded signatures: which format has which, and what is said of formats that have none.

import type { Input } from '../bytes/input.ts';
import { factPass } from '../bytes/pass.ts';
import type { Pass } from '../bytes/pass.ts';
import type { Binary, Facts } from '../model/binary.ts';
import { absent } from './absent.ts';
import { authenticodePass } from './authenticode.ts';
import { codeSealPass } from './code-seal.ts';
import { NODE_RUNTIME } from './runtime-keys.ts';
import { signatureSettings } from './settings.ts';
import type { SignatureOptions } from './settings.ts';

/** Whether the slices up to one have more than twice the bytes of the file that they lie in. */
function isTooMuch(binaries: readonly Binary[], index: number): boolean {
  const bytes = binaries.slice(0, index + 1).reduce((sum, { size }) => sum + size, 0);
  return bytes > 2 * Math.max(...binaries.map(({ offset, size }) => offset + size));
}

/** What makes the passes that check a file's signatures; null where that is not asked for. Throws `invalid-argument`. */
export function signaturePasses(option: boolean | SignatureOptions): ((image: Input, binary: Binary, index: number, facts: Facts, binaries: readonly Binary[]) => Pass) | null {
  const settings = signatureSettings(option);
  if (settings === null) return null;
  return (image, binary, index, _, binaries) => {
    if (isTooMuch(binaries, index)) {
      const message = 'not checked: the slices lie over one another, so that hashing all of them would take many times the file';
      const problems = [{ code: 'limit', message, offset: binary.offset, size: binary.size, level: 'intact', item: null } as const];
      return factPass(index, (own) => ({ ...own, signatureCheck: absent('damaged', [], problems, settings) }));
    }
    if (binary.format === 'pe') return authenticodePass(image, binary, index, NODE_RUNTIME, settings);
    if (binary.format === 'mach-o' && binary.machO !== null) return codeSealPass(image, binary, index, NODE_RUNTIME, settings);
    return factPass(index, (own) => ({ ...own, signatureCheck: absent('absent', [], [], settings) }));
  };
}
