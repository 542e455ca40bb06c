import { readFile } from 'node:fs/promises'
import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { appPath } from '@/app/pages'
import { type AppMade, expectAccessible, settled, world } from './world.ts'

const w = world()
let app: AppMade
let at = ''

beforeAll(async () => {
  app = await w.server.call<AppMade>('POST', '/apps', { name: 'Lists' })
  at = `/apps/${app.id}`
  await w.server.call('POST', `${at}/subscriptions`, { name: 'pro', level: 2 })
  await w.server.call('POST', `${at}/licenses`, { amount: 3, level: 2, duration: '30d' })
  await Promise.all(Array.from({ length: 60 }, (_, i) => w.server.call('POST', `${at}/blacklists`, { kind: 'ip', value: `203.0.113.${i}`, reason: i === 7 ? '=HYPERLINK("https://evil.example")' : 'charged back' })))
  await w.server.call('POST', `${at}/blacklists`, { kind: 'hwid', value: 'the-hardware-id-of-a-cheat' })
})

/** What the browser saves of a list. */
async function saved(page: Page, format: 'CSV' | 'JSON'): Promise<{ name: string; text: string }> {
  await page.getByRole('button', { name: 'Export' }).click()
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('menuitem', { name: format, exact: true }).click()])
  await page.getByText(/rows? saved/).last().waitFor()
  return { name: file.suggestedFilename(), text: await readFile(await file.path(), 'utf8') }
}

describe('every list', () => {
  it('is saved whole as the filter leaves it, with no cell that is a formula', async () => {
    const page = await w.signedIn(appPath(app.id, 'blacklist') + '?kind=ip&limit=25')
    await page.getByRole('table').getByText('203.0.113.59').waitFor()
    const csv = await saved(page, 'CSV')
    expect(csv.name).toMatch(/^blacklists-\d{4}-\d\d-\d\d\.csv$/)
    const lines = csv.text.trim().split('\r\n')
    expect(lines).toHaveLength(61)
    expect(lines[0]).toBe('id,kind,value,reason,user_id,expires_at,created_at,created_by')
    expect(csv.text).toContain(`"'=HYPERLINK(""https://evil.example"")"`)
    expect(csv.text).not.toContain('cheat')
    const json = JSON.parse((await saved(page, 'JSON')).text) as { value: string }[]
    expect(new Set(json.map((e) => e.value)).size).toBe(60)
    await expectAccessible(page)
  })

  it('stops being read when that is asked for, and tries again what failed', async () => {
    const page = await w.signedIn(appPath(app.id, 'blacklist'))
    await page.getByRole('table').getByText('203.0.113.59').waitFor()
    let held: () => void = () => undefined
    const reached = new Promise<void>((go) => void page.route('**/blacklists?*limit=1000*', (route) => { held = () => void route.abort(); go() }))
    await page.getByRole('button', { name: 'Export' }).click()
    await page.getByRole('menuitem', { name: 'CSV' }).click()
    const dialog = page.getByRole('dialog', { name: 'Saving the list' })
    await reached
    await expectAccessible(page)
    await dialog.getByRole('button', { name: 'Stop' }).click()
    await dialog.waitFor({ state: 'detached' })
    held()
    await page.unrouteAll()
    w.expectErrors(/500|ERR_FAILED/)
    await page.route('**/blacklists?*limit=1000*', (route) => route.fulfill({ status: 500, body: '{}' }))
    await page.getByRole('button', { name: 'Export' }).click()
    await page.getByRole('menuitem', { name: 'CSV' }).click()
    await dialog.getByRole('alert').waitFor()
    await page.unrouteAll()
    const [file] = await Promise.all([page.waitForEvent('download'), dialog.getByRole('button', { name: 'Try again' }).click()])
    expect(file.suggestedFilename()).toMatch(/csv$/)
  })

  it('keeps its head in sight while the page scrolls', async () => {
    const page = await w.signedIn(appPath(app.id, 'blacklist') + '?limit=100')
    await page.getByRole('table').getByText('203.0.113.0', { exact: true }).waitFor()
    await page.evaluate(() => { window.scrollTo(0, document.body.scrollHeight) })
    const head = await page.getByRole('columnheader', { name: 'Value' }).boundingBox()
    expect(head?.y).toBe(0)
    await page.screenshot({ path: new URL('../shots/sticky.png', import.meta.url).pathname })
  })

  it('is sorted, and shows other columns, on a narrow screen as well', async () => {
    const page = await w.signedIn(appPath(app.id, 'licenses'), { narrow: true })
    await page.getByRole('listitem').first().waitFor()
    await page.getByRole('button', { name: 'Sort and columns' }).click()
    await page.getByRole('menuitemradio', { name: 'Created, ascending' }).click()
    await page.waitForURL('**/licenses?sort=created')
    await page.getByRole('menuitemcheckbox', { name: 'Created by' }).click()
    await page.keyboard.press('Escape')
    await page.getByRole('listitem').first().getByText('Created by').waitFor()
    await page.reload()
    await page.getByRole('listitem').first().getByText('Created by').waitFor()
  })
})

