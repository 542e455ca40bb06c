import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { type AppMade, expectAccessible, world } from './world.ts'

const w = world()
const menu = async (page: Page, app: string, item: string) => {
  await page.getByRole('row', { name: new RegExp(app) }).getByRole('button', { name: 'Actions of this row' }).click()
  await page.getByRole('menuitem', { name: item, exact: true }).click()
}
const get = (id: string) => w.server.call<{ name: string; paused_at?: string; disabled_at?: string }>('GET', `/apps/${id}`)

describe('applications', () => {
  it('are made, with the server’s word at the field where a name is taken', async () => {
    await w.server.call('POST', '/apps', { name: 'Taken' })
    w.expectErrors(/409|422/)
    const page = await w.signedIn('/apps')
    await page.getByRole('button', { name: 'New application' }).first().click()
    const dialog = page.getByRole('dialog', { name: 'New application' })
    await dialog.getByLabel('Name').fill('Taken')
    await expectAccessible(page)
    await dialog.getByRole('button', { name: 'Create application' }).click()
    await dialog.locator('[aria-invalid=true], [role=alert]').first().waitFor()
    await dialog.getByLabel('Name').fill('Fresh')
    await dialog.getByRole('button', { name: 'Create application' }).click()
    await page.waitForURL('**/overview')
    await page.getByRole('button', { name: 'Application: Fresh' }).waitFor()
  })

  it('are renamed, cloned, paused with an undo, disabled, and deleted by their name', async () => {
    const app = await w.server.call<AppMade>('POST', '/apps', { name: 'Lived in' })
    await w.server.call('POST', `/apps/${app.id}/licenses`, { amount: 4, duration: '30d' })
    const page = await w.signedIn('/apps')
    await menu(page, 'Lived in', 'Rename')
    await page.getByRole('dialog').getByLabel('Name').fill('Renamed')
    await page.getByRole('button', { name: 'Rename', exact: true }).click()
    await page.getByRole('row', { name: /Renamed/ }).waitFor()

    await menu(page, 'Renamed', 'Pause')
    await expectAccessible(page)
    await page.getByRole('button', { name: 'Pause', exact: true }).click()
    await page.getByRole('row', { name: /Renamed.*Paused/ }).waitFor()
    expect((await get(app.id)).paused_at).toBeTruthy()
    await page.getByRole('button', { name: 'Undo' }).click()
    await page.getByRole('row', { name: /Renamed.*Active/ }).waitFor()
    await menu(page, 'Renamed', 'Disable')
    await page.getByRole('button', { name: 'Disable', exact: true }).click()
    await page.getByRole('row', { name: /Renamed.*Disabled/ }).waitFor()
    await menu(page, 'Renamed', 'Enable')
    await page.getByRole('row', { name: /Renamed.*Active/ }).waitFor()

    await menu(page, 'Renamed', 'Clone')
    await page.getByRole('button', { name: 'Clone application' }).click()
    await page.waitForURL('**/overview')
    await page.getByRole('button', { name: 'Application: Renamed copy' }).waitFor()

    await page.goto(`${w.server.url}/apps`)
    await page.getByRole('textbox', { name: 'Search' }).fill('Renamed')
    await page.getByRole('row', { name: /Renamed copy/ }).waitFor()
    await page.getByRole('button', { name: 'Sort by Name' }).click()
    await page.getByRole('row', { name: /^Renamed (?!copy)/ }).getByRole('button', { name: 'Actions of this row' }).click()
    await page.getByRole('menuitem', { name: 'Delete' }).click()
    const dialog = page.getByRole('dialog', { name: 'Delete Renamed?' })
    await dialog.getByText('4 licenses and 0 users are deleted with it').waitFor()
    await expectAccessible(page)
    const remove = dialog.getByRole('button', { name: 'Delete application' })
    expect(await remove.isDisabled()).toBe(true)
    await dialog.getByLabel('Type Renamed to confirm').fill('Renamed')
    await remove.click()
    await page.getByText('Renamed is deleted').waitFor()
    await expect(get(app.id)).rejects.toThrow('app.not_found')
  })
})
