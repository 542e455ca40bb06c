import { describe, expect, it } from 'vitest'
import { pageOf } from './pageOf'

describe('a page of a list that is here as a whole', () => {
  const all = ['a', 'b', 'c', 'd', 'e']
  it.each([
    ['the first', '', { rows: ['a', 'b'], next: '2', total: 5 }],
    ['one between', '2', { rows: ['c', 'd'], next: '4', total: 5 }],
    ['the last', '4', { rows: ['e'], next: undefined, total: 5 }],
    ['one beyond the end', '6', { rows: [], next: undefined, total: 5 }],
  ])('%s', (_, cursor, page) => {
    expect(pageOf(all, { cursor, limit: 2 })).toEqual(page)
  })
  it('all of it, with no next one where it is just full', () => {
    expect(pageOf(all, { cursor: '', limit: 5 })).toEqual({ rows: all, next: undefined, total: 5 })
  })
})
