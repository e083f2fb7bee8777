// What is said where there is no signature to judge.

import type { Level, SignatureCheck, SignatureState } from '../model/signature.ts';
import type { SignatureSettings } from './settings.ts';

/** A check of what is absent, for which no question arises, or damaged, of which nothing is known. */
export function absent(state: SignatureState, notChecked: readonly string[], problems: SignatureCheck['problems'], settings: SignatureSettings): SignatureCheck {
  const level: Level = state === 'damaged' ? 'unknown' : 'none';
  const asked: Level = state === 'damaged' && settings.roots === null ? 'not-asked' : level;
  return {
    state,
    levels: { intact: level, signed: level, anchored: asked, inTime: asked },
    at: null,
    signatures: [],
    codeDirectories: [],
    requirements: [],
    entitlements: null,
    problems,
    notChecked,
  };
}
