import { beforeAll, describe, expect, it } from 'vitest'
import { appPath } from '@/app/pages'
import { type AppMade, expectAccessible, settled, world } from './world.ts'

const w = world()
let app: AppMade
let key = ''

beforeAll(async () => {
  app = await w.server.call<AppMade>('POST', '/apps', { name: 'Records' })
  const made = await w.server.call<{ licenses: { key: string }[] }>('POST', `/apps/${app.id}/licenses`, { amount: 3, duration: '30d' })
  key = made.licenses[0]?.key ?? ''
})

async function signedInProgram(hwid: string): Promise<(form: Record<string, string>) => Promise<{ success: boolean }>> {
  const named = { name: app.name, ownerid: app.owner_id }
  const { sessionid = '' } = await w.server.client({ type: 'init', ver: '1.0', ...named })
  expect((await w.server.client({ type: 'license', key, hwid, sessionid, ...named })).success).toBe(true)
  return (form) => w.server.client({ ...form, sessionid, ...named })
}

describe('the overview', () => {
  it('tells what there is, and how the last days were', async () => {
    const page = await w.signedIn('/')
    await page.waitForURL(`**${appPath(app.id, 'overview')}`)
    await page.getByRole('heading', { name: 'Licenses by status' }).waitFor()
    await page.getByText('of 3', { exact: true }).waitFor()
    // Without a geolocation file the chart says how there will be one.
    await page.getByRole('heading', { name: 'Countries in use' }).waitFor()
    await page.getByText(/latchkey serve --geoip FILE/).waitFor()
    await settled(page)
    await expectAccessible(page)
    await page.getByText('Last 7 days').click()
    await page.waitForURL('**/overview?days=7')
    await page.getByText(/in 7 days/).waitFor()
  })
})

describe('logs', () => {
  it('are read while they come in, looked into, saved and deleted', async () => {
    const page = await w.signedIn(appPath(app.id, 'logs'))
    await page.getByText('Nothing reported yet').waitFor()
    await expectAccessible(page)
    const program = await signedInProgram('the-hardware-id-that-logs')
    expect((await program({ type: 'log', message: 'the profile is damaged', pcuser: 'DESKTOP-7' })).success).toBe(true)
    // Nobody reloads the page: the server tells it.
    await page.getByRole('table').getByText('the profile is damaged').click()
    const card = page.getByRole('dialog', { name: 'Log line' })
    await card.getByText('DESKTOP-7').waitFor()
    await expectAccessible(page)
    await page.keyboard.press('Escape')
    expect((await program({ type: 'log', message: 'another line', pcuser: 'DESKTOP-7' })).success).toBe(true)
    await page.getByRole('table').getByText('another line').waitFor()
    await page.getByRole('button', { name: 'Export' }).click()
    const [saved] = await Promise.all([page.waitForEvent('download'), page.getByRole('menuitem', { name: 'CSV' }).click()])
    expect(saved.suggestedFilename()).toMatch(/csv$/)
    await page.getByRole('checkbox', { name: 'Select all rows of this page' }).check()
    await page.getByRole('toolbar').getByRole('button', { name: 'Delete' }).click()
    await page.getByRole('button', { name: 'Delete 2 lines' }).click()
    await page.getByText('2 lines deleted').waitFor()
    await page.getByText('Nothing reported yet').waitFor()
  })

  it('are posted where the seller says, if that is no address of this house', async () => {
    const page = await w.signedIn(appPath(app.id, 'logs'))
    await page.getByRole('button', { name: 'Post to Discord' }).click()
    const dialog = page.getByRole('dialog', { name: 'Post lines to Discord' })
    w.expectErrors(/400/)
    await dialog.getByLabel('Address of the webhook').fill('https://127.0.0.1/api/webhooks/1/abc')
    await dialog.getByRole('button', { name: 'Start posting' }).click()
    await dialog.locator('[aria-invalid=true]').waitFor()
    await expectAccessible(page)
  })
})

describe('tokens', () => {
  it('are made for a license, blacklisted, and deleted', async () => {
    const page = await w.signedIn(appPath(app.id, 'tokens'))
    await page.getByText('No tokens yet').waitFor()
    await expectAccessible(page)
    await page.getByRole('button', { name: 'Create token' }).first().click()
    const dialog = page.getByRole('dialog', { name: 'Create a token' })
    await dialog.getByText('A license').click()
    await dialog.getByRole('combobox', { name: 'License' }).click()
    await page.getByRole('option').first().click()
    await expectAccessible(page)
    await dialog.getByRole('button', { name: 'Create token' }).click()
    await page.getByText('Token created').waitFor()
    const list = await w.server.call<{ tokens: { id: string; status: string }[] }>('GET', `/apps/${app.id}/tokens`)
    expect(list.tokens.map((k) => k.status)).toEqual(['not_used'])
    await page.getByRole('button', { name: 'Actions of this row' }).click()
    await page.getByRole('menuitem', { name: 'Blacklist' }).click()
    await page.getByLabel('Reason').fill('resold')
    await page.getByRole('button', { name: 'Blacklist 1 token' }).click()
    await page.getByRole('table').getByText('Blacklisted').waitFor()
    await page.getByRole('table').getByText('resold').waitFor()
    await page.getByRole('button', { name: 'Actions of this row' }).click()
    await page.getByRole('menuitem', { name: 'Delete' }).click()
    await page.getByRole('button', { name: 'Delete 1 token' }).click()
    await page.getByText('No tokens yet').waitFor()

    // Many at once, counted first.
    await w.server.call('POST', `/apps/${app.id}/licenses/create-tokens`, { all: true })
    const n = (await w.server.call<{ tokens: object[] }>('GET', `/apps/${app.id}/tokens`)).tokens.length
    expect(n).toBeGreaterThan(1)
    await page.reload()
    await page.getByRole('checkbox', { name: 'Select all rows of this page' }).check()
    await page.getByRole('toolbar').getByRole('button', { name: 'Blacklist', exact: true }).click()
    await page.getByText(`${n} of ${n} tokens will be changed.`).waitFor()
    await expectAccessible(page)
    await page.getByRole('button', { name: `Blacklist ${n} tokens` }).click()
    await page.getByText(`${n} tokens blacklisted`).waitFor()
    await page.getByRole('table').getByText('Blacklisted').nth(n - 1).waitFor()
    await page.getByRole('button', { name: 'Undo' }).click()
    await page.getByRole('table').getByText('Not used').nth(n - 1).waitFor()
    await page.getByRole('checkbox', { name: 'Select all rows of this page' }).check()
    await page.getByRole('toolbar').getByRole('button', { name: 'Delete' }).click()
    await page.getByRole('button', { name: `Delete ${n} tokens` }).click()
    await page.getByText('No tokens yet').waitFor()
  })
})

