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
    for (const { attributes } of named("svg")) expect(attributes["aria-label"]).toBeTruthy();
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
        seconds: 1,
        failures: [
          {
            ...{ id: 1, step: 1, target: hostile, injected: [{ fault: hostile, at: 0 }] },
            recovery: { failure: hostile, noticed: 0, resumed: 1, waited: 1, stepsLost: 0, away: false },
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

  it("scrolls wide pictures of failures on a phone", () => {
    expect(renderReport(fullReport())).toMatch(/<div class="scroll"><svg class="timeline"/);
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
        epoch: i / 100,
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