describe('what is picked', () => {
  it('is deleted, paused, resumed and cleared together, after it was said of how many', async () => {
    const house = await w.server.call<AppMade>('POST', '/apps', { name: 'Picked' })
    const add = (path: string, body: unknown) => w.server.call<{ id: string }>('POST', `/apps/${house.id}${path}`, body)
    for (const name of ['one', 'two', 'three']) {
      await add('/variables', { name, value: 'v' })
      await add('/subscriptions', { name, level: 1 })
      const chat = await add('/chats', { name })
      await add(`/chats/${chat.id}/messages`, { text: 'hello' })
    }
    const page = await w.signedIn(appPath(house.id, 'variables'))
    const tools = page.getByRole('toolbar', { name: 'Actions' })
    const all = page.getByRole('checkbox', { name: 'Select all rows of this page' })
    await page.getByRole('checkbox', { name: 'Select row: one' }).click()
    await page.getByRole('checkbox', { name: 'Select row: two' }).click()
    await tools.getByRole('button', { name: 'Delete' }).click()
    await page.getByRole('dialog', { name: 'Delete 2 variables?' }).waitFor()
    await expectAccessible(page)
    await page.getByRole('button', { name: 'Delete 2 variables' }).click()
    await page.getByText('2 variables deleted').waitFor()
    await page.getByRole('row').filter({ hasText: 'two' }).waitFor({ state: 'detached' })
    expect(await page.getByRole('row').count()).toBe(2)

    await page.goto(w.server.url + appPath(house.id, 'subscriptions'))
    await all.check()
    await tools.getByRole('button', { name: 'Pause' }).click()
    await page.getByRole('button', { name: 'Pause 4 subscriptions' }).click()
    await page.getByText('4 subscriptions paused').waitFor()
    await page.getByRole('table').getByText('Paused').nth(3).waitFor()
    await all.check()
    await tools.getByRole('button', { name: 'Resume' }).click()
    await page.getByRole('button', { name: 'Resume 4 subscriptions' }).click()
    await page.getByText('4 subscriptions resumed').waitFor()
    await all.check()
    await tools.getByRole('button', { name: 'Delete' }).click()
    await page.getByRole('button', { name: 'Delete 4 subscriptions' }).click()
    await page.getByText('No subscriptions yet').waitFor()

    await page.goto(w.server.url + appPath(house.id, 'chats'))
    await all.check()
    await tools.getByRole('button', { name: 'Clear', exact: true }).click()
    await page.getByText('3 messages will be deleted for good').waitFor()
    await expectAccessible(page)
    await page.getByRole('button', { name: 'Clear 3 channels' }).click()
    await page.getByText('3 channels cleared').waitFor()
    const { chats } = await w.server.call<{ chats: { messages: number }[] }>('GET', `/apps/${house.id}/chats`)
    expect(chats.map((c) => c.messages)).toEqual([0, 0, 0])
  })
})

