import { describe, expect, it } from 'vitest'
import { kept } from './kept'

describe('a form whose application was changed by somebody else', () => {
  it('keeps what is typed, and shows what is new elsewhere', () => {
    const old = { a: 'one', b: 'two', list: ['x'] }
    expect(kept(old, { a: 'mine', b: 'two', list: ['x'] }, { a: 'theirs', b: 'new', list: ['x', 'y'] })).toEqual({ a: 'mine', b: 'new', list: ['x', 'y'] })
  })
  it('takes everything where nothing is typed', () => {
    expect(kept({ a: 1 }, { a: 1 }, { a: 2 })).toEqual({ a: 2 })
  })
})
