import { t } from '@/strings'

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto', style: 'long' })
const exact = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'long' })

const steps: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['week', 604_800],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
]

/** "3 days ago", "in 2 hours". */
export function ago(at: string | number | Date, now = Date.now()): string {
  const seconds = (new Date(at).getTime() - now) / 1000
  for (const [unit, length] of steps) {
    if (Math.abs(seconds) >= length) return relative.format(Math.trunc(seconds / length), unit)
  }
  return t.common.time.now
}

export const exactly = (at: string | number | Date) => exact.format(new Date(at))
const dayOnly = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'short' })

/** A day of these months, without its year. */
export const shortDay = (at: string | number | Date) => dayOnly.format(new Date(at))
