import { t } from '@/strings'

export type SecondsUnit = 'second' | 'minute' | 'hour' | 'day'

export const secondsOf: Record<SecondsUnit, number> = { second: 1, minute: 60, hour: 3600, day: 86_400 }
export const secondsUnits = Object.keys(secondsOf) as SecondsUnit[]

/** The largest unit of which a number of seconds is a whole number; of none and of nothing yet, a day and a second. */
export function largestUnit(seconds: number): SecondsUnit {
  if (!Number.isInteger(seconds)) return 'second'
  return secondsUnits.findLast((u) => seconds % secondsOf[u] === 0) ?? 'second'
}

/** Seconds as people say them: 7 days, 90 minutes. */
export const inWords = (seconds: number) => t.common.duration[largestUnit(seconds)](seconds / secondsOf[largestUnit(seconds)])
