// The check of embedded signatures: which format has which, and what is said of formats that have none.

import type { Input } from '../bytes/input.ts';
import { factPass } from '../bytes/pass.ts';
import type { Pass } from '../bytes/pass.ts';
import type { Binary } from '../model/binary.ts';
import { absent } from './absent.ts';
import { authenticodePass } from './authenticode.ts';
import { codeSealPass } from './code-seal.ts';
import { NODE_RUNTIME } from './runtime-keys.ts';
import { signatureSettings } from './settings.ts';
import type { SignatureOptions } from './settings.ts';

/** What makes the passes that check a file's signatures; null where that is not asked for. Throws `invalid-argument`. */
export function signaturePasses(option: boolean | SignatureOptions): ((image: Input, binary: Binary, index: number) => Pass) | null {
  const settings = signatureSettings(option);
  if (settings === null) return null;
  return (image, binary, index) => {
    if (binary.format === 'pe') return authenticodePass(image, binary, index, NODE_RUNTIME, settings);
    if (binary.format === 'mach-o' && binary.machO !== null) return codeSealPass(image, binary, index, NODE_RUNTIME, settings);
    return factPass(index, (own) => ({ ...own, signatureCheck: absent('absent', [], [], settings) }));
  };
}
