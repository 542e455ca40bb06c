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
  return app
}
