import { useState } from 'react'

/** A value, or the last one that there was: a dialog keeps what it is about while it closes. */
export function useLast<T>(value: T | undefined): T | undefined {
  const [last, setLast] = useState(value)
  if (value !== undefined && value !== last) setLast(value)
  return value ?? last
}
