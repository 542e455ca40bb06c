import { useState } from 'react'

/**
 * What was read first of a thing: a form is filled in with that and sends its tag,
 * however often it is read anew while somebody types. Without an id it is forgotten.
 */
export function useSeen<T>(id: string | undefined, data: T | undefined): T | undefined {
  const [seen, see] = useState<{ id: string; data: T }>()
  if (seen && seen.id !== id) see(undefined)
  else if (!seen && id && data !== undefined) see({ id, data })
  return seen && seen.id === id ? seen.data : undefined
}
