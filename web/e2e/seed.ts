import type { AppMade, Server } from './server.ts'
import { redeem } from './server.ts'

/** How much a full application has. */
export const full = { licenses: 100_000, users: 50_000 }

const atOnce = 24

/** Makes an application with a little of everything, and with much of what sellers have much of. */
export async function seed(server: Server, name: string, { licenses, users }: typeof full): Promise<AppMade> {
  const app = await server.call<AppMade>('POST', '/apps', { name })
  const at = `/apps/${app.id}`
  const level = async (name: string, level: number) => server.call<{ id: string }>('POST', `${at}/subscriptions`, { name, level })
  const pro = await level('pro', 2)
  await level('lifetime', 3)
  const batches: [number, string, number, string, string][] = [
    [Math.ceil(licenses * 0.6), 'SUN-*****-*****-*****-*****', 1, '30d', 'spring sale, shop'],
    [Math.ceil(licenses * 0.3), '******-******-******-******-******-******', 2, '1y', ''],
    [Math.ceil(licenses * 0.1), 'VIP-********-********-********', 3, 'lifetime', 'reseller Berlin: order 1017, paid'],
  ]
  for (const [amount, mask, level, duration, note] of batches) {
    await server.cli('licenses', 'create', '--app', name, '--amount', String(amount), '--mask', mask, '--level', String(level), '--duration', duration, '--note', note, '--json')
  }
  const made = await server.call<{ licenses: { id: string; key: string }[] }>('GET', `${at}/licenses?limit=200`)
  const some = made.licenses.slice(0, 60)
  for (const [i, l] of some.entries()) {
    if (i % 3 !== 0) await redeem(server, app, l.key, `the-hardware-id-of-customer-${i % 45}-${i}`)
  }
  await server.call('POST', `${at}/licenses/ban`, { ids: some.slice(0, 9).map((l) => l.id), reason: 'charged back' })
  const names = ['ada', 'grace', 'linus', 'margaret', 'ken', 'barbara', 'dennis', 'radia', 'edsger', 'katherine']
  let next = 0
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (let i = next++; i < users; i = next++) {
        await server.call('POST', `${at}/users`, {
          username: `${names[i % names.length]}.${(i * 7919) % 100_000}`,
          email: i % 3 ? `${names[i % names.length]}${i}@example.com` : undefined,
          ...(i % 4 ? { subscription_id: pro.id, duration: i % 5 ? '30d' : 'lifetime' } : {}),
        })
      }
    }),
  )
  await seedProgram(server, app, made.licenses.slice(60, 90))
  return app
}

/** What programs use, and what they leave behind. */
async function seedProgram(server: Server, app: AppMade, licenses: { id: string; key: string }[]) {
  const at = `/apps/${app.id}`
  const add = (path: string, body: unknown) => server.call<{ id: string }>('POST', at + path, body)
  for (const name of ['motd', 'download_key', 'max_threads', 'api_base', 'discord_invite', 'offsets', 'changelog']) {
    await add('/variables', { name, value: `${name} = ${'0123456789'.repeat(name.length)}`, needs_sign_in: name !== 'motd', min_level: name === 'offsets' ? 2 : 0 })
  }
  for (const [name, url] of [['orders', 'https://shop.example.com/hooks/orders'], ['crash reports', 'https://crash.example.net/in?key=k']]) await add('/webhooks', { name, url })
  await add('/files/link', { name: 'aurora-2.1.0.zip', link: 'https://cdn.example.com/aurora-2.1.0.zip' })
  const general = await add('/chats', { name: 'general' })
  await add('/chats', { name: 'vip', min_level: 3, delay: 10 })
  for (const text of ['Version 2.1 is out.', 'Read the notes before you update, please.']) await add(`/chats/${general.id}/messages`, { text })
  for (let i = 0; i < 30; i++) await add('/blacklists', i % 3 ? { kind: 'ip', value: `203.0.113.${i}`, reason: i % 2 ? 'charged back' : undefined } : { kind: 'hwid', value: `the-hardware-id-of-a-cheat-${i}` })
  await add('/whitelists', { kind: 'cidr', value: '198.51.100.0/24', reason: 'our office' })
  for (const l of licenses.slice(0, 20)) await add('/tokens', { license_id: l.id })
  const named = { name: app.name, ownerid: app.owner_id }
  for (const [i, l] of licenses.slice(20).entries()) {
    const init = await server.client({ type: 'init', ver: i % 4 ? '1.0' : '0.9', ...named })
    const sessionid = init.sessionid ?? ''
    if ((await server.client({ type: 'license', key: l.key, hwid: `the-hardware-id-of-a-logger-${i}`, sessionid, ...named })).success) {
      for (const message of ['started', 'could not load the profile: access denied', 'updated to 2.1.0']) {
        await server.client({ type: 'log', message, pcuser: `DESKTOP-${1000 + i}`, sessionid, ...named })
      }
    }
  }
}
