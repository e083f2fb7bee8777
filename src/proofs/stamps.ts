// Time stamps of authorities that the trusted root lists, over the bytes of a signature. (RFC 3161)

import { attempt } from '../pki/attempt.ts';
import { equalBytes } from '../pki/der.ts';
import type { Runtime } from '../pki/signed-bytes.ts';
import { checkTimeStamp, provesTime, readTimeStampResponse, readTimeStampToken } from '../pki/time-stamp.ts';
import type { TimeStampToken } from '../pki/time-stamp.ts';
import { TAG, readDer } from '../pki/der.ts';
import { isoTime } from '../pki/values.ts';
import { covers } from './trusted-root.ts';
import type { TrustedAuthority } from './trusted-root.ts';

/** What came of a time stamp. */
export interface StampResult {
  readonly state: 'valid' | 'invalid' | 'unknown';
  readonly message: string;
  /** Milliseconds since 1970; null where it proves none. */
  readonly time: number | null;
}

/** Bundles hold whole responses; a bare token is taken as well. */
function readStamp(bytes: Uint8Array): TimeStampToken {
  const response = attempt(() => readTimeStampResponse(bytes));
  if (response.ok) return response.value;
  const token = attempt(() => readTimeStampToken(readDer(bytes, TAG.SEQUENCE, 'time stamp')));
  if (token.ok) return token.value;
  throw response.error;
}

/** Checks a time stamp over a signature, by any of the authorities. */
export function checkStamp(runtime: Runtime, bytes: Uint8Array, signature: Uint8Array, stampers: readonly TrustedAuthority[]): StampResult {
  const read = attempt(() => readStamp(bytes));
  if (!read.ok) return { state: 'invalid', message: `the time stamp can't be read: ${read.error.message}`, time: null };
  const token = read.value;
  const at = isoTime(token.info.time);
  let reason: StampResult | null = null;
  for (const { intermediates, root, validity, name } of stampers) {
    const stamp = checkTimeStamp(runtime, token, signature, { pool: [...intermediates, root], roots: [root] });
    const fail = (message: string, state: StampResult['state'] = 'invalid'): void => {
      if (reason === null || stamp.chain?.anchored === 'yes') reason = { state, message: `the time stamp of ${at}: ${message}`, time: null };
    };
    const leaf = intermediates.find(({ constraints }) => constraints?.ca !== true);
    if (stamp.signed.state !== 'valid') fail(stamp.signed.reason ?? 'it does not hold', stamp.signed.state);
    else if (stamp.chain?.anchored !== 'yes') fail(`its certificate ${stamp.certificate?.subject.text ?? ''} is not of an authority that the trusted root lists`);
    else if (leaf !== undefined && stamp.certificate !== null && !equalBytes(leaf.raw, stamp.certificate.raw)) fail('it is by another certificate than the one that the trusted root lists');
    else if (!provesTime(stamp)) fail('a certificate of its chain was not valid then');
    else if (!covers(validity, token.info.time)) fail(validity === null ? `the trusted root does not say since when ${name} counts` : `it is outside of the time for which the trusted root lists ${name}`);
    else return { state: 'valid', message: `by the time stamp of ${name}, ${at}`, time: token.info.time };
  }
  return reason ?? { state: 'unknown', message: `the time stamp of ${at}: the trusted root lists no authority for time stamps`, time: null };
}
