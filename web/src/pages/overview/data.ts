import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { api, type Schema, take } from '@/api/client'

export type Day = Schema['DayStats']

export const ranges = [7, 30, 90] as const
const day = 86_400_000 // milliseconds

const named = (at: number) => new Date(at).toISOString().slice(0, 10)

/** The numbers of the last days, today included. */
export const daysQuery = (app: string, days: number) =>
  queryOptions({
    queryKey: ['app', app, 'overview', days],
    queryFn: async ({ signal }) => {
      const now = Date.now()
      const query = { from: named(now - (days - 1) * day), to: named(now) }
      return take(api.GET('/apps/{app}/stats/daily', { params: { path: { app }, query }, signal }))
    },
    placeholderData: keepPreviousData,
    refetchInterval: 60_000,
  })

const regions = new Intl.DisplayNames('en', { type: 'region' })

/** A country's name, of its code. */
export function countryName(code: string): string {
  try {
    return regions.of(code) ?? code
  } catch {
    return code // not the form of one
  }
}

export const sum = (days: Day[], of: (d: Day) => number) => days.reduce((n, d) => n + of(d), 0)

/** What was counted under names over all days, most first; the rest as one. */
export function most(days: Day[], of: (d: Day) => Record<string, number>, shown: number): { name: string; n: number }[] {
  const all = new Map<string, number>()
  for (const d of days) for (const [name, n] of Object.entries(of(d))) all.set(name, (all.get(name) ?? 0) + n)
  const unnamed = all.get('') ?? 0
  all.delete('')
  const sorted = [...all].map(([name, n]) => ({ name, n })).sort((a, b) => b.n - a.n || (a.name < b.name ? -1 : 1))
  const rest = sorted.slice(shown).reduce((n, x) => n + x.n, unnamed)
  return [...sorted.slice(0, shown), ...(rest > 0 ? [{ name: '', n: rest }] : [])]
}
