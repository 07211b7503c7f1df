import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { changedPlan, runIn } from '../helpers/processes/cli';
import { startChromium } from '../helpers/processes/chromium';
import { type RunningSandbox, withSandbox } from '../helpers/processes/running-sandbox';
import { untilStatus } from '../helpers/processes/sandbox-status';
import { WebUi } from '../helpers/processes/web-ui';

jest.setTimeout(240_000);

const ROOT = resolve(__dirname, '../..');
const SCREENSHOTS = join(ROOT, '.sandbox', 'screenshots');
const WITHIN_MS = 60_000;

let sandbox: RunningSandbox;
let browser: Browser;
let slowPlan: string;

beforeAll(async () => {
  mkdirSync(SCREENSHOTS, { recursive: true });
  browser = await startChromium();
  sandbox = await withSandbox({ traffic: false });
  slowPlan = changedPlan('slow.yaml', (text) => text.replaceAll(/soak: \d+s/g, 'soak: 10m'));
});

afterAll(async () => {
  await browser?.close();
  await sandbox?.stop();
});

const shot = (page: Page, name: string): Promise<Buffer> =>
  page.screenshot({ path: join(SCREENSHOTS, `${name}.png`), fullPage: true });

/** A rollout at 10 %, paused with a reason. Answers the link that the program prints. */
async function pausedAt10(environment: string, reason: string): Promise<string> {
  const start = await runIn(sandbox, 'start-rollout', [environment, '--plan', slowPlan, '--sandbox', '--json']);
  expect(start.code).toBe(0);
  await untilStatus(sandbox, environment, {
    wished: ({ phase, percentage }) => phase === 'soaking' && percentage === 10,
  });
  const pause = await runIn(sandbox, 'rollout', ['pause', environment, '--reason', reason, '--sandbox', '--json']);
  expect(pause.code).toBe(0);
  return String((JSON.parse(start.stdout) as { readonly link: unknown }).link);
}

const isZero = (environment: string) =>
  untilStatus(sandbox, environment, { wished: ({ running, percentage }) => !running && percentage === 0 });

/** The page needs no sideways scrolling. */
const fits = (page: Page): Promise<boolean> =>
  page.evaluate<boolean>('document.documentElement.scrollWidth <= document.documentElement.clientWidth');

async function pageOf(options: NonNullable<Parameters<Browser['newPage']>[0]> = {}): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 1200, height: 900 }, reducedMotion: 'reduce', ...options });
  page.setDefaultTimeout(WITHIN_MS);
  return page;
}

