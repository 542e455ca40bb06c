import { describe, expect, it } from 'vitest'
import { ago } from './time'

const now = Date.UTC(2026, 0, 1)
const second = 1000
const day = 86_400 * second

describe('ago', () => {
  it.each([
    ['now', 0, 'just now'],
    ['in a year, asked a minute later', 365 * day - 60 * second, 'in 1 year'],
    ['in a day, asked a minute later', day - 60 * second, 'tomorrow'],
    ['in a year and a half', 547 * day, 'in 1 year'],
    ['in 20 hours', 20 * 3600 * second, 'in 20 hours'],
    ['30 minutes ago', -30 * 60 * second, '30 minutes ago'],
    ['two days ago', -2 * day, '2 days ago'],
  ])('%s', (_, from, said) => {
    expect(ago(now + from, now)).toBe(said)
  })
})
