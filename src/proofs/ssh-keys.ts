// SSH's public keys, and the file of those who may sign. (RFC 4253 6.6, RFC 5656 3.1, RFC 8709; ssh-keygen(1) ALLOWED SIGNERS)

import { BinspectError } from '../errors.ts';
import { joined } from '../pki/der.ts';
import { lengthOctets, readPublicKey, spkiOfEd25519, spkiOfRsa } from '../pki/keys.ts';
import { TAG, readDer } from '../pki/der.ts';
import { fromBase64 } from '../pki/pem.ts';
import type { KeyBytes } from '../pki/signed-bytes.ts';
import { latin1 } from '../pki/values.ts';

/** Fields of SSH's wire format: a length of four bytes, then the bytes. */
export class SshFields {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  take(length: number): Uint8Array {
    if (length > this.#bytes.length - this.#at) throw new BinspectError('malformed', 'SSH fields that are cut short');
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  number(): number {
    return this.take(4).reduce((value, byte) => value * 256 + byte, 0);
  }

  string(): Uint8Array {
    return this.take(this.number());
  }

  text(): string {
    return latin1(this.string());
  }

  finish(): void {
    if (this.#at !== this.#bytes.length) throw new BinspectError('malformed', 'bytes follow SSH fields');
  }
}

/** A string in SSH's wire format. */
export function sshString(bytes: Uint8Array): Uint8Array {
  const { length } = bytes;
  return joined([Uint8Array.from([length >>> 24, length >>> 16, length >>> 8, length]), bytes]);
}

/** DER of a curve's SubjectPublicKeyInfo, up to the point. */
const CURVES: ReadonlyMap<string, readonly number[]> = new Map([
  ['nistp256', [0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00]],
  ['nistp384', [0x30, 0x76, 0x30, 0x10, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22, 0x03, 0x62, 0x00]],
  ['nistp521', [0x30, 0x81, 0x9b, 0x30, 0x10, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x23, 0x03, 0x81, 0x86, 0x00]],
]);

/** The key in a blob of SSH's. One of a kind that is not known here has that as its reason. Throws `malformed`. */
export function sshKey(blob: Uint8Array): KeyBytes {
  const fields = new SshFields(blob);
  const type = fields.text();
  const spki = ((): Uint8Array | null => {
    if (type === 'ssh-ed25519') return spkiOfEd25519(fields.string());
    if (type === 'ssh-rsa') {
      const exponent = fields.string();
      return spkiOfRsa(tagged(0x30, joined([tagged(0x02, fields.string()), tagged(0x02, exponent)])));
    }
    const prefix = type.startsWith('ecdsa-sha2-') ? CURVES.get(fields.text()) : undefined;
    return prefix === undefined ? null : joined([Uint8Array.from(prefix), fields.string()]);
  })();
  if (spki === null) return { key: { kind: 'unknown', reason: `an SSH key of the type ${type.slice(0, 60)}` }, spki: blob };
  fields.finish();
  return { key: readPublicKey(readDer(spki, TAG.SEQUENCE, 'SSH key')), spki };
}

/** An element of DER. */
export function tagged(tag: number, content: Uint8Array): Uint8Array {
  return joined([Uint8Array.from([tag, ...lengthOctets(content.length)]), content]);
}

const LINE = /^((?:ssh|ecdsa-sha2|sk-ssh|sk-ecdsa-sha2)-[A-Za-z0-9@.-]+)\s+([A-Za-z0-9+/]+={0,2})(?:\s|$)/;

/** The blob of a public key as a line of text: `ssh-ed25519 AAAA… comment`. Null for another line. */
export function sshKeyLine(line: string): Uint8Array | null {
  const match = LINE.exec(line);
  return match === null ? null : fromBase64(match[2] as string);
}

/** One who may sign. */
export interface AllowedSigner {
  /** Patterns of names: `*` and `?` stand for anything, `!` excludes. */
  readonly principals: string;
  readonly authority: boolean;
  /** Patterns of what signatures may be for; null for anything. */
  readonly namespaces: string | null;
  /** Milliseconds since 1970. */
  readonly from: number;
  readonly to: number;
  readonly blob: Uint8Array;
}

const MOST_SIGNERS = 100_000; // lines of a file

/** Reads a file of allowed signers. Throws `invalid-argument` for a line that is not valid, with its number: a key that is dropped silently would be missed much later. */
export function readAllowedSigners(text: string): AllowedSigner[] {
  const lines = text.split(/\r?\n/);
  if (lines.length > MOST_SIGNERS) throw new BinspectError('invalid-argument', `the file of allowed signers has ${lines.length} lines`);
  return lines.flatMap((line, index) => {
    if (/^\s*(#|$)/.test(line)) return [];
    const match = /^\s*("[^"]*"|\S+)\s+(.*)$/.exec(line);
    const rest = match?.[2] ?? '';
    const options = sshKeyLine(rest) === null ? (/^((?:"[^"]*"|[^\s"])+)\s+(.*)$/.exec(rest) ?? null) : null;
    const blob = sshKeyLine(options === null ? rest : (options[2] as string));
    const fail = (): never => {
      throw new BinspectError('invalid-argument', `line ${index + 1} of the allowed signers is not valid`);
    };
    if (match === null || blob === null) return fail();
    let signer: AllowedSigner = { principals: (match[1] as string).replace(/^"|"$/g, ''), authority: false, namespaces: null, from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY, blob };
    for (const option of (options?.[1] ?? '').match(/(?:"[^"]*"|[^,"])+/g) ?? []) {
      const [, name = '', value = ''] = /^([a-z-]+)(?:="?([^"]*)"?)?$/i.exec(option) ?? [];
      switch (name.toLowerCase()) {
        case 'cert-authority':
          signer = { ...signer, authority: true };
          break;
        case 'namespaces':
          signer = { ...signer, namespaces: value };
          break;
        case 'valid-after':
          signer = { ...signer, from: sshTime(value) ?? fail() };
          break;
        case 'valid-before':
          signer = { ...signer, to: sshTime(value) ?? fail() };
          break;
        default:
          fail();
      }
    }
    return [signer];
  });
}

