/** Transports by name: those of the package, those that users add, and those that users give as modules. */
import { type AskedChoice, loadChoice, optionsOf, refuseOptions } from "../choice.js";
import { Definitions } from "../definitions.js";
import { brief, UsageError } from "../error.js";
import type { TransportDefinition, TransportPlace } from "./definition.js";
import { hostLink } from "./host-link.js";
import type { Transport } from "./transport.js";

/** Every transport by name: those of the package, and those that users add. */
export const transports = new Definitions<TransportDefinition>("transport", [hostLink]);

/** The transport of a run that names none. */
export const HOST_LINK = hostLink.name;

/** @throws UsageError for an unknown name, a module without a transport, or an option that the transport does not have */
export async function openTransport(choice: AskedChoice, place: TransportPlace): Promise<Transport> {
  const {
    name,
    options: known,
    open,
  } = await loadChoice<TransportDefinition>(choice, {
    what: "transport",
    names: () => transports.names(),
    find: (one) => (transports.has(one) ? transports.get(one) : undefined),
    isOne,
    kind: "definition",
    example: 'export default { name: "mine", options: [], open: (options, { link }) => link }',
  });
  const options = optionsOf(choice);
  refuseOptions(`transport ${name}`, options, known);
  const transport = await open(options, place);
  if (transport?.node === place.link.node) return transport;
  throw new UsageError(
    `transport ${name}: open must give the transport of node "${place.link.node}", got ${brief(transport?.node)}: set its field node`,
  );
}

function isOne(exported: unknown): exported is TransportDefinition {
  const { name, options, open } = (exported ?? {}) as Partial<TransportDefinition>;
  return typeof name === "string" && Array.isArray(options) && typeof open === "function";
}
