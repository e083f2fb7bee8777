// How far it is: on a terminal, for what takes long; bytes, rate and time left.

import { sizeText } from '../../render/words.ts';
import type { Terminal } from './terminal.ts';

const DELAY = 300; // milliseconds before it is worth saying anything
const EVERY = 100; // milliseconds between two updates

export interface Progress {
  /** Says how many bytes are done. */
  readonly update: (done: number) => void;
  /** Takes the line away, before something else is written or when all is done. */
  readonly clear: () => void;
}

/** Seconds as a person says them. */
function duration(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

/** One line of progress in files: '1234 of 5000 files, 12 s left'. */
export function countText(done: number, total: number, seconds: number): string {
  const left = done > 0 && seconds > 0 && done < total ? `, ${duration(((total - done) * seconds) / done)} left` : '';
  return `${done} of ${total} ${total === 1 ? 'file' : 'files'}${left}`;
}

/** One line of progress, what fits of it into a width. `total` is null while it is not known. */
export function progressText(done: number, total: number | null, seconds: number, width = 80): string {
  const rate = seconds > 0 ? done / seconds : 0;
  const known = total !== null && total >= done;
  const parts = [known ? `${sizeText(done)} of ${sizeText(total)}` : sizeText(done), `${sizeText(Math.round(rate))}/s`];
  if (known && rate > 0) parts.push(`${duration((total - done) / rate)} left`);
  while (parts.length > 1 && parts.join(', ').length > width) parts.pop(); // a line that is broken can't be written over
  return parts.join(', ');
}

/** A line on standard error that is written over and taken away again, also where the program is ended (Ctrl-C). */
function statusLine(terminal: Terminal): { show(text: string): void; clear(): void } {
  let visible = false;
  let watched = false;
  const clear = (): void => {
    if (visible) terminal.err('\r\u001b[K');
    visible = false;
  };
  return {
    show(text) {
      if (!watched) process.once('exit', clear);
      watched = true;
      visible = true;
      terminal.err(`\r${text}\u001b[K`);
    },
    clear,
  };
}

/** How many files are done, on standard error, where that is a terminal. */
export function countLine(terminal: Terminal): { update(done: number, total: number): void; clear(): void } | null {
  if (!terminal.errIsTerminal) return null;
  const started = performance.now();
  const line = statusLine(terminal);
  let shown = 0;
  return {
    update(done, total) {
      const now = performance.now();
      if (now - started < DELAY || now - shown < EVERY) return;
      shown = now;
      line.show(countText(done, total, (now - started) / 1000).slice(0, (terminal.errColumns ?? terminal.columns) - 1)); // a line that is broken can't be written over
    },
    clear: line.clear,
  };
}

/** A line of progress on standard error, where that is a terminal. `measure` finds the bytes in all; it is asked only if it takes long. */
export function progressLine(terminal: Terminal, measure: () => Promise<number>): Progress | null {
  if (!terminal.errIsTerminal) return null;
  const started = performance.now();
  let shown = 0; // when it was last written
  const line = statusLine(terminal);
  let total: number | null = null;
  let measuring = false;
  return {
    update(done) {
      const now = performance.now();
      if (now - started < DELAY || now - shown < EVERY) return;
      if (!measuring) {
        measuring = true;
        measure().then(
          (bytes) => (total = bytes),
          () => {}, // without it there is no time left to tell; what is wrong is met by the work itself
        );
      }
      shown = now;
      line.show(progressText(done, total, (now - started) / 1000, (terminal.errColumns ?? terminal.columns) - 1));
    },
    clear: line.clear,
  };
}
