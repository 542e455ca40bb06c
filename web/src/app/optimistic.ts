import type { QueryKey } from '@tanstack/react-query'
import { changed } from './changed'
import { queryClient } from './query'

/**
 * Shows a change at once wherever the thing is shown, and takes it back if the
 * server refuses; call then reads what the server made of it. Only for changes
 * whose outcome is known beforehand: switches, and no sums.
 */
export async function optimistic(keys: QueryKey[], id: string, change: object, call: () => Promise<unknown>): Promise<void> {
  await Promise.all(keys.map((queryKey) => queryClient.cancelQueries({ queryKey })))
  const before = keys.flatMap((queryKey) => queryClient.getQueriesData({ queryKey }))
  for (const [key, data] of before) queryClient.setQueryData(key, changed(data, id, change))
  try {
    await call()
  } catch (e) {
    for (const [key, data] of before) queryClient.setQueryData(key, data)
    // What was being read when it was cancelled may be newer than that.
    for (const queryKey of keys) void queryClient.invalidateQueries({ queryKey })
    throw e
  }
}
