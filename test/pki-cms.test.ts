// pki/: signed messages and time stamps.

import { describe, expect, it } from 'vitest';
import { buildChain } from '../src/pki/chain.ts';
import { CMS, CMS_LIMITS, contentOctets, readSignedData } from '../src/pki/cms.ts';
import type { SignedData, SignerInfo } from '../src/pki/cms.ts';
import { TAG, readDer } from '../src/pki/der.ts';
import { checkSigner, listsDigest } from '../src/pki/signer.ts';
import type { SignerCheck } from '../src/pki/signer.ts';
import { checkStampAttribute, checkTimeStamp, provesTime, readTimeStampResponse, readTimeStampToken } from '../src/pki/time-stamp.ts';
import type { StampCheck } from '../src/pki/time-stamp.ts';
import { isoTime } from '../src/pki/values.ts';
import { PURPOSE, readCertificate } from '../src/pki/x509.ts';
import { NODE_RUNTIME } from '../src/signature/runtime-keys.ts';
import { element, indefinite, integer, octets, oid, sequence, setOf, time } from './build/der.ts';
import { attribute, countersignature, digest, hashId, house, keyOf, signedData, signerInfo, timeStamp } from './build/pki.ts';
import type { Certificate, Hash, House, SignerOptions } from './build/pki.ts';
import { privateEncrypt, constants } from 'node:crypto';

const DATA = CMS.DATA;
const CONTENT = Buffer.from('what is signed');
const read = (bytes: Uint8Array): SignedData => readSignedData(readDer(Uint8Array.from(bytes), TAG.SEQUENCE, 'test'));
const first = (message: SignedData): SignerInfo => message.signers[0] as SignerInfo;
const check = (message: SignedData, content: Uint8Array = contentOctets(message.content as never), contentType = message.contentType): SignerCheck =>
  checkSigner(NODE_RUNTIME, first(message), content, { certificates: message.certificates, contentType });
const made = ({ signer, intermediate }: House, options: Partial<SignerOptions> = {}, message: Partial<Parameters<typeof signedData>[0]> = {}): Uint8Array =>
  signedData({
    contentType: DATA,
    content: octets(CONTENT),
    certificates: [signer, intermediate],
    signers: [signerInfo({ certificate: signer, content: CONTENT, contentType: DATA, hash: message.hash ?? 'sha256', ...options })],
    ...message,
  });

