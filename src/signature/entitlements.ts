// Entitlements of a Mach-O signature: the XML of slot 5, the DER of slot 7, and whether they say the same.

import type { SignatureCheck } from '../model/signature.ts';
import { attempt } from '../pki/attempt.ts';
import { DerCursor, TAG, contentOf, context, elementsOf, hexOf, malformed, readDer } from '../pki/der.ts';
import type { Element } from '../pki/der.ts';
import { boolean, count, integer, text } from '../pki/values.ts';
import { readPlist } from './plist.ts';
import type { PlistValue } from './plist.ts';

const APPLICATION_16 = 0x70;
const MOST_VALUES = 65_536;

/** Reads entitlements in DER: the form of today, `[APPLICATION 16] { version 1, dictionary }`, or that of 2019 to 2021, a SET. Throws `malformed`. */
export function readDerEntitlements(bytes: Uint8Array, base: number): ReadonlyMap<string, PlistValue> {
  const first = bytes[0];
  const room = { left: MOST_VALUES };
  if (first === TAG.SET) return dictionary(readDer(bytes, TAG.SET, 'entitlements', base), room);
  const fields = new DerCursor(readDer(bytes, APPLICATION_16, 'entitlements', base), 'entitlements');
  const version = fields.take(TAG.INTEGER, 'version of the entitlements');
  if (count(version, 'version of the entitlements') !== 1) throw malformed(version.data, version.at, 'entitlements of another version than 1');
  const value = dictionary(fields.take(context(16), 'entitlements'), room);
  fields.finish();
  return value;
}

function dictionary(element: Element, room: { left: number }): Map<string, PlistValue> {
  const entries = new Map<string, PlistValue>();
  for (const pair of elementsOf(element, 'entitlements', room.left)) {
    if (pair.tag !== TAG.SEQUENCE) throw malformed(pair.data, pair.at, 'entitlements: an entry that is no pair');
    const fields = new DerCursor(pair, 'entitlement');
    const key = text(fields.take(TAG.UTF8_STRING, 'name of an entitlement')) ?? '';
    if (entries.has(key)) throw malformed(pair.data, pair.at, `the entitlement ${JSON.stringify(key)} stands twice`);
    entries.set(key, valueOf(fields.any('value of an entitlement'), room));
    fields.finish();
  }
  return entries;
}

function valueOf(element: Element, room: { left: number }): PlistValue {
  if (room.left-- <= 0) throw malformed(element.data, element.at, `entitlements: more than ${MOST_VALUES} values`);
  switch (element.tag) {
    case TAG.BOOLEAN:
      return boolean(element, 'entitlement');
    case TAG.INTEGER:
      return integer(element, 'entitlement');
    case TAG.UTF8_STRING:
      return text(element) ?? '';
    case TAG.OCTET_STRING:
      return contentOf(element);
    case TAG.SEQUENCE:
      return elementsOf(element, 'entitlement', room.left).map((item) => valueOf(item, room));
    case TAG.SET:
    case context(16):
      return dictionary(element, room);
    default:
      throw malformed(element.data, element.at, `a value of an entitlement with the tag 0x${element.tag.toString(16)}`);
  }
}

/** A value with its type, in one order of keys: equal texts are equal values. */
function canonical(value: PlistValue): string {
  if (value instanceof Map) {
    const entries = [...(value as ReadonlyMap<string, PlistValue>)].sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${entries.map(([key, inner]) => `${JSON.stringify(key)}:${canonical(inner)}`).join()}}`;
  }
  if (Array.isArray(value)) return `[${(value as readonly PlistValue[]).map(canonical).join()}]`;
  if (value instanceof Uint8Array) return `<${hexOf(value)}>`;
  if (typeof value === 'bigint') return `${value}`;
  return typeof value === 'number' && Number.isInteger(value) ? `${value}` : JSON.stringify(value);
}

/** A value as plain data: data as hex, numbers that are not safe as bigint. Keys become own properties, whatever they are called. */
function plain(value: PlistValue): unknown {
  if (value instanceof Map) return Object.fromEntries([...(value as ReadonlyMap<string, PlistValue>)].map(([key, inner]) => [key, plain(inner)]));
  if (Array.isArray(value)) return (value as readonly PlistValue[]).map(plain);
  if (value instanceof Uint8Array) return hexOf(value);
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  return typeof value === 'object' && 'date' in value ? value.date : value;
}

/** A sealed blob's contents behind its header, and where they lie in the file. */
export interface SealedBytes {
  readonly bytes: Uint8Array;
  readonly offset: number;
}

/** What sealed entitlements say. What can't be read is left out, and `damaged` hears why. Where both forms are there and one can't be read, they don't agree. */
export function entitlementsOf(xml: SealedBytes | null, der: SealedBytes | null, damaged: (message: string, offset: number) => void): SignatureCheck['entitlements'] {
  const fromXml = xml === null ? null : readPlist(xml.bytes);
  const dictionaryXml = fromXml instanceof Map ? (fromXml as ReadonlyMap<string, PlistValue>) : null;
  if (xml !== null && dictionaryXml === null) damaged('the entitlements in XML can not be read', xml.offset);
  const read = der === null ? null : attempt(() => readDerEntitlements(der.bytes, der.offset));
  if (read?.ok === false) damaged(`the entitlements in DER can't be read: ${read.error.message}`, read.error.offset ?? der?.offset ?? 0);
  const fromDer = read?.ok === true ? read.value : null;
  const keys = fromDer ?? dictionaryXml; // newer systems go by the DER
  if (keys === null) return null;
  const both = xml !== null && der !== null;
  const agree = both ? fromDer !== null && dictionaryXml !== null && canonical(fromDer) === canonical(dictionaryXml) : null;
  if (agree === false) damaged('the entitlements in XML and in DER do not say the same', der?.offset ?? 0);
  return { keys: plain(keys) as Record<string, unknown>, from: fromDer === null ? 'xml' : 'der', agree };
}
