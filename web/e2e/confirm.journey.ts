import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { type AppMade, expectAccessible, owner, world } from './world.ts'

const w = world()
const problem = { status: 403, contentType: 'application/problem+json', body: JSON.stringify({ status: 403, code: 'auth.confirmation_required', detail: 'Once more.' }) }

/** The session's password is old, as the page is told, until it is given once more. */
async function old(page: Page, calls: string) {
  let given = false
  page.on('response', (r) => {
    given ||= r.url().endsWith('/session/confirm') && r.ok()
  })
  await page.route(calls, (route) => (given ? route.continue() : route.fulfill(problem)))
}

describe('what outlasts a session', () => {
  it('asks for the password once more, and goes on after the right one', async () => {
    const app = await w.server.call<AppMade>('POST', '/apps', { name: 'Demo' })
    w.expectErrors(/403/, /401/)
    const page = await w.signedIn(`/apps/${app.id}/settings?tab=credentials`)
    await old(page, '**/credentials')
    const show = page.getByRole('button', { name: 'Show secrets' })
    await show.click()
    const dialog = page.getByRole('dialog', { name: 'Confirm your password' })
    await dialog.waitFor()
    await expectAccessible(page)
    await dialog.getByRole('textbox', { name: 'Password' }).fill('a wrong one')
    await dialog.getByRole('button', { name: 'Continue' }).click()
    await dialog.getByRole('alert').waitFor()
    expect(page.url()).toContain('/settings') // nobody was signed out
    await dialog.getByRole('textbox', { name: 'Password' }).fill(owner.password)
    await dialog.getByRole('button', { name: 'Continue' }).click()
    await dialog.waitFor({ state: 'hidden' })
    await page.getByRole('status', { name: /^Application secret/ }).first().waitFor()
  })

  it('asks above the dialog whose action waits, and before a download', async () => {
    const app = await w.server.call<AppMade>('POST', '/apps', { name: 'Doomed' })
    await w.server.call('POST', `/apps/${app.id}/licenses`, { amount: 3, duration: '30d' })
    w.expectErrors(/403/)
    const page = await w.signedIn(`/apps/${app.id}/licenses`)
    await page.getByRole('button', { name: 'Export', exact: true }).click()
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('menuitem').first().click()])
    expect(await download.failure()).toBeNull()

    await page.route('**/api/v1/session', async (route) => {
      const answer = await route.fetch()
      await route.fulfill({ response: answer, json: { ...((await answer.json()) as object), confirmed_until: '2020-01-01T00:00:00Z' } })
    })
    const dialog = page.getByRole('dialog', { name: 'Confirm your password' })
    await page.getByRole('button', { name: 'Export', exact: true }).click()
    await page.getByRole('menuitem').first().click()
    await dialog.getByRole('textbox', { name: 'Password' }).fill(owner.password)
    const [second] = await Promise.all([page.waitForEvent('download'), dialog.getByRole('button', { name: 'Continue' }).click()])
    expect(await second.failure()).toBeNull()

    await page.goto(`${w.server.url}/account?tab=keys`)
    await old(page, '**/api-keys')
    await page.getByRole('button', { name: 'New API key' }).first().click()
    const form = page.getByRole('dialog', { name: 'New API key' })
    await form.getByLabel('Name').fill('shop')
    await form.getByLabel('licenses.read').check()
    await form.getByRole('button', { name: 'Create key' }).click()
    await dialog.waitFor()
    await dialog.getByRole('button', { name: 'Cancel' }).click()
    await form.getByRole('alert').waitFor()
    await form.getByRole('button', { name: 'Create key' }).click()
    await dialog.getByRole('textbox', { name: 'Password' }).fill(owner.password)
    await page.keyboard.press('Enter')
    await dialog.waitFor({ state: 'hidden' })
    await page.getByRole('cell', { name: 'shop' }).first().waitFor()
  })
})