/** YYYYMMDD[HHMM[SS]][Z]; without the Z it is the local time. */
function sshTime(text: string): number | null {
  const match = /^(\d{4})(\d{2})(\d{2})(?:(\d{2})(\d{2})(\d{2})?)?(Z?)$/.exec(text);
  if (match === null) return null;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1, 7).map((part) => Number(part ?? 0));
  const time = match[7] === 'Z' ? Date.UTC(year, month - 1, day, hour, minute, second) : new Date(year, month - 1, day, hour, minute, second).getTime();
  return Number.isNaN(time) ? null : time;
}

/** Whether one of a list of patterns matches, and none that excludes. */
export function matchesPatterns(list: string, text: string): boolean {
  let found = false;
  for (const part of list.split(',')) {
    const excludes = part.startsWith('!');
    if (!matchesPattern(excludes ? part.slice(1) : part, text)) continue;
    if (excludes) return false;
    found = true;
  }
  return found;
}

/** `*` and `?`, in steps that are at most the product of both lengths. */
function matchesPattern(pattern: string, text: string): boolean {
  let at = 0;
  let place = 0;
  let star = -1;
  let from = 0;
  while (at < text.length) {
    if (place < pattern.length && (pattern[place] === '?' || (pattern[place] !== '*' && pattern[place] === text[at]))) {
      at++;
      place++;
    } else if (pattern[place] === '*') {
      star = place++;
      from = at;
    } else if (star !== -1) {
      place = star + 1;
      at = ++from;
    } else return false;
  }
  while (pattern[place] === '*') place++;
  return place === pattern.length;
}
