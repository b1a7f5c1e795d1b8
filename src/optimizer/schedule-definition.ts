/** A position in a run, counted from the end of its warm-up. */
export interface Position {
  /** Steps since the warm-up. */
  readonly since: number;
  /** Share of the run after the warm-up, from 0 to 1. */
  readonly progress: number;
}

/** The settings of a schedule. Each schedule reads those that it needs. */
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

/** Returns the definition, with its name as a literal type. */
export function defineSchedule<const Name extends string>(
  definition: ScheduleDefinition<Name>,
): ScheduleDefinition<Name> {
  return definition;
}
