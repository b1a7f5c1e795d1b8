/** Runs over several machines: real processes and a real NATS server on this one. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hasServer, Machines, type Running } from "../support/machines.js";
import { STRATEGY_RUNS } from "./machine-strategies.js";

const TRAIN = ["digits:2000", "--layers", "784,64,8", "--epochs", "20", "--batch", "200", "--parts", "3"];
const machines = new Machines();
let alone = "";

// Without the server these tests cannot run.
describe.skipIf(!hasServer)("over NATS", { timeout: 180_000 }, () => {
  let server: Running;

  beforeAll(async () => {
    server = await machines.server();
    alone = (await machines.alone("one", ...TRAIN).result()).parametersSha256;
  }, 60_000);

  afterAll(() => machines.close());

  test("a run has the bits of one process, and keeps them when a machine and the server are killed and others come", async () => {
    const [first] = [machines.worker("first"), machines.worker("second")];
    const run = machines.coordinate("many", ...TRAIN);
    await run.says("epoch 2.0");
    const refused = await machines.coordinate("refused", ...TRAIN).ended();
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain("another coordinator leads");
    first.child.kill("SIGKILL");
    machines.worker("third");
    server.child.kill("SIGKILL");
    await server.ended();
    server = await machines.server();
    expect((await run.result()).parametersSha256).toBe(alone);
  });

  // npm run machine-strategies does so with all.
  test.each(["local-sgd", "powersgd", "classify"])("%s has the bits of one process", async (name) => {
    const single = await machines.alone(`one-${name}`, ...STRATEGY_RUNS[name]).result();
    const { parametersSha256 } = await machines.coordinate(`many-${name}`, ...STRATEGY_RUNS[name]).result();
    expect(parametersSha256).toBe(single.parametersSha256);
  });

  test("a killed dawnpour coordinate is resumed at once, and so is one that Ctrl-C has stopped; the bits stay", async () => {
    const killed = machines.coordinate("resumed", ...TRAIN);
    await killed.says("epoch 3.0");
    killed.child.kill("SIGKILL");
    const stopped = machines.coordinate("resumed", "--resume");
    // Its lease has to run out first.
    await stopped.says("another coordinator has the lease");
    await stopped.says("epoch 8.0");
    stopped.child.kill("SIGINT");
    const end = await stopped.ended();
    expect(end.code).toBe(130);
    expect(end.stderr).toContain("coordinate --resume --out");
    const last = machines.coordinate("resumed", "--resume");
    expect(await last.result()).toMatchObject({ parametersSha256: alone, steps: 200 });
    expect((await last.ended()).stderr).not.toContain("another coordinator");
  });

  test("Ctrl-C ends a coordinator that waits for workers, and gives its lease back", async () => {
    const lonely = machines.dawnpour("coordinate", ...TRAIN, "--join", machines.url, "--workers", "9");
    await lonely.says("waits for workers: 2 of 9 are there");
    lonely.child.kill("SIGINT");
    expect((await lonely.ended()).code).toBe(130);
    const next = machines.coordinate("next", "digits:200", "--layers", "784,8", "--epochs", "1");
    await next.result();
    expect((await next.ended()).stderr).not.toContain("another coordinator");
  });

  test("dawnpour status shows a run, its workers and machines; dawnpour stop ends it with a checkpoint", async () => {
    const look = () => machines.dawnpour("status", "--join", machines.url, "--json").result();
    expect(await look()).not.toHaveProperty("run");
    const nothing = await machines.dawnpour("stop", "--join", machines.url).ended();
    expect(nothing).toMatchObject({ code: 1, stderr: expect.stringContaining("no run to stop") });
    const run = machines.coordinate("stopped", ...TRAIN.with(TRAIN.indexOf("20"), "2000"));
    await run.says("epoch 10.0");
    expect(await look()).toMatchObject({
      run: {
        hasBegun: true,
        progress: { steps: 20_000, workers: [{ name: "worker-0", machine: expect.any(String) }, {}] },
      },
      machines: [{ name: "second", devices: [expect.stringContaining("CPU")] }, { name: "third" }],
    });
    expect((await machines.dawnpour("status", "--join", machines.url).ended()).stdout).toContain("of 20000");
    expect((await machines.dawnpour("stop", "--join", machines.url).ended()).stdout).toContain("it has stopped");
    expect(await run.ended()).toMatchObject({ code: 143, stderr: expect.stringContaining("go on with") });
  });

  test.each([
    ["worker", "--name", "run"],
    ["coordinate", "--workers", "2", "--address", "192.0.2.1"],
  ])("dawnpour %s %s %s is refused at once, and named", async (...args) => {
    const { code, stderr } = await machines.dawnpour(...args, "--join", machines.url).ended();
    expect(code).toBe(2);
    expect(stderr).toContain(args.at(-1));
  });
});
