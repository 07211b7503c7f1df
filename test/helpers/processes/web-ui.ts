import type { Browser, Page } from 'playwright-core';
import { until } from '../until';
import { startChromium } from './chromium';

/** Pages load slowly on a machine that is busy. */
const PAGE_WITHIN_MS = 60_000;

export interface TypedSignal {
  readonly name: string;
  /** As typed into the field `Data`; left empty without it. */
  readonly data?: string;
  /** The form offers these two; `json/plain` is chosen already. */
  readonly encoding?: 'json/plain' | 'json/protobuf';
}

/** A person before Temporal's Web UI, in a browser that reaches nothing but that. */
export class WebUi {
  private constructor(
    private readonly browser: Browser,
    private readonly page: Page,
  ) {}

  /** @param ui address of the Web UI */
  static async open(ui: string): Promise<WebUi> {
    const browser = await startChromium();
    const page = await browser.newPage({ viewport: { width: 1300, height: 900 }, reducedMotion: 'reduce' });
    page.setDefaultTimeout(PAGE_WITHIN_MS);
    // The Web UI asks for news of its vendor.
    await page.route(/.*/, (route) => (route.request().url().startsWith(ui) ? route.continue() : route.abort()));
    return new WebUi(browser, page);
  }

  /** Opens a workflow's page, fills in its form `Send a Signal` and submits it. Answers when the server has taken it. */
  async signal(workflow: string, { name, data, encoding }: TypedSignal): Promise<void> {
    const { page } = this;
    await page.goto(workflow);
    await page.getByRole('button', { name: 'More Actions' }).filter({ visible: true }).click();
    await page.getByRole('menuitem', { name: 'Send a Signal' }).filter({ visible: true }).click();
    const form = page.getByTestId('signal-confirmation-modal').filter({ visible: true });
    await form.getByTestId('signal-select-button').click();
    await form.getByRole('option', { name, exact: true }).click();
    if (encoding !== undefined) await form.locator('label').filter({ hasText: encoding }).click();
    if (data !== undefined) await form.getByRole('textbox', { name: 'Data' }).fill(data);
    const answered = page.waitForResponse((answer) => new URL(answer.url()).pathname.endsWith(`/signal/${name}`));
    // The field lays out its JSON when it is left, which moves the button away from under a mouse.
    await form.getByTestId('confirm-modal-button').press('Enter');
    const response = await answered;
    if (!response.ok()) throw new Error(`the Web UI's ${name} was answered by ${response.status()}`);
    // Nobody looks at the page now, which would draw on.
    await page.goto('about:blank');
  }

  /** Opens a workflow's page, and answers when it shows all of these texts. Keeps a picture of it, also when it does not. */
  async reads(workflow: string, texts: readonly string[], screenshot: string): Promise<void> {
    const { page } = this;
    await page.goto(workflow);
    try {
      for (const text of texts) await until(() => this.isShown(text), `the page shows ${text}`);
    } finally {
      await page.screenshot({ path: screenshot });
    }
    await page.goto('about:blank');
  }

  /** The Web UI draws Markdown in frames. */
  private async isShown(text: string): Promise<boolean> {
    const shown = await Promise.all(
      this.page.frames().map((frame) =>
        frame
          .getByText(text)
          .filter({ visible: true })
          .count()
          .catch(() => 0),
      ),
    );
    return shown.some((count) => count > 0);
  }

  close(): Promise<void> {
    return this.browser.close();
  }
}
