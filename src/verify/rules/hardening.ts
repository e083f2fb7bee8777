// The rule about what a file does against attacks: one check for each mitigation that is asked for.

import type { Binary } from '../../model/binary.ts';
import { HARDENING_REASON } from '../../model/hardening.ts';
import type { Hardening } from '../../model/hardening.ts';
import { MITIGATIONS, mitigationOf } from '../../model/mitigations.ts';
import type { Mitigation } from '../../model/mitigations.ts';
import { nearest } from '../../model/nearest.ts';
import { failed, notForKind, packedBy, passed, shown, unknown, yesOrNo } from './check.ts';
import type { Check, Fail, Outcome, Rule, Rules } from './check.ts';

/** A mitigation, and the answer that is wanted. */
interface Wanted {
  readonly mitigation: Mitigation;
  /** Of RELRO the least that will do. */
  readonly value: boolean | 'none' | 'partial' | 'full';
}

const RELRO = ['none', 'partial', 'full'] as const;

const YES = new Set(['true', 'yes', 'on']);
const NO = new Set(['false', 'no', 'off']);

function readOne(word: string, value: unknown, fail: Fail): Wanted {
  const mitigation = mitigationOf(word);
  if (mitigation === null) {
    const near = nearest(word.toLowerCase(), MITIGATIONS.map((one) => one.word));
    return fail(`${shown(word)} is no mitigation${near === null ? '' : `; did you mean ${near}?`} (${MITIGATIONS.map((one) => one.word).join(', ')})`);
  }
  if (mitigation.fact === 'relro') {
    if (value === true) return { mitigation, value: 'partial' };
    if (value === false) return { mitigation, value: 'none' };
    const level = RELRO.find((one) => one === value);
    return level === undefined ? fail(`relro is full, partial or none, not ${shown(value)}`) : { mitigation, value: level };
  }
  const given = typeof value === 'string' && YES.has(value) ? true : typeof value === 'string' && NO.has(value) ? false : value;
  return { mitigation, value: yesOrNo(given, (message) => fail(`${word}: ${message}`)) };
}

/** Words as a list, or as an object of answers: 'relro=full,nx', ['nx', 'canary'], { relro: 'full', ibt: false }. */
function readWanted(value: unknown, fail: Fail): readonly Wanted[] {
  const list = typeof value === 'string' ? [value] : value;
  if (Array.isArray(list)) {
    const words = list.flatMap((item) => (typeof item === 'string' ? item.split(',') : fail(`a mitigation is a word like nx, not ${shown(item)}`))).map((word) => word.trim()).filter((word) => word !== '');
    if (words.length === 0) return fail('at least one mitigation is wanted, not an empty list');
    return words.map((word) => {
      const at = word.indexOf('=');
      return at === -1 ? readOne(word, word === 'relro' ? 'full' : true, fail) : readOne(word.slice(0, at), word.slice(at + 1), fail);
    });
  }
  if (typeof list !== 'object' || list === null) return fail(`mitigations are like relro=full,nx,canary, not ${shown(value)}`);
  const entries = Object.entries(list);
  return entries.length === 0 ? fail('at least one mitigation is wanted, not an empty object') : entries.map(([word, answer]) => readOne(word, answer, fail));
}

/** Whether what a file has is what is wanted. */
function isAsWanted({ mitigation, value }: Wanted, found: Exclude<Hardening[keyof Hardening], null>): boolean {
  if (typeof found === 'string') return value === 'none' ? found === 'none' : RELRO.indexOf(found) >= RELRO.indexOf(value as (typeof RELRO)[number]);
  return (found === mitigation.good) === value;
}

function foundText({ mitigation }: Wanted, found: Exclude<Hardening[keyof Hardening], null>): string {
  if (typeof found === 'string') return `relro=${found}`;
  return `${mitigation.word}=${found === mitigation.good ? 'yes' : 'no'}`;
}

function judgeOne(wanted: Wanted, binary: Binary): Outcome {
  const { fact } = wanted.mitigation;
  const evidence = binary.because[HARDENING_REASON[fact]] ?? null;
  if (binary.packer !== null) return packedBy(binary.packer);
  if (binary.hardening === null) return binary.kind === 'executable' || binary.kind === 'shared-library' || binary.kind === 'bundle' || binary.kind === 'driver' ? unknown('the file does not tell') : notForKind(binary);
  const found = binary.hardening[fact];
  if (found !== null) return isAsWanted(wanted, found) ? passed(foundText(wanted, found), evidence) : failed(foundText(wanted, found), evidence);
  if (evidence?.startsWith('does not apply') === true) return failed(null, evidence, evidence);
  return evidence === null ? failed(null, null, `does not apply to this file: ${wanted.mitigation.text}`) : unknown(evidence);
}

const hardening: Rule = (value, fail) => {
  const checks = readWanted(value, fail).map((wanted): Check => {
    const answer = typeof wanted.value === 'string' ? wanted.value : wanted.value ? 'yes' : 'no';
    return { expected: `${wanted.mitigation.word}=${answer}`, from: null, judge: { slice: (binary) => judgeOne(wanted, binary) } };
  });
  return () => checks;
};

export const HARDENING_RULES: Rules<'hardening'> = { hardening };
