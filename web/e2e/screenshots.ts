import { mkdir } from 'node:fs/promises'
import type { Page } from 'playwright-core'
import { it } from 'vitest'
import { appPath, pages } from '@/app/pages'
import { full, seed } from './seed.ts'
import { type AppMade, settled, world } from './world.ts'

// Pictures of every page that the table of pages has, of its tabs, dialogs and
// cards, to be looked at one by one. SHOTS=licenses,apps takes those alone;
// SHOTS_LICENSES and SHOTS_USERS make the full application smaller.

const w = world()
const folder = new URL('../shots', import.meta.url).pathname
const only = process.env.SHOTS?.split(',')
const amount = {
  licenses: Number(process.env.SHOTS_LICENSES ?? full.licenses),
  users: Number(process.env.SHOTS_USERS ?? full.users),
}

// What an address opens of a page, by the page. A card is that of the first
// row: the part of the API that lists them stands behind "open=".
const states: Record<string, string[]> = {
  licenses: ['dialog=create', 'dialog=import', 'q=nothing-like-this', 'open=licenses'],
  subscriptions: ['dialog=create', 'open=subscriptions'],
  users: ['dialog=create', 'dialog=import', 'open=users'],
  sessions: ['open=sessions'],
  tokens: ['dialog=create', 'dialog=many'],
  variables: ['dialog=create', 'open=variables'],
  files: ['dialog=upload', 'dialog=link', 'open=files'],
  webhooks: ['dialog=create', 'open=webhooks'],
  chats: ['dialog=create', 'dialog=mutes', 'open=chats'],
  logs: ['dialog=webhook', 'open=logs'],
  blacklist: ['dialog=create', 'dialog=import', 'open=blacklists'],
  whitelist: ['dialog=create'],
  audit: ['dialog=webhook'],
  settings: ['tab=messages', 'tab=credentials', 'tab=code'],
  apps: ['new=app'],
  server: ['tab=audit'],
  account: ['tab=sessions', 'tab=signIns', 'tab=keys'],
}

// Longer than a window: pictures of these are as long as they are.
const long = ['overview', 'settings', 'server', 'account', 'welcome']

async function addresses(app: AppMade, path: string): Promise<[string, string][]> {
  return Promise.all(
    (states[path] ?? []).map(async (state): Promise<[string, string]> => {
      const [key, value] = state.split('=') as [string, string]
      if (key !== 'open') return [state, state]
      const answer = await w.server.call<Record<string, { id: string }[]>>('GET', `/apps/${app.id}/${value}?limit=1`)
      return [state, `open=${Object.values(answer).find(Array.isArray)?.[0]?.id ?? ''}`]
    }),
  )
}

it('takes a picture of every page', async () => {
  await mkdir(folder, { recursive: true })
  const nothing = await w.server.call<AppMade>('POST', '/apps', { name: 'Empty' })
  const everything = await seed(w.server, 'Aurora Studio', amount)
  for (const narrow of [false, true]) {
    for (const dark of [false, true]) {
      const page = await w.signedIn('/apps', { narrow, dark })
      const window = page.viewportSize() as { width: number; height: number }
      const take = async (of: Page, name: string) => of.screenshot({ path: `${folder}/${name} ${window.width} ${dark ? 'dark' : 'light'}.png` })
      const shot = async (name: string, path: string) => {
        if (only && !only.some((o) => name.startsWith(o))) return
        await page.setViewportSize(window)
        await page.goto(w.server.url + path)
        await settled(page)
        if (long.includes(name.split(' ')[0] as string)) {
          const height = await page.evaluate(() => document.documentElement.scrollHeight)
          await page.setViewportSize({ width: window.width, height: Math.max(window.height, height) })
        }
        await page.waitForTimeout(250)
        await take(page, name)
      }
      for (const row of pages) {
        const base = row.of === 'server' ? `/${row.path}` : appPath(everything.id, row.path)
        await shot(row.of === 'server' ? row.path : `${row.path} full`, base)
        if (row.of === 'app') await shot(`${row.path} empty`, appPath(nothing.id, row.path))
        for (const [name, query] of await addresses(everything, row.path)) await shot(`${row.path} ${name.replace(/\W+/g, ' ')}`, `${base}?${query}`)
      }
      const away = await w.open({ narrow, dark })
      await away.goto(`${w.server.url}/sign-in`)
      await away.getByRole('heading').first().waitFor()
      if (!only || only.includes('sign-in')) await take(away, 'sign-in')
    }
  }
})