describe('the server', () => {
  it('shows how it is, and takes another account', async () => {
    const bea = `bea${Date.now()}@example.com`
    const page = await w.signedIn('/server')
    await page.getByText('SQLite').first().waitFor()
    await settled(page)
    await expectAccessible(page)
    await page.getByRole('button', { name: 'Add account' }).click()
    const dialog = page.getByRole('dialog', { name: 'Add an account' })
    await dialog.getByLabel('E-mail address').fill(bea)
    await dialog.getByLabel('Password', { exact: true }).fill('a long enough one')
    await dialog.getByRole('button', { name: 'Add account' }).click()
    await page.getByRole('table').getByText(bea).waitFor()

    // She sees her own house, and not this page.
    const hers = await w.open()
    await hers.context().request.post(`${w.server.url}/api/v1/session`, { data: { email: bea, password: 'a long enough one' } })
    await hers.goto(`${w.server.url}/server`)
    await hers.getByText('This page is for administrators.').waitFor()
    expect(await hers.getByRole('link', { name: 'Server' }).count()).toBe(0)

    // Disabled she is out at once, and in again when that is undone; deleted she is gone.
    const act = async (item: string) => {
      await page.mouse.move(0, 0) // a notice that is pointed at stays, and lies above the button
      await page.getByRole('button', { name: `Actions of this row: ${bea}` }).click()
      await page.getByRole('menuitem', { name: item }).click()
    }
    await act('Disable')
    const disable = page.getByRole('dialog', { name: `Disable ${bea}?` })
    await disable.getByText('Their applications keep running').waitFor()
    await disable.getByRole('button', { name: 'Disable account' }).click()
    await page.getByRole('row', { name: new RegExp(bea) }).getByText('Disabled').waitFor()
    await settled(page)
    await expectAccessible(page)
    const her = hers.context()
    await hers.close()
    expect((await her.request.get(`${w.server.url}/api/v1/session`)).status()).toBe(401)
    await act('Enable')
    await page.getByRole('row', { name: new RegExp(bea) }).getByText('Open').waitFor()
    await act('Delete')
    const remove = page.getByRole('dialog', { name: `Delete ${bea}?` })
    await remove.getByRole('textbox').fill(bea)
    await remove.getByRole('button', { name: 'Delete account' }).click()
    await page.getByRole('row', { name: new RegExp(bea) }).waitFor({ state: 'detached' })
  })
})

describe('the account', () => {
  it('lists who tried to sign in, and takes another address', async () => {
    await w.server.call('POST', '/accounts', { email: 'cy@example.com', password: 'a long enough one' })
    const page = await w.open()
    const session = `${w.server.url}/api/v1/session`
    await page.context().request.post(session, { data: { email: 'cy@example.com', password: 'a wrong password' } })
    await page.context().request.post(session, { data: { email: 'cy@example.com', password: 'a long enough one' } })
    await page.goto(`${w.server.url}/account?tab=signIns`)
    await page.getByRole('table').getByText('Wrong password').waitFor()
    await expectAccessible(page)
    await page.getByRole('tab', { name: 'Profile' }).click()
    await page.getByRole('button', { name: 'Change your e-mail address' }).click()
    const dialog = page.getByRole('dialog', { name: 'Change your e-mail address' })
    await dialog.getByLabel('New e-mail address').fill('cyd@example.com')
    await dialog.getByLabel('Your password').fill('a long enough one')
    await dialog.getByRole('button', { name: 'Change address' }).click()
    await page.getByText('E-mail address changed').waitFor()
    await page.getByRole('main').getByText('cyd@example.com').waitFor()
  })
})

describe('a user’s variables', () => {
  it('are set here and read by the program', async () => {
    const program = await signedInProgram('the-hardware-id-that-logs')
    const page = await w.signedIn(appPath(app.id, 'users'))
    await page.getByRole('table').getByText('Active').first().click()
    const card = page.getByRole('dialog', { name: 'User', exact: true })
    await card.getByRole('tab', { name: 'Variables' }).click()
    await card.getByRole('button', { name: 'Add variable' }).click()
    const dialog = page.getByRole('dialog', { name: 'Add variable' })
    await dialog.getByLabel('Name').fill('plan')
    await dialog.getByLabel('Value').fill('gold')
    await dialog.getByRole('button', { name: 'Save variable' }).click()
    await card.getByText('gold').waitFor()
    expect(await program({ type: 'getvar', var: 'plan' })).toMatchObject({ success: true, response: 'gold' })
    await expectAccessible(page)
  })
})
