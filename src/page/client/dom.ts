/** Markup in the page. Text in it is escaped by the templates of reports (`html`). */
import type { Html } from "../../report/html.js";

/**
 * Replaces what an element holds. The policy of the page allows no styles in markup; those of charts are places and widths, which are
 * set one by one.
 */
export function fill(element: Element, content: Html): void {
  element.innerHTML = content.text.replaceAll(' style="', ' data-style="');
  for (const styled of element.querySelectorAll<HTMLElement>("[data-style]")) {
    styled.style.cssText = styled.dataset.style ?? "";
    delete styled.dataset.style;
  }
}

/** The element with `data-part="name"` in another one. */
export function part<E extends HTMLElement = HTMLElement>(within: ParentNode, name: string): E {
  const found = within.querySelector<E>(`[data-part="${name}"]`);
  if (!found) throw new Error(`the page has no part ${name}`);
  return found;
}

/** A new section at the end of the page, or of another element. */
export function addSection(content: Html, parent: Element | null = document.getElementById("page")): HTMLElement {
  const section = document.createElement("div");
  fill(section, content);
  parent?.append(section);
  return section;
}

/** Sets a text if it differs: a screen reader then announces only changes. */
export function say(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** A colour of the style sheet, in the browser's theme. */
export const colour = (name: string): string =>
  getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** Calls back when the browser's theme changes. */
export function onTheme(changed: () => void): void {
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", changed);
}
