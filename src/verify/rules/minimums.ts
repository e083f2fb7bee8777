// Rules about what a file asks of the machine and of the C++ library.

import { DOTTED } from '../versions.ts';
import { failed, failedFirmly, isNotLoaded, notForKind, ofSlices, packedBy, passed, shown, text, unknown } from './check.ts';
import type { Outcome, Rule, Rules } from './check.ts';
import { readSize } from './file.ts';

const LEVEL = /^v([1-4])$/;

const maxCpu: Rule = (value, fail) => {
  const wanted = text(value, fail).toLowerCase();
  const most = LEVEL.exec(wanted)?.[1];
  if (most === undefined) return fail(`a level of x86-64 is v1, v2, v3 or v4, not ${shown(value)}`);
  return ofSlices(`x86-64-${wanted} or less`, (binary) => {
    const { platform, because, minimums, packer } = binary;
    const evidence = because['minimums.cpu'] ?? null;
    if (isNotLoaded(binary)) return notForKind(binary);
    if (platform.arch !== 'amd64' && platform.arch !== '386') {
      return platform.arch === null && platform.variant !== 'anycpu' ? unknown('the file does not tell its architecture') : failed(platform.arch ?? 'anycpu', null, 'does not apply: only x86-64 has such levels');
    }
    if (binary.unknown.includes('minimums.cpu')) return unknown(evidence ?? 'the level is not known');
    const level = minimums.cpu === null ? null : LEVEL.exec(minimums.cpu)?.[1];
    if (level === undefined) return unknown(`${shown(minimums.cpu)} is no level of x86-64`, evidence);
    if (level === null) return packer === null ? passed('no level is asked for', evidence) : packedBy(packer);
    return level <= most ? passed(`v${level}`, evidence) : failedFirmly(`v${level}`, evidence);
  });
};

const minPageSize: Rule = (value, fail) => {
  const least = readSize(value, fail);
  if (!Number.isInteger(Math.log2(least))) return fail(`a page's size is a power of two, like 16384 or 16KiB, not ${shown(value)}`);
  return ofSlices(`pages of ${least} bytes`, (binary) => {
    if (binary.format !== 'elf') return failed(null, null, 'does not apply: only ELF files say what pages they can be mapped with');
    if (isNotLoaded(binary)) return notForKind(binary);
    const { pageSize } = binary.minimums;
    const evidence = binary.because['minimums.pageSize'] ?? null;
    if (pageSize === null) return unknown('the file does not tell', evidence);
    const found = `pages of up to ${pageSize} bytes`;
    return pageSize >= least ? passed(found, evidence) : failedFirmly(found, evidence);
  });
};

const maxGlibcxx: Rule = (value, fail) => {
  const written = text(value, fail).replace(/^GLIBCXX_/, '');
  const most = DOTTED.parse(written);
  if (most === null) return fail(`a version of GNU's C++ library is like '3.4.29', not ${shown(value)}`);
  return ofSlices(`GLIBCXX_${written} or older`, (binary): Outcome => {
    const { format, linkage, packer, because, minimums } = binary;
    const evidence = because['minimums.glibcxx'] ?? null;
    const none = (why: string): Outcome => passed('no GLIBCXX_ version is needed', why);
    if (format !== 'elf') return { ...none('it is no ELF file'), firm: true };
    if (isNotLoaded(binary)) return notForKind(binary);
    if (minimums.glibcxx !== null) {
      const version = DOTTED.parse(minimums.glibcxx);
      if (version === null) return unknown(`${shown(minimums.glibcxx)} is no version`, evidence);
      return DOTTED.compare(version, most) <= 0 ? passed(minimums.glibcxx, evidence) : failedFirmly(minimums.glibcxx, evidence);
    }
    if (packer !== null) return packedBy(packer);
    if (binary.unknown.includes('minimums.glibcxx')) return unknown(evidence ?? 'the minimum is not known');
    if (evidence !== null) return none(evidence);
    if (linkage === 'static') return none(because['linkage'] ?? 'it is static');
    return linkage === 'dynamic' && binary.dependencies.length === 0 ? none('it asks for no library') : unknown('its symbol versions are not known');
  });
};

export const MINIMUM_RULES: Rules<'maxCpu' | 'minPageSize' | 'maxGlibcxx'> = { maxCpu, minPageSize, maxGlibcxx };
