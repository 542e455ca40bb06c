import { useCallback, useLayoutEffect, useRef } from 'react'

/** A function that stays the same, and does what the last one given does: whoever gets it need not be made anew. */
export function useSteady<F extends ((...args: never[]) => unknown) | undefined>(f: F): F {
  const last = useRef(f)
  useLayoutEffect(() => {
    last.current = f
  })
  const steady = useCallback((...args: never[]) => last.current?.(...args), [])
  return f && (steady as F)
}
