/** Where a run is, after its warm-up. */
export interface Position {
  /** Steps since the warm-up. */
  readonly since: number;
  /** Share of the run after the warm-up, from 0 to 1. */
  readonly progress: number;
}

/** What a schedule may be told, as far as it has a use for it. */
export interface ScheduleSettings {
  readonly every: number;
  readonly factor: number;
  readonly floor: number;
}

/** How the learning rate goes over the steps of a run. */
export interface ScheduleDefinition<Name extends string = string> {
  readonly name: Name;
  /** The factor on the base rate. */
  factor(position: Position, settings: ScheduleSettings): number;
}

/** Keeps the name as a type. */
export function defineSchedule<const Name extends string>(
  definition: ScheduleDefinition<Name>,
): ScheduleDefinition<Name> {
  return definition;
}
