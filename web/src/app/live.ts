import { useEffect } from 'react'
import { apiRoot } from '@/api/client'
import { queryClient } from './query'

// What changes on the server shows here without being asked for: the server
// says which kinds of things have changed, and what is on the screen of those is
// read again. Tabs that show the same application share one connection, of
// which browsers allow few.

type Topic = 'sessions' | 'logs' | 'licenses' | 'users' | 'chats' | 'tokens' | 'counters'

// What is read anew for a topic, by the third part of the query's key.
const reads: Record<Topic, string[]> = {
  sessions: ['sessions'],
  logs: ['logs'],
  licenses: ['licenses'],
  users: ['users'],
  chats: ['chats'],
  tokens: ['tokens'],
  counters: ['stats'],
}

const pause = 2000 // milliseconds between two readings, however much happens

/** Keeps what is shown of an application fresh while the page is open; another session begins anew. */
export function useLive(app: string | undefined, session: string | undefined) {
  useEffect(() => {
    if (!app) return
    const due = new Set<Topic>()
    let timer: ReturnType<typeof setTimeout> | undefined
    let last = 0
    const read = () => {
      timer = undefined
      if (document.hidden) return // becoming visible reads
      last = Date.now()
      for (const topic of due) for (const name of reads[topic]) void queryClient.invalidateQueries({ queryKey: ['app', app, name] })
      due.clear()
    }
    const plan = () => {
      if (due.size > 0) timer ??= setTimeout(read, Math.max(0, last + pause - Date.now()))
    }
    const note = (topics: Topic[]) => {
      for (const topic of topics) if (topic in reads) due.add(topic)
      plan()
    }
    const name = `latchkey.live.${app}`
    const others = new BroadcastChannel(name)
    others.onmessage = (e: MessageEvent<Topic[]>) => {
      note(e.data)
    }
    const leave = lead(name, () => {
      const tell = (e: MessageEvent<string>) => {
        const { topics } = JSON.parse(e.data) as { topics: Topic[] }
        note(topics)
        others.postMessage(topics)
      }
      const source = new EventSource(`${apiRoot}/apps/${app}/events`)
      source.addEventListener('ready', (e: MessageEvent<string>) => {
        // What changed before the server began to tell was missed: between the page's own first reading and now,
        // or while the connection was broken. Nobody waits for it, so it does not crowd the page's beginning.
        last = Date.now()
        tell(e)
      })
      source.addEventListener('changed', tell)
      source.addEventListener('end', () => {
        source.close()
      })
      return () => {
        source.close()
      }
    })
    document.addEventListener('visibilitychange', plan)
    return () => {
      leave()
      others.close()
      clearTimeout(timer)
      document.removeEventListener('visibilitychange', plan)
    }
  }, [app, session])
}

/** Runs begin in one of the tabs that ask under a name, and in another once that one is gone; every tab does where browsers cannot agree. */
function lead(name: string, begin: () => () => void): () => void {
  // Locks exist in secure contexts only.
  const locks = (navigator as { locks?: LockManager }).locks
  if (!locks) return begin()
  const abort = new AbortController()
  locks
    .request(name, { signal: abort.signal }, () => {
      const end = begin()
      return new Promise<void>((done) => {
        abort.signal.addEventListener('abort', () => {
          end()
          done()
        })
      })
    })
    .catch(() => undefined) // given up while waiting
  return () => {
    abort.abort()
  }
}