/** `rollout ui` as in a terminal; its address once it serves. */
async function serving(...words: readonly string[]): Promise<{ readonly url: string; readonly stop: () => void }> {
  const command = ['client/bin/rollout.cjs', 'ui', '--port', '0', '--sandbox', '--json', ...words];
  const child: ChildProcess = spawn(process.execPath, command, {
    cwd: ROOT,
    env: { ...sandbox.env, ROLLOUT_ACTOR: 'alice' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const url = await new Promise<string>((done, reject) => {
    child.stdout?.once('data', (line: Buffer) => done((JSON.parse(String(line)) as { readonly url: string }).url));
    child.once('exit', (code) => reject(new Error(`rollout ui ended with ${code}`)));
  });
  return { url, stop: () => void child.kill('SIGINT') };
}

describe('a rollout at 10 % in a browser', () => {
  beforeEach(() => pausedAt10('staging', 'looking at job 17'));
  afterEach(async () => {
    const abort = await runIn(sandbox, 'rollout', ['abort', 'staging', '--sandbox']);
    expect(abort.code).toBe(0);
    await isZero('staging');
  });

  it('is a report of one file: light, dark and 400 pixels wide, without scrolling sideways', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'report-')), 'report.html');
    const ran = await runIn(sandbox, 'rollout', ['report', 'staging', '-o', file, '--sandbox']);
    expect(ran).toMatchObject({ code: 0 });
    for (const [name, width, colorScheme] of [
      ['light', 1200, 'light'],
      ['dark', 1200, 'dark'],
      ['narrow', 400, 'light'],
    ] as const) {
      const page = await pageOf({ viewport: { width, height: 900 }, colorScheme });
      const asked: string[] = [];
      const wrong: string[] = [];
      page.on('request', (request) => asked.push(request.url()));
      page.on('console', (message) => wrong.push(message.text()));
      await page.goto(`file://${file}`);
      await page.getByRole('heading', { level: 1 }).getByText('PAUSED at 10 %').waitFor();
      await page.getByRole('img', { name: 'Share of new jobs' }).waitFor();
      expect(await page.getByText('looking at job 17').first().isVisible()).toBe(true);
      expect(await fits(page)).toBe(true);
      expect(await page.locator('pre.command').innerText()).toMatch(/rollout resume staging.*--sandbox/);
      const back = await page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
      expect(back).toBe(name === 'dark' ? 'rgb(13, 17, 23)' : 'rgb(255, 255, 255)');
      for (const one of await page.getByText('The same as a table').all()) await one.click();
      expect(await fits(page)).toBe(true);
      expect([asked.length, wrong]).toEqual([1, []]);
      await shot(page, `report-${name}`);
      await page.close();
    }
  });

  it('is shown live, and cannot be changed from a page that only shows, or by another site', async () => {
    const { url, stop } = await serving();
    try {
      const page = await pageOf();
      await page.goto(url);
      await page.getByRole('link', { name: 'pavi staging' }).click();
      await page.getByRole('heading', { level: 1 }).getByText('PAUSED at 10 %').waitFor();
      expect(await page.getByRole('form').count()).toBe(0);
      const body = new URLSearchParams({ verb: 'abort', by: 'mallory', token: 'x' });
      const headers = { origin: new URL(url).origin };
      expect((await fetch(page.url(), { method: 'POST', body, headers })).status).toBe(403);
      await shot(page, 'ui-read-only');
      const resume = await runIn(sandbox, 'rollout', ['resume', 'staging', '--sandbox']);
      expect(resume.code).toBe(0);
      await page.getByRole('heading', { level: 1 }).getByText('healthy').waitFor();
      await page.close();
    } finally {
      stop();
    }
  });

  it('goes to 0 % by the page of a server that may act, under the name that is typed in', async () => {
    const { url, stop } = await serving('--allow-actions');
    try {
      const page = await pageOf();
      await page.goto(url);
      expect(page.url()).toBe(new URL('/', url).href);
      expect((await fetch(page.url())).status).toBe(403);
      await page.getByRole('link', { name: 'pavi staging' }).click();
      const headers = { origin: 'https://evil.example' };
      const token = await page.locator('input[name=token]').inputValue();
      const body = new URLSearchParams({ verb: 'abort', by: 'mallory', token });
      expect((await fetch(page.url(), { method: 'POST', body, headers })).status).toBe(403);
      await page.getByLabel('Your name').fill('dora');
      await page.getByLabel('Reason').fill('enough <seen>');
      await page.getByRole('button', { name: 'Abort' }).click();
      await page.getByText('0 % confirmed at').waitFor();
      await page.getByRole('heading', { level: 1 }).getByText('enough <seen>').waitFor();
      const { outcome, log } = await isZero('staging');
      expect(outcome).toMatchObject({ outcome: 'aborted', why: 'enough <seen>' });
      expect(log).toContainEqual(expect.objectContaining({ by: 'dora' }));
      await shot(page, 'ui-aborted');
      await page.close();
    } finally {
      stop();
    }
  });
});

describe("Temporal's Web UI", () => {
  it('shows percentage and reason on the page that the program links to, and its abort ends at 0 %', async () => {
    const link = await pausedAt10('prod', 'looking at job 18');
    const ui = await WebUi.open(sandbox.temporal.ui);
    try {
      await ui.reads(link, ['PAUSED at 10 %', 'looking at job 18'], join(SCREENSHOTS, 'temporal-paused.png'));
      await ui.signal(link, { name: 'abort' });
      await isZero('prod');
      await ui.reads(link, ['ABORTED', 'at 0 %'], join(SCREENSHOTS, 'temporal-aborted.png'));
    } finally {
      await ui.close();
    }
  });
});
