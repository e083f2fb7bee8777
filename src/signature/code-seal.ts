// A Mach-O image's seal, judged: every page of every code directory, special slots, the CMS message, requirements, entitlements.

import type { Input } from '../bytes/input.ts';
import { factPass, streamPass } from '../bytes/pass.ts';
import type { Pass } from '../bytes/pass.ts';
import { readFullSignature } from '../macho/code-directory.ts';
import type { FullSignature } from '../macho/code-directory.ts';
import { CS_FLAG, CS_HASH, CS_SLOT, LC } from '../macho/constants.ts';
import { dataOf, openMachO } from '../macho/file.ts';
import type { MachOFile } from '../macho/file.ts';
import type { Binary } from '../model/binary.ts';
import type { CodeDirectoryCheck, Level, SignatureCheck, SignatureState } from '../model/signature.ts';
import { attempt } from '../pki/attempt.ts';
import { absent } from './absent.ts';
import { codePages } from './code-pages.ts';
import type { PagesFound } from './code-pages.ts';
import type { Cryptography } from './cryptography.ts';
import { directoryChecks } from './directory-checks.ts';
import type { Sealed } from './directory-checks.ts';
import { entitlementsOf } from './entitlements.ts';
import type { SealedBytes } from './entitlements.ts';
import { readRequirements } from './requirements.ts';
import { judgeSeal } from './seal-message.ts';
import type { SealMessage } from './seal-message.ts';
import type { SignatureSettings } from './settings.ts';
import { problemList, weakest } from './signer-levels.ts';
import type { Report } from './signer-levels.ts';

/** What is never checked of a Mach-O file by itself. */
const NOT_CHECKED = ['notarization', 'bundle-resources', 'system-policy'];

/** The pass that checks the seal of a Mach-O image. To be called in a reader, with an input of the image's own. */
export function codeSealPass(image: Input, { offset, size }: Binary, index: number, cryptography: Cryptography, settings: SignatureSettings): Pass {
  const { problems, report } = problemList();
  const sealed = readSeal(image, report);
  if (typeof sealed === 'string') {
    return factPass(index, (binary) => ({ ...binary, signatureCheck: absent(sealed, sealed === 'absent' ? [] : NOT_CHECKED, problems, settings) }));
  }
  const pages = sealed.signature.directories.map(({ directory }) => codePages(cryptography, directory));
  const sink = {
    take: (bytes: Uint8Array, at: number): void => {
      for (const { take } of pages) take(bytes, at);
    },
    done: () => pages.map(({ done }) => done()),
  };
  const end = Math.max(0, ...sealed.signature.directories.map(({ directory }) => Math.min(directory.codeLimit, size)));
  return streamPass(index, { at: offset, length: end }, sink, (binary, found) => ({
    ...binary,
    signatureCheck: judge(sealed, found, cryptography, settings, problems, report),
  }));
}

/** The signature with what it seals beside code; or that there is none, or none that can be read. */
function readSeal(image: Input, report: Report): Sealed | 'absent' | 'damaged' {
  const file = openMachO(image);
  const range = dataOf(file, LC.CODE_SIGNATURE);
  if (range === null) {
    if (file.complete) return 'absent';
    report('code-signature', 'not all load commands can be read, and none of those that can names a signature', { offset: image.start, level: 'intact' });
    return 'damaged';
  }
  const read = attempt(() => readFullSignature(image, range));
  if (!read.ok) {
    const { code, message, offset } = read.error;
    report(code === 'limit-exceeded' ? 'limit' : 'code-signature', message, { offset: offset ?? image.start + range.offset, level: 'intact' });
    return 'damaged';
  }
  reportPlace(image, file, read.value, report);
  return { file, signature: read.value, infoPlist: infoPlistOf(image, file) };
}

/** Reports what lies behind the signature: nobody signs it. */
function reportPlace(image: Input, { segments }: MachOFile, { range }: FullSignature, report: Report): void {
  const end = range.offset + range.size;
  if (end === image.size) return;
  const link = segments.find(({ header }) => header.name === '__LINKEDIT');
  const ends = link !== undefined && link.header.offset + link.header.fileSize !== image.size ? '; __LINKEDIT does not end at the end of the image, which Apple\'s strict check refuses' : '';
  report('bytes-after-signature', `${image.size - end} bytes behind the signature${ends}`, { offset: image.start + end, size: image.size - end });
}

