import { describe, expect, it } from 'vitest'
import { shownBy } from '@/ui/list/useListState'
import { list, sortOf } from './order'

describe('the order of users', () => {
  it.each([
    ['newest first', {}, '-created'],
    ['as chosen', { sort: 'name' }, 'name'],
    ['those whose time ends next', { time: 'left' }, 'ends'],
    ['those whose time ended last', { time: 'over' }, '-ends'],
    ['as chosen among them', { time: 'over', sort: 'ends' }, 'ends'],
    ['no other order among them', { expires_after: '2026-03-01', sort: 'name' }, 'ends'],
    ['no such order without them', { sort: '-ends' }, '-created'],
    ['who hold nothing', { time: 'none', sort: '-name' }, '-name'],
  ])('%s', (_, params, sort) => {
    expect(sortOf(shownBy(list, params))).toBe(sort)
  })
})