describe('signed messages', () => {
  for (const kind of ['rsa', 'p256', 'p384', 'p521', 'ed25519'] as const) {
    for (const hash of ['sha1', 'sha256', 'sha384', 'sha512'] as Hash[]) {
      it(`${kind} with ${hash}: attributes, no attributes, indefinite lengths`, () => {
        const parties = house(kind);
        expect(check(read(made(parties, {}, { hash })))).toMatchObject({ state: 'valid', failure: null });
        expect(check(read(made(parties, { attributes: null }, { hash })))).toMatchObject({ state: 'valid' });
        expect(check(read(made(parties, {}, { hash, container: indefinite })))).toMatchObject({ state: 'valid' });
        expect(check(read(made(parties, {}, { hash, content: null })), CONTENT)).toMatchObject({ state: 'valid' });
        expect(check(read(made(parties, {}, { hash, content: null })), Buffer.from('x')).failure).toBe('message-digest');
        expect(check(read(made(parties, { attributes: null }, { hash, content: null })), Buffer.from('x')).failure).toBe('signature-value');
      });
    }
  }
  const parties = house('p256');

  it('takes content that BER has cut into pieces, and the sequence of PKCS#7', () => {
    const cut = indefinite(0x24, octets(CONTENT.subarray(0, 5)), octets(CONTENT.subarray(5)));
    expect(check(read(made(parties, {}, { content: cut }))).state).toBe('valid');
    const older = sequence(integer(1), octets(Buffer.from('x')));
    const inner = older.subarray(2);
    expect(check(read(made(parties, { content: inner }, { content: older }))).state).toBe('valid');
  });

  it('keeps the attributes as they lie there: unsorted, and of indefinite length', () => {
    const attributes = [attribute('1.2.840.113549.1.9.5', time('2024-06-01T00:00:00Z')), attribute('1.2.3', integer(1))];
    const message = read(made(parties, { attributes, unsorted: true }));
    expect([check(message).state, isoTime(check(message).signingTime as number)]).toEqual(['valid', '2024-06-01T00:00:00Z']);
    const whole = Buffer.from(made(parties, { attributes }));
    const list = first(read(whole)).signedAttributes?.element as { at: number; start: number; stop: number };
    const loose = indefinite(0xa0, whole.subarray(list.start, list.stop));
    const info = first(read(whole)).element;
    const rebuilt = Buffer.concat([whole.subarray(info.start, list.at), loose, whole.subarray(list.stop, info.stop)]);
    const again = signedData({ contentType: DATA, content: octets(CONTENT), certificates: [parties.signer], signers: [element(0x30, rebuilt)] });
    expect(check(read(again)).state).toBe('valid');
  });

  it('names what fails', () => {
    const outcome = (options: Partial<SignerOptions>, message: Parameters<typeof made>[2] = {}): string | null => check(read(made(parties, options, message))).failure;
    expect(outcome({ content: Buffer.from('another') })).toBe('message-digest');
    expect(outcome({ contentType: '1.2.3' })).toBe('content-type');
    expect(outcome({}, { certificates: [parties.intermediate] })).toBe('no-certificate');
    expect(outcome({ attributes: [attribute('1.2.840.113549.1.9.4', octets(CONTENT))] })).toBe('attributes');
    expect(outcome({ attributes: [attribute('1.2.840.113549.1.9.16.2.47', sequence(sequence(sequence(octets(digest('sha256', CONTENT))))))] })).toBe('signing-certificate');
    const stranger: Certificate = { ...parties.signer, key: keyOf('p256', 'stranger') };
    expect(outcome({ certificate: stranger })).toBe('signature-value');
    const unknown = Buffer.from(made(parties));
    const at = unknown.lastIndexOf(Buffer.from(hashId('sha256')));
    unknown[at + hashId('sha256').length - 3] = 0x77;
    expect(check(read(unknown))).toMatchObject({ state: 'unknown', failure: 'algorithm' });
    expect(checkSigner(null, first(read(made(parties))), CONTENT, { certificates: read(made(parties)).certificates, contentType: DATA }).state).toBe('unknown');
  });

  it('reads every truncation and every flipped bit as a message or as malformed', () => {
    const whole = Buffer.from(made(parties, { unsigned: () => [attribute('1.2.3', integer(1))] }));
    for (let length = 0; length < whole.length; length++) expect(() => read(whole.subarray(0, length))).toThrow(/./);
    const roots = [readCertificate(Uint8Array.from(parties.root.der))];
    const unseen: number[] = [];
    for (let at = 0; at < whole.length; at++) {
      const flipped = Buffer.from(whole);
      flipped[at] = (flipped[at] as number) ^ (1 << at % 8);
      try {
        const message = read(flipped);
        if (message.oddities.length > 0 || message.signers.length !== 1 || message.content === null || !listsDigest(message, first(message))) continue;
        const { state, certificate } = check(message);
        if (state !== 'valid' || certificate === null || first(message).unsignedAttributes[0]?.oid !== '1.2.3') continue;
        if (buildChain(NODE_RUNTIME, certificate, { pool: message.certificates, roots, purpose: PURPOSE.CODE_SIGNING, at: Date.now() }).anchored === 'yes') unseen.push(at);
      } catch (error) {
        expect(error).toMatchObject({ name: 'BinspectError' });
      }
    }
    expect(unseen).toEqual([whole.length - 3, whole.length - 1]); // the value of the unsigned attribute
  });

  it('limits certificates and signers', () => {
    const many = Array.from({ length: CMS_LIMITS.certificates + 1 }, () => parties.signer);
    expect(() => read(made(parties, {}, { certificates: many }))).toThrow(/more than 64/);
    const info = signerInfo({ certificate: parties.signer, content: CONTENT, contentType: DATA });
    expect(() => read(made(parties, {}, { signers: Array.from({ length: CMS_LIMITS.signers + 1 }, () => info) }))).toThrow(/more than 8/);
  });

  it('says what is odd: versions, certificates that can not be read', () => {
    expect(read(made(parties, {}, { version: 7 })).oddities.map(({ message }) => message)).toEqual(['signed data of version 7']);
    const broken: Certificate = { ...parties.intermediate, der: sequence(integer(1)) };
    expect(read(made(parties, {}, { certificates: [broken, parties.signer] })).oddities.length).toBe(1);
  });
});

