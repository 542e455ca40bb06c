import { useSyncExternalStore } from 'react'
import { ago, exactly } from './time'

const every = 30_000 // milliseconds

// One clock for all that is on the screen.
const readers = new Set<() => void>()
let timer: ReturnType<typeof setInterval> | undefined
let beats = 0

function subscribe(read: () => void) {
  readers.add(read)
  timer ??= setInterval(() => {
    beats++
    for (const f of readers) f()
  }, every)
  return () => {
    readers.delete(read)
    if (readers.size > 0) return
    clearInterval(timer)
    timer = undefined
  }
}

/** A moment as people say it, exact where it is pointed at. */
export function Time({ at, exact }: { at?: string; exact?: boolean }) {
  useSyncExternalStore(subscribe, () => beats)
  if (!at) return null
  if (exact) return <time dateTime={at}>{exactly(at)}</time>
  return (
    <time dateTime={at} data-hint={exactly(at)}>
      {ago(at)}
    </time>
  )
}
