/** Where the page is served: `8080` or `HOST:8080`. */
import { brief, UsageError } from "../error.js";

export interface Address {
  readonly host: string;
  readonly port: number;
}

const LOOPBACK = "127.0.0.1";
const HIGHEST = 65_535;

/** @throws UsageError for other words */
export function parseAddress(text: string): Address {
  const [, host = LOOPBACK, digits] = /^(?:(?:\[?([^\s[\]/]+?)\]?):)?(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  if (digits !== undefined && port <= HIGHEST) return { host, port };
  throw new UsageError(
    `page (--page) ${brief(text)} is no port: give one from 0 (any that is free) to ${HIGHEST}, such as 8080, or with a host, such as 0.0.0.0:8080`,
  );
}

/** Whether other machines can reach it. */
const isOpen = ({ host }: Address): boolean => host !== "localhost" && host !== "::1" && !/^127(\.\d+){3}$/.test(host);

/** @throws UsageError for an address that other machines reach, unless that is allowed */
export function checkOpen(address: Address, isAllowed: boolean): void {
  if (isOpen(address) === isAllowed) return;
  if (isAllowed)
    throw new UsageError(`page-open (--page-open) is for a host other than ${brief(address.host)}: leave it out`);
  throw new UsageError(
    `page (--page) ${brief(address.host)}: other machines reach this address, and the page goes to them without encryption; add --page-open to allow it, or leave the host out`,
  );
}