const MOST_PLIST = 1024 * 1024;

/** The Info.plist that a program without a bundle carries in a section of its own. */
function infoPlistOf(image: Input, { segments }: MachOFile): Uint8Array | null {
  const section = segments.find(({ header }) => header.name === '__TEXT')?.sections.find(({ name }) => name === '__info_plist');
  if (section === undefined || section.size > MOST_PLIST || image.available(section.offset, section.size) < section.size) return null;
  return image.read(section.offset, section.size, 'Info.plist').bytes();
}

/** From the weakest digest to the strongest: the strongest code directory is the one that the systems go by. */
const STRENGTH: readonly number[] = [CS_HASH.SHA1, CS_HASH.SHA256_TRUNCATED, CS_HASH.SHA256, CS_HASH.SHA384];

function judge(sealed: Sealed, pages: readonly PagesFound[], cryptography: Cryptography, settings: SignatureSettings, problems: SignatureCheck['problems'], report: Report): SignatureCheck {
  const { signature, file } = sealed;
  const base = file.input.start;
  const [best] = [...signature.directories].sort((a, b) => STRENGTH.indexOf(b.directory.hashType) - STRENGTH.indexOf(a.directory.hashType));
  const flags = best?.directory.flags ?? 0;
  if (signature.directories.some(({ directory }) => directory.flags !== flags)) report('code-signature', 'the code directories have different flags', { offset: base + signature.range.offset });
  const cms = signature.blobs.find(({ slot }) => slot === CS_SLOT.CMS) ?? null;
  const certified = cms !== null && cms.bytes.length > 8;
  const adhoc = (flags & CS_FLAG.ADHOC) !== 0;
  if (adhoc && certified) report('cms-ignored', `a CMS message of ${cms.bytes.length - 8} bytes is there and does not count, as the flag adhoc is set`, { offset: base + cms.range.offset, size: cms.range.size });
  const state: SignatureState = adhoc ? ((flags & CS_FLAG.LINKER_SIGNED) !== 0 ? 'linker-signed' : 'ad-hoc') : certified ? 'certificate' : 'pseudo-signed';
  const checks = directoryChecks(sealed, pages, cryptography, report);
  const message: SealMessage | null = state === 'certificate' && cms !== null ? judgeSeal(sealed, cms, best?.directory ?? null, cryptography, settings, report) : null;
  const covered = (index: number): Level => message?.covered[index] ?? 'none';
  const codeDirectories: CodeDirectoryCheck[] = checks.map(({ check }, index) => ({ ...check, covered: covered(index) }));
  const intact = weakest(checks.map((entry) => entry.intact));
  const none: Level = 'none';
  const { signed = none, anchored = none, inTime = none } = message?.levels ?? {};
  const contents = (slot: number): SealedBytes | null => {
    const blob = signature.blobs.find((candidate) => candidate.slot === slot);
    const isSealed = codeDirectories.length > 0 && codeDirectories.every(({ special }) => special.some((entry) => entry.slot === slot && entry.state === 'ok'));
    return blob === undefined || !isSealed ? null : { bytes: blob.bytes.subarray(8), offset: base + blob.range.offset + 8 };
  };
  const requirements = signature.blobs.find(({ slot }) => slot === 2);
  return {
    state: message?.damaged === true ? 'damaged' : state,
    levels: { intact, signed, anchored, inTime },
    at: message?.item?.at ?? null,
    signatures: message?.item === undefined || message.item === null ? [] : [{ ...message.item, levels: { intact, signed, anchored, inTime } }],
    codeDirectories,
    requirements:
      contents(2) === null || requirements === undefined
        ? []
        : readRequirements(requirements.bytes, (text, at) => report('requirements', text, { offset: base + requirements.range.offset + at })),
    entitlements: entitlementsOf(contents(5), contents(7), (text, at) => report('entitlements', text, { offset: at })),
    problems,
    notChecked: [...(state === 'certificate' ? ['revocation'] : []), ...NOT_CHECKED, ...(settings.roots !== null && state === 'certificate' ? ['roots-freshness'] : [])],
  };
}
