/** Why a query failed that came with events which no task has handled yet (`workflows/boundary/boundary.ts`). */
export const EARLY_EVENTS = 'the history goes on after the last task: ask again when a task has handled it';
