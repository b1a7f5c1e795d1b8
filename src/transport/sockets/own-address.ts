/** Whether other machines can reach this one at an address that the user gave. */
import { createServer } from "node:net";
import { networkInterfaces } from "node:os";
import { brief, UsageError } from "../../error.js";

/** Names of no machine: those of all addresses of whichever machine reads them. */
const EVERY = ["0.0.0.0", "::", ""];

/** @throws UsageError for an address that is not one of this machine, or of every machine */
export async function checkOwnAddress(host: string): Promise<void> {
  const failure = EVERY.includes(host) ? "it means each machine's own" : await failureOfListening(host);
  if (failure === undefined) return;
  throw new UsageError(`--address ${brief(host)} is no address of this machine: ${failure}; use ${addresses()}`);
}

const failureOfListening = (host: string): Promise<string | undefined> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once("error", ({ message }) => resolve(message));
    server.listen(0, host, () => server.close(() => resolve(undefined)));
  });

/** The first few, those that other machines reach before the loopback. */
function addresses(): string {
  const all = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  const v4 = all.filter(({ family }) => family === "IPv4").sort((a, b) => Number(a.internal) - Number(b.internal));
  return v4
    .slice(0, 4)
    .map(({ address }) => address)
    .join(" or ");
}
