import type { Page, Request } from 'playwright-core'
import { it } from 'vitest'
import { appPath } from '@/app/pages'
import { type AppMade, settled, world } from './world.ts'

// How fast the list of licenses is over a million of them: a measurement, which
// prints its figures and fails for none. LICENSES makes it smaller.

const w = world()
const amount = Number(process.env.LICENSES ?? 1_000_000)
const rounds = 9

it('measures the list of licenses', async () => {
  const app = await w.server.call<AppMade>('POST', '/apps', { name: 'Million' })
  await w.server.cli('licenses', 'create', '--app', app.name, '--amount', String(amount), '--duration', '30d', '--note', 'a batch')
  const some = await w.server.call<{ licenses: { key: string }[] }>('GET', `/apps/${app.id}/licenses?limit=100&sort=created`)
  const page = await w.signedIn(appPath(app.id, 'subscriptions'))
  await settled(page)

  const opened: number[] = []
  for (let i = 0; i < rounds; i++) {
    await page.getByRole('link', { name: 'Subscriptions' }).click()
    await page.waitForURL('**/subscriptions')
    await settled(page)
    await page.evaluate(() => location.reload()).catch(() => undefined)
    await settled(page)
    opened.push(await untilRow(page, (r) => /\/licenses\?/.test(r.url()), () => page.getByRole('link', { name: 'Licenses' }).click(), (text) => text.length > 0))
  }
  const found: number[] = []
  for (let i = 0; i < rounds; i++) {
    const key = some.licenses[i * 10]?.key ?? ''
    found.push(await untilRow(page, (r) => decodeURIComponent(r.url()).includes(`search=${key}`), () => page.getByPlaceholder(/^Key, /).fill(key), (text) => text.includes(key)))
    await page.getByRole('button', { name: 'Clear filters' }).click()
    await settled(page)
  }
  const long = await longTasks(page, async () => {
    for (let i = 0; i < 30; i++) await page.mouse.wheel(0, i % 2 ? -600 : 600)
    await page.getByPlaceholder(/^Key, /).pressSequentially('A-BATCH-THAT-IS-NOT', { delay: 60 })
    await page.waitForTimeout(500)
  })
  process.stdout.write(`${amount} licenses, medians of ${rounds}: first rows ${median(opened)} ms after the request, search by key ${median(found)} ms; long tasks while scrolling and typing: ${long.length ? long.join(', ') + ' ms' : 'none'}\n`)
})

/** Milliseconds from the request that matches to the first row that is wanted. */
async function untilRow(page: Page, is: (r: Request) => boolean, act: () => Promise<void>, wanted: (firstRow: string) => boolean): Promise<number> {
  const asked = page.waitForRequest(is).then(() => performance.now())
  await act()
  const from = await asked
  for (;;) {
    const text = await page.evaluate(() => {
      const row = document.querySelector('tbody tr')
      return row?.querySelector('.mantine-Skeleton-root') ? '' : (row?.textContent ?? '')
    })
    if (wanted(text)) return performance.now() - from
  }
}

async function longTasks(page: Page, act: () => Promise<void>): Promise<number[]> {
  await page.evaluate(() => {
    const seen: number[] = []
    ;(window as unknown as { long: number[] }).long = seen
    new PerformanceObserver((list) => {
      for (const e of list.getEntries()) if (e.duration > 100) seen.push(Math.round(e.duration))
    }).observe({ type: 'longtask' })
  })
  await act()
  return page.evaluate(() => (window as unknown as { long: number[] }).long)
}

const median = (list: number[]) => Math.round([...list].sort((a, b) => a - b)[Math.floor(list.length / 2)] ?? 0)
