import { describe, expect, it } from 'vitest'
import { changed } from './changed'

const change = { paused_at: 'now' }

describe('changed', () => {
  it('finds the thing in a list, and leaves its neighbours the objects that they were', () => {
    const list = { rows: [{ id: 's1', name: 'pro' }, { id: 's2' }], next: 'x' }
    const after = changed(list, 's1', change) as typeof list
    expect(after).toEqual({ rows: [{ id: 's1', name: 'pro', ...change }, { id: 's2' }], next: 'x' })
    expect(after.rows[1]).toBe(list.rows[1])
    expect(list.rows[0]).toEqual({ id: 's1', name: 'pro' })
  })

  it('finds it inside of another thing', () => {
    expect(changed({ value: { id: 'u', subscriptions: [{ id: 's1' }] }, tag: '"1"' }, 's1', change)).toEqual({ value: { id: 'u', subscriptions: [{ id: 's1', ...change }] }, tag: '"1"' })
  })

  it.each([[undefined], [null], ['s1'], [{ rows: [] }], [[{ id: 's2' }]]])('leaves %j as it is', (data) => {
    expect(changed(data, 's1', change)).toBe(data)
  })
})
