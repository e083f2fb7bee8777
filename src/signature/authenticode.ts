// Authenticode, judged: the signatures of a PE file, held against its bytes.

import type { Input } from '../bytes/input.ts';
import { factPass, streamPass } from '../bytes/pass.ts';
import type { Pass } from '../bytes/pass.ts';
import { hex } from '../errors.ts';
import type { Binary } from '../model/binary.ts';
import type { Level, Levels, SignatureCheck, SignatureItem } from '../model/signature.ts';
import { CMS } from '../pki/cms.ts';
import { equalBytes, hexOf } from '../pki/der.ts';
import { absent } from './absent.ts';
import { readOpus, SPC } from './authenticode-message.ts';
import type { AuthenticodeMessage } from './authenticode-message.ts';
import { readAuthenticode } from './authenticode-table.ts';
import type { AuthenticodeTable } from './authenticode-table.ts';
import type { Cryptography } from './cryptography.ts';
import { imageSink } from './image-digest.ts';
import type { ImageDigests, PagesChecked } from './image-digest.ts';
import { runsOf } from './runs.ts';
import type { SignatureSettings } from './settings.ts';
import { judgeSigner, problemList, weakest } from './signer-levels.ts';
import type { Report } from './signer-levels.ts';

/** What is never checked offline. */
const NOT_CHECKED = ['revocation', 'windows-policy'];

/** The pass that checks the signatures of a PE file. To be called in a reader, with an input of the image's own. */
export function authenticodePass(image: Input, { offset, size }: Binary, index: number, cryptography: Cryptography, settings: SignatureSettings): Pass {
  const { problems, report } = problemList();
  const table = readAuthenticode(image, report);
  const join = (binary: Binary, digests: ImageDigests | null): Binary => ({ ...binary, signatureCheck: judge(table, digests, cryptography, settings, problems, report) });
  if (table.messages.length === 0) return factPass(index, (binary) => join(binary, null));
  return streamPass(index, { at: offset, length: size }, imageSink(cryptography, table), join);
}

function judge(table: AuthenticodeTable, digests: ImageDigests | null, cryptography: Cryptography, settings: SignatureSettings, problems: SignatureCheck['problems'], report: Report): SignatureCheck {
  const { state, messages, checksum, checksumOffset } = table;
  const roots = settings.roots === null ? [] : ['roots-freshness'];
  if (state !== 'certificate') return absent(state, state === 'absent' ? ['catalogue'] : [...NOT_CHECKED], problems, settings);
  if (digests !== null && checksum !== 0 && checksum !== digests.checksum) {
    report('checksum', `CheckSum is ${hex(checksum)}, the file's is ${hex(digests.checksum)}; nobody signs this field`, { offset: checksumOffset, size: 4 });
  }
  const damaged = problems.filter(({ level }) => level === 'intact').length > 0; // bytes behind the table, a nested signature that can't be read
  const signatures = messages.map((message, item) => judgeMessage(message, item, digests, cryptography, settings, report));
  const [first] = signatures;
  const own: Level[] = damaged ? ['unknown'] : [];
  const levels: Levels = {
    intact: weakest([...signatures.map(({ levels: { intact } }) => intact), ...own]),
    signed: first?.levels.signed ?? 'unknown',
    anchored: first?.levels.anchored ?? 'unknown',
    inTime: first?.levels.inTime ?? 'unknown',
  };
  return {
    state,
    levels,
    at: first?.at ?? null,
    signatures,
    codeDirectories: [],
    requirements: [],
    entitlements: null,
    problems,
    notChecked: [...NOT_CHECKED, ...roots],
  };
}

