import { readFile } from 'node:fs/promises'
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
    // What the server was at when it was told may have been written all the same.
    const left = await total()
    expect(left).toBeGreaterThan(0)
    expect(amount - left - deleted).toBeGreaterThanOrEqual(0)
    expect(amount - left - deleted).toBeLessThan(amount / 2)
    await dialog.getByRole('button', { name: 'Close', exact: true }).last().click()
    await dialog.waitFor({ state: 'hidden' })
  })
})

describe('what is typed', () => {
  it('in the settings is not left without a question, and not overwritten by what is new', async () => {
    const page = await w.signedIn(`${appPath(app.id, 'settings')}?tab=messages`)
    const text = page.getByLabel('Application disabled', { exact: true })
    await text.fill('My own words')
    // Somebody else changes another text meanwhile; who comes back to the page sees it.
    const theirs = `Banned at ${Date.now()}`
    await w.server.call('PATCH', `/apps/${app.id}`, { messages: { keybanned: theirs } })
    const back = async () => {
      await page.evaluate(() => window.dispatchEvent(new Event('visibilitychange')))
      return page.getByLabel('License banned', { exact: true }).inputValue()
    }
    await expect.poll(back, { timeout: 30_000, interval: 500 }).toBe(theirs)
    expect(await text.inputValue()).toBe('My own words')
    await page.getByText('1 change', { exact: true }).waitFor()

    const question = page.getByRole('dialog', { name: 'Leave without saving?' })
    await page.getByRole('tab', { name: 'Rules' }).click()
    await question.waitFor()
    await expectAccessible(page)
    await question.getByRole('button', { name: 'Stay' }).click()
    await question.waitFor({ state: 'hidden' })
    await page.getByRole('link', { name: 'Licenses' }).click()
    await question.waitFor()
    await page.keyboard.press('Escape')
    await question.waitFor({ state: 'hidden' })
    expect(await text.inputValue()).toBe('My own words')
    await page.getByRole('button', { name: 'Save' }).last().click()
    await page.getByText('Settings saved').waitFor()
    await page.getByRole('tab', { name: 'Rules' }).click()
    await page.getByRole('heading', { name: 'Program' }).waitFor()
  })

  it('in a drawer is not closed without a question, and saved with none', async () => {
    await w.server.call('POST', `/apps/${app.id}/variables`, { name: `motd ${Date.now()}`, value: 'hello' })
    const page = await w.signedIn(appPath(app.id, 'variables'))
    await page.getByRole('table').getByText('motd').first().waitFor()
    await page.getByRole('button', { name: /^Actions of/ }).click()
    await page.getByRole('menuitem', { name: 'Edit' }).click()
    const form = page.getByRole('dialog', { name: 'Edit variable' })
    await form.getByLabel('Value').fill('good morning')
    const question = page.getByRole('dialog', { name: 'Leave without saving?' })
    await page.keyboard.press('Escape')
    await question.waitFor()
    // One Esc closes one: the form is still there, with what was typed.
    await page.keyboard.press('Escape')
    await question.waitFor({ state: 'hidden' })
    expect(await form.getByLabel('Value').inputValue()).toBe('good morning')
    await page.goBack()
    await question.getByRole('button', { name: 'Stay' }).click()
    await question.waitFor({ state: 'hidden' })
    await form.getByRole('button', { name: 'Save changes' }).click()
    await form.waitFor({ state: 'hidden' })
    // Back to the button that its menu was opened with.
    await page.waitForFunction(() => document.activeElement?.getAttribute('aria-haspopup') === 'menu')

    await page.getByRole('button', { name: /^Actions of/ }).click()
    await page.getByRole('menuitem', { name: 'Edit' }).click()
    await form.getByLabel('Value').fill('good night')
    await page.keyboard.press('Escape')
    await question.getByRole('button', { name: 'Leave' }).click()
    await form.waitFor({ state: 'hidden' })
    const { variables } = await w.server.call<{ variables: { id: string }[] }>('GET', `/apps/${app.id}/variables`)
    const { value } = await w.server.call<{ value: string }>('GET', `/apps/${app.id}/variables/${variables[0]?.id ?? ''}`)
    expect(value).toBe('good morning')
  })

  it('for new licenses is not left without a question, unless nothing was typed', async () => {
    const page = await w.signedIn(appPath(app.id, 'licenses') + '?dialog=create')
    const form = page.getByRole('dialog', { name: 'Create licenses' })
    await form.getByLabel('Note').waitFor()
    await page.keyboard.press('Escape')
    await form.waitFor({ state: 'hidden' })
    await page.getByRole('button', { name: 'Create licenses' }).first().click()
    await form.getByLabel('Note').fill('for the shop')
    await page.keyboard.press('Escape')
    const question = page.getByRole('dialog', { name: 'Leave without saving?' })
    await question.getByRole('button', { name: 'Stay' }).click()
    expect(await form.getByLabel('Note').inputValue()).toBe('for the shop')
    await form.getByRole('button', { name: 'Cancel' }).click()
    await question.getByRole('button', { name: 'Leave' }).click()
    await form.waitFor({ state: 'hidden' })
  })
})

