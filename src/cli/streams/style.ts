// How the text of a command is to look: what its options, the environment and the terminal say.

import type { Style } from '../../render/words.ts';
import type { Values } from '../arguments.ts';
import { wantsColor, wantsUnicode } from './terminal.ts';
import type { Color, Terminal } from './terminal.ts';

/** The style for a command's standard output. Files and pipes are searched by line: what has no width of its own is not wrapped there. */
export function styleOf(values: Values, { env, outIsTerminal, columns }: Terminal): Style {
  return {
    color: wantsColor((values['color'] as Color | undefined) ?? 'auto', env, outIsTerminal),
    unicode: wantsUnicode(env, outIsTerminal),
    columns: outIsTerminal ? columns : Infinity,
    verbose: values['verbose'] === true,
  };
}
