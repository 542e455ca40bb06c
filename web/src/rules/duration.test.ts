import { describe, expect, it } from 'vitest'
import { fault, parse, said, written } from './duration'

describe('a duration', () => {
  it.each(['45s', '30m', '12h', '30d', '5w', '1mo', '1y', 'lifetime'])('%s is read and written the same', (text) => {
    const d = parse(text)
    expect(d && written(d)).toBe(text)
    expect(d && fault(d)).toBeNull()
  })
  it.each(['', '30', 'd', '-1d', '1.5d', '30 d', '1lifetime', '1mo2d'])('%j is none', (text) => {
    expect(parse(text)).toBeUndefined()
  })
  it.each([
    [0, 'day', 'A duration is at least 1.'],
    [36_524, 'day', null],
    [36_525, 'day', 'A duration is at most 100 years; use lifetime for one that never ends.'],
    [100, 'year', null],
    [101, 'year', 'A duration is at most 100 years; use lifetime for one that never ends.'],
    [1200, 'month', null],
  ] as const)('%d %s', (amount, unit, want) => {
    expect(fault({ amount, unit })).toBe(want)
  })
  it('is said in words', () => {
    expect([said('1d'), said('5w'), said('lifetime'), said('?')]).toEqual(['1 day', '5 weeks', 'Lifetime', '?'])
  })
})
