// Rules about a file's bytes as a whole.

import { wordIn } from '../../model/names.ts';
import { failed, ofFile, passed, shown, text, unknown } from './check.ts';
import type { Fail, Rule, Rules } from './check.ts';

const sha256: Rule = (value, fail) => {
  const wanted = text(value, fail).toLowerCase();
  if (!/^[0-9a-f]{64}$/.test(wanted)) return fail(`a SHA-256 has 64 hexadecimal digits, not ${shown(wanted)}`);
  return ofFile(wanted, (facts) => {
    if (facts.sha256 === null) return unknown('the file was not hashed');
    return facts.sha256 === wanted ? passed(wanted, 'all bytes of the file') : failed(facts.sha256, 'all bytes of the file');
  });
};

const UNITS: Readonly<Record<string, number>> = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3, t: 1024 ** 4 };

/** A size: bytes, or a number with a unit. KiB and K are 1024 bytes, KB is 1000, as for dd(1) and head(1). */
export function readSize(value: unknown, fail: Fail): number {
  if (typeof value === 'number') return Number.isSafeInteger(value) && value > 0 ? value : fail(`a size is a whole number above 0, not ${value}`);
  const written = text(value, fail).trim();
  const match = /^(\d{1,15}(?:\.\d{1,9})?)\s*(?:([kmgt])(i?b)?|b)?$/i.exec(written);
  const [, number = '', prefix = '', suffix = ''] = match ?? [];
  const unit = wordIn(UNITS, prefix.toLowerCase()) as number;
  const size = Math.floor(Number(number) * (suffix.toLowerCase() === 'b' ? 1000 ** Math.round(Math.log2(unit) / 10) : unit));
  return match !== null && Number.isSafeInteger(size) && size > 0 ? size : fail(`a size is like 40MiB, 1G or 1048576, not ${shown(written)}`);
}

const maxSize: Rule = (value, fail) => {
  const most = readSize(value, fail);
  return ofFile(`at most ${most} bytes`, ({ size }) => {
    const found = `${size} bytes`;
    return size <= most ? passed(found, 'the size of the file') : failed(found, 'the size of the file', `${size - most} bytes too many`);
  });
};

export const FILE_RULES: Rules<'sha256' | 'maxSize'> = { sha256, maxSize };
