// A real Chromium, driven over the pipe of its DevTools protocol: NUL-separated JSON on descriptors 3 and 4.

import { spawn } from 'node:child_process';
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { Readable, Writable } from 'node:stream';

/** A page that is open. */
export interface Page {
  /** What an expression, or its promise, comes to; a plain value. Rejects with what the page throws. */
  evaluate(expression: string): Promise<unknown>;
  /** Chooses a file in an `<input type=file>`, as a person does. */
  choose(selector: string, path: string): Promise<void>;
  /** Shows the page in a window of another size, as a light or a dark one, on a screen or on paper. */
  show(how: { readonly width: number; readonly height: number; readonly dark?: boolean; readonly print?: boolean }): Promise<void>;
  /** The whole page as a PNG. */
  picture(): Promise<Buffer>;
}

export interface Browser {
  open(url: string): Promise<Page>;
  close(): Promise<void>;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Where Chromium is: what $CHROMIUM says, or the first on the path; null where there is none. */
export function findChromium(): string | null {
  const own = process.env['CHROMIUM'];
  if (own !== undefined && own !== '') return own;
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const names = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find(isExecutable) ?? null;
}

type Message = Readonly<Record<string, unknown>>;

interface Answer {
  readonly id?: number;
  readonly method?: string;
  readonly sessionId?: string;
  readonly result?: Message;
  readonly error?: { readonly message: string };
}

interface Pending {
  readonly resolve: (result: Message) => void;
  readonly reject: (error: Error) => void;
}

/** Requests and their answers over the two pipes. */
class Connection {
  readonly #to: Writable;
  readonly #pending = new Map<number, Pending>();
  readonly #loaded = new Map<string, () => void>(); // by session
  #next = 1;
  #rest = '';

  constructor(to: Writable, from: Readable) {
    this.#to = to;
    from.setEncoding('utf8');
    from.on('data', (text: string) => this.#receive(text));
  }

  #receive(text: string): void {
    const messages = (this.#rest + text).split('\0');
    this.#rest = messages.pop() as string;
    for (const message of messages) {
      const { id, method, sessionId, result, error } = JSON.parse(message) as Answer;
      if (method === 'Page.loadEventFired') this.#loaded.get(sessionId as string)?.();
      const pending = id === undefined ? undefined : this.#pending.get(id);
      if (pending === undefined) continue; // an event
      this.#pending.delete(id as number);
      if (error === undefined) pending.resolve(result ?? {});
      else pending.reject(new Error(error.message));
    }
  }

  /** When the next page of a session has loaded. */
  loaded(sessionId: string): Promise<void> {
    return new Promise((resolve) => this.#loaded.set(sessionId, resolve));
  }

  send(method: string, params: Message = {}, sessionId?: string): Promise<Message> {
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      this.#to.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    });
  }

  fail(error: Error): void {
    for (const { reject } of this.#pending.values()) reject(error);
    this.#pending.clear();
  }
}

const FLAGS = [
  '--headless=new',
  '--remote-debugging-pipe',
  '--disable-gpu',
  '--disable-quic',
  '--disable-dev-shm-usage',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--no-default-browser-check',
  '--host-resolver-rules=MAP insecure.test 127.0.0.1',
];

/** Starts Chromium with a profile of its own. */
export async function launch(path: string): Promise<Browser> {
  const profile = mkdtempSync(join(tmpdir(), 'binspect-chromium-'));
  const root = process.getuid?.() === 0 ? ['--no-sandbox'] : []; // its sandbox refuses to work for root
  const child = spawn(path, [...FLAGS, ...root, `--user-data-dir=${profile}`, 'about:blank'], { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const connection = new Connection(child.stdio[3] as Writable, child.stdio[4] as Readable);
  child.once('error', (error) => connection.fail(error));
  child.once('exit', (code, signal) => connection.fail(new Error(`Chromium ended: ${code ?? signal}`)));
  await connection.send('Browser.getVersion');
  return {
    open: (url) => openPage(connection, url),
    close: async () => {
      await connection.send('Browser.close').catch(() => child.kill());
      await exited;
      rmSync(profile, { recursive: true, force: true, maxRetries: 10 });
    },
  };
}

async function openPage(connection: Connection, url: string): Promise<Page> {
  const { targetId } = await connection.send('Target.createTarget', { url: 'about:blank' });
  const { sessionId } = (await connection.send('Target.attachToTarget', { targetId, flatten: true })) as { sessionId: string };
  const send = (method: string, params?: Message): Promise<Message> => connection.send(method, params, sessionId);
  await send('Page.enable');
  const loaded = connection.loaded(sessionId);
  await send('Page.navigate', { url });
  await loaded;
  return {
    async evaluate(expression) {
      const answer = await send('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true });
      const { result, exceptionDetails } = answer as { result: { value: unknown }; exceptionDetails?: { exception?: { description?: string } } };
      if (exceptionDetails !== undefined) throw new Error(exceptionDetails.exception?.description ?? 'the page threw');
      return result.value;
    },
    async choose(selector, file) {
      const { root } = (await send('DOM.getDocument')) as { root: { nodeId: number } };
      const { nodeId } = await send('DOM.querySelector', { nodeId: root.nodeId, selector });
      await send('DOM.setFileInputFiles', { nodeId, files: [file] });
    },
    async show({ width, height, dark = false, print = false }) {
      await send('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: false });
      await send('Emulation.setEmulatedMedia', { media: print ? 'print' : 'screen', features: [{ name: 'prefers-color-scheme', value: dark ? 'dark' : 'light' }] });
    },
    async picture() {
      const { data } = (await send('Page.captureScreenshot', { format: 'png', captureBeyondViewport: true })) as { data: string };
      return Buffer.from(data, 'base64');
    },
  };
}