describe('time stamps', () => {
  for (const kind of ['rsa', 'p256'] as const) {
    const parties = house(kind);
    const roots = [readCertificate(Uint8Array.from(parties.stampRoot.der))];
    const signature = Buffer.from('a signature value');
    const token = (bytes: Uint8Array): StampCheck => checkTimeStamp(NODE_RUNTIME, readTimeStampToken(readDer(Uint8Array.from(bytes), TAG.SEQUENCE, 'test')), signature, { pool: [], roots });
    const pool = [readCertificate(Uint8Array.from(parties.stamper.der))];

    it(`${kind}: RFC 3161`, () => {
      const good = token(timeStamp(signature, { certificate: parties.stamper, time: '2025-03-01T12:00:00.123Z' }));
      expect([good.signed.state, good.chain?.anchored, isoTime(good.time as number), provesTime(good)]).toEqual(['valid', 'yes', '2025-03-01T12:00:00.123Z', true]);
      const other = token(timeStamp(Buffer.from('another'), { certificate: parties.stamper, time: '2025-03-01T12:00:00Z' }));
      expect([other.signed.state, provesTime(other)]).toEqual(['invalid', false]);
      expect(provesTime(token(timeStamp(signature, { certificate: parties.stamper, time: '2019-03-01T12:00:00Z' })))).toBe(false);
      expect(provesTime(token(timeStamp(signature, { certificate: parties.signer, time: '2025-03-01T12:00:00Z' })))).toBe(false);
      const outside = timeStamp(signature, { certificate: parties.stamper, certificates: [], time: '2025-03-01T12:00:00Z' });
      expect(token(outside).signed.state).toBe('invalid');
      const response = sequence(sequence(integer(0)), outside);
      const found = checkTimeStamp(NODE_RUNTIME, readTimeStampResponse(Uint8Array.from(response)), signature, { pool, roots });
      expect(provesTime(found)).toBe(true);
      expect(() => readTimeStampResponse(Uint8Array.from(sequence(sequence(integer(2)))))).toThrow(/grants none: status 2/);
    });

    it(`${kind}: countersignatures, with the bare digest too`, () => {
      const stamp = (bytes: Uint8Array): StampCheck => checkStampAttribute(NODE_RUNTIME, CMS.COUNTERSIGNATURE, readDer(Uint8Array.from(bytes), TAG.SEQUENCE, 'test'), signature, { pool, roots });
      const good = countersignature(signature, { certificate: parties.stamper, time: '2025-03-01T12:00:00Z' });
      expect([provesTime(stamp(good)), stamp(good).bareDigest]).toEqual([true, false]);
      expect(provesTime(stamp(countersignature(Buffer.from('x'), { certificate: parties.stamper, time: '2025-03-01T12:00:00Z' })))).toBe(false);
      if (kind !== 'rsa') return;
      const list = setOf(attribute(CMS.CONTENT_TYPE, oid(CMS.DATA)), attribute(CMS.SIGNING_TIME, time('2009-01-01T00:00:00Z')), attribute(CMS.MESSAGE_DIGEST, octets(digest('sha1', signature))));
      const value = privateEncrypt({ key: parties.stamper.key.privateKey, padding: constants.RSA_PKCS1_PADDING }, digest('sha1', list));
      const { stamper } = parties;
      const bare = sequence(integer(1), sequence(stamper.issuerName, integer(stamper.serial)), hashId('sha1'), Buffer.concat([Buffer.from([0xa0]), list.subarray(1)]), sequence(oid('1.2.840.113549.1.1.1'), element(5)), octets(value));
      expect([stamp(bare).signed.state, stamp(bare).bareDigest, isoTime(stamp(bare).time as number)]).toEqual(['valid', true, '2009-01-01T00:00:00Z']);
    });

    it(`${kind}: a damaged one is an answer`, () => {
      const good = Uint8Array.from(timeStamp(signature, { certificate: parties.stamper, time: '2025-03-01T12:00:00Z' }));
      for (const id of [CMS.COUNTERSIGNATURE, CMS.TIME_STAMP]) {
        const found = checkStampAttribute(NODE_RUNTIME, id, readDer(Uint8Array.from(sequence(integer(1))), TAG.SEQUENCE, 'test'), signature, { pool, roots });
        expect([found.signed.state, found.time]).toEqual(['invalid', null]);
      }
      expect(buildChain(NODE_RUNTIME, pool[0] as never, { pool: [], roots, purpose: PURPOSE.TIME_STAMPING, at: 0 }).inTime).toBe(false);
      expect(good.length).toBeGreaterThan(100);
    });
  }
});
