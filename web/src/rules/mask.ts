import { t } from '@/strings'

// The rules of internal/latchkey/mask.go, so that a form can say at once what
// the server would refuse.

export const defaultMask = '******-******-******-******-******-******'
const longest = 70

export interface Letters {
  lowercase: boolean
  uppercase: boolean
}

const digits = '0123456789'
const lower = 'abcdefghijklmnopqrstuvwxyz'

function alphabet(set: Letters): string {
  return digits + (set.uppercase ? lower.toUpperCase() : '') + (set.lowercase ? lower : '')
}

export const stars = (mask: string) => mask.split('*').length - 1
export const isCustom = (mask: string) => stars(mask) === 0
const perStar = (set: Letters) => Math.log2(alphabet(set).length)

/** The strength of a mask's keys: log2 of how many there are. */
export const bits = (mask: string, set: Letters) => stars(mask) * perStar(set)

/** Bits as people read them, never more than there are. */
export const bitsSaid = (b: number) => (Math.floor(b * 10) / 10).toFixed(1)

/** Why the server would refuse the text of a mask; null if it would not. */
export function maskFault(mask: string): string | null {
  const m = t.licenses.create.masks
  if (mask === '') return m.empty
  if (Array.from(mask).length > longest) return m.long
  if (mask.trim() !== mask) return m.space
  if (!/^[\p{L}\p{M}\p{N}\p{P}\p{S} ]*$/u.test(mask)) return m.print
  return null
}

/** Why the server would refuse the keys as too easy to guess; null if it would not. A key of one's own is not judged. */
export function strengthFault(mask: string, set: Letters, floor: number): string | null {
  if (isCustom(mask) || bits(mask, set) >= floor) return null
  const lacking = Math.ceil((floor - bits(mask, set)) / perStar(set))
  return t.licenses.create.masks.weak(bitsSaid(bits(mask, set)), floor, lacking)
}

/** A key such as the mask makes, to look at: the server makes its own. */
export function example(mask: string, set: Letters): string {
  const chars = alphabet(set)
  const limit = 256 - (256 % chars.length)
  const one = (): string => {
    for (;;) {
      const [byte = limit] = crypto.getRandomValues(new Uint8Array(1))
      if (byte < limit) return chars[byte % chars.length] ?? ''
    }
  }
  return Array.from(mask, (c) => (c === '*' ? one() : c)).join('')
}
