// Where the program's words go: standard output carries the result, standard error everything else.

export type Color = 'auto' | 'always' | 'never';

/** What a command may touch of the process; tests hand in one of their own. */
export interface Terminal {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Whether standard output, and standard error, is a terminal. */
  readonly outIsTerminal: boolean;
  readonly errIsTerminal: boolean;
  /** The width of standard output; 120 where it is no terminal. */
  readonly columns: number;
  /** The width of standard error, where it is a terminal; that of standard output where this is left out. */
  readonly errColumns?: number;
  /** Whether the reader of standard output has gone: nothing written arrives any more. */
  readonly closed: boolean;
  /** Writes to standard output, and waits while its reader is slower than we are. */
  out(data: string | Uint8Array): Promise<void>;
  /** Writes to standard error. */
  err(data: string | Uint8Array): void;
  /** Standard input, to its end. */
  input(): AsyncIterable<Uint8Array>;
}

/** The process's own streams. */
export function processTerminal(): Terminal {
  let closed = false;
  // A closed pipe (`| head`) is no failure of ours; anything else that goes wrong with standard output is.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    closed = true;
  });
  process.stderr.on('error', () => {});
  return {
    env: process.env,
    outIsTerminal: process.stdout.isTTY === true,
    errIsTerminal: process.stderr.isTTY === true,
    columns: process.stdout.isTTY ? process.stdout.columns || 80 : 120, // some terminals call themselves 0 wide
    errColumns: process.stderr.columns || 80,
    get closed(): boolean {
      return closed;
    },
    out(data: string | Uint8Array): Promise<void> {
      if (closed) return Promise.resolve();
      return new Promise((resolve) => {
        process.stdout.write(data, () => resolve()); // also called when the write fails: the 'error' event has told why
      });
    },
    err(data: string | Uint8Array): void {
      process.stderr.write(data);
    },
    input(): AsyncIterable<Uint8Array> {
      return process.stdin;
    },
  };
}

/**
 * Whether to write colours: `--color` over NO_COLOR over FORCE_COLOR (Node's) and CLICOLOR_FORCE over CLICOLOR=0 and TERM=dumb over "is it a terminal".
 * An empty variable says nothing (no-color.org, bixense.com/clicolors).
 */
export function wantsColor(choice: Color, env: Terminal['env'], isTerminal: boolean): boolean {
  if (choice !== 'auto') return choice === 'always';
  if (env['NO_COLOR']) return false;
  if (env['FORCE_COLOR']) return env['FORCE_COLOR'] !== '0' && env['FORCE_COLOR'] !== 'false';
  if (env['CLICOLOR_FORCE'] && env['CLICOLOR_FORCE'] !== '0') return true;
  return isTerminal && env['CLICOLOR'] !== '0' && env['TERM'] !== 'dumb';
}

/**
 * Whether to write characters beyond ASCII: ✓, ·, ─. What is no terminal gets UTF-8 always, so that a file has the same bytes wherever it is made, as cargo has it.
 * On a terminal the first of LC_ALL, LC_CTYPE and LANG that is set decides (POSIX 8.2): UTF-8 or not. Where none is set the answer is yes: containers and
 * build machines set none and show UTF-8 all the same, and on Windows Node writes UTF-16 to the console. TERM=dumb promises nothing, TERM=linux has glyphs for few characters.
 */
export function wantsUnicode(env: Terminal['env'], isTerminal: boolean): boolean {
  if (!isTerminal) return true;
  if (env['TERM'] === 'dumb' || env['TERM'] === 'linux') return false;
  const locale = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || '';
  return locale === '' || /utf-?8(@.*)?$/i.test(locale); // 'en_US.UTF-8', 'C.utf8', 'de_DE.UTF-8@euro', and macOS's plain 'UTF-8'
}
