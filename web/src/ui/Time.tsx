import { Tooltip } from '@mantine/core'
import { useEffect, useState } from 'react'
import { ago, exactly } from './time'

/** A moment as people say it, exact where it is pointed at. */
export function Time({ at, exact }: { at?: string; exact?: boolean }) {
  const [, tick] = useState(0)
  useEffect(() => {
    const timer = setInterval(() => {
      tick((n) => n + 1)
    }, 30_000)
    return () => {
      clearInterval(timer)
    }
  }, [])
  if (!at) return null
  if (exact) return <time dateTime={at}>{exactly(at)}</time>
  return (
    <Tooltip label={exactly(at)}>
      <time dateTime={at}>{ago(at)}</time>
    </Tooltip>
  )
}
