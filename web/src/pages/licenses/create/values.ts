import type { Schema } from '@/api/client'
import { fault, type Length, parse, written } from '@/rules/duration'
import { defaultMask, isCustom, maskFault, strengthFault } from '@/rules/mask'
import { atMost } from '@/rules/text'
import { t } from '@/strings'

/** What the form of new licenses asks. */
export interface Values {
  amount: number
  mask: string
  lowercase: boolean
  uppercase: boolean
  level: number
  duration: Length
  note: string
  customKey: boolean
}

const words = t.licenses.create

/** As many as a call may ask for, where the operator has not decided otherwise. */
const most = 10_000_000

export function validate(v: Values, floor: number): Partial<Record<keyof Values, string>> {
  const found: Partial<Record<keyof Values, string>> = {}
  const put = (field: keyof Values, fault: string | null) => {
    if (fault) found[field] ??= fault
  }
  if (!Number.isInteger(v.amount) || v.amount < 1 || v.amount > most) put('amount', words.amountRange)
  put('mask', maskFault(v.mask))
  if (!v.lowercase && !v.uppercase) put('lowercase', words.masks.letters)
  if (!found.mask && !found.lowercase) {
    put('mask', strengthFault(v.mask, v, floor))
    if (isCustom(v.mask)) {
      if (!v.customKey) put('mask', words.masks.custom)
      if (v.amount !== 1) put('amount', words.masks.customAmount)
    }
  }
  put('duration', fault(v.duration))
  put('note', atMost(500)(v.note))
  return found
}

export function body(v: Values): Schema['CreateLicenses'] {
  return {
    amount: v.amount,
    mask: v.mask,
    lowercase: v.lowercase,
    uppercase: v.uppercase,
    level: v.level,
    duration: written(v.duration),
    note: v.note || undefined,
    custom_key: isCustom(v.mask) && v.customKey ? true : undefined,
  }
}

// The values used last are remembered for each application and person. Notes
// are not: they are about one batch.

const place = (app: string, account: string) => `latchkey.create.${account}.${app}`

export function remember(app: string, account: string, v: Values) {
  try {
    // A key of one's own is of use once: the mask of before stays.
    const mask = isCustom(v.mask) ? remembered(app, account, [v.level]).mask : v.mask
    localStorage.setItem(place(app, account), JSON.stringify({ ...v, mask, note: '', customKey: false, duration: written(v.duration) }))
  } catch {
    // Nothing is lost but a convenience.
  }
}

export function remembered(app: string, account: string, levels: number[]): Values {
  const usual: Values = {
    amount: 1,
    mask: defaultMask,
    lowercase: true,
    uppercase: true,
    level: levels[0] ?? 1,
    duration: { amount: 30, unit: 'day' },
    note: '',
    customKey: false,
  }
  try {
    const old = JSON.parse(localStorage.getItem(place(app, account)) ?? '{}') as Partial<Record<keyof Values, unknown>>
    const pick = <K extends keyof Values>(name: K) => (typeof old[name] === typeof usual[name] ? (old[name] as Values[K]) : usual[name])
    const level = pick('level')
    return {
      ...usual,
      amount: pick('amount'),
      mask: pick('mask'),
      lowercase: pick('lowercase'),
      uppercase: pick('uppercase'),
      level: levels.includes(level) ? level : usual.level,
      duration: (typeof old.duration === 'string' && parse(old.duration)) || usual.duration,
    }
  } catch {
    return usual
  }
}
