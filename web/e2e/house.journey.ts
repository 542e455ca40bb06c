import { beforeAll, describe, expect, it } from 'vitest'
import { appPath } from '@/app/pages'
import { type AppMade, expectAccessible, world } from './world.ts'

const w = world()
let app: AppMade

beforeAll(async () => {
  app = await w.server.call<AppMade>('POST', '/apps', { name: 'House' })
})

describe('settings', () => {
  it('are checked while one types, saved together, and refused by the server at their field', async () => {
    const page = await w.signedIn(appPath(app.id, 'settings'))
    await page.getByLabel('Version').fill('2.0')
    await page.getByLabel('Devices per user').fill('0')
    await page.getByText('A whole number from 1 to 1,000.').waitFor()
    await page.getByLabel('Devices per user').fill('3')
    await page.getByText('2 changes').waitFor()
    // A time is an amount of a unit, however the server keeps it.
    await page.getByLabel('Length of a session: Amount').fill('0')
    await page.getByText('From 1 minute to 7 days').waitFor()
    await page.getByLabel('Length of a session: Amount').fill('2')
    await page.getByLabel('Length of a session: Unit').selectOption('day')
    await page.getByText('3 changes').waitFor()
    await expectAccessible(page)
    await page.getByRole('button', { name: 'Save changes' }).click()
    await page.getByText('Settings saved').waitFor()
    const saved = await w.server.call<{ settings: object }>('GET', `/apps/${app.id}`)
    expect(saved.settings).toMatchObject({ version: '2.0', devices_per_user: 3, session_length: 172_800 })
    w.expectErrors(/400/)
    await page.getByLabel('Download link').fill('javascript:alert(1)')
    await page.getByRole('button', { name: 'Save changes' }).click()
    await page.getByText('A link is an http or https address').waitFor()
  })

  it('take buttons for the pages of customers', async () => {
    const page = await w.signedIn(appPath(app.id, 'settings'))
    await page.getByLabel('Calls for customers’ own pages').check()
    await page.getByRole('button', { name: 'Add a button' }).click()
    await page.getByLabel('Text of button 1').fill('Start')
    await page.getByLabel('Value of button 1').fill('hand/shake')
    await page.getByText('A value has 1 to 64 letters').waitFor()
    await page.getByLabel('Value of button 1').fill('start')
    await page.getByText('A value has 1 to 64 letters').waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'Add a button' }).click()
    await page.getByLabel('Text of button 2').fill('Update')
    await page.getByLabel('Value of button 2').fill('start')
    await page.getByText('Each button needs its own value.').waitFor()
    await page.getByLabel('Value of button 2').fill('update')
    await expectAccessible(page)
    await page.getByRole('button', { name: 'Save changes' }).click()
    await page.getByText('Settings saved').waitFor()
    const read = async () => (await w.server.call<{ settings: { panel_buttons: object[] } }>('GET', `/apps/${app.id}`)).settings.panel_buttons
    expect(await read()).toEqual([
      { text: 'Start', value: 'start' },
      { text: 'Update', value: 'update' },
    ])
    await page.getByRole('button', { name: 'Remove button 1' }).click()
    await page.getByRole('button', { name: 'Save changes' }).click()
    await page.getByText('Settings saved').nth(1).waitFor()
    expect(await read()).toEqual([{ text: 'Update', value: 'update' }])
  })

  it('of messages go back to their default', async () => {
    const page = await w.signedIn(appPath(app.id, 'settings') + '?tab=messages')
    await page.getByLabel('Signed in', { exact: true }).fill('Welcome!')
    await page.getByRole('button', { name: 'Save messages' }).click()
    await page.getByText('Settings saved').waitFor()
    expect((await w.server.call<{ messages: object }>('GET', `/apps/${app.id}`)).messages).toEqual({ loggedInMsg: 'Welcome!' })
    await page.getByRole('button', { name: 'Back to the default: Signed in' }).click()
    await page.getByRole('button', { name: 'Save messages' }).click()
    await page.getByRole('button', { name: 'Save messages' }).waitFor({ state: 'detached' })
    expect((await w.server.call<{ messages: object }>('GET', `/apps/${app.id}`)).messages).toEqual({})
  })
})

