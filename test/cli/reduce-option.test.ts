/** `--reduce` and `--servers`: what they mean together, and what is refused. */
import { expect, test } from "vitest";
import { askedServers, refuseStar } from "../../src/cli/reduce-option.js";

test.each([
  [{}, undefined],
  [{ servers: 3 }, 3],
  [{ reduce: "star" }, undefined],
  [{ reduce: "servers:2" }, 2],
  [{ reduce: "servers:2", servers: 2 }, 2],
])("%j", (options, servers) => expect(askedServers(options)).toBe(servers));

test.each([
  ["servers", "did you mean servers:2?"],
  ["server:2", "did you mean servers:2?"],
  ["servers:0", "did you mean servers:2?"],
  ["servers:-1", "did you mean servers:2?"],
  ["servers:1e9", "did you mean servers:2?"],
  ["servers:NaN", "did you mean servers:2?"],
  ["stat", "did you mean star?"],
  ["", "give star or servers:2"],
  ["ring", "reduce ring is predicted only"],
])("--reduce %j is refused", (reduce, why) => expect(() => askedServers({ reduce })).toThrow(why));

test("two numbers of servers are refused", () => {
  expect(() => askedServers({ reduce: "servers:2", servers: 3 })).toThrow(
    '--reduce "servers:2" and --servers 3 differ: give one of them',
  );
  expect(() => askedServers({ reduce: "star", servers: 3 })).toThrow("differ");
});

test.each(["downpour", "stale", { name: "easgd", options: { async: true } }])(
  "--reduce star is refused for %j, which has parameter servers in any case",
  async (strategy) => {
    await expect(refuseStar({ reduce: "star" }, { strategy })).rejects.toThrow(
      "the parts of this strategy go by themselves, on parameter servers: leave --reduce star out",
    );
    await refuseStar({ reduce: "servers:2" }, { strategy });
    await refuseStar({}, { strategy });
  },
);

test("--reduce star is what other strategies do", async () => {
  for (const strategy of ["synchronous", "local-sgd", "easgd"]) await refuseStar({ reduce: "star" }, { strategy });
  await refuseStar({ reduce: "star" }, {});
});
