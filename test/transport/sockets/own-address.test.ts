import { expect, test } from "vitest";
import { UsageError } from "../../../src/error.js";
import { checkOwnAddress } from "../../../src/transport/sockets/own-address.js";

test("an address of this machine is taken", async () => {
  await checkOwnAddress("127.0.0.1");
  await checkOwnAddress("localhost");
});

// 192.0.2.0/24 is for documentation: no machine has such an address.
test.each(["192.0.2.1", "0.0.0.0", "::", "", "999.1.1.1", "no\nname.invalid"])(
  "%j is refused in one line that names an address of this machine",
  async (host) => {
    const error: unknown = await checkOwnAddress(host).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(UsageError);
    expect((error as UsageError).message).toMatch(/^--address .* is no address of this machine: .*127\.0\.0\.1/);
  },
);