describe('webhooks and channels', () => {
  it('are found and sorted by name, in an address that can be kept', async () => {
    const house = await w.server.call<AppMade>('POST', '/apps', { name: 'Named' })
    for (const name of ['orders', 'Order status', 'invoices']) {
      await w.server.call('POST', `/apps/${house.id}/webhooks`, { name, url: 'https://shop.example.com/hooks' })
      await w.server.call('POST', `/apps/${house.id}/chats`, { name })
    }
    const page = await w.signedIn(appPath(house.id, 'webhooks'))
    const names = async () => (await page.getByRole('table').getByRole('checkbox', { name: /^Select row: / }).evaluateAll((all) => all.map((e) => e.getAttribute('aria-label') ?? ''))).map((label) => label.replace('Select row: ', ''))
    for (const at of ['webhooks', 'chats']) {
      await page.goto(w.server.url + appPath(house.id, at))
      await page.getByRole('table').getByText('invoices').waitFor()
      expect(await names()).toEqual(['orders', 'Order status', 'invoices'])
      await page.keyboard.press('/')
      await page.keyboard.type('ORDER')
      await page.waitForURL('**?q=ORDER')
      await page.getByRole('table').getByText('invoices').waitFor({ state: 'detached' })
      await page.getByRole('button', { name: 'Sort by Name' }).click()
      await page.waitForURL('**?q=ORDER&sort=name')
      await expect.poll(names).toEqual(['Order status', 'orders'])
      await page.getByRole('button', { name: 'Sort by Name' }).click()
      await page.waitForURL('**?q=ORDER&sort=-name')
      await page.reload()
      await page.getByRole('table').getByText('orders').waitFor()
      expect(await names()).toEqual(['orders', 'Order status'])
      await expectAccessible(page)
      await page.screenshot({ path: new URL(`../shots/named-${at}.png`, import.meta.url).pathname })
    }
  })
})

describe('a question', () => {
  it('has the server’s errors at its fields', async () => {
    w.expectErrors(/400|422/)
    const page = await w.signedIn(`${appPath(app.id, 'blacklist')}?dialog=import`)
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('textbox', { name: 'One entry a line' }).or(dialog.locator('textarea')).first().fill('198.51.100.7')
    await dialog.getByLabel('Ends').or(dialog.locator('input[type=datetime-local]')).first().fill('2020-01-01T00:00')
    await dialog.getByTestId('preview').waitFor()
    const submit = dialog.locator('button[type=submit]')
    const wrong = dialog.locator('input[type=datetime-local][aria-invalid=true]')
    await expect.poll(async () => (await submit.isEnabled()) || (await wrong.count()) > 0).toBe(true)
    if (await submit.isEnabled()) await submit.click()
    await wrong.waitFor()
    await dialog.getByText('The end lies in the future, or there is none.').waitFor()
    expect(await dialog.getByRole('alert').filter({ hasText: 'future' }).count()).toBe(0)
    await expectAccessible(page)
    await dialog.locator('input[type=datetime-local]').fill('2099-01-01T00:00')
    await wrong.waitFor({ state: 'detached' })
    await submit.click()
    await dialog.waitFor({ state: 'detached' })
    await page.getByRole('table').getByText('198.51.100.7').waitFor()
  })
})

describe('the texts of an application', () => {
  it('are searched, in the address, and keep what was typed', async () => {
    const page = await w.signedIn(`${appPath(app.id, 'settings')}?tab=messages`)
    await page.getByRole('textbox', { name: 'Unknown user' }).fill('Nobody of this name.')
    await page.getByRole('textbox', { name: 'Search' }).fill('NOBODY OF')
    await page.waitForURL('**tab=messages&q=*')
    await expect.poll(() => page.locator('form section input').count()).toBe(1)
    await page.screenshot({ path: new URL('../shots/messages-search.png', import.meta.url).pathname })
    await page.getByRole('textbox', { name: 'Search' }).fill('no such thing')
    await page.getByText('Nothing matches').waitFor()
    await page.getByRole('textbox', { name: 'Search' }).fill('')
    await page.waitForURL('**?tab=messages')
    expect(await page.getByRole('textbox', { name: 'Unknown user' }).inputValue()).toBe('Nobody of this name.')
    await expectAccessible(page)
    await page.getByRole('button', { name: 'Discard' }).click()
  })
})

