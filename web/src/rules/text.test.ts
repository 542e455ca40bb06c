import { describe, expect, it } from 'vitest'
import { accessFault, addressFault, atMost, countriesFault, emailFault, hashesFault, linkFault, nameFault, passwordFault } from './text'

describe('texts', () => {
  it('are counted in characters, as the server counts', () => {
    expect(atMost(500)('🔑'.repeat(500))).toBeNull()
    expect(atMost(500)('🔑'.repeat(501))).toBe('At most 500 characters.')
    expect(nameFault('A name.')(' ')).toBe('A name.')
    expect(nameFault('A name.')(` ${'ü'.repeat(70)} `)).toBeNull()
    expect(passwordFault('ü'.repeat(5))).toBeNull()
    expect(passwordFault('a'.repeat(9))).not.toBeNull()
    expect(passwordFault('ü'.repeat(513))).not.toBeNull()
  })
  it.each(['ann@example.com', ' Ann@Example.com '])('%j is a mail address', (v) => {
    expect(emailFault(v)).toBeNull()
  })
  it.each(['', 'ann', '@b', 'a@', 'a@b@c', 'a b@c', 'Ann <a@b>', 'a,b@c'])('%j is none', (v) => {
    expect(emailFault(v)).not.toBeNull()
  })
})

describe('addresses', () => {
  it.each(['https://example.com/a?b=1', 'http://example.com', ' https://example.com '])('%j may be called', (v) => {
    expect(addressFault(v)).toBeNull()
  })
  it.each(['example.com', 'ftp://example.com', 'https://', 'https://a b', 'https://ü.example', 'https://u:p@example.com', 'https://example.com/#a', `https://example.com/${'a'.repeat(2048)}`])('%j may not', (v) => {
    expect(addressFault(v)).not.toBeNull()
  })
  it('of downloads may be empty', () => {
    expect(linkFault('')).toBeNull()
    expect(linkFault('https://example.com/app.exe')).toBeNull()
    expect(linkFault('example.com')).not.toBeNull()
  })
})

describe('lists', () => {
  it('name what is wrong in them', () => {
    expect(countriesFault(['DE', 'FR'])).toBeNull()
    expect(countriesFault(['DE', 'GERMANY'])).toContain('GERMANY')
    expect(hashesFault(['0'.repeat(32)])).toBeNull()
    expect(hashesFault(['xyz'])).toContain('xyz')
    expect(hashesFault(Array.from({ length: 101 }, () => '0'.repeat(32)))).not.toBeNull()
  })
  it.each([
    ['ip', '203.0.113.7'],
    ['ip', '2001:db8::7'],
    ['cidr', '203.0.113.9/24'],
    ['cidr', '2001:db8::/32'],
    ['country', 'de'],
    ['asn', 'AS64500'],
    ['asn', '64500'],
    ['hwid', 'anything'],
  ])('%s takes %s', (kind, value) => {
    expect(accessFault(kind, value)).toBeNull()
  })
  it.each([
    ['ip', '203.0.113.256'],
    ['ip', '203.0.113'],
    ['ip', '203.0.113.0/24'],
    ['ip', '2001:db8::7::'],
    ['cidr', '203.0.113.9'],
    ['cidr', '203.0.113.0/33'],
    ['country', 'Germany'],
    ['asn', 'AS0'],
    ['asn', 'AS4294967296'],
    ['hwid', 'ü'.repeat(129)],
  ])('%s does not take %s', (kind, value) => {
    expect(accessFault(kind, value)).not.toBeNull()
  })
})
