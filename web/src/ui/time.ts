import { t } from '@/strings'

const said = new Intl.RelativeTimeFormat('en', { numeric: 'auto', style: 'long' }) // tomorrow
const counted = new Intl.RelativeTimeFormat('en', { style: 'long' }) // in 1 year, since next year may be tomorrow
const exact = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'long' })

const steps: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['week', 604_800],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
]

const nearly = 1.005

/** "3 days ago", "in 2 hours". */
export function ago(at: string | number | Date, now = Date.now()): string {
  const seconds = (new Date(at).getTime() - now) / 1000
  for (const [unit, length] of steps) {
    // A year that was given a minute ago is a year, and no 12 months.
    const many = Math.trunc((seconds / length) * nearly)
    if (many !== 0) return (unit === 'day' ? said : counted).format(many, unit)
  }
  return t.common.time.now
}

export const exactly = (at: string | number | Date) => exact.format(new Date(at))
const dayOnly = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'short' })

/** A day of these months, without its year. */
export const shortDay = (at: string | number | Date) => dayOnly.format(new Date(at))