describe('all that match', () => {
  it('are found behind the page as well, and counted before anything happens to them', async () => {
    const house = await w.server.call<AppMade>('POST', '/apps', { name: 'All of them' })
    const add = (path: string, body: unknown) => w.server.call('POST', `/apps/${house.id}${path}`, body)
    await Promise.all(Array.from({ length: 30 }, (_, i) => add('/variables', { name: `old_${i}`, value: 'v' })))
    await add('/variables', { name: 'kept', value: 'v' })
    const page = await w.signedIn(appPath(house.id, 'variables') + '?q=old&limit=25')
    const tools = page.getByRole('toolbar', { name: 'Actions' })
    await page.getByRole('checkbox', { name: 'Select all rows of this page' }).click()
    await tools.getByText('25 selected').waitFor()
    await tools.getByRole('button', { name: 'Select all that match' }).click()
    await tools.getByRole('button', { name: 'Delete' }).click()
    const dialog = page.getByRole('dialog', { name: 'Delete all that match?' })
    await dialog.getByText('30 rows will be deleted.').waitFor()
    await expectAccessible(page)
    const go = dialog.getByRole('button', { name: 'Delete 30 variables' })
    expect(await go.isDisabled()).toBe(true)
    await dialog.getByLabel('Type delete to confirm').fill('delete')
    await page.screenshot({ path: new URL('../shots/all-that-match.png', import.meta.url).pathname })
    await go.click()
    await page.getByText('30 variables deleted').waitFor()
    const { variables } = await w.server.call<{ variables: { name: string }[] }>('GET', `/apps/${house.id}/variables`)
    expect(variables.map((v) => v.name)).toEqual(['kept'])
  })
})

describe('an address', () => {
  it('opens what it names on each page, and loses it when that is closed', async () => {
    const [sub] = (await w.server.call<{ subscriptions: { id: string }[] }>('GET', `${at}/subscriptions`)).subscriptions
    const license = (await w.server.call<{ licenses: { id: string }[] }>('GET', `${at}/licenses`)).licenses[0]
    const made = async (path: string, body: unknown) => (await w.server.call<{ id: string }>('POST', at + path, body)).id
    const opens: [string, string, string][] = [
      ['subscriptions', sub?.id ?? '', 'Edit subscription'],
      ['variables', await made('/variables', { name: 'motd', value: 'hello' }), 'Edit variable'],
      ['files', await made('/files/link', { name: 'setup.zip', link: 'https://cdn.example.com/setup.zip' }), 'Edit file'],
      ['webhooks', await made('/webhooks', { name: 'orders', url: 'https://shop.example.com/hooks' }), 'Edit webhook'],
      ['chats', await made('/chats', { name: 'general' }), 'Channel general'],
      ['tokens', await made('/tokens', { license_id: license?.id }), 'Token'],
      ['blacklist', await made('/blacklists', { kind: 'cidr', value: '198.51.100.0/24' }), 'Edit entry'],
    ]
    const page = await w.signedIn('/apps')
    for (const [path, id, title] of opens) {
      await page.goto(`${w.server.url}${appPath(app.id, path)}?open=${id}`)
      const dialog = page.getByRole('dialog', { name: title, exact: true })
      await dialog.waitFor()
      await settled(page)
      await expectAccessible(page)
      await page.keyboard.press('Escape')
      await page.waitForURL(`**/${path}`)
      await page.getByRole('row').nth(1).click({ position: { x: 400, y: 12 } })
      await page.waitForURL(`**/${path}?open=${id}`)
      await dialog.waitFor()
    }
  })
})

