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
    columns: process.stdout.columns ?? 120,
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

/** Whether to write colours: `--color` over NO_COLOR over FORCE_COLOR over "is it a terminal". */
export function wantsColor(choice: Color, env: Terminal['env'], isTerminal: boolean): boolean {
  if (choice !== 'auto') return choice === 'always';
  if (env['NO_COLOR'] !== undefined && env['NO_COLOR'] !== '') return false;
  const force = env['FORCE_COLOR'];
  if (force !== undefined && force !== '') return force !== '0' && force !== 'false';
  return isTerminal && env['TERM'] !== 'dumb';
}
