import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { html, verbatim } from "../../src/report/html.js";

describe("html", () => {
  it("escapes text, joins lists, leaves out undefined and takes html as it is", () => {
    const list = [html`<b>${1}</b>`, "<", undefined];
    expect(html`<p title="${'"'}">${list}${verbatim("<i></i>")}</p>`.text).toBe(
      '<p title="&quot;"><b>1</b>&lt;<i></i></p>',
    );
  });

  it("lets no text end a quoted attribute or open a tag, and loses none of it", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const escaped = html`${text}`.text;
        expect(escaped).not.toMatch(/[<>"']/);
        const entities = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'" };
        const back = escaped.replace(/&([^;]+);/g, (_, name: keyof typeof entities) => entities[name]);
        expect(back).toBe(text);
      }),
    );
  });
});
