// A terminal for tests: keeps what is written, hands in what standard input should hold.

import { expect } from 'vitest';
import { main } from '../src/cli/main.ts';
import type { Terminal } from '../src/cli/streams/terminal.ts';
import { wrongOutput } from './json-output.ts';

export interface Ran {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

export interface TerminalPlan {
  readonly env?: Readonly<Record<string, string>>;
  readonly columns?: number;
  readonly outIsTerminal?: boolean;
  readonly input?: Iterable<Uint8Array>;
  /** Bytes after which the reader of standard output goes away. */
  readonly closesAfter?: number;
}

/** Runs the program within this process. What it prints as JSON has to be what the published schemas say. */
export async function run(args: readonly string[], plan: TerminalPlan = {}): Promise<Ran> {
  const chunks: Buffer[] = [];
  let err = '';
  let written = 0;
  const terminal: Terminal = {
    env: plan.env ?? {},
    outIsTerminal: plan.outIsTerminal ?? false,
    errIsTerminal: false,
    columns: plan.columns ?? 120,
    get closed(): boolean {
      return plan.closesAfter !== undefined && written >= plan.closesAfter;
    },
    out(data) {
      const chunk = Buffer.from(data as Uint8Array);
      written += chunk.length;
      chunks.push(chunk);
      return Promise.resolve();
    },
    err(data) {
      err += typeof data === 'string' ? data : Buffer.from(data).toString('utf8');
    },
    async *input() {
      yield* plan.input ?? [];
    },
  };
  const status = await main(args, terminal);
  const out = Buffer.concat(chunks).toString('utf8');
  expect(wrongOutput(args, out), `${args.join(' ')}: by its schema`).toEqual([]);
  return { status, out, err };
}
