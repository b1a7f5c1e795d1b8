/** The types of chromium.mjs. */
export interface Page {
  /** The value of an expression in the page; of a promise, what it resolves to. */
  evaluate(expression: string): Promise<unknown>;
  /** Shows the page as wide as on a certain screen, in the colours of a theme. */
  show(width: number, theme: "light" | "dark", height?: number): Promise<void>;
  /** A picture of the whole page, as PNG. */
  screenshot(width?: number): Promise<Buffer>;
}
export function findChromium(): Promise<string | undefined>;
export function chromiumEnvironment(browser: string): NodeJS.ProcessEnv;
export function withPage<T>(browser: string, url: string, use: (page: Page) => Promise<T>): Promise<T>;
