import type { UseFormReturnType } from '@mantine/form'
import { useEffect, useEffectEvent } from 'react'

/** Fills a form in when it opens, and anew when what it shows (of) has come: what is typed since is not overwritten. */
export function useFilled<V extends object>(form: UseFormReturnType<V>, opened: boolean, values: () => V, of?: unknown) {
  const fill = useEffectEvent(() => {
    const now = values()
    form.setValues(now)
    form.resetDirty(now)
    form.clearErrors()
  })
  useEffect(() => {
    if (opened) fill()
  }, [opened, of])
}
