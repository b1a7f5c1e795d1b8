/** The names of nodes and devices: how nodes find one another, and how people speak of them. */

export const MAIN = "main";
export const COORDINATOR = "coordinator";

export const workerName = (index: number): string => `worker-${index}`;
/** Of a node of that name; undefined when it is no worker. */
export const workerIndex = (name: string): number | undefined => {
  const index = name.match(/^worker-(\d+)$/)?.[1];
  return index === undefined ? undefined : Number(index);
};
/** @param component of the model, as `Stage.name` */
export const stageName = (component: string): string => `stage-${component}`;
/** The device of a worker. */
export const deviceName = (worker: number): string => `device-${worker}`;
