/**
 * What carries frames between nodes. A transport may lose, double, delay and reorder them; what is made of that is the
 * same for all of them (`node.ts`). A frame is plain data: what the structured clone algorithm can copy.
 */
export interface Transport {
  /** The node that it carries frames for. */
  readonly node: string;
  /** Sends a frame towards a node; never throws, never waits. */
  send(to: string, frame: unknown): void;
  /** Sets who is called for every frame that arrives. */
  onFrame(receive: (from: string, frame: unknown) => void): void;
  /** Nothing is sent or received any more. */
  close(): void;
}
