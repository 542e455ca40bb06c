import { describe, expect, it } from 'vitest'
import { endOfDay, startOfDay } from './days'

describe('a day', () => {
  it('ends where the next one begins', () => {
    for (const [day, next] of [['2026-03-28', '2026-03-29'], ['2026-10-25', '2026-10-26'], ['2026-12-31', '2027-01-01']] as const) expect(endOfDay(day)).toBe(startOfDay(next))
  })
  it('is none where none is given', () => {
    expect([startOfDay(''), endOfDay('')]).toEqual([undefined, undefined])
  })
})
