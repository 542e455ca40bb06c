import { mkdir } from 'node:fs/promises'
import { it } from 'vitest'
import { appPath, pages } from '@/app/pages'
import { full, seed } from './seed.ts'
import { type AppMade, settled, world } from './world.ts'

// Pictures of every page that the table of pages has, to be looked at one by
// one. SHOTS=licenses,apps takes those alone; SHOTS_LICENSES and SHOTS_USERS
// make the full application smaller.

const w = world()
const folder = new URL('../shots', import.meta.url).pathname
const only = process.env.SHOTS?.split(',')
const amount = {
  licenses: Number(process.env.SHOTS_LICENSES ?? full.licenses),
  users: Number(process.env.SHOTS_USERS ?? full.users),
}

it('takes a picture of every page', async () => {
  await mkdir(folder, { recursive: true })
  const nothing = await w.server.call<AppMade>('POST', '/apps', { name: 'Empty' })
  const everything = await seed(w.server, 'Aurora Studio', amount)
  // What opens with a page is a state of its own.
  const states = ['', ...extra]
  for (const narrow of [false, true]) {
    for (const dark of [false, true]) {
      const page = await w.signedIn('/apps', { narrow, dark })
      const shot = async (name: string, path: string) => {
        if (only && !only.some((o) => name.startsWith(o))) return
        await page.goto(w.server.url + path)
        await settled(page)
        await page.waitForTimeout(250)
        await page.screenshot({ path: `${folder}/${name} ${narrow ? 390 : 1440} ${dark ? 'dark' : 'light'}.png` })
      }
      for (const row of pages) {
        if (row.of === 'server') {
          await shot(row.path, `/${row.path}`)
          continue
        }
        for (const state of states) {
          if (state && !state.startsWith(`${row.path}?`)) continue
          const query = state.slice(row.path.length)
          await shot(`${state.replace(/\W+/g, ' ') || row.path} full`, appPath(everything.id, row.path) + query)
          if (!state) await shot(`${row.path} empty`, appPath(nothing.id, row.path))
        }
      }
      const away = await w.open({ narrow, dark })
      await away.goto(`${w.server.url}/sign-in`)
      await away.getByRole('heading').first().waitFor()
      if (!only || only.includes('sign-in')) await away.screenshot({ path: `${folder}/sign-in ${narrow ? 390 : 1440} ${dark ? 'dark' : 'light'}.png` })
    }
  }
})

// Dialogs that an address opens.
const extra = ['licenses?dialog=create', 'licenses?dialog=import', 'licenses?q=nothing-like-this']
