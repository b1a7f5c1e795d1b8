/** The transport of a run that names none: the link that the host gives. Between processes of one machine it is a pipe. */
import type { TransportDefinition } from "./definition.js";

export const hostLink: TransportDefinition = { name: "host", options: [], open: (_, { link }) => link };
