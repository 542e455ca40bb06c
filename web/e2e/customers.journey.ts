import { createHmac } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { beforeAll, describe, expect, it } from 'vitest'
import { appPath } from '@/app/pages'
import { type AppMade, expectAccessible, redeem, world } from './world.ts'

const w = world()
let app: AppMade

interface Made {
  licenses: { id: string; key: string }[]
}

/** The code of this moment, as an authenticator makes it (RFC 6238). */
function totp(secret: string): string {
  const bits = [...secret].map((c) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0')).join('')
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => parseInt(byte, 2)))
  const step = Buffer.alloc(8)
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)))
  const mac = createHmac('sha1', key).update(step).digest()
  const at = (mac.at(-1) ?? 0) & 15
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0')
}

beforeAll(async () => {
  app = await w.server.call<AppMade>('POST', '/apps', { name: 'Customers' })
})

describe('a user', () => {
  it('lives a whole life: redeemed, extended, shut out, let in, reset, deleted', async () => {
    const app = await w.server.call<AppMade>('POST', '/apps', { name: 'First customer' })
    const made = await w.server.call<Made>('POST', `/apps/${app.id}/licenses`, { amount: 1, duration: '30d' })
    const key = made.licenses[0]?.key ?? ''
    const page = await w.signedIn(appPath(app.id, 'users'))
    await page.getByText('No users yet').waitFor()
    await expectAccessible(page)

    expect((await redeem(w.server, app, key, 'hwid-of-the-first-computer')).success).toBe(true)
    await page.reload()
    await page.getByRole('table').getByText(key).waitFor()
    await page.getByRole('table').getByText('Active').click()
    const card = page.getByRole('dialog', { name: 'User', exact: true })
    await card.getByText('default').first().waitFor()
    await expectAccessible(page)

    await card.getByRole('button', { name: 'Change time' }).click()
    const time = page.getByRole('dialog', { name: 'Change a user’s time' })
    await time.getByText('1 user will be changed.').waitFor()
    await expectAccessible(page)
    await time.getByRole('button', { name: 'Change time of 1 user' }).click()
    await page.getByText('Time of 1 user changed').waitFor()

    await card.getByRole('tab', { name: /Devices/ }).click()
    await card.getByText('hwid-of-the-first-computer').waitFor()
    await card.getByRole('tab', { name: 'Sign-ins' }).click()
    await card.getByText('by license').waitFor()

    await card.getByRole('button', { name: 'Ban', exact: true }).click()
    const ban = page.getByRole('dialog', { name: 'Ban user' })
    await ban.getByLabel('Reason').fill('charge-back')
    await ban.getByRole('button', { name: 'Ban 1 user' }).click()
    await page.getByText('1 user banned').waitFor()
    expect((await redeem(w.server, app, key, 'hwid-of-the-first-computer')).message).toBe('The user is banned')
    await card.getByRole('button', { name: 'Unban' }).click()
    await page.getByRole('button', { name: 'Unban 1 user' }).click()
    await page.getByText('1 user unbanned').waitFor()
    expect((await redeem(w.server, app, key, 'hwid-of-the-first-computer')).success).toBe(true)

    // What the program reported of them, and what was done to them.
    await card.getByRole('tab', { name: 'Log lines' }).click()
    await card.getByText('The program has reported nothing about this user.').waitFor()
    await card.getByRole('tab', { name: 'Audit' }).click()
    await card.getByText(/You banned .*charge-back/).waitFor()
    await expectAccessible(page)

    expect((await redeem(w.server, app, key, 'hwid-of-another-computer')).success).toBe(false)
    await card.getByRole('button', { name: 'Reset devices' }).click()
    await page.getByRole('button', { name: 'Reset 1 user' }).click()
    await page.getByText('Devices of 1 user reset').waitFor()
    expect((await redeem(w.server, app, key, 'hwid-of-another-computer')).success).toBe(true)

    w.expectErrors(/404/)
    await card.getByRole('button', { name: 'Delete' }).click()
    await page.getByRole('button', { name: 'Delete 1 user' }).click()
    await page.getByText('1 user deleted').waitFor()
    await page.getByText('No users yet').waitFor()
  })

  it('who has lost the device with the codes signs in without them, once the second factor is removed', async () => {
    const own = await w.server.call<AppMade>('POST', '/apps', { name: 'Second factor' })
    await w.server.call('PATCH', `/apps/${own.id}`, { settings: { force_hwid: false } })
    const made = await w.server.call<Made>('POST', `/apps/${own.id}/licenses`, { amount: 1, duration: '30d' })
    const named = { name: own.name, ownerid: own.owner_id }
    const begin = async () => ({ sessionid: (await w.server.client({ type: 'init', ver: '1.0', ...named })).sessionid ?? '', ...named })
    const session = await begin()
    const who = { username: 'ada', pass: 'a good password of ada' }
    expect((await w.server.client({ type: 'register', ...who, key: made.licenses[0]?.key ?? '', ...session })).success).toBe(true)
    const started = (await w.server.client({ type: '2faenable', ...session })) as unknown as { '2fa': { secret_code: string } }
    expect((await w.server.client({ type: '2faenable', code: totp(started['2fa'].secret_code), ...session })).success).toBe(true)
    const signIn = async () => (await w.server.client({ type: 'login', ...who, ...(await begin()) })).success
    expect(await signIn()).toBe(false)

    const page = await w.signedIn(appPath(own.id, 'users'))
    await page.getByRole('table').getByText('ada').click()
    const card = page.getByRole('dialog', { name: 'User', exact: true })
    await card.getByRole('button', { name: 'Remove two-factor' }).click()
    const question = page.getByRole('dialog', { name: 'Remove the second factor?' })
    await expectAccessible(page)
    await question.getByRole('button', { name: 'Remove it' }).click()
    await page.getByText('Second factor removed').waitFor()
    await card.getByRole('button', { name: 'Remove two-factor' }).waitFor({ state: 'detached' })
    expect(await signIn()).toBe(true)
  })

  it('is made by hand, edited, and given a subscription', async () => {
    const page = await w.signedIn(appPath(app.id, 'users') + '?dialog=create')
    const form = page.getByRole('dialog', { name: 'Add a user' })
    await form.getByRole('button', { name: 'Add user' }).click()
    await form.getByText('A user needs a name.').waitFor()
    await form.getByLabel('User', { exact: true }).fill('Ada')
    await form.getByLabel('Password', { exact: true }).fill('correct horse battery')
    await form.getByLabel('E-mail').fill('ada@example.com')
    await expectAccessible(page)
    await form.getByRole('button', { name: 'Add user' }).click()
    await page.getByText('User added').waitFor()
    await page.getByRole('table').getByText('ada@example.com').waitFor()

    // Another of the same name is refused at its field.
    await page.getByRole('button', { name: 'Add user' }).first().click()
    await form.getByLabel('User', { exact: true }).fill('ADA')
    w.expectErrors(/409/)
    await form.getByRole('button', { name: 'Add user' }).click()
    await form.getByText('A user of this name exists already').waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog', { name: 'Leave without saving?' }).getByRole('button', { name: 'Leave' }).click()

    await page.getByRole('table').getByText('Ada', { exact: true }).click()
    const card = page.getByRole('dialog', { name: 'User', exact: true })
    await card.getByRole('button', { name: 'Give subscription' }).click()
    const give = page.getByRole('dialog', { name: 'Give a subscription' })
    await expectAccessible(page)
    await give.getByRole('button', { name: 'Give', exact: true }).click()
    await page.getByText('Subscription given').waitFor()
    await card.getByRole('button', { name: 'Edit' }).click()
    const edit = page.getByRole('dialog', { name: 'Edit user' })
    await edit.getByLabel('E-mail').fill('countess@example.com')
    await edit.getByRole('button', { name: 'Save changes' }).click()
    await page.getByText('Saved').waitFor()
    await card.getByText('countess@example.com').waitFor()
  })
})

