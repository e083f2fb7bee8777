// Signs Mach-O files as codesign does, with whatever is wrong in it: code directories, special slots, the CMS message.

import { LC } from '../../src/macho/constants.ts';
import { element, indefinite, integer, octets, oid, sequence, tagged, time, truth, utf8 } from './der.ts';
import { attribute, certificate, countersignature, digest, keyOf, signedData, signerInfo, timeStamp } from './pki.ts';
import type { Certificate, Hash, KeyKind } from './pki.ts';
import { buildMachO, segment } from './macho.ts';

const words = (...values: readonly number[]): Buffer => {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, index) => bytes.writeUInt32BE(value >>> 0, index * 4));
  return bytes;
};

export const blob = (magic: number, ...parts: readonly Uint8Array[]): Buffer => {
  const contents = Buffer.concat(parts);
  return Buffer.concat([words(magic, contents.length + 8), contents]);
};

/** Kinds of digests: number, name, bytes in a slot. */
export const KINDS: Readonly<Record<number, readonly [Hash, number]>> = { 1: ['sha1', 20], 2: ['sha256', 32], 3: ['sha256', 20], 4: ['sha384', 48] };

const ADHOC = 0x2;

/** Data in an expression: its length, the bytes, filled to four. */
const data = (value: string | Uint8Array): Buffer => {
  const bytes = Buffer.from(value);
  return Buffer.concat([words(bytes.length), bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);
};

/** Parts of a requirement. */
export const requirement: {
  readonly op: (code: number, ...parts: readonly Uint8Array[]) => Buffer;
  readonly data: (value: string | Uint8Array) => Buffer;
  readonly words: (...values: readonly number[]) => Buffer;
} = { op: (code, ...parts) => Buffer.concat([words(code), ...parts]), data, words };

/** A set of requirements: types and expressions. */
export function requirements(...list: readonly (readonly [type: number, expression: Uint8Array])[]): Buffer {
  const blobs = list.map(([, expression]) => blob(0xfade_0c00, words(1), expression));
  let at = 12 + list.length * 8;
  const index = list.map(([type], position) => {
    const entry = words(type, at);
    at += (blobs[position] as Buffer).length;
    return entry;
  });
  return blob(0xfade_0c01, words(list.length), ...index, ...blobs);
}

/** identifier "…" and anchor apple generic */
export const designated = (identifier: string): Buffer => requirements([3, requirement.op(6, requirement.op(2, data(identifier)), words(15))]);

export const plist = (contents: string): Buffer =>
  Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">\n<plist version="1.0">\n${contents}\n</plist>\n`);

/** Entitlements that are all true, in XML and in DER. */
export const entitlementsXml = (...keys: readonly string[]): Buffer => blob(0xfade_7171, plist(`<dict>${keys.map((key) => `<key>${key}</key><true/>`).join('\n')}</dict>`));
export const entitlementsDer = (...keys: readonly string[]): Buffer => blob(0xfade_7172, element(0x70, integer(1), tagged(16, ...keys.map((key) => sequence(utf8(key), truth(true))))));

export interface People {
  readonly root: Certificate;
  readonly intermediate: Certificate;
  readonly signer: Certificate;
  readonly stampRoot: Certificate;
  readonly stamper: Certificate;
}

export const TEAM = 'TEAM123456';
const MARKER = '1.2.840.113635.100.6';
const people = new Map<KeyKind, People>();

/** A signer of the shape that Apple's developers have. */
export function developer(kind: KeyKind = 'rsa'): People {
  const known = people.get(kind);
  if (known !== undefined) return known;
  const root = certificate({ subject: [['CN', 'Example Apple Root'], ['O', 'Example']], key: keyOf(kind, 'apple root'), ca: true });
  const intermediate = certificate({ subject: [['CN', 'Example Developer ID CA']], key: keyOf(kind, 'apple intermediate'), issuer: root, ca: true, extensions: [[`${MARKER}.2.6`, true, element(5)]] });
  const signer = certificate({
    subject: [['UID', TEAM], ['CN', `Developer ID Application: Example (${TEAM})`], ['OU', TEAM], ['O', 'Example'], ['C', 'DE']],
    key: keyOf(kind, 'developer'),
    issuer: intermediate,
    purposes: ['1.3.6.1.5.5.7.3.3'],
    notBefore: '2024-01-01T00:00:00Z',
    notAfter: '2026-01-01T00:00:00Z',
    extensions: [[`${MARKER}.1.13`, true, element(5)]],
  });
  const stampRoot = certificate({ subject: [['CN', 'Example Stamp Root']], key: keyOf(kind, 'stamp root'), ca: true });
  const stamper = certificate({ subject: [['CN', 'Example Stamper']], key: keyOf(kind, 'stamper'), issuer: stampRoot, purposes: ['1.3.6.1.5.5.7.3.8'] });
  const made = { root, intermediate, signer, stampRoot, stamper };
  people.set(kind, made);
  return made;
}

export interface SealPlan {
  readonly people?: People;
  readonly identifier?: string;
  readonly team?: string | null;
  readonly flags?: number;
  readonly version?: number;
  /** Kinds of digest: the first stands in slot 0. */
  readonly kinds?: readonly number[];
  /** log2 of the page's size. */
  readonly pageShift?: number;
  /** Blobs by slot; null: present in the special slots only. */
  readonly blobs?: ReadonlyMap<number, Uint8Array>;
  /** Slots whose blob is hidden from the index, or not sealed. */
  readonly hidden?: readonly number[];
  readonly unsealed?: readonly number[];
  /** Digests of what lies elsewhere, by slot: what to digest. */
  readonly outside?: ReadonlyMap<number, Uint8Array>;
  /** How it is signed: not at all (ad hoc), with an empty wrapper, by a CMS message. */
  readonly cms?: 'none' | 'empty' | 'signed';
  readonly hash?: Hash;
  readonly bare?: boolean;
  readonly indefinite?: boolean;
  readonly unsorted?: boolean;
  /** Which attributes of hash agility there are. */
  readonly agility?: 'both' | 'plist' | 'digests' | 'none' | 'wrong';
  readonly stamp?: 'rfc3161' | 'countersignature' | null;
  readonly stampTime?: string;
  /** Changes to the code directories before the message is made. */
  readonly directory?: (bytes: Buffer, index: number) => Buffer;
  /** Bytes that the pages end before. */
  readonly limit?: number;
  readonly limit64?: boolean;
  /** Bytes behind the blobs. */
  readonly reserve?: number;
  /** Bytes of code, and what is in them. */
  readonly codeSize?: number;
  readonly infoPlist?: Uint8Array;
  readonly little?: boolean;
  readonly cpuType?: number;
}

/** A code directory over code. */
function codeDirectory(code: Uint8Array, kind: number, plan: SealPlan): Buffer {
  const { identifier = 'com.example.program', team = TEAM, flags = 0x1_0000, version = 0x2_0500, pageShift = 12 } = plan;
  const [hash, size] = KINDS[kind] as readonly [Hash, number];
  const limit = plan.limit ?? code.length;
  const page = pageShift === 0 ? limit : 2 ** pageShift;
  const sealed = new Map<number, Uint8Array>([...(plan.blobs ?? []), ...(plan.outside ?? [])].filter(([slot]) => plan.unsealed?.includes(slot) !== true));
  const special = Math.max(0, ...[...(plan.blobs ?? []), ...(plan.outside ?? [])].map(([slot]) => slot));
  const slots: Buffer[] = [];
  for (let slot = special; slot >= 1; slot--) {
    const contents = sealed.get(slot);
    slots.push(contents === undefined ? Buffer.alloc(size) : digest(hash, contents).subarray(0, size));
  }
  const pages = limit === 0 ? 0 : Math.ceil(limit / page);
  for (let index = 0; index < pages; index++) slots.push(digest(hash, code.subarray(index * page, Math.min(limit, (index + 1) * page))).subarray(0, size));
  const header = 96;
  const texts = Buffer.from(`${identifier}\0${team === null ? '' : `${team}\0`}`);
  const hashOffset = header + texts.length + special * size;
  const body = Buffer.concat([
    words(version, flags, hashOffset, header, special, pages, plan.limit64 === true ? 0 : limit),
    Buffer.from([size, kind, 0, pageShift]),
    words(0, 0, team === null ? 0 : header + identifier.length + 1, 0, 0, plan.limit64 === true ? limit : 0),
    words(0, 0, 0, 0, 0, 1), // execSegBase, execSegLimit, execSegFlags: the main program
    words(0x000e_0000, 0), // runtime 14.0.0, preEncryptOffset
    texts,
    ...slots,
  ]);
  return blob(0xfade_0c02, body);
}

/** The CMS message over the first code directory. */
export function sealMessage(directories: readonly Buffer[], plan: SealPlan): Uint8Array {
  const { people: parties = developer(), hash = 'sha256', agility = 'both', stamp = null, stampTime = '2025-03-01T12:00:00Z', kinds = [2] } = plan;
  const identities = directories.map((bytes, index) => ({ kind: kinds[index] as number, digest: digest((KINDS[kinds[index] as number] as readonly [Hash, number])[0], bytes) }));
  const listed = [...identities].sort((a, b) => a.kind - b.kind).map((entry) => `<data>${entry.digest.subarray(0, 20).toString('base64')}</data>`);
  if (agility === 'wrong') listed.reverse().push('<data>AAAA</data>');
  const hashOid: Record<number, string> = { 1: '1.3.14.3.2.26', 2: '2.16.840.1.101.3.4.2.1', 3: '2.16.840.1.101.3.4.2.1', 4: '2.16.840.1.101.3.4.2.2' };
  const attributes = [
    attribute('1.2.840.113549.1.9.5', time('2025-03-01T11:59:00Z')),
    ...(agility === 'both' || agility === 'plist' || agility === 'wrong' ? [attribute('1.2.840.113635.100.9.1', octets(plist(`<dict><key>cdhashes</key><array>${listed.join('')}</array></dict>`)))] : []),
    ...(agility === 'both' || agility === 'digests' ? [attribute('1.2.840.113635.100.9.2', ...identities.map((entry) => sequence(oid(hashOid[entry.kind] as string), octets(entry.digest))))] : []),
  ];
  const content = directories[0] as Buffer;
  const signer = signerInfo({
    certificate: parties.signer,
    hash,
    content,
    contentType: '1.2.840.113549.1.7.1',
    attributes: plan.bare === true ? null : attributes,
    unsorted: plan.unsorted === true,
    bareKey: false,
    unsigned: (signature) => {
      if (stamp === null) return [];
      if (stamp === 'countersignature') return [attribute('1.2.840.113549.1.9.6', countersignature(signature, { certificate: parties.stamper, time: stampTime }))];
      return [attribute('1.2.840.113549.1.9.16.2.14', timeStamp(signature, { certificate: parties.stamper, time: stampTime }))];
    },
  });
  return signedData({
    contentType: '1.2.840.113549.1.7.1',
    content: null,
    certificates: [parties.signer, parties.intermediate, parties.root, ...(stamp === 'countersignature' ? [parties.stamper] : [])],
    signers: [signer],
    hash,
    container: plan.indefinite === true ? indefinite : element,
  });
}

/** The signature over code. */
export function sealOf(code: Uint8Array, plan: SealPlan): { bytes: Buffer; directories: Buffer[] } {
  const { kinds = [2], cms = 'signed' } = plan;
  const flags = plan.flags ?? (cms === 'none' ? ADHOC : 0x1_0000);
  const directories = kinds.map((kind, index) => {
    const directory = codeDirectory(code, kind, { ...plan, flags });
    return plan.directory?.(directory, index) ?? directory;
  });
  const blobs: [number, Uint8Array][] = [
    ...directories.map((bytes, index): [number, Uint8Array] => [index === 0 ? 0 : 0x0fff + index, bytes]),
    ...[...(plan.blobs ?? [])].filter(([slot]) => plan.hidden?.includes(slot) !== true),
    ...(cms === 'none' ? [] : [[0x1_0000, blob(0xfade_0b01, cms === 'empty' ? Buffer.alloc(0) : sealMessage(directories, plan))] as [number, Uint8Array]]),
  ];
  let at = 12 + blobs.length * 8;
  const index = blobs.map(([slot, bytes]) => {
    const entry = words(slot, at);
    at += bytes.length;
    return entry;
  });
  return { bytes: Buffer.concat([blob(0xfade_0cc0, words(blobs.length), ...index, ...blobs.map(([, bytes]) => bytes)), Buffer.alloc(plan.reserve ?? 0, 0xa5)]), directories };
}

/** A signed program. Where its signature begins is where its code ends. */
export function sealedMachO(plan: SealPlan = {}): { bytes: Uint8Array; signature: number; seal: Buffer; directories: Buffer[] } {
  const size = plan.codeSize ?? 0x5800;
  const link = size - 0x800;
  const program = (signatureSize: number): Buffer => {
    const sections = [{ name: '__text', segment: '__TEXT', offset: 0x1000 }, ...(plan.infoPlist === undefined ? [] : [{ name: '__info_plist', segment: '__TEXT', offset: 0x800 }])];
    const head = buildMachO({
      little: plan.little ?? true,
      ...(plan.cpuType === undefined ? {} : { cpuType: plan.cpuType }),
      commands: [
        segment('__TEXT', true, { fileSize: link, memorySize: BigInt(link), sections }),
        segment('__LINKEDIT', true, { offset: link, fileSize: size - link + signatureSize, address: BigInt(link) }),
      ],
      data: [{ type: LC.CODE_SIGNATURE, bytes: new Uint8Array(0), offset: size, size: signatureSize }],
    });
    const code = Buffer.alloc(size);
    for (let position = 0; position < size; position++) code[position] = (position * 13 + (position >> 8)) & 0xff;
    code.set(head, 0);
    if (plan.infoPlist !== undefined) {
      code.set(plan.infoPlist, 0x800);
      const at = code.indexOf('__info_plist'); // its header
      if (plan.little ?? true) code.writeBigUInt64LE(BigInt(plan.infoPlist.length), at + 40);
      else code.writeBigUInt64BE(BigInt(plan.infoPlist.length), at + 40);
    }
    return code;
  };
  const size0 = sealOf(program(0), plan).bytes.length + 64;
  const room = Math.ceil(size0 / 16) * 16;
  const code = program(room);
  const { bytes, directories } = sealOf(code, plan);
  const reserve = Buffer.alloc(room - bytes.length, plan.reserve === undefined ? 0 : 0xa5);
  return { bytes: Uint8Array.from(Buffer.concat([code, bytes, reserve])), signature: size, seal: bytes, directories };
}
