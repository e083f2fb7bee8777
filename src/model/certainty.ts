// Which facts could not be told, and which are but assumed, by the reasons that stand in `because`.

import type { Platform } from './platform.ts';

/** Names of facts that are null because they could not be told, and of facts that nothing contradicts but nothing says either. */
export interface Certainty {
  readonly unknown: readonly string[];
  readonly assumed: readonly string[];
}

/**
 * Reads the reasons: one that begins with 'unknown' or with 'assumed' says so of its fact. System and architecture are unknown where
 * they are null, unless the reason is that the question does not arise ('does not apply').
 */
export function certainty(because: Readonly<Record<string, string>>, { os, arch }: Pick<Platform, 'os' | 'arch'>): Certainty {
  const unknown: string[] = [];
  const assumed: string[] = [];
  for (const fact in because) {
    const reason = because[fact] as string;
    if (reason.startsWith('unknown')) unknown.push(fact);
    else if (reason.startsWith('assumed')) assumed.push(fact);
  }
  if (os === null && isOpen(because['os']) && !unknown.includes('os')) unknown.push('os');
  if (arch === null && isOpen(because['arch']) && !unknown.includes('arch')) unknown.push('arch');
  return { unknown, assumed };
}

/** Whether the question arises at all. */
function isOpen(reason: string | undefined): boolean {
  return reason?.startsWith('does not apply') !== true;
}