function judgeMessage(
  { depth, message, indirect, content, unauthenticatedBytes }: AuthenticodeMessage,
  item: number,
  digests: ImageDigests | null,
  cryptography: Cryptography,
  settings: SignatureSettings,
  report: Report,
): SignatureItem {
  const answer = judgeSigner({ cryptography, settings, message, content, contentType: SPC.INDIRECT_DATA, item, report });
  const { algorithm, digest, digestOffset } = indirect;
  const flat = algorithm === null ? null : (digests?.flat.get(algorithm) ?? null);
  const sectionWise = algorithm === null ? null : (digests?.sectionWise.get(algorithm) ?? null);
  let intact: Level = flat === null ? 'unknown' : equalBytes(flat, digest) ? 'yes' : 'no';
  let method: SignatureItem['digest']['method'] = 'flat';
  if (indirect.type !== SPC.PE_IMAGE) {
    report('content-type', `the signature is for a file of the kind ${indirect.type}, not for a PE image`, { offset: digestOffset, level: 'intact', item });
    intact = 'no';
  } else if (algorithm === null || flat === null) {
    report('algorithm', `digest algorithm ${indirect.algorithmOid}`, { offset: digestOffset, level: 'intact', item });
  } else if (intact === 'no' && sectionWise !== null && equalBytes(sectionWise, digest)) {
    intact = 'yes';
    method = 'section-wise';
    report('section-wise', 'the digest is that of headers and sections alone, as firmware computes it; the gaps between them are not signed', { item });
  } else if (intact === 'no') {
    report('digest-mismatch', `the ${algorithm} digest of the image is ${hexOf(flat)}, signed is ${hexOf(digest)}`, { offset: digestOffset, size: digest.length, level: 'intact', item });
  }
  const pages = indirect.pages === null ? null : (digests?.pages.get(indirect.pages) ?? null);
  if (reportPages(indirect, pages, digests !== null, item, report) && intact === 'yes') intact = 'no';
  const computed = method === 'flat' ? flat : sectionWise;
  for (const { oid, offset, size } of answer.unsignedAttributes) {
    if (!KNOWN.has(oid)) report('unsigned-attribute', `${size} bytes of an unsigned attribute ${oid}, which nobody knows and nobody signed`, { offset, size, item });
  }
  return {
    depth,
    levels: { intact, signed: answer.signed, anchored: answer.anchored, inTime: answer.inTime },
    at: answer.at,
    digest: { algorithm: algorithm ?? indirect.algorithmOid, signed: hexOf(digest), computed: computed === null ? null : hexOf(computed), method },
    signer: answer.signer,
    chain: answer.chain,
    root: answer.root,
    signingTime: answer.signingTime,
    ...readOpus(message.signers[0]),
    unauthenticatedBytes,
    pageHashes: indirect.pages === null ? null : { algorithm: indirect.pages.algorithm, count: pages?.count ?? 0, bad: pages?.bad ?? [] },
    timestamps: answer.timestamps,
    weak: algorithm === 'sha1' || algorithm === 'md5' ? [...new Set([...answer.weak, algorithm])] : answer.weak,
    unsignedAttributes: answer.unsignedAttributes,
    kind: null,
  };
}

/** Unsigned attributes that are read here. */
const KNOWN: ReadonlySet<string> = new Set([SPC.NESTED, CMS.COUNTERSIGNATURE, CMS.TIME_STAMP, CMS.MICROSOFT_TIME_STAMP]);

const MOST_RUNS = 16; // of bad pages that are named; the list has all

/** Reports what is wrong with page hashes; whether something is. */
function reportPages({ pages, pagesProblem }: AuthenticodeMessage['indirect'], checked: PagesChecked | null, computed: boolean, item: number, report: Report): boolean {
  if (pagesProblem !== null) report('page-mismatch', `the page hashes can't be read: ${pagesProblem.message}`, { offset: pagesProblem.offset, level: 'intact', item });
  if (pagesProblem !== null) return true;
  if (pages === null || !computed) return false;
  if (checked === null) {
    report('page-mismatch', 'the page hashes could not be checked: the sections lie over one another, or the headers have more than a page', { offset: pages.offset, size: pages.table.length, item });
    return false;
  }
  const { count, entries, bad } = checked;
  if (count !== entries) report('page-mismatch', `${entries} page hashes for ${count} pages`, { offset: pages.offset, size: pages.table.length, level: 'intact', item });
  for (const run of runsOf(bad).slice(0, MOST_RUNS)) {
    const word = run.count === 1 ? `page ${run.index} is` : `pages ${run.index} to ${run.index + run.count - 1} are`;
    report('page-mismatch', `${word} not what the page hashes say`, { offset: run.offset, size: run.size, level: 'intact', item });
  }
  return bad.length > 0 || count !== entries;
}
