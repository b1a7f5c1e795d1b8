/** What a run needs to know of what it trains: a name, and where its tensors lie. An `Autoencoder` is one. */
import type { ParameterLayout } from "./layout.js";

/** What a run trains. */
export interface Network {
  /** In a line, for display: `784-256-10`. */
  readonly name: string;
  /** Of the flat vector. */
  readonly layout: ParameterLayout;
  /** The sizes of its layers, where a configuration names them. */
  readonly config: { readonly layers?: readonly number[] };
  /** The flat vector that a run begins with. Equal seeds give equal vectors. */
  initialParameters(seed: number): Float32Array;
}
