// Rules about how a program is linked and what was left in it.

import type { Binary } from '../../model/binary.ts';
import { failed, isNotLoaded, notForKind, ofSlices, packedBy, passed, shown, text, unknown, yesOrNo } from './check.ts';
import type { Outcome, Rule, Rules } from './check.ts';

const linkage: Rule = (value, fail) => {
  const wanted = text(value, fail);
  if (wanted !== 'static' && wanted !== 'dynamic') return fail(`linkage is static or dynamic, not ${shown(wanted)}`);
  return ofSlices(wanted, (binary) => {
    const evidence = binary.because['linkage'] ?? null;
    if (binary.linkage !== null) return binary.linkage === wanted ? passed(binary.linkage, evidence) : failed(binary.linkage, evidence);
    if (binary.packer !== null) return packedBy(binary.packer);
    return isNotLoaded(binary) ? notForKind(binary) : unknown('the headers do not tell', evidence);
  });
};

/** What two words say of a fact that is true or false. */
function judge(fact: boolean, wanted: boolean, [yes, no]: readonly [string, string], evidence: string | null): Outcome {
  const found = fact ? yes : no;
  return fact === wanted ? passed(found, evidence) : failed(found, evidence);
}

const POSITION = ['position-independent', 'not position-independent'] as const;

const pie: Rule = (value, fail) => {
  const wanted = yesOrNo(value, fail);
  return ofSlices(wanted ? POSITION[0] : POSITION[1], (binary) => {
    const evidence = binary.because['pie'] ?? null;
    if (binary.pie !== null) return judge(binary.pie, wanted, POSITION, evidence);
    return binary.kind === 'executable' ? unknown('the headers do not tell', evidence) : notForKind(binary);
  });
};

const SYMBOLS = ['stripped', 'not stripped'] as const;

const stripped: Rule = (value, fail) => {
  const wanted = yesOrNo(value, fail);
  return ofSlices(wanted ? SYMBOLS[0] : SYMBOLS[1], (binary) => {
    const evidence = binary.because['stripped'] ?? null;
    if (binary.format === 'pe') return failed(null, evidence, 'does not apply to PE files: their symbols are in other files from the beginning');
    if (binary.stripped !== null) return judge(binary.stripped, wanted, SYMBOLS, evidence);
    if (binary.packer !== null) return packedBy(binary.packer);
    return binary.kind === 'other' ? notForKind(binary) : unknown('the file does not tell', evidence);
  });
};

function loaderField({ format }: Binary): string {
  return format === 'elf' ? 'PT_INTERP' : 'LC_LOAD_DYLINKER';
}

const interpreter: Rule = (value, fail) => {
  const wanted = text(value, fail);
  return ofSlices(wanted, (binary) => {
    if (binary.format === 'pe') return failed(null, null, 'does not apply to PE files: Windows loads them all the same way');
    if (isNotLoaded(binary)) return notForKind(binary);
    if (binary.interpreter !== null) {
      return binary.interpreter === wanted ? passed(wanted, loaderField(binary)) : failed(binary.interpreter, loaderField(binary));
    }
    return binary.packer === null ? failed('no interpreter', `there is no ${loaderField(binary)}`) : packedBy(binary.packer);
  });
};

export const LINKING_RULES: Rules<'linkage' | 'pie' | 'stripped' | 'interpreter'> = { linkage, pie, stripped, interpreter };
