/** The types of `axe.mjs`. */
export declare const THEMES: Readonly<Record<"light" | "dark", number>>;
export declare function look(
  browser: string,
  page: string,
  width: number,
  theme: "light" | "dark",
): Promise<{ readonly id: string; readonly help: string }[]>;
