import { beforeAll, describe, expect, it } from 'vitest'
import { appPath } from '@/app/pages'
import { type AppMade, expectAccessible, world } from './world.ts'

const w = world()
let app: AppMade

beforeAll(async () => {
  app = await w.server.call<AppMade>('POST', '/apps', { name: 'Safety' })
})

const total = async () => (await w.server.call<{ counts: { total: number } }>('GET', `/apps/${app.id}/licenses?limit=1`)).counts.total

describe('an action on many', () => {
  it('is not closed by the way, stops when it is told to, and says how far it came', async () => {
    const amount = 30_000
    await w.server.cli('licenses', 'create', '--app', app.name, '--amount', String(amount), '--duration', '30d', '--json')
    const page = await w.signedIn(appPath(app.id, 'licenses'))
    await page.getByRole('checkbox', { name: 'Select all rows of this page' }).check()
    await page.getByRole('button', { name: 'Select all 30,000' }).click()
    await page.getByRole('toolbar').getByRole('button', { name: 'Delete' }).click()
    const dialog = page.getByRole('dialog', { name: /^Delete / })
    await dialog.getByLabel('Type delete to confirm').fill('delete')
    await dialog.getByRole('button', { name: 'Delete 30,000 licenses' }).click()
    await dialog.getByRole('progressbar').waitFor()
    await page.keyboard.press('Escape')
    await page.mouse.click(20, 450)
    await dialog.getByRole('button', { name: 'Stop' }).click()
    const said = (await dialog.getByTestId('ended').textContent()) ?? ''
    const [, made] = /([\d,]+) of 30,000 deleted/.exec(said) ?? []
    const deleted = Number(made?.replaceAll(',', ''))
    expect(deleted).toBeGreaterThan(0)
    await expectAccessible(page)
    // The chunk that it was at may have been written all the same.
    const left = await total()
    expect(left).toBeGreaterThan(0)
    expect(amount - left - deleted).toBeGreaterThanOrEqual(0)
    expect(amount - left - deleted).toBeLessThanOrEqual(500)
    await dialog.getByRole('button', { name: 'Close', exact: true }).last().click()
    await dialog.waitFor({ state: 'hidden' })
  })
})
