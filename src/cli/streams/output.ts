// Lines for standard output, gathered so that a million of them are not a million writes.

import { encodeText } from '../../bytes/text.ts';
import type { Terminal } from './terminal.ts';

const ENOUGH = 32 * 1024; // characters
const WAIT = 100; // milliseconds: nobody waits longer for a line that is there, unless the next takes longer

export interface Output {
  /** Adds text. Lone surrogates U+DC80–U+DCFF stand for bytes and are written as those. */
  write(text: string): Promise<void>;
  /** Writes what is there. */
  flush(): Promise<void>;
  /** Writes what is there, then a message to standard error: whoever reads both has them in their order. */
  message(text: string): Promise<void>;
}

/** Output that is gathered; on a terminal each text goes at once. `clear` is called before anything is shown. */
export function gathered(terminal: Terminal, clear: () => void): Output {
  let held = '';
  let since = Date.now();
  const flush = async (): Promise<void> => {
    since = Date.now();
    if (held === '') return;
    const text = held;
    held = '';
    if (terminal.outIsTerminal) clear();
    await terminal.out(encodeText(text));
  };
  return {
    flush,
    async write(text: string): Promise<void> {
      held += text;
      if (terminal.outIsTerminal || held.length >= ENOUGH || Date.now() - since > WAIT) await flush();
    },
    async message(text: string): Promise<void> {
      await flush();
      clear();
      terminal.err(`binspect: ${text}\n`);
    },
  };
}
