import { describe, expect, it } from 'vitest'
import { bits, bitsSaid, defaultMask, example, maskFault, strengthFault } from './mask'

const both = { lowercase: true, uppercase: true }
const upper = { lowercase: false, uppercase: true }

describe('strength', () => {
  it.each([
    [defaultMask, both, '214.3'],
    ['***', upper, '15.5'],
    ['SUN-*****-*****', upper, '51.6'],
    ['no star', both, '0.0'],
  ])('%s has %s bits', (mask, letters, want) => {
    expect(bitsSaid(bits(mask, letters))).toBe(want)
  })
  it('says in the server’s words what is lacking', () => {
    expect(strengthFault('**********', both, 64)).toBe('The mask gives keys of 59.5 bits; this application asks for at least 64. Add 1 more *.')
    expect(strengthFault('***********', both, 64)).toBeNull()
    expect(strengthFault('MY-OWN-KEY', both, 64)).toBeNull()
  })
})

describe('a mask', () => {
  it.each([
    ['', 'A mask needs at least one character.'],
    [' *', 'A mask cannot begin or end with white space.'],
    ['*'.repeat(71), 'A mask can have at most 70 characters.'],
    ['a\tb', 'A mask can contain printable characters only.'],
    ['*\u00a0*', 'A mask can contain printable characters only.'],
    ['ü ** 🔑', null],
    ['🔑'.repeat(70), null],
  ])('%j', (mask, want) => {
    expect(maskFault(mask)).toBe(want)
  })
  it('has examples that match it', () => {
    for (let i = 0; i < 50; i++) expect(example('A-***-é', upper)).toMatch(/^A-[0-9A-Z]{3}-é$/)
  })
})
