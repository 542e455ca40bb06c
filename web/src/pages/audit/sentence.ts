import type { Schema } from '@/api/client'
import { said } from '@/rules/duration'
import { t } from '@/strings'
import { number } from '@/strings/plural'

export type Event = Schema['AuditEvent']
const words = t.audit

/** A part of a sentence: text, or what something is called. */
export type Part = string | { id: string; name: string }

/** The kind that an id begins with: usr, lic. */
export const kindOf = (id: string) => id.slice(0, id.indexOf('_'))

/** What an id is called: "user bob", "a session". */
export function nameOf(e: Event, id: string): string {
  const name = e.names?.[id]
  const kind = words.kinds[kindOf(id)] ?? id
  if (!name) return words.some(kind)
  return kindOf(id) === 'acc' ? name : `${kind} ${name}`
}

/** Who did it. */
export function whoOf(e: Event, me?: string): string {
  if (e.actor_id && e.actor_id === me) return words.you
  const name = e.actor_id && e.names?.[e.actor_id]
  if (!name) return words.actor[e.actor_kind] ?? e.actor_kind
  return e.actor_kind === 'api_key' ? nameOf(e, e.actor_id ?? '') : name
}

const told = (d: Event['details']) => ({
  text: (name: string) => (typeof d[name] === 'string' ? d[name] : ''),
  number: (name: string) => (typeof d[name] === 'number' ? d[name] : 0),
  is: (name: string) => d[name] === true,
  time: (name: string) => (typeof d[name] === 'string' ? said(d[name]) : ''),
  list: (name: string) => (Array.isArray(d[name]) ? d[name].map(String) : []),
})

/** What happened to what, after who did it: "banned ", user bob, ": charge-back". */
export function sentence(e: Event): Part[] {
  const [label, says] = (words.actions as Partial<typeof words.actions>)[e.action] ?? [e.action, e.action]
  const text = typeof says === 'string' ? says : says(told(e.details))
  return (text || label).split(/(\{[a-z]+\})/).flatMap((part): Part[] => {
    const slot = /^\{([a-z]+)\}$/.exec(part)?.[1]
    if (!slot) return part ? [part] : []
    const id = slot === 'of' ? e.target_id : e.details[slot]
    return typeof id === 'string' && id ? [{ id, name: nameOf(e, id) }] : [slot === 'of' ? t.audit.kinds.app ?? '' : part]
  })
}

/** The sentence as text. */
export const inWords = (e: Event, me?: string) => [whoOf(e, me), ' ', ...sentence(e).map((p) => (typeof p === 'string' ? p : p.name))].join('')

/** A value that is stored, as people read it. */
export function readable(e: Event, value: unknown): string {
  if (value === true) return words.yes
  if (value === false) return words.no
  if (typeof value === 'number') return number(value)
  if (Array.isArray(value)) return value.map((v) => readable(e, v)).join(', ')
  if (value && typeof value === 'object')
    return Object.entries(value)
      .map(([name, v]) => `${words.detail[name] ?? name.replaceAll('_', ' ')}: ${readable(e, v)}`)
      .join(' · ')
  const text = String(value ?? '')
  if (/^[a-z]{3}_[0-9a-z]{26}$/.test(text)) return nameOf(e, text)
  return said(text)
}

/** A field that an edit changed: what it was and is, as people read it. */
export interface Changed {
  name: string
  hidden: boolean
  before: string
  after: string
}

/** What an edit changed, field by field. */
export function changesOf(e: Event): Changed[] {
  const { changes } = e.details
  if (!changes || typeof changes !== 'object') return []
  return Object.entries(changes as Record<string, { hidden?: boolean; before?: unknown; after?: unknown }>).map(([field, c]) => ({
    name: fieldName(field),
    hidden: c.hidden === true,
    before: valueOf(e, c.before),
    after: valueOf(e, c.after),
  }))
}

const fieldName = (field: string) =>
  field.startsWith('messages.') ? words.changes.message(field.slice('messages.'.length)) : (words.detail[field] ?? capital(field.replaceAll('_', ' ')))

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)

function valueOf(e: Event, value: unknown): string {
  if (value === null || value === undefined || value === '' || (Array.isArray(value) && value.length === 0)) return words.changes.nothing
  return readable(e, value)
}
