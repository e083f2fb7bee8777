// The CMS message of a Mach-O signature, judged: whom it names, which code directories it covers, and what Apple's markers say.

import type { FullCodeDirectory, SignatureBlob } from '../macho/code-directory.ts';
import type { Level, Levels, SignatureItem } from '../model/signature.ts';
import { hashOf } from '../pki/algorithms.ts';
import { attempt } from '../pki/attempt.ts';
import { CMS, onlyValue, readSignedData } from '../pki/cms.ts';
import type { SignedData } from '../pki/cms.ts';
import { TAG, hexOf, stringBytes } from '../pki/der.ts';
import { readMessageStart } from '../pki/time-stamp.ts';
import type { X509 } from '../pki/x509.ts';
import { appleKind, isAppleRoot } from './apple-kinds.ts';
import { directoryHash } from './code-pages.ts';
import type { Cryptography } from './cryptography.ts';
import type { Sealed } from './directory-checks.ts';
import { agilityOf } from './hash-agility.ts';
import type { DirectoryIdentity } from './hash-agility.ts';
import type { SignatureSettings } from './settings.ts';
import { judgeSigner, weakest } from './signer-levels.ts';
import type { Report } from './signer-levels.ts';

/** What came of a message. */
export interface SealMessage {
  readonly levels: Omit<Levels, 'intact'>;
  /** For each code directory, in the order of their slots. */
  readonly covered: readonly Level[];
  /** Null where the message can't be read. */
  readonly item: Omit<SignatureItem, 'levels'> | null;
  readonly damaged: boolean;
}

const HEADER = 8; // of the wrapper

/** Judges the message in a wrapper. It signs the code directory of slot 0, also where a stronger one is there. */
export function judgeSeal(sealed: Sealed, wrapper: SignatureBlob, best: FullCodeDirectory | null, cryptography: Cryptography, settings: SignatureSettings, report: Report): SealMessage {
  const { signature, file } = sealed;
  const base = file.input.start;
  const offset = base + wrapper.range.offset + HEADER;
  const bytes = wrapper.bytes.subarray(HEADER);
  const read = attempt(() => {
    const start = readMessageStart(bytes, offset);
    const rest = bytes.length - start.end;
    if (rest > 0) report('bytes-in-entry', `${rest} bytes behind the message in its blob, which nobody signed`, { offset: offset + start.end, size: rest });
    return readSignedData(start);
  });
  if (!read.ok) {
    report(read.error.code === 'limit-exceeded' ? 'limit' : 'not-der', `the CMS message can't be read: ${read.error.message}`, { offset: read.error.offset ?? offset, level: 'signed' });
    const unknown: Level = 'unknown';
    const asked: Level = settings.roots === null ? 'not-asked' : 'unknown';
    return { levels: { signed: unknown, anchored: asked, inTime: asked }, covered: signature.directories.map(() => unknown), item: null, damaged: true };
  }
  const message = read.value;
  const primary = signature.directories[0]?.directory;
  const content = primary?.bytes ?? new Uint8Array(0);
  const isApple = ({ raw }: X509): boolean => isAppleRoot(hexOf(cryptography.digest('sha256', raw) ?? new Uint8Array(0)));
  const answer = judgeSigner({ cryptography, settings, message, content, contentType: CMS.DATA, item: 0, report, stampMay: (own, stamp) => !isApple(own) || isApple(stamp) }); // as Apple's systems have it
  const covered = coverage(sealed, message, answer.signed, cryptography, offset, report);
  const apple = answer.anchored === 'yes' && answer.root !== null && isAppleRoot(answer.root) ? appleKind(answer.path) : null;
  let signed = weakest([answer.signed, ...covered]);
  if (apple?.developer === true && best !== null) {
    const unit = answer.signer?.subjectAttributes.find(({ type }) => type === 'OU')?.value ?? null;
    if (unit !== best.team) {
      report('team-id', `the code directory names the team ${JSON.stringify(best.team)}, the certificate ${JSON.stringify(unit)}`, { offset: base + best.range.offset, level: 'signed', item: 0 });
      signed = 'no';
    }
  }
  const hash = message.signers[0] === undefined ? null : hashOf(message.signers[0].digestAlgorithm);
  const computed = hash === null ? null : cryptography.digest(hash, content);
  return {
    levels: { signed, anchored: answer.anchored, inTime: answer.inTime },
    covered,
    damaged: false,
    item: {
      depth: 0,
      at: answer.at,
      digest: {
        algorithm: hash ?? message.signers[0]?.digestAlgorithm.oid ?? '',
        signed: signedDigest(message) ?? '',
        computed: computed === null ? null : hexOf(computed),
        method: 'code-directory',
      },
      signer: answer.signer,
      chain: answer.chain,
      root: answer.root,
      signingTime: answer.signingTime,
      programName: null,
      moreInfo: null,
      unauthenticatedBytes: 0,
      pageHashes: null,
      timestamps: answer.timestamps,
      weak: answer.weak,
      unsignedAttributes: answer.unsignedAttributes,
      kind: apple?.kind ?? null,
    },
  };
}

/** The signed attribute messageDigest, in hex; null where there is none, as the signature is over the code directory itself then. */
function signedDigest({ signers }: SignedData): string | null {
  const read = attempt(() => onlyValue(signers[0]?.signedAttributes?.list ?? [], CMS.MESSAGE_DIGEST, 'message digest'));
  return read.ok && read.value !== null && read.value.tag === TAG.OCTET_STRING ? hexOf(stringBytes(read.value)) : null;
}

/** Which code directories the message covers: the first one's bytes are what it signs, others are named by hash agility or not at all. */
function coverage({ signature, file }: Sealed, message: SignedData, signed: Level, cryptography: Cryptography, offset: number, report: Report): Level[] {
  const { directories } = signature;
  const base = file.input.start;
  const [signer] = message.signers;
  const identities = directories.flatMap(({ directory }): DirectoryIdentity[] => {
    const algorithm = directoryHash(directory.hashType);
    const digest = algorithm === null ? null : cryptography.digest(algorithm.hash, directory.bytes);
    return algorithm === null || digest === null ? [] : [{ hashType: directory.hashType, algorithm: algorithm.hash, digest }];
  });
  if (signer === undefined || identities.length < directories.length) return directories.map((_, index) => (index === 0 && signer !== undefined ? signed : 'unknown'));
  const read = attempt(() => agilityOf(signer, identities));
  const agility = read.ok ? read.value : 'mismatch';
  if (agility === 'mismatch') {
    const place = read.ok ? offset : (read.error.offset ?? offset);
    report('hash-agility', `the signed list of code directories does not name just those that are there${read.ok ? '' : `: ${read.error.message}`}`, { offset: place, level: 'signed', item: 0 });
  }
  return directories.map(({ slot, directory }, index): Level => {
    if (agility === 'mismatch') return 'no';
    if (index === 0 || agility === 'match') return signed;
    report('hash-agility', `no signed attribute names the code directory of slot 0x${slot.toString(16)}: the message does not cover it`, {
      offset: base + directory.range.offset,
      size: directory.range.size,
      level: 'signed',
      item: 0,
    });
    return 'no';
  });
}
