import { type Content, type Html, html } from "./html.js";

/** A section of a report, under its title. */
export function section(id: string, title: string, remark: Content, body: Content): Html {
  return html`<section aria-labelledby="${id}"><h2 id="${id}">${title}</h2>${remark === "" ? undefined : html`<p class="remark">${remark}</p>`}${body}</section>`;
}
