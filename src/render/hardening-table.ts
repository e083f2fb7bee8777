// Many files as a table of mitigations: a column for each, a line for each binary.

import type { Inspection } from '../model/binary.ts';
import { HARDENING_REASON } from '../model/hardening.ts';
import { MITIGATIONS } from '../model/mitigations.ts';
import type { Mitigation } from '../model/mitigations.ts';
import { visible } from './visible.ts';
import { formatText, padded, sign, tinted } from './words.ts';
import type { Style } from './words.ts';

const FORMAT = 13;

const widthOf = ({ head }: Mitigation): number => Math.max(head.length, 'partial'.length) + 2;

/** The heads of the columns. The path comes last, as no width has to be known for it. */
export function hardeningHead(style: Style): string {
  const names = MITIGATIONS.map((one) => padded(one.head, widthOf(one))).join('');
  return `${tinted(`${padded('FORMAT', FORMAT)}${names}PATH`, 'dim', style)}\n`;
}

/** The lines of a file: one for each binary. A protected one says yes in every column; ? is what can't be told, and a dash stands where the question does not arise. */
export function hardeningRows(inspection: Inspection, path: string, style: Style): string {
  const none = sign('none', style);
  return inspection.binaries
    .map((binary) => {
      const cells = MITIGATIONS.map((one) => {
        const value = binary.hardening?.[one.fact] ?? null;
        const reason = binary.because[HARDENING_REASON[one.fact]];
        const text =
          value === null ? (reason !== undefined && !reason.startsWith('does not apply') ? '?' : none) : typeof value === 'string' ? value : value === one.good ? 'yes' : 'NO';
        return padded(text, widthOf(one));
      }).join('');
      const slice = inspection.universal ? ` (${visible(binary.platform.arch ?? '?')})` : '';
      return `${padded(formatText(binary), FORMAT)}${cells}${tinted(`${visible(path)}${slice}`, 'bold', style)}\n`;
    })
    .join('');
}
