/** Content that may be wider than a phone scrolls by itself, by keyboard too. */
import { type Content, type Html, html } from "./html.js";

export function scroll(name: string, body: Content): Html {
  return html`<div class="scroll" role="region" aria-label="${name}" tabindex="0">${body}</div>`;
}
