import { t } from '@/strings'

// Rules of internal/latchkey and internal/egress for texts, so that a form can
// say at once what the server would refuse.

/** Characters, as the server counts: one for each code point. */
export const chars = (text: string) => Array.from(text).length
export const bytes = (text: string) => new TextEncoder().encode(text).length

type Fault = string | null
const words = t.common.faults

export const atMost = (n: number) => (text: string): Fault => (chars(text) > n ? t.common.atMost(n) : null)

/** A name of 1 to 70 characters; needed is said where there is none. */
export const nameFault = (needed: string) => (text: string): Fault => (text.trim() === '' ? needed : atMost(70)(text.trim()))

/** One @ with text on both sides, and nothing that only a full address line has. */
export function emailFault(text: string): Fault {
  const a = text.trim()
  return /^[^@]+@[^@]+$/.test(a) && !/[\s<>()[\],;:\\"\p{C}]/u.test(a) && bytes(a) <= 254 ? null : words.email
}

/** Of an account, in bytes. */
export const passwordFault = (text: string): Fault => (bytes(text) < 10 ? words.passwordShort : bytes(text) > 1024 ? words.passwordLong : null)

/** An address that the server is to call. Whether http will do is for its operator to say. */
export function addressFault(text: string): Fault {
  const a = text.trim()
  if (bytes(a) > 2048) return words.addressLong
  if (!/^https?:\/\//i.test(a)) return words.addressScheme
  if (/[^!-~]|\\/.test(a) || !URL.canParse(a)) return words.address
  const { username, password } = new URL(a)
  return username || password || a.includes('#') ? words.addressParts : null
}

/** Whether an address goes over the wire in clear. */
export const isPlain = (address: string) => /^http:\/\//i.test(address.trim())

/** A link that a browser or program opens, or none. */
export function linkFault(text: string): Fault {
  if (text === '') return null
  if (bytes(text) > 2048 || !/^https?:\/\/\S/i.test(text) || !URL.canParse(text)) return words.link
  const { username, password } = new URL(text)
  return username || password ? words.link : null
}

const isCountry = (text: string) => /^[A-Z]{2}$/.test(text)

export const countriesFault = (list: string[]): Fault => {
  const wrong = list.find((c) => !isCountry(c))
  return wrong !== undefined ? words.country(wrong) : list.length > 250 ? words.atMostEntries(250) : null
}

export const hashesFault = (list: string[]): Fault => {
  const wrong = list.find((h) => !/^[0-9a-f]{32,128}$/.test(h))
  return wrong !== undefined ? words.hash(wrong) : list.length > 100 ? words.atMostEntries(100) : null
}

const isIPv4 = (text: string) => /^(0|[1-9]\d{0,2})(\.(0|[1-9]\d{0,2})){3}$/.test(text) && text.split('.').every((n) => Number(n) < 256)
const isIPv6 = (text: string) => text.includes(':') && /^[0-9a-f:.]+$/i.test(text) && URL.canParse(`http://[${text}]/`)

/** What an entry of a blacklist or whitelist names, by its kind. */
export function accessFault(kind: string, text: string): Fault {
  const v = text.trim()
  switch (kind) {
    case 'ip':
      return isIPv4(v) || isIPv6(v) ? null : words.ip
    case 'cidr': {
      const [, address = '', bits = ''] = /^([^/]+)\/(0|[1-9]\d{0,2})$/.exec(v) ?? []
      return (isIPv4(address) && Number(bits) <= 32) || (isIPv6(address) && Number(bits) <= 128) ? null : words.network
    }
    case 'country':
      return isCountry(v.toUpperCase()) ? null : words.countryCode
    case 'asn': {
      const [, digits = ''] = /^(?:AS)?(\d+)$/i.exec(v) ?? []
      return Number(digits) >= 1 && Number(digits) < 2 ** 32 ? null : words.asn
    }
  }
  return bytes(v) > 256 ? words.hwid : null
}
