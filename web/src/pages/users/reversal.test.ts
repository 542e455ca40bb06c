import { describe, expect, it } from 'vitest'
import type { User } from '@/api/client'
import { reversible } from './reversal'

const now = Date.parse('2026-03-01T00:00:00Z')
const day = 86_400_000
const holder = (...holdings: object[]) => ({ subscriptions: holdings }) as unknown as User
const active = (left: number, id = 's1') => ({ subscription_id: id, status: 'active', lifetime: false, expires_at: new Date(now + left).toISOString() })
const expired = { subscription_id: 's1', status: 'expired', lifetime: false, expires_at: new Date(now - day).toISOString() }
const days = { amount: 30, unit: 'day' as const }

describe('a change of time can be taken back exactly', () => {
  it.each([
    ['given to who has some left', [holder(active(day))], days, 'add', '', true],
    ['given to who has none left: it began anew', [holder(expired)], days, 'add', '', false],
    ['given by the calendar', [holder(active(day))], { amount: 1, unit: 'month' as const }, 'add', '', false],
    ['taken from who has more', [holder(active(40 * day))], days, 'subtract', '', true],
    ['taken from who has less: it ended at once', [holder(active(10 * day))], days, 'subtract', '', false],
    ['a lifetime stays one', [holder({ ...active(0), lifetime: true })], days, 'add', '', true],
    ['a paused one', [holder({ ...active(day), status: 'paused' })], days, 'add', '', false],
    ['of one subscription, whatever the others are', [holder(active(day), { ...expired, subscription_id: 's2' })], days, 'add', 's1', true],
  ] as const)('%s', (_, users, by, way, subscription, exact) => {
    expect(reversible([...users], by, way, subscription, now)).toBe(exact)
  })
})
