import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { appPath } from '@/app/pages'
import { type AppMade, expectAccessible, redeem, settled, world } from './world.ts'

// What is done to many at once, and taken back.

const w = world()

interface Keys {
  licenses: { id: string; key: string; duration: string; status: string }[]
}

describe('lists of who is let in', () => {
  it('are filled from what is pasted and from a file; lines that cannot be read are named', async () => {
    const app = await w.server.call<AppMade>('POST', '/apps', { name: 'Imports' })
    const page = await w.signedIn(appPath(app.id, 'blacklist'))
    await page.getByRole('button', { name: 'Import', exact: true }).click()
    const dialog = page.getByRole('dialog', { name: 'Import entries' })
    await dialog.getByText('Choose a file, or paste some values.').waitFor()
    await dialog.getByLabel('Or paste the values').fill('203.0.113.9 # shop\nwhat is this\n203.0.113.0/25\n203.0.113.9')
    await dialog.getByText('2 of 4 lines will be put on the list.').waitFor()
    await dialog.getByText('1 are on it already.').waitFor()
    await dialog.getByText(/^Line 2: /).waitFor()
    await expectAccessible(page)
    await dialog.getByLabel('Reason').fill('fraud')
    await dialog.getByRole('button', { name: 'Import 2 entries' }).click()
    await page.getByText('2 entries imported').waitFor()
    await page.getByRole('cell', { name: /^203\.0\.113\.9 / }).waitFor()

    await page.getByRole('button', { name: 'Import', exact: true }).click()
    await dialog.locator('input[type=file]').setInputFiles({ name: 'list.csv', mimeType: 'text/csv', buffer: Buffer.from('value,reason\r\n"2001:db8::1",x\r\n198.51.100.0/24,y\r\n') })
    await dialog.getByText('2 of 2 lines will be put on the list.').waitFor()
    await dialog.getByRole('button', { name: 'Import 2 entries' }).click()
    await page.getByRole('cell', { name: /^198\.51\.100\.0\/24 / }).waitFor()
    const { entries } = await w.server.call<{ entries: { kind: string }[] }>('GET', `/apps/${app.id}/blacklists`)
    expect(entries.map((e) => e.kind).sort()).toEqual(['cidr', 'cidr', 'ip', 'ip'])

    await page.getByRole('link', { name: 'Whitelist' }).click()
    await page.getByRole('button', { name: 'Import', exact: true }).click()
    await dialog.getByLabel('Or paste the values').fill('192.0.2.1')
    await dialog.getByRole('button', { name: 'Import 1 entry' }).click()
    await page.getByRole('cell', { name: /^192\.0\.2\.1 / }).waitFor()
  })
})

describe('tokens', () => {
  it('are made for every license that has none, and these alone are given out as a file', async () => {
    const app = await w.server.call<AppMade>('POST', '/apps', { name: 'Tokens' })
    await w.server.call('POST', `/apps/${app.id}/licenses`, { duration: '30d', amount: 3 })
    const page = await w.signedIn(appPath(app.id, 'tokens'))
    await page.getByRole('button', { name: 'For many licenses' }).click()
    const dialog = page.getByRole('dialog', { name: 'Create tokens for licenses' })
    await dialog.getByText('3 tokens will be created for 3 licenses.').waitFor()
    // Somebody else makes one between the making of these and the look at them.
    let others = ''
    await page.route(/\/tokens\?.*limit=1000/, async (route) => {
      if (!others) {
        const { licenses } = await w.server.call<Keys>('POST', `/apps/${app.id}/licenses`, { duration: '30d' })
        others = (await w.server.call<{ token: string }>('POST', `/apps/${app.id}/tokens`, { license_id: licenses[0]?.id })).token
      }
      await route.continue()
    })
    await dialog.getByRole('button', { name: 'Create 3 tokens' }).click()
    const result = page.getByRole('dialog', { name: '3 new tokens' })
    await result.getByTestId('new-tokens').getByRole('button').nth(2).waitFor()
    await expectAccessible(page)
    const saved = page.waitForEvent('download')
    await result.getByRole('button', { name: 'Tokens with their licenses as CSV' }).click()
    const lines = (await readFile(await (await saved).path(), 'utf8')).trim().split('\r\n')
    const { tokens } = await w.server.call<{ tokens: { token: string; license_key: string }[] }>('GET', `/apps/${app.id}/tokens`)
    expect(others).toMatch(/^lkt_/)
    expect(lines.slice(1).sort()).toEqual(tokens.filter((k) => k.token !== others).map((k) => `${k.token},${k.license_key}`).sort())
    await result.getByRole('button', { name: 'Done' }).click()
    await page.getByRole('button', { name: 'For many licenses' }).click()
    await dialog.getByText('Each of these licenses has a token already, or is used.').waitFor()
  })
})

