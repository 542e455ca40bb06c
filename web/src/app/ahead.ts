import { appQuery } from './apps'
import { type PageRow, pages } from './pages'
import { queryClient } from './query'

/**
 * Begins to load the page at a path and to read what it shows, both at once and
 * beside whatever else is asked for before it can be shown.
 */
export function ahead(path: string, params: Record<string, string | undefined>) {
  const [, app = '', name] = /^\/apps\/([^/]+)(?:\/([^/]+))?/.exec(path) ?? []
  if (!app) return
  void queryClient.prefetchQuery(appQuery(app))
  const page = pages.find((p) => p.of === 'app' && p.path === name)
  page?.load().then(
    (m) => m.ahead?.(app, params),
    () => undefined, // whoever shows the page says so
  )
}

/** Loads the pages that somebody may go to next, one after the other, while there is nothing else to do. */
export async function warm(shown: PageRow[]) {
  if ((navigator as { connection?: { saveData?: boolean } }).connection?.saveData) return
  for (const page of shown.filter((p) => !p.heavy)) {
    // The page that is open waits for its data only, and draws them undisturbed.
    do await idle()
    while (queryClient.isFetching() > 0)
    await page.load().catch(() => undefined)
  }
}

const idle = () =>
  new Promise<void>((next) => {
    // Safari has no requestIdleCallback.
    if ('requestIdleCallback' in window) requestIdleCallback(() => { next() }, { timeout: 5000 })
    else setTimeout(next, 200)
  })