describe('the frame', () => {
  it('names the application, and switches it by keyboard among many', async () => {
    for (let i = 0; i < 12; i++) await w.server.call('POST', '/apps', { name: `House ${String(i).padStart(2, '0')}` })
    const page = await w.signedIn(appPath(app.id, 'licenses'))
    await page.getByRole('table').waitFor()
    expect(await page.title()).toBe('Licenses · Lists · Latchkey')
    await page.getByRole('button', { name: /^Application:/ }).click()
    await page.getByRole('option', { name: 'House 11' }).waitFor()
    await expectAccessible(page)
    await page.screenshot({ path: new URL('../shots/switcher.png', import.meta.url).pathname })
    await page.keyboard.type('House 11')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await page.waitForURL('**/overview')
    await page.getByRole('button', { name: 'Application: House 11' }).waitFor()
    const narrow = await w.signedIn(appPath(app.id, 'licenses'), { narrow: true })
    await narrow.getByRole('banner').getByText('Lists', { exact: true }).waitFor()
    await narrow.screenshot({ path: new URL('../shots/narrow.png', import.meta.url).pathname })
  })

  it('creates and signs out by Ctrl+K', async () => {
    const page = await w.signedIn(appPath(app.id, 'overview'))
    const say = async (text: string) => {
      await page.keyboard.press(`${process.platform === 'darwin' ? 'Meta' : 'Control'}+k`)
      await page.getByRole('textbox', { name: 'Search or jump to…' }).fill(text)
    }
    await page.getByRole('heading').first().waitFor()
    await say('create a user')
    await expectAccessible(page)
    await page.keyboard.press('Enter')
    await page.waitForURL('**/users?dialog=create')
    await page.getByRole('dialog', { name: 'Add a user' }).waitFor()
    await page.keyboard.press('Escape')
    await page.waitForURL('**/users')
    await say('sign out')
    await page.keyboard.press('Enter')
    await page.waitForURL('**/sign-in')
  })
})

describe('new licenses', () => {
  it('are printed with what they are of', async () => {
    const page = await w.signedIn(appPath(app.id, 'licenses') + '?dialog=create')
    await page.evaluate(() => { window.print = () => { document.body.dataset.printed = document.querySelector('.print-only')?.textContent ?? '' } })
    const drawer = page.getByRole('dialog', { name: 'Create licenses' })
    await drawer.getByLabel('Amount').first().fill('3')
    await drawer.getByRole('button', { name: /^Create/ }).click()
    await page.getByRole('button', { name: 'Print' }).click()
    await page.waitForFunction(() => document.body.dataset.printed)
    const text = await page.evaluate(() => document.body.dataset.printed)
    expect(text).toMatch(/^Lists.*Subscription.*Duration.*Licenses3Made/)
  })
})

