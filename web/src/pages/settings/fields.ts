import type { Schema } from '@/api/client'
import { atMost, countriesFault, hashesFault, linkFault } from '@/rules/text'
import { inWords } from '@/rules/seconds'
import { t } from '@/strings'
import { buttonsFault } from './PanelButtons'

export type Settings = Schema['Settings']
export type Name = keyof Settings & keyof typeof t.settings.field

/** How a setting is entered, with the server's ranges (internal/latchkey/app.go). */
export type Field = { name: Name; needs?: Name } & (
  | { kind: 'switch' }
  | { kind: 'text'; max: number }
  | { kind: 'number'; from: number; to: number; seconds?: boolean }
  | { kind: 'list'; upper?: boolean }
  | { kind: 'protocols' }
  | { kind: 'buttons' }
)

export const protocols = ['native', '1.3', '1.2', '1.1', '1.0'] as const

/** Every setting, in the groups of the page. */
export const groups: { id: keyof typeof t.settings.groups; fields: Field[] }[] = [
  {
    id: 'program',
    fields: [
      { name: 'version', kind: 'text', max: 32 },
      { name: 'download_url', kind: 'text', max: 2048 },
      { name: 'hash_check', kind: 'switch' },
      { name: 'hashes', kind: 'list', needs: 'hash_check' },
      { name: 'hash_learn', kind: 'switch', needs: 'hash_check' },
      { name: 'token_system', kind: 'switch' },
    ],
  },
  {
    id: 'protocols',
    fields: [
      { name: 'accept_protocols', kind: 'protocols' },
      { name: 'force_encryption', kind: 'switch' },
    ],
  },
  {
    id: 'devices',
    fields: [
      { name: 'device_rule', kind: 'switch' },
      { name: 'force_hwid', kind: 'switch', needs: 'device_rule' },
      { name: 'min_hwid_length', kind: 'number', from: 8, to: 256 },
      { name: 'devices_per_user', kind: 'number', from: 1, to: 1000, needs: 'device_rule' },
      { name: 'hwid_reset_cooldown', kind: 'number', from: 0, to: 31_536_000, seconds: true },
      { name: 'device_reset_approval', kind: 'switch' },
      { name: 'ban_devices', kind: 'switch' },
      { name: 'ban_ip', kind: 'switch' },
    ],
  },
  {
    id: 'users',
    fields: [
      { name: 'session_length', kind: 'number', from: 60, to: 604_800, seconds: true },
      { name: 'one_session_per_user', kind: 'switch' },
      { name: 'min_username_length', kind: 'number', from: 1, to: 70 },
      { name: 'leaked_password_check', kind: 'switch' },
      { name: 'customer_panel', kind: 'switch' },
      { name: 'panel_buttons', kind: 'buttons', needs: 'customer_panel' },
    ],
  },
  {
    id: 'network',
    fields: [
      { name: 'vpn_block', kind: 'switch' },
      { name: 'allowed_countries', kind: 'list', upper: true },
      { name: 'ip_logging', kind: 'switch' },
      { name: 'ip_retention', kind: 'number', from: 1, to: 3650, needs: 'ip_logging' },
    ],
  },
  {
    id: 'licenses',
    fields: [
      { name: 'min_key_bits', kind: 'number', from: 40, to: 256 },
      { name: 'log_retention', kind: 'number', from: 1, to: 3650 },
    ],
  },
]

/** Why the server would refuse a value; null if it would not. */
export function fault(f: Field, value: unknown): string | null {
  const words = t.settings
  if (f.kind === 'number' && f.seconds) return Number.isInteger(value) && (value as number) >= f.from && (value as number) <= f.to ? null : words.time(inWords(f.from), inWords(f.to))
  if (f.kind === 'number') return Number.isInteger(value) && (value as number) >= f.from && (value as number) <= f.to ? null : words.number(f.from, f.to)
  if (f.kind === 'text') {
    const text = value as string
    if (f.name === 'version' && text.trim() === '') return t.common.required
    return f.name === 'download_url' ? linkFault(text) : atMost(f.max)(text)
  }
  if (f.kind === 'list') return f.upper ? countriesFault(value as string[]) : hashesFault(value as string[])
  if (f.kind === 'buttons') return buttonsFault(value as Settings['panel_buttons'])
  if (f.kind === 'protocols') return (value as string[]).length === 0 ? t.common.faults.protocols : null
  return null
}

/** What differs, as the API takes it. */
export function difference(before: Settings, after: Settings): Partial<Settings> {
  return Object.fromEntries(Object.entries(after).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(before[name as keyof Settings])))
}
