import { describe, expect, it } from 'vitest'
import { type AppMade, expectAccessible, world } from './world.ts'

const w = world()

describe('what a server refuses', () => {
  it('is said at the field of a new license, and no amount is taken that makes none', async () => {
    const app = await w.server.call<AppMade>('POST', '/apps', { name: 'Demo' })
    await w.server.call('POST', `/apps/${app.id}/subscriptions`, { name: 'pro', level: 1 })
    await w.server.call('POST', `/apps/${app.id}/licenses`, { amount: 1, duration: '30d', level: 1, mask: 'MY-OWN-KEY', custom_key: true })
    w.expectErrors(/409/)
    const page = await w.signedIn(`/apps/${app.id}/licenses?dialog=create`)
    const drawer = page.getByRole('dialog')
    await drawer.getByLabel('Mask', { exact: true }).fill('MY-OWN-KEY')
    await drawer.getByLabel('Use the mask as the key, literally').check()
    await drawer.getByRole('button', { name: /^Create/ }).click()
    await drawer.getByText('A license with this key exists already.').waitFor()
    await drawer.locator('input[aria-invalid=true]:focus').waitFor()
    expect(await drawer.locator('input[aria-invalid=true]').inputValue()).toBe('MY-OWN-KEY')
    await expectAccessible(page)
    await drawer.getByLabel('Amount', { exact: true }).fill('0')
    await drawer.getByText('A whole number from 1 to 10,000,000.').waitFor()
    await drawer.getByRole('button', { name: 'Create', exact: true }).waitFor()
  })

  it('is said at the setting and the text that it is about', async () => {
    const app = await w.server.call<AppMade>('POST', '/apps', { name: 'Set' })
    const page = await w.signedIn(`/apps/${app.id}/settings`)
    await page.getByRole('checkbox', { name: 'native', exact: true }).waitFor()
    for (const p of ['native', '1.3', '1.2', '1.1', '1.0']) await page.getByRole('checkbox', { name: p, exact: true }).uncheck()
    await page.getByText('Accept at least one, or no program can connect.').waitFor()
    await page.getByRole('button', { name: 'Discard' }).click()

    w.expectErrors(/400/)
    const errors = [{ field: 'messages.keyused', message: 'Not this one.' }, { field: 'messages', message: 'Nor that.' }]
    await page.route(`**/api/v1/apps/${app.id}`, (route) =>
      route.request().method() === 'PATCH'
        ? route.fulfill({ status: 400, contentType: 'application/problem+json', body: JSON.stringify({ status: 400, code: 'request.invalid', detail: 'See errors.', errors }) })
        : route.continue(),
    )
    await page.getByRole('tab', { name: 'Messages' }).click()
    const text = page.getByRole('textbox', { name: 'License used' })
    await text.fill('Used')
    await page.getByRole('button', { name: 'Save messages' }).click()
    await page.getByText('Not this one.').waitFor()
    await page.locator('input[aria-invalid=true]:focus').waitFor()
    expect(await text.getAttribute('aria-invalid')).toBe('true')
    await page.getByRole('alert').getByText('Nor that.').waitFor()
  })

  it('is said at the password that is not one’s own', async () => {
    w.expectErrors(/401/)
    const page = await w.signedIn('/account')
    await page.getByRole('textbox', { name: 'Current password' }).fill('not the password')
    await page.getByRole('textbox', { name: 'New password', exact: true }).fill('another long password')
    await page.getByRole('textbox', { name: 'Repeat the new password' }).fill('another long password')
    await page.getByRole('button', { name: 'Change password' }).click()
    await page.getByText('This is not your password.').waitFor()
    await page.locator('input[type=password][aria-invalid=true]:focus').waitFor()
    await expectAccessible(page)
  })
})
