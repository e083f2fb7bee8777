// The HTML report in a real browser: it needs nothing from elsewhere, nothing overflows, and what a file wrote is text.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DT } from '../../src/elf/constants.ts';
import { buildElf } from '../build/elf.ts';
import { fixtureBytes } from '../fixtures.ts';
import { run } from '../terminal.ts';
import { findChromium, launch } from './chromium.ts';
import type { Browser, Page } from './chromium.ts';

const chromium = findChromium();
const HOSTILE = '"><script>window.hacked=1</script><img src=x onerror="window.hacked=1">&lt;\u202e';

const FILES: Readonly<Record<string, Uint8Array>> = {
  app_darwin_universal: fixtureBytes('macho-universal'),
  app_linux_amd64: fixtureBytes('elf-x86_64-glibc'),
  app_linux_arm64: fixtureBytes('elf-x86_64-glibc'),
  'app_windows_amd64.exe': fixtureBytes('pe-version.exe'),
  empty_linux_amd64: new Uint8Array(0),
  'a-name-that-goes-on-and-on-and-on-without-any-place-to-break-it-anywhere-at-all-linux-amd64': buildElf({ dynamic: [[DT.NEEDED, HOSTILE]] }),
};

describe.skipIf(chromium === null && process.env['CI'] !== 'true')('the HTML report in Chromium', () => {
  const folder = mkdtempSync(join(tmpdir(), 'binspect-report-'));
  let browser: Browser;
  let page: Page;
  const value = (expression: string): Promise<unknown> => page.evaluate(expression);

  beforeAll(async () => {
    if (chromium === null) throw new Error('Chromium is missing: apt-get install chromium, or say in $CHROMIUM where it is');
    for (const name of ['dist', 'old']) {
      mkdirSync(join(folder, name));
      for (const [path, bytes] of Object.entries(FILES)) writeFileSync(join(folder, name, path), bytes);
    }
    writeFileSync(join(folder, 'old/app_linux_amd64'), fixtureBytes('elf-x86_64-pie'));
    const file = join(folder, 'report.html');
    const { status } = await run(['verify', '--target-from-name', '--unique', '--needs', HOSTILE, '--against', join(folder, 'old'), '-o', `html=${file}`, join(folder, 'dist')]);
    expect(status).toBe(3);
    browser = await launch(chromium);
    page = await browser.open(pathToFileURL(file).href);
  }, 60_000);

  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  }, 20_000);

  it('says what is wrong before anything else', async () => {
    expect(await value('document.title')).toBe('FAILED: dist');
    expect(await value("document.querySelector('h2').textContent")).toBe('What is wrong');
    expect(await value("document.querySelector('.problem.fail').textContent")).toContain('app_');
    expect(await value("[...document.querySelectorAll('h2')].map((head) => head.textContent)")).toEqual(
      expect.arrayContaining(['What is wrong', 'Targets', 'Files', 'Identical files', expect.stringContaining('Changed since'), 'Each file']),
    );
  });

  it('shows the holes of the matrix', async () => {
    expect(await value("document.querySelectorAll('.matrix td.hole').length")).toBe(2); // linux/arm64, windows/arm64
    expect(await value("document.querySelectorAll('.matrix td.fail').length")).toBeGreaterThan(0);
  });

  it('runs nothing, loads nothing, and shows what files wrote as text', async () => {
    expect(await value('window.hacked')).toBeUndefined();
    expect(await value("document.querySelectorAll('script, link, iframe, object, img:not([src^=\"data:image/svg+xml,\"])').length")).toBe(0);
    expect(await value("performance.getEntriesByType('resource').filter(({ name }) => !name.startsWith('data:')).length")).toBe(0);
    expect(await value('document.body.textContent.includes("<script>window.hacked=1</script>")')).toBe(true);
    expect(await value("document.documentElement.outerHTML.includes('\\u202e')")).toBe(false);
  });

  it('draws a map for each file', async () => {
    await value("document.querySelectorAll('details').forEach((one) => { one.open = true; for (const image of one.querySelectorAll('img')) image.loading = 'eager'; })");
    expect(await value("Promise.all([...document.images].map((image) => image.decode().then(() => image.naturalWidth)))")).toEqual(Array.from({ length: 5 }, () => 800));
  });

  it.each([400, 760, 1000, 1600])('overflows nowhere at %i pixels', async (width) => {
    for (const dark of [false, true]) {
      await page.show({ width, height: 900, dark });
      expect(await value('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
      const over = `[...document.querySelectorAll('main *')].filter((one) => !one.closest('.scroll, .cards thead') && one.getBoundingClientRect().right > ${width} + 1).map((one) => one.outerHTML.slice(0, 80))`;
      expect(await value(over)).toEqual([]);
    }
  });

  it.each(['light', 'dark', 'print'])('can be read: %s', async (mode) => {
    await page.show({ width: 1000, height: 900, dark: mode !== 'light', print: mode === 'print' });
    // WCAG's contrast of every text with the nearest ground behind it
    const contrast = `(() => {
      const rgb = (text) => text.match(/[\\d.]+/g).map(Number);
      const light = (text) => { const [r, g, b] = rgb(text).slice(0, 3).map((one) => (one /= 255) <= 0.03928 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
      const ground = (one) => { for (; one; one = one.parentElement) { const back = getComputedStyle(one).backgroundColor; if ((rgb(back)[3] ?? 1) > 0) return back; } return 'rgb(255,255,255)'; };
      return [...document.querySelectorAll('main *')].filter((one) => [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim() !== '')).map((one) => {
        const [a, b] = [light(getComputedStyle(one).color), light(ground(one))].sort((x, y) => y - x);
        return [(a + 0.05) / (b + 0.05), one.outerHTML.slice(0, 80)];
      }).filter(([ratio]) => ratio < 4.5);
    })()`;
    expect(await value(contrast)).toEqual([]);
    if (mode === 'print') expect(await value('getComputedStyle(document.body).backgroundColor')).toBe('rgb(255, 255, 255)');
    if (process.env['PICTURES'] !== undefined) writeFileSync(join(process.env['PICTURES'], `report-${mode}.png`), await page.picture());
  });

  it('can be looked at on a telephone', async () => {
    await page.show({ width: 400, height: 900 });
    const picture = await page.picture();
    expect(picture.subarray(1, 4).toString()).toBe('PNG');
    if (process.env['PICTURES'] !== undefined) writeFileSync(join(process.env['PICTURES'], 'report-narrow.png'), picture);
  });
});
