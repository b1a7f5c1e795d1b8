/**
 * Carries frames between nodes. A transport may lose, double, delay and reorder frames; `node.ts` handles that for
 * every transport. A frame is plain data that the structured clone algorithm can copy.
 */
export interface Transport {
  /** The name of the node whose frames this transport sends and receives. */
  readonly node: string;
  /** Sends a frame to a node; never throws, never waits. */
  send(to: string, frame: unknown): void;
  /** Sets the function that is called for every frame that arrives. */
  onFrame(receive: (from: string, frame: unknown) => void): void;
  /** Closes the transport: nothing is sent or received any more. */
  close(): void;
}
