/** The server of the page: nothing without the token, and with it what there is of a run. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { UsageError } from "../../src/error.js";
import { PageServer } from "../../src/page/page-server.js";
import { RunFeed } from "../../src/page/run-feed.js";
import { nodeWorld } from "../../src/world/node/world.js";

const world = nodeWorld();
const TOKEN = "a-token";
const run = { name: "a", title: "A run", lead: "", isLive: true, canFail: true };
const feed = new RunFeed(run, world.clock);
feed.event({ event: "start", step: 0, epoch: 0, time: 0, steps: 9, images: 100, resumed: false });
for (let step = 1; step <= 3; step++) {
  const at = { step, epoch: step / 10, time: step / 2 };
  feed.event({ event: "steps", ...at, loss: 1 / step, learningRate: 1, imagesPerSecond: 20, bytes: 5 });
}
feed.event({ event: "fault", id: 1, fault: "kill worker-1", target: "worker-1", step: 3, epoch: 0.3, time: 1.7 });

let server: PageServer;
let origin: string;
beforeAll(async () => {
  const assets = new Map([["", { type: "text/html", body: "the page" }]]);
  server = await PageServer.open({ world, host: "127.0.0.1", port: 0, token: TOKEN, runs: [feed], assets });
  origin = new URL(server.link).origin;
});
afterAll(() => server.close());

const get = (path: string, init?: RequestInit): Promise<Response> => fetch(`${origin}${path}`, init);

describe("without the token", () => {
  const paths = ["", "/runs", "/changes", "/faults", "/runs/0/log", "/client.js"];
  it.each([...paths, "/A-TOKEN/", "/a-toke/", "/a-token2/", "/x/a-token/", "/%61-token/", "/?token=a-token"])(
    "%s is nothing",
    async (path) => {
      for (const method of ["GET", "POST", "PUT"]) {
        const response = await get(path, { method });
        expect(response.status).toBe(403);
        expect(await response.text()).toBe("this address needs the token of its link\n");
      }
    },
  );
});

describe("with the token", () => {
  it("there is the page, under a policy that permits no code from text or from elsewhere", async () => {
    const response = await get(`/${TOKEN}/`);
    expect(await response.text()).toBe("the page");
    const policy = response.headers.get("content-security-policy") ?? "";
    expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'");
    expect(policy).not.toContain("unsafe");
    expect(response.headers.get("referrer-policy")).toBe("no-referrer");
    expect((await get(`/${TOKEN}`, { redirect: "manual" })).headers.get("location")).toBe(`/${TOKEN}/`);
  });

  it("there are the runs, their rows and their events", async () => {
    expect(await (await get(`/${TOKEN}/runs`)).json()).toMatchObject([{ title: "A run", images: 100, kind: "device" }]);
    const rows = new Float64Array(await (await get(`/${TOKEN}/runs/0/steps?from=1`)).arrayBuffer());
    expect([...rows]).toEqual([0.2, 1, 1 / 2, 20, 10, 2, 0.3, 1.5, 1 / 3, 20, 15, 3]);
    const events = await (await get(`/${TOKEN}/runs/0/log?from=1`)).json();
    expect(events).toMatchObject([{ event: "fault", fault: "kill worker-1", at: 1.7 }]);
  });

  it.each([
    ["/runs/1/log", 404],
    ["/runs/0/secrets", 404],
    ["/runs/__proto__/log", 404],
    ["/runs/0/steps?from=-1", 400],
    ["/runs/0/steps?from=NaN", 400],
    ["/runs/0/steps?from=1e9", 400],
    ["/../package.json", 404],
    ["/..%2f..%2fpackage.json", 404],
  ])("%s: %i", async (path, status) => {
    expect((await get(`/${TOKEN}${path}`)).status).toBe(status === 404 && path.startsWith("/../") ? 403 : status);
  });

  it("the stream tells what there is, and what comes", async () => {
    const response = await get(`/${TOKEN}/changes`);
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    const next = async () => JSON.parse(new TextDecoder().decode((await reader.read()).value).replace("data: ", ""));
    expect(await next()).toMatchObject([{ steps: 3, workers: 0, log: 2, pictures: 0, isOver: false }]);
    expect(server.isWatched).toBe(true);
    feed.event({ event: "end", step: 3, epoch: 0.3, time: 2 });
    expect(await next()).toMatchObject([{ steps: 3, log: 3, isOver: true }]);
    await reader.cancel();
  });
});

describe("faults by hand", () => {
  const strike = (text: string): Promise<Response> => get(`/${TOKEN}/faults`, { method: "POST", body: text });

  it("are refused where they are not allowed", async () => {
    const response = await strike("kill worker-1");
    expect([response.status, await response.text()]).toEqual([
      403,
      "this run takes no faults by hand (--allow-faults)\n",
    ]);
  });

  it("go to the run, and wrong ones come back with the reason", async () => {
    const struck: string[] = [];
    server.strike = (text) => {
      if (text === "kil") throw new UsageError("unknown action");
      struck.push(text);
    };
    expect((await strike("kill worker-1")).status).toBe(204);
    const wrong = await strike("kil");
    expect([wrong.status, await wrong.text()]).toEqual([400, "unknown action\n"]);
    expect(struck).toEqual(["kill worker-1"]);
    await expect(strike("x".repeat(100_000))).rejects.toThrow();
    server.strike = undefined;
  });
});
