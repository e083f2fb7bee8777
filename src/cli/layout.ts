// How the text of a command is to look: what its options, the environment and the terminal say.

import type { Layout } from '../render/words.ts';
import type { Values } from './arguments.ts';
import { wantsColor, wantsUnicode } from './terminal.ts';
import type { Color, Terminal } from './terminal.ts';

/** The layout for a command's standard output. Files and pipes are searched by line: what has no width of its own is not wrapped there. */
export function layoutOf(values: Values, { env, outIsTerminal, columns }: Terminal): Layout {
  return {
    color: wantsColor((values['color'] as Color | undefined) ?? 'auto', env, outIsTerminal),
    unicode: wantsUnicode(env, outIsTerminal),
    columns: outIsTerminal ? columns : Infinity,
    verbose: values['verbose'] === true,
  };
}
