/** The types of chromium.mjs. */
export interface Page {
  /** The value of an expression in the page; of a promise, what it resolves to. */
  evaluate(expression: string): Promise<unknown>;
  /** A picture of the whole page, as PNG. */
  screenshot(width?: number): Promise<Buffer>;
}
export function findChromium(): Promise<string | undefined>;
export function chromiumEnvironment(browser: string): NodeJS.ProcessEnv;
export function withPage<T>(browser: string, url: string, use: (page: Page) => Promise<T>): Promise<T>;
