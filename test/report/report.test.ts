import { describe, expect, it } from "vitest";
import type { ReportData } from "../../src/report/data.js";
import { renderReport } from "../../src/report/report.js";
import { parse } from "./markup.js";
import { bareReport, fullReport } from "./report-data.js";

const headings = (page: string): string[] => [...page.matchAll(/<h2[^>]*>([^<]*)</g)].map(([, title]) => title);

describe("renderReport", () => {
  it.each([
    ["full", fullReport()],
    ["bare", bareReport()],
  ])("of %s data is well-formed, self-contained and says no undefined or NaN", (_, data) => {
    const page = renderReport(data);
    const elements = parse(page);
    for (const { name, attributes } of elements) {
      expect(["script", "link", "iframe", "object", "base"]).not.toContain(name);
      expect(attributes.src ?? "data:").toMatch(/^data:/);
      expect(attributes.href).toBeUndefined();
    }
    expect(page).not.toMatch(/https?:|@import|url\(/);
    const words = page.replace(/base64,[^"]*/g, "");
    expect(words).not.toMatch(/undefined|NaN|Infinity|\[object/);
  });

  it("can be read without seeing it", () => {
    const elements = parse(renderReport(fullReport()));
    const named = (name: string) => elements.filter((element) => element.name === name);
    for (const { attributes } of named("img")) expect(attributes.alt).not.toBe("");
    for (const { attributes } of named("svg")) expect(attributes["aria-hidden"]).toBe("true");
    const pictures = elements.filter(({ attributes }) => attributes.role === "img");
    expect(pictures).toHaveLength(1 + 6 + 1);
    for (const { attributes } of pictures) expect(attributes["aria-label"]).toBeTruthy();
    for (const { attributes } of named("th")) expect(attributes.scope).toMatch(/^(row|col)$/);
    expect(named("h1")).toHaveLength(1);
    expect(named("html")[0].attributes.lang).toBe("en");
    const ids = elements.flatMap(({ attributes }) => attributes.id ?? []);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { attributes } of named("section")) expect(ids).toContain(attributes["aria-labelledby"]);
  });

  it("has every part that there is data for, and no other", () => {
    expect(headings(renderReport(fullReport()))).toEqual([
      "Against PCA",
      "Originals and reconstructions",
      "Learning",
      "Codes",
      "First-layer filters",
      "Failures",
      "Events",
      "The run",
    ]);
    expect(headings(renderReport(bareReport()))).toEqual(["Errors", "The run"]);
  });

  it("has every other part where one cannot be drawn, and says so", () => {
    const data = fullReport();
    const page = renderReport({ ...data, codes: { count: 200, size: 30, values: undefined as never } });
    expect(headings(page)).toHaveLength(7);
    expect(page).toMatch(/Note\.<\/strong> The section "codes" could not be drawn: Cannot read/);
  });

  it("says what could not be measured", () => {
    const page = renderReport({ ...bareReport(), notices: ["PCA was left out: too wide"] });
    expect(page).toContain("<strong>Note.</strong> PCA was left out: too wide.</p>");
  });

  it("writes figures as users do: a scale as a fraction, a rate of almost nothing as 0, an option in one piece", () => {
    const data = fullReport();
    const endingAt = (learningRate: number) => ({
      ...data,
      curve: data.curve.map((point, i) => (i < 49 ? point : { ...point, learningRate })),
      configuration: { scale: 1 / 255 },
    });
    const page = renderReport(endingAt(2.4e-10));
    expect(page).toContain("<td>1/255</td>");
    expect(page).toContain("rate <b>0</b>");
    expect(renderReport(endingAt(8.24e-6))).toContain("rate <b>0.00000824</b>");
    expect(page).toContain('<span class="whole">--workers</span> 3');
    expect(renderReport({ ...data, configuration: { scale: 0.3 } })).toContain("<td>0.3</td>");
  });

  it("shows the figures of the run", () => {
    const page = renderReport(fullReport());
    for (const text of [
      "4.25",
      "13.87",
      "1 min 15 s",
      "12,346",
      "3.3 times",
      "47,854",
      "ab".repeat(32),
      "0.9",
      "adam",
    ]) {
      expect(page).toContain(text);
    }
    expect(page).toContain("These digits were generated.");
    expect(renderReport(bareReport())).not.toContain('role="note"');
  });

  it("escapes whatever comes from outside", () => {
    const hostile = '<script>alert("x")</script>&\'';
    const data = fullReport();
    const page = renderReport({
      ...data,
      version: hostile,
      date: hostile,
      network: hostile,
      loss: hostile,
      parametersSha256: hostile,
      configuration: { [hostile]: { [hostile]: [hostile, hostile] } },
      dataset: { ...data.dataset, name: hostile, source: hostile, notice: hostile },
      device: {
        ...data.device,
        name: hostile,
        id: hostile,
        driver: hostile,
        features: [hostile],
        limits: { [hostile]: 1 },
      },
      failures: {
        ...{ seconds: 1, pace: [] },
        failures: [
          {
            ...{ id: 1, step: 1, target: hostile, injected: [{ fault: hostile, at: 0 }] },
            recovery: { failure: hostile, noticed: 0, resumed: 1, waitedFrom: 0, waited: 1, stepsLost: 0, away: false },
          },
        ],
      },
      events: [{ time: 1, what: hostile }],
    });
    expect(parse(page).map(({ name }) => name)).not.toContain("script");
    expect(page).toContain("&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;&amp;&#39;");
  });

  it("sets published figures beside a run on MNIST with a code of 30 only", () => {
    const data = fullReport();
    const published = (changed: Partial<ReportData>) => renderReport({ ...data, ...changed }).includes("Hinton");
    expect(published({})).toBe(true);
    expect(published({ codeSize: 10 })).toBe(false);
    expect(published({ dataset: { ...data.dataset, name: "fashion-mnist" } })).toBe(false);
  });

  it("leaves out the scatter of codes of one number, and draws unlabelled ones without a legend", () => {
    const data = fullReport();
    const values = Float32Array.of(1, 2, 3, 4);
    expect(headings(renderReport({ ...data, codes: { count: 4, size: 1, values } }))).not.toContain("Codes");
    const page = renderReport({ ...data, codeSize: 2, codes: { count: 2, size: 2, values } });
    expect(headings(page)).toContain("Codes");
    expect(page).not.toContain('class="legend"');
  });

  it("scrolls tables that are too wide for a phone, by keyboard too", () => {
    const scrolling = parse(renderReport(fullReport())).filter(({ attributes }) => attributes.class === "scroll");
    expect(scrolling).toHaveLength(2);
    for (const { attributes } of scrolling) {
      expect(attributes).toMatchObject({
        tabindex: "0",
        role: "region",
        "aria-label": expect.stringMatching(/table$/),
      });
    }
  });

  it("says that a run was distributed, with its devices, its faults and how it was asked for", () => {
    const page = renderReport(fullReport());
    expect(page).toContain("images/s on 2 workers, CPU, 1 thread each and 1 worker, a GPU<");
    const plain = page.replace(/<\/?span[^>]*>/g, "");
    const rows = [...plain.matchAll(/<th scope="row">([^<]*)<\/th><td>([^<]*)<\/td>/g)].map(([, ...row]) => row);
    expect(rows).toEqual(
      expect.arrayContaining([
        ["Command line", "dawnpour train --workers 3"],
        ["Workers", "3"],
        ["Devices", "2 x CPU, 1 thread; a GPU"],
        ["Chaos", "mtbf=30s"],
        ["Step timeout", "60,000 ms"],
      ]),
    );
    expect(page).toContain("<caption>Device that measured the result</caption>");
    expect(renderReport(bareReport())).toContain("images/s on a CPU (portable, 2 threads)<");
  });

  it("says how many workers there had to be, over which link, and with how many parameter servers", () => {
    const data = fullReport();
    const { place } = data;
    const page = renderReport({ ...data, place: place && { ...place, least: 2, servers: 4, link: "1Gbps,1ms" } });
    const rows = [...page.matchAll(/<th scope="row">([^<]*)<\/th><td>([^<]*)<\/td>/g)].map(([, ...row]) => row);
    expect(rows).toEqual(
      expect.arrayContaining([
        ["Workers", "2..3"],
        ["Parameter servers", "4"],
        ["Link", "1Gbps,1ms"],
      ]),
    );
    for (const name of ["Parameter servers", "Link"]) expect(renderReport(data)).not.toContain(`>${name}<`);
  });

  it("calls the rows of a table rows, and their values values", () => {
    const data = bareReport();
    const page = renderReport({ ...data, dataset: { ...data.dataset, pictures: false } });
    const words = page.slice(page.indexOf("<body>")).replace(/<[^>]*>/g, " ");
    expect(words).not.toMatch(/image|pixel/i);
    expect(words).toContain("summed over its values");
  });

  it("says how much better PCA is, where it is", () => {
    const data = fullReport();
    const against = (sse: number) =>
      renderReport({ ...data, errors: { ...data.errors, test: { sse, mse: sse / 784 } } });
    expect(against(55.48)).toContain("PCA is 4.0 times better than this run");
    expect(against(14.28)).toContain("PCA is 3 % better than this run");
  });

  it("speaks of bands only where there are some", () => {
    const data = fullReport();
    const long = Array.from({ length: 2000 }, (_, i) => ({ ...data.curve[0], step: i, loss: 1 + (i % 3) }));
    expect(renderReport(data)).not.toContain("faint band");
    expect(renderReport({ ...data, curve: long })).toContain("faint band");
  });

  it("stays below 2 MB for a long run on large data", () => {
    const data = fullReport();
    const size = 28 * 28;
    const noise = (count: number) => ({
      width: 28,
      height: 28,
      pixels: Float32Array.from({ length: count * size }, (_, i) => Math.abs(Math.sin(i * i))),
    });
    const page = renderReport({
      ...data,
      curve: Array.from({ length: 100_000 }, (_, i) => ({
        step: i + 1,
        ...{ epoch: i / 100, learningRate: 1, imagesPerSecond: i },
        loss: Math.exp(-i / 1e4),
        testSse: 5,
      })),
      examples: { originals: noise(20), reconstructions: noise(20), pca: noise(20) },
      filters: noise(100),
      codes: {
        count: 10_000,
        size: 2,
        values: Float32Array.from({ length: 20_000 }, (_, i) => Math.sin(i * i)),
        labels: new Uint8Array(10_000),
      },
    });
    expect(page.length).toBeLessThan(2e6);
  });
});
