import type { User } from '@/api/client'
import type { Length } from '@/rules/duration'

// Of these a length forward and the same back is where it began; months and years differ in theirs.
const even = new Set(['second', 'minute', 'hour', 'day', 'week'])

/**
 * Whether taking what was given (or giving what was taken) leads back exactly:
 * not by the calendar's months, not where time began anew because none was left,
 * and not where less was left than was taken.
 */
export function reversible(users: User[], by: Length, way: 'add' | 'subtract', subscription: string, now = Date.now()): boolean {
  if (!even.has(by.unit)) return false
  const second = { second: 1, minute: 60, hour: 3600, day: 86_400, week: 604_800 }[by.unit as 'second'] * 1000
  // A paused one's clock stands, where its rest is not to be read off its end.
  return users.every((u) =>
    u.subscriptions
      .filter((s) => !subscription || s.subscription_id === subscription)
      .every((s) => s.lifetime || (s.status === 'active' && Date.parse(s.expires_at ?? '') - now > (way === 'add' ? 0 : by.amount * second) + 60_000)),
  )
}
