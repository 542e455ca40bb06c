import { t } from '@/strings'

// The rules of internal/latchkey/duration.go, so that a form can say at once
// what the server would refuse.

export type Unit = 'second' | 'minute' | 'hour' | 'day' | 'week' | 'month' | 'year' | 'lifetime'

export interface Length {
  amount: number // 0 exactly for a lifetime
  unit: Unit
}

const facts: Record<Unit, { suffix: string; seconds: number }> = {
  second: { suffix: 's', seconds: 1 },
  minute: { suffix: 'm', seconds: 60 },
  hour: { suffix: 'h', seconds: 3600 },
  day: { suffix: 'd', seconds: 86_400 },
  week: { suffix: 'w', seconds: 604_800 },
  month: { suffix: 'mo', seconds: 2_629_743 },
  year: { suffix: 'y', seconds: 31_556_926 },
  lifetime: { suffix: 'lifetime', seconds: 0 },
}

export const units = Object.keys(facts) as Unit[]
const longest = 100 * facts.year.seconds

/** As the API writes it: 30d, 1mo, lifetime. */
export const written = (d: Length) => (d.unit === 'lifetime' ? 'lifetime' : `${d.amount}${facts[d.unit].suffix}`)

/** Reads what the API writes; undefined for anything else. */
export function parse(text: string): Length | undefined {
  if (text === 'lifetime') return { amount: 0, unit: 'lifetime' }
  const [, digits, suffix] = /^(\d+)([a-z]+)$/.exec(text) ?? []
  const unit = units.find((u) => facts[u].suffix === suffix && u !== 'lifetime')
  return digits && unit ? { amount: Number(digits), unit } : undefined
}

/** Why the server would refuse a duration; null if it would not. */
export function fault(d: Length): string | null {
  if (d.unit === 'lifetime') return null
  if (!Number.isInteger(d.amount) || d.amount < 1) return t.common.duration.tooShort
  if (d.amount > Math.floor(longest / facts[d.unit].seconds)) return t.common.duration.tooLong
  return null
}

/** "30 days", "Lifetime". */
export function said(text: string): string {
  const d = parse(text)
  if (!d) return text
  return d.unit === 'lifetime' ? t.common.duration.lifetime : t.common.duration[d.unit](d.amount)
}
