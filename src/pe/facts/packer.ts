// Whether a packer hides the program, by the marks that it can't do without.

import { SCN } from '../constants.ts';
import { sectionAt } from '../file.ts';
import type { PeFile } from '../file.ts';
import type { Section } from '../structures.ts';

/** A packer by the sections that it makes. */
interface Mark {
  readonly packer: string;
  /** Names that are all there. */
  readonly sections: readonly string[];
  /** Where the program must begin too, for a name that may be there while the program is not hidden. */
  readonly entry: RegExp | null;
}

const MARKS: readonly Mark[] = [
  { packer: 'MPRESS', sections: ['.MPRESS1', '.MPRESS2'], entry: null },
  { packer: 'ASPack', sections: ['.aspack', '.adata'], entry: null },
  { packer: 'ASPack', sections: ['.aspack'], entry: /^\.aspack$/ },
  { packer: 'PECompact', sections: ['pec1'], entry: null }, // version 1; the later ones keep the program's own names
  { packer: 'Petite', sections: ['.petite'], entry: /^\.petite$/ },
  { packer: 'NsPack', sections: ['.nsp0', '.nsp1'], entry: null },
  { packer: 'NsPack', sections: ['nsp0', 'nsp1'], entry: null },
  { packer: 'Themida', sections: ['.themida'], entry: null },
  { packer: 'WinLicense', sections: ['.winlice'], entry: null },
  { packer: 'VMProtect', sections: ['.vmp0'], entry: /^\.vmp\d$/ }, // otherwise a few functions are hidden, and the rest is not
  { packer: 'Enigma', sections: ['.enigma1', '.enigma2'], entry: null },
];

/** 'PEC2', which PECompact 2 writes where only objects have relocations. */
const PECOMPACT_2 = 0x3243_4550;

/** 'UPX!' begins what UPX unpacks by. It stands behind the section headers. */
const UPX_MARK = [0x55, 0x50, 0x58, 0x21] as const;
const UPX_SEARCHED = 0x400;

/** The packer; null where no mark is found. */
export function packer(file: PeFile, because: Record<string, string>): string | null {
  const { sections, optional } = file;
  const told = (name: string, reason: string): string => {
    because['packer'] = reason;
    return name;
  };
  const upx = upxMarks(file);
  if (upx !== null) return told('UPX', upx);
  if (sections[0]?.relocationsOffset === PECOMPACT_2) return told('PECompact', '\'PEC2\' where only objects have relocations');
  const names = new Set(sections.map(({ name }) => name));
  for (const mark of MARKS) {
    if (!mark.sections.every((name) => names.has(name))) continue;
    const begins = mark.entry === null ? null : (sectionAt(file, optional.entry)?.name ?? '');
    if (begins !== null && mark.entry?.test(begins) !== true) continue;
    return told(mark.packer, `sections ${mark.sections.join(' and ')}${begins === null ? '' : `, and the program begins in ${begins}`}`);
  }
  return null;
}

/**
 * UPX: the first section is where it unpacks to, and has no bytes. Two more marks are there, the names of the sections and 'UPX!', of
 * which people wipe one or the other. The text alone means nothing: other programs carry it too.
 */
function upxMarks({ input, sections }: PeFile): string | null {
  const [target, stub] = sections;
  if (target === undefined || stub === undefined || !isEmptyCode(target)) return null;
  const isNamed = target.name === 'UPX0' && stub.name === 'UPX1';
  const head = input.readUpTo(0, UPX_SEARCHED, 'UPX mark').bytes();
  const at = head.findIndex((_, index) => UPX_MARK.every((byte, i) => head[index + i] === byte));
  if (isNamed) return at === -1 ? 'sections UPX0, without bytes, and UPX1' : 'sections UPX0, without bytes, and UPX1; \'UPX!\' in the headers';
  return at === -1 ? null : '\'UPX!\' in the headers, and the first section has no bytes';
}

function isEmptyCode({ fileSize, virtualSize, characteristics }: Section): boolean {
  return fileSize === 0 && virtualSize > 0 && (characteristics & SCN.MEM_EXECUTE) !== 0;
}
