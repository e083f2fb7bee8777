// Where the program's words go: standard output carries the result, standard error everything else.

import { closeSync, fstatSync, statSync, writeSync } from 'node:fs';
import { ioError } from '../../bytes/source-file.ts';
import type { BinspectError } from '../../errors.ts';

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
  /** Writes to standard output, and waits while its reader is slower than we are. Rejects with `io` where that fails (a full disk); a reader that has gone is no failure. */
  out(data: string | Uint8Array): Promise<void>;
  /** Writes to standard error. */
  err(data: string | Uint8Array): void;
  /** Standard input, to its end. */
  input(): AsyncIterable<Uint8Array>;
}

/** The process's own streams, each made when it is first needed: Node takes milliseconds for that. */
export function processTerminal(): Terminal {
  let closed = false;
  let failure: BinspectError | null = null;
  let plain = isPlain(1);
  let listening = false;
  /** Keeps what is wrong with standard output: a closed pipe (`| head`) is no failure of ours, a full disk is, and whoever writes hears of it. */
  const failed = (error: unknown): void => {
    if (codeOf(error) === 'EPIPE') closed = true;
    else failure ??= ioError(error, 'standard output');
    if (codeOf(error) === 'EIO') process.once('exit', leaveTerminal);
  };
  /** Writes without a stream. Gives what is left, where the reader of a pipe that does not wait is slower than we are. */
  const writePlain = (bytes: Uint8Array): Uint8Array => {
    let at = 0;
    try {
      while (at < bytes.length) at += writeSync(1, bytes, at);
    } catch (error) {
      if (codeOf(error) === 'EAGAIN') plain = false;
      else failed(error);
    }
    return closed || failure !== null ? NOTHING : bytes.subarray(at);
  };
  /** Null where Node can't make one: of a terminal that has hung up. */
  const stream = (): typeof process.stdout | null => {
    try {
      if (!listening) process.stdout.on('error', failed);
    } catch (error) {
      failed(error);
      return null;
    }
    listening = true;
    return process.stdout;
  };
  return {
    env: process.env,
    get outIsTerminal(): boolean {
      return !plain && stream()?.isTTY === true;
    },
    get errIsTerminal(): boolean {
      return !isPlain(2) && process.stderr.isTTY === true;
    },
    get columns(): number {
      return this.outIsTerminal ? stream()?.columns || 80 : 120; // some terminals call themselves 0 wide
    },
    get errColumns(): number {
      return process.stderr.columns || 80;
    },
    get closed(): boolean {
      return closed;
    },
    async out(data: string | Uint8Array): Promise<void> {
      if (closed) return;
      const bytes = typeof data === 'string' ? Buffer.from(data) : data;
      const rest = plain && failure === null ? writePlain(bytes) : bytes;
      if (rest.length > 0 && failure === null) {
        await new Promise<void>((resolve) => {
          const written = (error?: Error | null): void => {
            if (error != null) failed(error);
            resolve();
          };
          if (stream()?.write(rest, written) === undefined) resolve();
        });
      }
      if (failure !== null) throw failure;
    },
    err(data: string | Uint8Array): void {
      if (process.stderr.listenerCount('error') === 0) process.stderr.on('error', () => {});
      process.stderr.write(data);
    },
    input(): AsyncIterable<Uint8Array> {
      return process.stdin;
    },
  };
}

const NOTHING = new Uint8Array(0);

/** Closes descriptors of a terminal that has hung up: at its end Node puts back their settings, and aborts where that fails. */
function leaveTerminal(): void {
  for (const descriptor of [0, 1, 2]) {
    try {
      if (fstatSync(descriptor).isCharacterDevice()) closeSync(descriptor);
    } catch {
      // it is closed
    }
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

/** Whether a descriptor is a file, a pipe (a socket, where Node made it) or /dev/null, to which Node writes at once whether there is a stream or not (not so on Windows). */
function isPlain(descriptor: number): boolean {
  if (process.platform === 'win32') return false;
  try {
    const stats = fstatSync(descriptor);
    return stats.isFile() || stats.isFIFO() || stats.isSocket() || (stats.isCharacterDevice() && stats.rdev === statSync('/dev/null').rdev);
  } catch {
    return false; // the stream will say what is wrong
  }
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
