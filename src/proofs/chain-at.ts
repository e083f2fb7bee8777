// The chain of a signer's certificate at the times that are proven: to an authority of the trusted root, or to the caller's own roots.

import type { Outcome } from '../verify/rules/check.ts';
import { failed, passed, unknown } from '../verify/rules/check.ts';
import { buildChain } from '../pki/chain.ts';
import type { Chain } from '../pki/chain.ts';
import { hexOf } from '../pki/der.ts';
import type { Runtime } from '../pki/signed-bytes.ts';
import { isoTime } from '../pki/values.ts';
import { PURPOSE, isValidAt } from '../pki/x509.ts';
import type { X509 } from '../pki/x509.ts';
import { covers } from './trusted-root.ts';
import type { TrustedAuthority } from './trusted-root.ts';

/** What came of looking for a chain. */
export interface ChainCheck {
  readonly outcome: Outcome;
  /** The certificate of the signer's issuer; null where it is not known. */
  readonly issuer: X509 | null;
}

/** Roots and what leads to them. */
export interface Anchor {
  readonly authority: TrustedAuthority;
  /** What findings call the file that it is from. */
  readonly from: string;
}

/** The caller's own certificates as an authority that counts always. */
export function ownAuthority(root: X509, intermediates: readonly X509[]): TrustedAuthority {
  return { name: root.subject.text, intermediates, root, validity: { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY } };
}

/**
 * Finds the authority to which a certificate chains at every one of the times. Without a time the chain is looked at when the certificate
 * begins to be valid, and the outcome is unknown: whether it was valid when it signed is what is asked.
 */
export function checkChain(runtime: Runtime, leaf: X509, others: readonly X509[], anchors: readonly Anchor[], times: readonly number[]): ChainCheck {
  let best: { readonly outcome: Outcome; readonly issuer: X509 | null; readonly rank: number } | null = null;
  for (const { authority, from } of anchors) {
    const { intermediates, root, validity, name } = authority;
    const pool = [...intermediates, ...others];
    const moments = times.length === 0 ? [leaf.notBefore] : times;
    const chains = moments.map((at) => buildChain(runtime, leaf, { pool, roots: [root], purpose: PURPOSE.CODE_SIGNING, at }));
    const [first] = chains as [Chain, ...Chain[]];
    const issuer = first.path[1] ?? null;
    const consider = (rank: number, outcome: Outcome): void => {
      if (best === null || rank > best.rank) best = { outcome, issuer: rank > 0 ? issuer : null, rank };
    };
    if (chains.some(({ anchored }) => anchored !== 'yes')) {
      const why = first.reasons.map(({ message, certificate }) => `${certificate.subject.text || 'the signer’s certificate'}: ${message}`).join('; ');
      const certain = chains.some(({ anchored }) => anchored === 'no');
      consider(0, certain ? failed(`a certificate by ${leaf.issuer.text} that does not chain to it`, why) : unknown(why));
      continue;
    }
    const evidence = `${name}, root certificate SHA-256 ${hexOf(runtime.digest('sha256', root.raw) ?? new Uint8Array(0))}, ${from}`;
    const late = moments.find((at, index) => !isValidAt(leaf, at) || (chains[index] as Chain).inTime !== true);
    const outside = moments.find((at) => !covers(validity, at));
    if (validity === null) consider(1, failed('an authority without a time', `the trusted root does not say since when ${name} counts`));
    else if (times.length === 0) consider(2, unknown('whether its certificate was valid is not known, as no time of the signature is', evidence));
    else if (late !== undefined) {
      const [bad] = (chains.find(({ inTime }) => inTime !== true) ?? first).path.filter((certificate) => !isValidAt(certificate, late));
      const period = bad ?? leaf;
      consider(1, failed(`a certificate that was not valid at ${isoTime(late)}`, `${period === leaf ? 'the signer’s certificate' : period.subject.text} is valid from ${isoTime(period.notBefore)} to ${isoTime(period.notAfter)}`));
    } else if (outside !== undefined) consider(1, failed('a certificate of an authority that did not count then', `${isoTime(outside)} is outside of the time for which the trusted root lists ${name}`));
    else consider(3, passed(`a chain of ${first.path.length} certificates`, evidence));
  }
  return best ?? { outcome: unknown('no roots were given that it could chain to'), issuer: null };
}
