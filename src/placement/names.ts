/** Names of nodes and devices. */

export const MAIN = "main";
export const COORDINATOR = "coordinator";

export const workerName = (index: number): string => `worker-${index}`;
/** Index of the worker of that name; undefined for another node. */
export const workerIndex = (name: string): number | undefined => {
  const index = name.match(/^worker-(\d+)$/)?.[1];
  return index === undefined ? undefined : Number(index);
};
/** The server of a piece. */
export const serverName = (piece: number): string => `server-${piece}`;
/** Index of the server of that name; undefined for another node. */
export const serverIndex = (name: string): number | undefined => {
  const index = name.match(/^server-(\d+)$/)?.[1];
  return index === undefined ? undefined : Number(index);
};
/** @param component of the model, as `Stage.name` */
export const stageName = (component: string): string => `stage-${component}`;
/** The device of a worker. */
export const deviceName = (worker: number): string => `device-${worker}`;
