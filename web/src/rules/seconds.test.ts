import { expect, it } from 'vitest'
import { inWords, largestUnit } from './seconds'

it.each([
  [0, 'day'],
  [1, 'second'],
  [59, 'second'],
  [60, 'minute'],
  [90, 'second'],
  [5400, 'minute'],
  [21_600, 'hour'],
  [90_000, 'hour'],
  [604_800, 'day'],
  [NaN, 'second'],
])('%d seconds are told in the unit %s', (seconds, unit) => {
  expect(largestUnit(seconds)).toBe(unit)
})

it('says seconds as people do', () => {
  expect([60, 5400, 604_800, 1].map(inWords)).toEqual(['1 minute', '90 minutes', '7 days', '1 second'])
})