describe('credentials', () => {
  it('are replaced, the old ones staying in force for as long as was said', async () => {
    const own = await w.server.call<AppMade>('POST', '/apps', { name: 'Rotations' })
    const page = await w.signedIn(appPath(own.id, 'settings') + '?tab=credentials')
    await page.getByRole('button', { name: 'Show secrets' }).click()
    const secret = page.getByRole('status', { name: /Application secret/ })
    await secret.waitFor()
    await expectAccessible(page)
    const reveal = page.getByRole('button', { name: /^Show: Application secret/ })
    await reveal.click()
    const before = await secret.textContent()
    await page.getByRole('button', { name: 'Replace' }).click()
    const form = page.getByRole('dialog', { name: 'Replace credentials' })
    await form.getByText('Choose at least one.').waitFor()
    expect(await form.getByRole('button', { name: 'Replace' }).isDisabled()).toBe(true)
    await form.getByLabel('Application secret').check()
    await expectAccessible(page)
    await form.getByRole('button', { name: 'Replace' }).click()
    await page.getByText('Replaced', { exact: true }).waitFor()
    // Both are there to be built into programs.
    await page.getByText('The old one, valid until').waitFor()
    await page.getByText('The new one, valid from').waitFor()
    await reveal.first().click()
    expect(await secret.first().textContent()).toMatch(/^[0-9a-f]{64}$/)
    expect([await secret.nth(0).textContent(), await secret.nth(1).textContent()]).toContain(before)
    expect(await secret.nth(0).textContent()).not.toBe(await secret.nth(1).textContent())
  })
})

describe('the account', () => {
  it('changes its password, which ends its other sessions and opens the next one', async () => {
    w.expectErrors(/401/)
    const person = { email: `seller${Date.now()}@example.com`, password: 'the first long password' }
    await w.server.call('POST', '/accounts', person)
    const page = await w.open()
    expect((await page.context().request.post(`${w.server.url}/api/v1/session`, { data: person })).status()).toBe(201)
    const elsewhere = await w.open()
    expect((await elsewhere.context().request.post(`${w.server.url}/api/v1/session`, { data: person })).status()).toBe(201)
    await page.goto(`${w.server.url}/account`)
    await page.getByLabel('Current password').fill(person.password)
    await page.getByLabel('New password', { exact: true }).fill('the second long password')
    await page.getByLabel('Repeat the new password').fill('the second long password')
    await page.getByRole('button', { name: 'Change password' }).click()
    await page.getByText('Password changed. Your other sessions have ended.').waitFor()
    expect((await elsewhere.context().request.get(`${w.server.url}/api/v1/session`)).status()).toBe(401)
    expect((await page.context().request.get(`${w.server.url}/api/v1/session`)).status()).toBe(200)
    const again = (password: string) => fetch(`${w.server.url}/api/v1/session`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ ...person, password }) })
    expect((await again(person.password)).status).toBe(401)
    expect((await again('the second long password')).status).toBe(201)
  })

  it('makes an API key that works once it is copied, and revokes it', async () => {
    const page = await w.signedIn('/account?tab=keys')
    await page.getByRole('button', { name: 'New API key' }).first().click()
    const form = page.getByRole('dialog', { name: 'New API key' })
    await form.getByLabel('Name').fill('shop')
    await form.getByLabel('licenses.read').check()
    await expectAccessible(page)
    await form.getByRole('button', { name: 'Create key' }).click()
    const made = page.getByRole('dialog', { name: 'Your new API key' })
    const key = (await made.getByRole('status', { name: 'API key' }).textContent()) ?? ''
    const call = () => fetch(`${w.server.url}/api/v1/apps/${app.id}/licenses`, { headers: { Authorization: `Bearer ${key}` } })
    expect((await call()).status).toBe(200)
    await made.getByRole('button', { name: 'Done' }).click()
    const row = page.getByRole('row').filter({ hasText: 'shop' })
    await row.getByRole('button', { name: 'Actions' }).click()
    await page.getByRole('menuitem', { name: 'Revoke' }).click()
    await page.getByRole('button', { name: 'Revoke key' }).click()
    await page.getByText('Key revoked').waitFor()
    expect((await call()).status).toBe(401)
  })
})