describe('users as files', () => {
  it('enter after a look at what would come of it, and leave without passwords', async () => {
    const own = await w.server.call<AppMade>('POST', '/apps', { name: 'Movers' })
    const page = await w.signedIn(appPath(own.id, 'users'))
    await page.getByRole('button', { name: 'Import' }).click()
    const dialog = page.getByRole('dialog', { name: 'Import users' })
    await page.locator('input[type=file]').setInputFiles({
      name: 'users.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from(
        'username,password,subscription,expires_at,colour\nann,$2y$05$/OK.fbVrR/bpIqNJ5ianF.CE5elHaaO4EbggVDjb8P19RukzXSM3e,default,lifetime,red\nANN,,,,\nbob,,default,2040-01-01T00:00:00Z,\ncid,,gold,lifetime,\n',
      ),
    })
    await expectAccessible(page)
    await dialog.getByRole('button', { name: 'Check the file' }).click()
    await dialog.getByText('2 users of 4 rows would be imported.').waitFor()
    await dialog.getByText('1 row: the name appears earlier in the file').waitFor()
    await dialog.getByText('This application does not have: gold.').waitFor()
    await dialog.getByText('Columns that are ignored: colour').waitFor()
    await expectAccessible(page)
    await dialog.getByRole('button', { name: 'Import 2 users' }).click()
    await page.getByText('2 users imported').waitFor()
    await page.getByRole('table').getByText('ann', { exact: true }).waitFor()

    await page.getByRole('button', { name: 'Export', exact: true }).click()
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('menuitem', { name: 'CSV for spreadsheets' }).click()])
    const file = await readFile(await download.path(), 'utf8')
    expect(file.trim().split('\r\n')).toHaveLength(3)
    expect(file).not.toContain('$2y$')
  })

  it('are banned with their devices, and acted on by what they hold', async () => {
    const own = await w.server.call<AppMade>('POST', '/apps', { name: 'Movers again' })
    const made = await w.server.call<Made>('POST', `/apps/${own.id}/licenses`, { amount: 1, duration: '30d' })
    expect((await redeem(w.server, own, made.licenses[0]?.key ?? '', 'hwid-of-the-first-computer')).success).toBe(true)
    const crowd = Array.from({ length: 60 }, (_, i) => ({ username: `crowd ${i}` })) // more than a page
    await w.server.call('POST', `/apps/${own.id}/users/import`, [{ username: 'holds nothing', email: 'a@example.com' }, ...crowd])
    // Many at once are found a moment later.
    const found = async () => (await w.server.call<{ users: unknown[] }>('GET', `/apps/${own.id}/users?search=crowd&limit=200`)).users.length
    await expect.poll(found, { timeout: 30_000 }).toBe(crowd.length)
    const page = await w.signedIn(`${appPath(own.id, 'users')}?sort=created`)
    await page.getByRole('table').getByText(made.licenses[0]?.key ?? '').waitFor()
    await page.getByRole('table').getByText('Active').click()
    const card = page.getByRole('dialog', { name: 'User', exact: true })

    // To the license that made them, and back.
    await card.getByRole('link', { name: 'Show license' }).click()
    const license = page.getByRole('dialog', { name: 'License', exact: true })
    await expectAccessible(page)
    await license.getByRole('link', { name: 'Show user' }).click()
    await card.getByRole('button', { name: 'Ban', exact: true }).click()
    const ban = page.getByRole('dialog', { name: 'Ban user' })
    await ban.getByLabel('Blacklist their devices').check()
    await expectAccessible(page)
    await ban.getByRole('button', { name: 'Ban 1 user' }).click()
    await page.getByText('1 user banned').waitFor()
    expect((await w.server.call<{ entries: unknown[] }>('GET', `/apps/${own.id}/blacklists`)).entries).toHaveLength(1)
    await page.keyboard.press('Escape')

    await page.getByRole('checkbox', { name: 'Select all rows of this page' }).check()
    await page.getByRole('button', { name: /^Select all / }).click()
    await page.getByRole('toolbar').getByRole('button', { name: 'Change time' }).click()
    const time = page.getByRole('dialog', { name: 'Change users’ time' })
    await time.getByText('1 of 62 users will be changed.').waitFor()
    await time.getByRole('combobox', { name: 'Of whom' }).click()
    await page.getByRole('option', { name: 'Those with an active subscription' }).click()
    await time.getByText('1 user will be changed.').waitFor()
    await expectAccessible(page)
    await page.keyboard.press('Escape')

    // All that a search leaves.
    await page.getByRole('textbox', { name: 'Search' }).fill('crowd')
    await page.getByRole('table').getByText('crowd 7', { exact: true }).waitFor()
    await page.getByRole('table').getByText('holds nothing').waitFor({ state: 'detached' })
    await page.getByRole('checkbox', { name: 'Select all rows of this page' }).check()
    await page.getByRole('button', { name: /^Select all / }).click()
    await page.getByRole('toolbar').getByRole('button', { name: 'Ban', exact: true }).click()
    await page.getByRole('dialog', { name: 'Ban users' }).getByText('60 users will be changed.').waitFor()
    await page.keyboard.press('Escape')

    // A server without mail says so.
    await page.getByRole('textbox', { name: 'Search' }).fill('holds')
    await page.getByRole('table').getByText('holds nothing').click()
    await card.getByRole('button', { name: 'Send password mail' }).click()
    w.expectErrors(/409|503|422|400/)
    const mail = page.getByRole('dialog', { name: 'Send a link for a new password?' })
    await mail.getByRole('button', { name: 'Send mail' }).click()
    await mail.getByRole('alert').waitFor()
    await expectAccessible(page)
  })
})