describe('the list of users', () => {
  it('is sorted by name, and narrowed by whose time ends', async () => {
    const other = await w.server.call<AppMade>('POST', '/apps', { name: 'Sorted' })
    const of = `/apps/${other.id}`
    const subscription = (await w.server.call<{ subscriptions: { id: string }[] }>('GET', `${of}/subscriptions`)).subscriptions[0]?.id
    for (const [username, duration] of [['Bea', '3d'], ['adam', '20d'], ['Dora', 'lifetime'], ['cleo', undefined]] as const) await w.server.call('POST', `${of}/users`, { username, ...(duration && { duration, subscription_id: subscription }) })
    const page = await w.signedIn(appPath(other.id, 'users'))
    const names = async (...list: string[]) => {
      await expect.poll(async () => (await page.locator('tbody tr td:nth-child(2)').allInnerTexts()).map((n) => n.trim())).toEqual(list)
    }
    await names('cleo', 'Dora', 'adam', 'Bea')
    await page.getByRole('button', { name: 'Sort by User', exact: true }).click()
    await names('adam', 'Bea', 'cleo', 'Dora')
    expect(await page.locator('th[aria-sort="ascending"]').innerText()).toContain('User')
    await page.getByRole('button', { name: 'Sort by User', exact: true }).click()
    await names('Dora', 'cleo', 'Bea', 'adam')
    await page.getByRole('combobox', { name: 'Time left' }).click()
    await page.getByRole('option', { name: 'Has time left' }).click()
    await names('Bea', 'adam', 'Dora')
    // What does not sort them does not look as if it did.
    expect(await page.getByRole('button', { name: /^Sort by/ }).allInnerTexts()).toEqual(['Subscriptions'])
    await page.getByRole('button', { name: 'Sort by Subscriptions' }).click()
    await names('Dora', 'adam', 'Bea')
    await page.getByRole('button', { name: 'Filters', exact: true }).click()
    const soon = new Date(Date.now() + 7 * 86_400_000)
    await page.getByLabel('Ends until').fill(`${soon.getFullYear()}-${String(soon.getMonth() + 1).padStart(2, '0')}-${String(soon.getDate()).padStart(2, '0')}`)
    await names('Bea')
    await settled(page)
    await expectAccessible(page)
    await page.keyboard.press('Escape')
    // The address has it all.
    await page.reload()
    await names('Bea')
    await page.getByRole('button', { name: 'Clear filters' }).click()
    await names('cleo', 'Dora', 'adam', 'Bea')
    await page.getByRole('combobox', { name: 'Time left' }).click()
    await page.getByRole('option', { name: 'No subscription' }).click()
    await names('cleo')
  })
})

describe('what is not on the page', () => {
  it('is opened by its address, found by its user, and muted users are let speak together', async () => {
    const other = await w.server.call<AppMade>('POST', '/apps', { name: 'Talk' })
    const of = `/apps/${other.id}`
    const until = new Date(Date.now() + 86_400_000).toISOString()
    for (let i = 0; i < 53; i++) {
      const user = await w.server.call<{ id: string }>('POST', `${of}/users`, { username: `loud ${i}` })
      await w.server.call('POST', `${of}/chat-mutes`, { user_id: user.id, until })
    }
    const page = await w.signedIn(`${appPath(other.id, 'chats')}?dialog=mutes`)
    const dialog = page.getByRole('dialog', { name: 'Muted users' })
    await dialog.getByText('loud 52').waitFor()
    expect(await dialog.getByText('loud 1', { exact: true }).count()).toBe(0)
    await dialog.getByRole('button', { name: 'Show more' }).click()
    await dialog.getByText('loud 1', { exact: true }).waitFor()
    await dialog.getByLabel('Search').fill('LOUD 7')
    await dialog.getByText('loud 52').waitFor({ state: 'detached' })
    await dialog.getByText('loud 7', { exact: true }).waitFor()
    await expectAccessible(page)
    await dialog.getByRole('button', { name: 'Lift the mute of loud 7' }).click()
    await page.getByRole('dialog', { name: 'Lift this mute?' }).getByRole('button', { name: 'Lift mute' }).click()
    await dialog.getByText('Nothing matches').waitFor()
    await page.reload()
    await dialog.getByText('loud 52').waitFor()
    await dialog.getByLabel('Select all that are shown').click()
    await dialog.getByRole('button', { name: 'Select all that match' }).click()
    await dialog.getByText('All that match are selected').waitFor()
    await page.screenshot({ path: new URL('../shots/mutes-all.png', import.meta.url).pathname })
    await dialog.getByRole('button', { name: 'Lift mutes' }).click()
    const question = page.getByRole('dialog', { name: 'Lift all mutes that match?' })
    await question.getByText('52 mutes will be lifted.').waitFor()
    await expectAccessible(page)
    await question.getByRole('button', { name: 'Lift 52 mutes' }).click()
    await page.getByText('52 mutes lifted').waitFor()
    await page.keyboard.press('Escape')
    await page.goto(`${w.server.url}${appPath(other.id, 'sessions')}?open=ses_00000000000000000000000000`)
    w.expectErrors(/404/)
    await page.getByText('This session has ended.').waitFor()
    await page.goto(`${w.server.url}${appPath(other.id, 'licenses')}?status=used`)
    await settled(page)
  })
})
