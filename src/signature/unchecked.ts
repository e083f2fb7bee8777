// Where nothing can be computed, as in browsers, or of files that are not held whole: which signature there is, and that nobody checked it.

import { factPass } from '../bytes/pass.ts';
import type { Pass } from '../bytes/pass.ts';
import type { Input } from '../bytes/input.ts';
import type { Binary } from '../model/binary.ts';
import type { Level, SignatureState } from '../model/signature.ts';
import type { SignatureOptions } from './settings.ts';

const ADHOC = 0x2; // CS_ADHOC

function stateOf({ signature }: Binary): SignatureState {
  if (signature === null) return 'absent';
  if (signature.kind === 'linker-signed') return 'linker-signed';
  if (signature.kind === 'adhoc') return ((signature.flags ?? 0) & ADHOC) !== 0 ? 'ad-hoc' : 'pseudo-signed';
  return 'certificate';
}

/** What makes the passes that say "unknown, because of the runtime"; null where no check is asked for. */
export function uncheckedPasses(
  option: boolean | SignatureOptions | undefined,
  code = 'runtime',
  message = 'signatures are not checked in this runtime',
): ((image: Input, binary: Binary, index: number) => Pass) | null {
  if (option === undefined || option === false) return null;
  return (_, __, index) =>
    factPass(index, (binary) => {
      const state = stateOf(binary);
      const level: Level = state === 'absent' ? 'none' : 'unknown';
      return {
        ...binary,
        signatureCheck: {
          state,
          levels: { intact: level, signed: level, anchored: level, inTime: level },
          at: null,
          signatures: [],
          codeDirectories: [],
          requirements: [],
          entitlements: null,
          problems: state === 'absent' ? [] : [{ code, message, offset: null, size: null, level: 'intact', item: null }],
          notChecked: [],
        },
      };
    });
}