describe('sessions', () => {
  it('show who is signed in, and end', async () => {
    const own = await w.server.call<AppMade>('POST', '/apps', { name: 'Sessions' })
    const made = await w.server.call<Made>('POST', `/apps/${own.id}/licenses`, { amount: 2, duration: '30d' })
    const page = await w.signedIn(appPath(own.id, 'sessions'))
    await page.getByText('Nobody is signed in').waitFor()
    await expectAccessible(page)
    for (const [i, l] of made.licenses.entries()) expect((await redeem(w.server, own, l.key, `hwid-of-the-computer-${i}`)).success).toBe(true)
    await page.reload()
    await page.getByRole('table').getByText(made.licenses[0]?.key ?? '').waitFor()
    await expectAccessible(page)
    await page.getByRole('button', { name: 'End all' }).click()
    await page.getByRole('button', { name: 'End 2 sessions' }).click()
    await page.getByText('2 sessions ended').waitFor()
    await page.getByText('Nobody is signed in').waitFor()
  })
})

describe('subscriptions', () => {
  it('are added, renamed, paused, and deleted', async () => {
    const page = await w.signedIn(appPath(app.id, 'subscriptions'))
    await page.getByRole('table').getByText('default').waitFor()
    await expectAccessible(page)
    await page.getByRole('button', { name: 'Add subscription' }).click()
    const form = page.getByRole('dialog', { name: 'Add a subscription' })
    await form.getByLabel('Name').fill('pro')
    await expectAccessible(page)
    await form.getByRole('button', { name: 'Add subscription' }).click()
    await page.getByText('Subscription added').waitFor()
    const row = page.getByRole('row').filter({ hasText: 'pro' })
    await row.getByRole('button', { name: 'Actions' }).click()
    await page.getByRole('menuitem', { name: 'Pause' }).click()
    await page.getByRole('button', { name: 'Pause subscription' }).click()
    await row.getByText('Paused').waitFor()
    await row.getByRole('button', { name: 'Actions' }).click()
    await page.getByRole('menuitem', { name: 'Resume' }).click()
    await row.getByText('Running').waitFor()
    await row.getByText('pro').click()
    const edit = page.getByRole('dialog', { name: 'Edit subscription' })
    await edit.getByLabel('Name').fill('premium')
    await edit.getByRole('button', { name: 'Save changes' }).click()
    const renamed = page.getByRole('row').filter({ hasText: 'premium' })
    await renamed.getByRole('button', { name: 'Actions' }).click()
    await page.getByRole('menuitem', { name: 'Delete' }).click()
    await page.getByRole('button', { name: 'Delete subscription' }).click()
    await page.getByText('Subscription deleted').waitFor()
    await renamed.waitFor({ state: 'detached' })
  })
})
