import { useSyncExternalStore } from 'react'
import { base } from '@/base'

// Whether the server can be reached. While it cannot, it is asked again and
// again, so that the page comes back to life by itself.

const again = 3000 // milliseconds
let lost = false
let timer: ReturnType<typeof setTimeout> | undefined
const listeners = new Set<() => void>()

function become(next: boolean) {
  if (lost === next) return
  lost = next
  clearTimeout(timer)
  if (lost) timer = setTimeout(() => void ask(), again)
  listeners.forEach((f) => {
    f()
  })
}

async function ask() {
  try {
    if ((await fetch(base + '/healthz', { cache: 'no-store' })).ok) {
      become(false)
      return
    }
  } catch {
    // Still away.
  }
  if (lost) timer = setTimeout(() => void ask(), again)
}

/** Notes that a call got no answer. */
export const unreachable = () => {
  become(true)
}

/** Notes that a call got one. */
export const reachable = () => {
  become(false)
}

/** Asks at once whether the server is back. */
export const tryNow = () => {
  clearTimeout(timer)
  void ask()
}

const subscribe = (f: () => void) => {
  listeners.add(f)
  return () => listeners.delete(f)
}

/** Calls f whenever the connection comes back. */
export const onReconnect = (f: () => void) =>
  subscribe(() => {
    if (!lost) f()
  })

export const useConnectionLost = () => useSyncExternalStore(subscribe, () => lost)
