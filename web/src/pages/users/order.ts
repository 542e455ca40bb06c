import type { Shown } from '@/ui/list'

export const filterNames = ['banned', 'time', 'subscription', 'expires_after', 'expires_before', 'reset'] as const
export type Filter = (typeof filterNames)[number]
const sorts = ['-created', 'created', 'name', '-name', 'ends', '-ends'] as const
export const list = { filters: filterNames, sorts }
type State = Shown<Filter>
type Sort = (typeof sorts)[number]

/** Whether the list is of users whose time ends at some moment: then that is its order, and the only one. */
export const byEnd = ({ filters: f }: Pick<State, 'filters'>) => f.time === 'left' || f.time === 'over' || Boolean(f.expires_after || f.expires_before)

/** How the list is sorted, whatever its address says that does not go with its filters. */
export function sortOf(state: State): Sort {
  const ends = state.sort === 'ends' || state.sort === '-ends'
  if (byEnd(state) === ends) return state.sort as Sort
  return ends ? '-created' : state.filters.time === 'over' ? '-ends' : 'ends'
}
