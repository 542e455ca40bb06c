import { t } from '@/strings'

/** The browser and system that a User-Agent names, as far as they are common. */
export function agent(text: string): string {
  const browser = (['Edg', 'OPR', 'Firefox', 'Chrome', 'Safari', 'curl'] as const).find((name) => text.includes(name))
  const system = (['Windows', 'Android', 'iPhone', 'Mac OS', 'Linux'] as const).find((name) => text.includes(name))
  const names = { Edg: 'Edge', OPR: 'Opera' } as Record<string, string>
  return [browser && (names[browser] ?? browser), system].filter(Boolean).join(', ') || t.account.sessions.unknown
}