describe('users', () => {
  it('get a variable, a ban and time, and the last two are taken back', async () => {
    const app = await w.server.call<AppMade>('POST', '/apps', { name: 'Bulk users' })
    const { licenses } = await w.server.call<Keys>('POST', `/apps/${app.id}/licenses`, { duration: '30d', amount: 2 })
    for (const [i, l] of licenses.entries()) await redeem(w.server, app, l.key, `device-${i}-of-some-length`)
    const read = () => w.server.call<{ users: { id: string; banned_at?: string; subscriptions: { expires_at: string }[] }[] }>('GET', `/apps/${app.id}/users`)
    const before = (await read()).users.map((u) => u.subscriptions[0]?.expires_at).sort()
    const page = await w.signedIn(appPath(app.id, 'users'))
    const pick = async (action: string) => {
      await settled(page)
      await page.getByRole('checkbox', { name: 'Select all rows of this page' }).check()
      await page.getByRole('toolbar').getByRole('button', { name: action, exact: true }).click()
    }
    await pick('Variable')
    const dialog = page.getByRole('dialog')
    await dialog.getByText('A variable needs a name.').waitFor()
    await dialog.getByLabel('Name').fill('plan')
    await dialog.getByLabel('Value').fill('gold')
    await dialog.getByText('2 users will be changed.').waitFor()
    await expectAccessible(page)
    await dialog.getByRole('button', { name: 'Change variable of 2 users' }).click()
    await page.getByText('Variable of 2 users changed').waitFor()
    for (const u of (await read()).users) {
      const { variables } = await w.server.call<{ variables: { name: string; value: string }[] }>('GET', `/apps/${app.id}/users/${u.id}/variables`)
      expect(variables.map((v) => [v.name, v.value])).toEqual([['plan', 'gold']])
    }

    await pick('Ban')
    await dialog.getByRole('button', { name: 'Ban 2 users' }).click()
    await page.getByText('2 users banned').waitFor()
    expect((await read()).users.every((u) => u.banned_at)).toBe(true)
    await page.getByRole('button', { name: 'Undo' }).click()
    await page.getByText('Undone').first().waitFor()
    expect((await read()).users.some((u) => u.banned_at)).toBe(false)

    await pick('Change time')
    await dialog.getByRole('button', { name: 'Change time of 2 users' }).click()
    await page.getByText('Time of 2 users changed').waitFor()
    expect((await read()).users.map((u) => u.subscriptions[0]?.expires_at).sort()).not.toEqual(before)
    await page.getByRole('button', { name: 'Undo' }).click()
    await expect.poll(async () => (await read()).users.map((u) => u.subscriptions[0]?.expires_at).sort(), { timeout: 20_000 }).toEqual(before)
  })
})

describe('licenses', () => {
  it('are banned and extended, and it is taken back', async () => {
    const app = await w.server.call<AppMade>('POST', '/apps', { name: 'Bulk licenses' })
    await w.server.call<Keys>('POST', `/apps/${app.id}/licenses`, { duration: '30d', amount: 2 })
    const read = async () => (await w.server.call<Keys>('GET', `/apps/${app.id}/licenses`)).licenses.map((l) => [l.status, l.duration].join(' '))
    const page = await w.signedIn(appPath(app.id, 'licenses'))
    const pick = async (action: string, submit: string) => {
      await settled(page)
      await page.getByRole('checkbox', { name: 'Select all rows of this page' }).check()
      await page.getByRole('toolbar').getByRole('button', { name: action, exact: true }).click()
      await page.getByRole('dialog').getByRole('button', { name: submit }).click()
      await page.getByRole('button', { name: 'Undo' }).waitFor()
    }
    await pick('Ban', 'Ban 2 licenses')
    expect(await read()).toEqual(['banned 30d', 'banned 30d'])
    await page.getByRole('button', { name: 'Undo' }).click()
    await expect.poll(read, { timeout: 20_000 }).toEqual(['not_used 30d', 'not_used 30d'])
    await pick('Extend', 'Extend 2 licenses')
    expect(await read()).not.toContain('not_used 30d')
    await page.getByRole('button', { name: 'Undo' }).click()
    await expect.poll(read, { timeout: 20_000 }).toEqual(['not_used 30d', 'not_used 30d'])
  })
})

describe('a low screen', () => {
  it('hides no page of the navigation: it scrolls, and shows where one is', async () => {
    const app = await w.server.call<AppMade>('POST', '/apps', { name: 'Low' })
    const page = await w.signedIn(appPath(app.id, 'licenses'))
    await page.setViewportSize({ width: 1280, height: 480 })
    await settled(page)
    await page.goto(`${w.server.url}/account`)
    await settled(page)
    const box = await page.getByRole('link', { name: 'Account', exact: true }).boundingBox()
    expect(box && box.y + box.height).toBeLessThan(480 - 40)
    await page.getByRole('link', { name: 'Overview' }).click()
    await page.waitForURL('**/overview')
    expect((await page.getByRole('link', { name: 'Overview' }).boundingBox())?.y).toBeGreaterThan(100)
  })
})
