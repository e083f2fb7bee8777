// JSON files of Sigstore and in-toto: bounded in size and depth, and asked field by field, with the place in every error.

import { BinspectError } from '../errors.ts';
import { wordIn } from '../model/names.ts';
import { fromBase64 } from '../pki/pem.ts';

/** What a file of proofs or of roots may be. */
export const JSON_LIMITS: { readonly bytes: number; readonly depth: number } = {
  bytes: 33_554_432, // 32 MiB: attestations carry bills of materials of some megabytes
  depth: 64, // objects within one another; the deepest of the public ones have about 15
};

/** A JSON object and what errors call it. */
export interface JsonObject {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly name: string;
}

/** An error about a place in a JSON file. */
export function jsonError(message: string): BinspectError {
  return new BinspectError('malformed', message);
}

/** Parses a text. Throws `malformed` for what is no JSON, `limit-exceeded` for a text that is too long or nested too deeply. */
export function parseJson(text: string, name: string): unknown {
  if (text.length > JSON_LIMITS.bytes) throw new BinspectError('limit-exceeded', `${name}: ${text.length} characters of JSON, at most ${JSON_LIMITS.bytes} are read`);
  checkDepth(text, name);
  try {
    return JSON.parse(text);
  } catch {
    throw jsonError(`${name} is not valid JSON`);
  }
}

/** Counts brackets outside of strings, so that no parser is handed what would fill its stack. */
function checkDepth(text: string, name: string): void {
  let depth = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (quoted) {
      if (code === 0x5c) at++;
      else if (code === 0x22) quoted = false;
    } else if (code === 0x22) quoted = true;
    else if (code === 0x7b || code === 0x5b) {
      if (++depth > JSON_LIMITS.depth) throw new BinspectError('limit-exceeded', `${name}: more than ${JSON_LIMITS.depth} objects and lists within one another`, { offset: at });
    } else if (code === 0x7d || code === 0x5d) depth--;
  }
}

/** A value that has to be an object. */
export function asObject(value: unknown, name: string): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw jsonError(`${name} is not an object`);
  return { fields: value as Readonly<Record<string, unknown>>, name };
}

/** A field by its name in JSON, or by protobuf's own name for it: `logIndex`, `log_index`. Undefined for one that is not there, or null. */
export function fieldOf({ fields }: JsonObject, key: string): unknown {
  const value = wordIn(fields, key) ?? wordIn(fields, key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`));
  return value ?? undefined;
}

/** Whether an object has a field. */
export function hasField(object: JsonObject, key: string): boolean {
  return fieldOf(object, key) !== undefined;
}

/** The object in a field; null where there is none. */
export function objectIn(object: JsonObject, key: string): JsonObject | null {
  const value = fieldOf(object, key);
  return value === undefined ? null : asObject(value, `${object.name}.${key}`);
}

/** The object in a field that has to be there. */
export function needObject(object: JsonObject, key: string): JsonObject {
  return objectIn(object, key) ?? missing(object, key);
}

/** The objects of a list, which may be missing. Throws `limit-exceeded` for more than `most`. */
export function objectsIn(object: JsonObject, key: string, most: number): JsonObject[] {
  return listIn(object, key, most).map((value, index) => asObject(value, `${object.name}.${key}[${index}]`));
}

/** The values of a list, which may be missing. Throws `limit-exceeded` for more than `most`. */
export function listIn(object: JsonObject, key: string, most: number): readonly unknown[] {
  const value = fieldOf(object, key) ?? [];
  if (!Array.isArray(value)) throw jsonError(`${object.name}.${key} is not a list`);
  if (value.length > most) throw new BinspectError('limit-exceeded', `${object.name}.${key} has ${value.length} entries, at most ${most} are read`);
  return value;
}

/** The text in a field; null where there is none. */
export function textIn(object: JsonObject, key: string): string | null {
  const value = fieldOf(object, key);
  if (value === undefined) return null;
  if (typeof value !== 'string') throw jsonError(`${object.name}.${key} is not a text`);
  return value;
}

/** The text in a field that has to be there. */
export function needText(object: JsonObject, key: string): string {
  return textIn(object, key) ?? missing(object, key);
}

/** The bytes that a field holds as base64; null where there are none. */
export function bytesIn(object: JsonObject, key: string): Uint8Array | null {
  const value = textIn(object, key);
  return value === null || value === '' ? null : decoded(value, `${object.name}.${key}`);
}

/** The bytes of a field that has to be there. */
export function needBytes(object: JsonObject, key: string): Uint8Array {
  return bytesIn(object, key) ?? missing(object, key);
}

/** Base64 in a field. Throws `malformed` where it is not valid. */
export function decoded(value: string, name: string): Uint8Array {
  const bytes = fromBase64(value);
  if (bytes === null) throw jsonError(`${name} is not valid base64`);
  return bytes;
}

/** A whole number of 64 bits that is not negative: a text, as protobuf writes it, or a number. Null where there is none. */
export function integerIn(object: JsonObject, key: string): bigint | null {
  const value = fieldOf(object, key);
  if (value === undefined) return null;
  if (typeof value === 'string' && /^\d{1,19}$/.test(value)) return BigInt(value);
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return BigInt(value);
  throw jsonError(`${object.name}.${key} is not a whole number`);
}

function missing(object: JsonObject, key: string): never {
  throw jsonError(`${object.name} has no ${key}`);
}

/** Bytes as base64. */
export function toBase64(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 0x2000) text += String.fromCharCode(...bytes.subarray(at, at + 0x2000));
  return btoa(text);
}