describe('what is not there any more', () => {
  it('is said in place of a form that could not be saved', async () => {
    w.expectErrors(/404/)
    for (const [name, title] of [
      ['variables', 'Edit variable'],
      ['webhooks', 'Edit webhook'],
    ] as const) {
      const page = await w.signedIn(`${appPath(app.id, name)}?open=${name === 'variables' ? 'var' : 'whk'}_01jdrn7q9pe4ssyh2y6v5kd0aa`)
      const form = page.getByRole('dialog', { name: title })
      await form.getByText('This could not be loaded').waitFor()
      expect(await form.getByRole('button', { name: 'Save changes' }).isDisabled()).toBe(true)
      await expectAccessible(page)
    }
  })
})

describe('without a mouse', () => {
  it('an entry of the audit log opens, and Esc goes back to where it was opened', async () => {
    const page = await w.signedIn(appPath(app.id, 'audit'))
    const menu = page.getByRole('button', { name: /^Actions of this row: / }).first()
    await menu.focus()
    await page.keyboard.press('Enter')
    await page.getByRole('menuitem', { name: 'Details' }).press('Enter')
    const entry = page.getByRole('dialog', { name: 'Audit entry' })
    await entry.waitFor()
    await page.keyboard.press('Escape')
    await entry.waitFor({ state: 'hidden' })
    await page.waitForFunction(() => document.activeElement?.getAttribute('aria-label')?.startsWith('Actions of this row: '))
  })
})

describe('the audit log', () => {
  it('tells what happened in sentences, is narrowed by its address, and leads to what it is about', async () => {
    const name = `bob ${Date.now()}`
    const user = await w.server.call<{ id: string }>('POST', `/apps/${app.id}/users`, { username: name, password: 'a good password of bob' })
    await w.server.call('POST', `/apps/${app.id}/users/${user.id}/ban`, { reason: 'charge-back' })
    const page = await w.signedIn(`${appPath(app.id, 'audit')}?action=user.*,users.*`)
    const table = page.getByRole('table')
    await table.getByText(`banned user ${name}: charge-back`).waitFor()
    expect(await table.getByText('variable').count()).toBe(0)
    await expectAccessible(page)
    await table.getByRole('button', { name: /When/ }).click()
    await page.waitForURL(/sort=at/)
    await page.getByRole('combobox', { name: 'What happened' }).click()
    await page.getByRole('option', { name: 'User created', exact: true }).click()
    await page.waitForURL(/action=user\.create/)
    await table.getByText(`created user ${name}`).click()
    const entry = page.getByRole('dialog', { name: 'Audit entry' })
    await entry.getByText('user.create', { exact: true }).waitFor()
    await expectAccessible(page)
    await entry.getByRole('link', { name: `user ${name}` }).click()
    await page.waitForURL(new RegExp(`users\\?open=${user.id}`))

    // What the filter leaves, as a file.
    await page.goto(`${w.server.url}${appPath(app.id, 'audit')}?action=user.create`)
    await table.getByText(`created user ${name}`).waitFor()
    await page.getByRole('button', { name: 'Export' }).click()
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('menuitem', { name: /CSV/ }).click()])
    const lines = (await readFile(await download.path(), 'utf8')).trim().split('\r\n')
    expect(lines.slice(1).every((line) => line.includes('user.create'))).toBe(true)
    expect(lines.some((line) => line.includes(user.id))).toBe(true)

    const server = await w.signedIn('/server?tab=audit')
    await server.getByRole('table').getByText('set up this server').waitFor()
    await expectAccessible(server)
  })

  it('shows of an edit what was and what is, and of secrets only that they changed', async () => {
    const room = await w.server.call<AppMade>('POST', '/apps', { name: `Edits ${Date.now()}` })
    const path = `/apps/${room.id}`
    const variable = await w.server.call<{ id: string }>('POST', `${path}/variables`, { name: 'motd', value: 'a secret value' })
    await w.server.call('PATCH', `${path}/variables/${variable.id}`, { value: 'another secret', min_level: 2 })
    await w.server.call('PATCH', path, { settings: { devices_per_user: 3, version: '2.0', accept_protocols: ['native'] }, messages: { appdisabled: 'We are closed until Monday.' } })
    const page = await w.signedIn(appPath(room.id, 'audit'))
    const entry = page.getByRole('dialog', { name: 'Audit entry' })
    const changes = entry.getByRole('region', { name: 'What was changed' })
    await page.getByRole('table').getByText(/changed/).first().click()
    await changes.getByText('Devices per user').waitFor()
    expect((await changes.innerText()).replace(/\s+/g, ' ')).toContain('Before: 1 → After: 3')
    await changes.getByText('We are closed until Monday.').waitFor()
    await expectAccessible(page)
    await page.goto(`${w.server.url}${appPath(room.id, 'audit')}?action=variable.update`)
    await page.getByRole('table').getByText('motd').click()
    await changes.getByText('Changed; the values are not kept here').waitFor()
    expect(await entry.innerText()).not.toContain('secret')
    await expectAccessible(page)
  })
})
