// What Apple's certificates say of a signature: marker extensions, which count only below Apple's own roots.

import type { X509 } from '../pki/x509.ts';

/** SHA-256 of Apple's root certificates: to say whether a root that the caller gave is Apple's, not to stand in for one. */
const APPLE_ROOTS: ReadonlySet<string> = new Set([
  'b0b1730ecbc7ff4505142c49f1295e6eda6bcaed7e2c68c5be91b5a11001f024', // Apple Root CA
  'c2b9b042dd57830e7d117dac55ac8ae19407d38e41d88f3215bc3a890444a050', // Apple Root CA - G2
  '63343abfb89a6a03ebb57e9b3f5fa7be7c4f5c756f3017b3a8c488c3653e9179', // Apple Root CA - G3
]);

/** Whether a root is one of Apple's. */
export function isAppleRoot(sha256: string): boolean {
  return APPLE_ROOTS.has(sha256);
}

const MARKER = '1.2.840.113635.100.6.';

/** Markers of a leaf, and what they make of the signature; `developer` where the team has to be the leaf's. The first that fits counts. */
const KINDS: readonly { readonly leaf: string; readonly intermediate?: string; readonly kind: string; readonly developer: boolean }[] = [
  { leaf: '1.13', intermediate: '2.6', kind: 'developer-id', developer: true },
  { leaf: '1.2', kind: 'apple-development', developer: true },
  { leaf: '1.12', kind: 'mac-development', developer: true },
  { leaf: '1.4', kind: 'ios-distribution', developer: true },
  { leaf: '1.7', kind: 'mac-app-distribution', developer: true },
  { leaf: '1.3', kind: 'app-store-ios', developer: false },
  { leaf: '1.9', kind: 'mac-app-store', developer: false },
  { leaf: '25.1', kind: 'testflight', developer: false },
  { leaf: '22', kind: 'apple-software', developer: false },
];

/** The kind of a signature by its anchored path, leaf first; null for a leaf without a known marker. */
export function appleKind(path: readonly X509[]): { readonly kind: string; readonly developer: boolean } | null {
  const [leaf, ...issuers] = path;
  const marks = (certificate: X509 | undefined, mark: string): boolean => certificate?.extensions.some(({ oid }) => oid === MARKER + mark) === true;
  return KINDS.find(({ leaf: mark, intermediate }) => marks(leaf, mark) && (intermediate === undefined || marks(issuers[0], intermediate))) ?? null;
}

/** The signed attributes of hash agility: which code directories the message covers beside the first. */
export const AGILITY = { PLIST: '1.2.840.113635.100.9.1', DIGESTS: '1.2.840.113635.100.9.2' } as const;
